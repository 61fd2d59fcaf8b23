// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Authority} from "../types/Authority.sol";
import {Accreditation, KeyRecord, Participant, ParticipantStatus} from "../types/Participant.sol";
import {IAuthoritySource} from "./IAuthoritySource.sol";

/// @title IParticipantRegistry
/// @notice Who takes part, with which keys, roles and accreditations, now and at any past instant.
/// @dev Never redeployed. Governance admits and accredits; a participant's REGISTRAR keys look after its own keys
///      within the participant's mask. Where a function names both, it takes whichever calls.
///      The state at instant T is that at the end of the last block with time ≤ T: a change made at T is in force at T.
///      Frozen storage: slot 0 authority of the AccessManager, slot 1 `mapping(address key => uint256 word)`,
///      slot 2 `mapping(uint256 participant << 24 | docType => uint256 word)`. Key word, from the low bit:
///      participant u64, validFrom u40, validUntil u40, blockedFrom u40, roles u32, office u24, flags u16.
///      Accreditation word, from the low bit: from u40, until u40, blockedFrom u40.
interface IParticipantRegistry is IAuthoritySource {
    /// @notice A participant was admitted; its version is 1.
    event ParticipantAdmitted(
        uint64 indexed participant,
        address actor,
        bytes32 requestId,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    );
    /// @notice Mask, supervisor or profile changed.
    event ParticipantAmended(
        uint64 indexed participant,
        uint32 version,
        address actor,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    );
    /// @notice A participant was suspended, reinstated or retired.
    event ParticipantStatusChanged(
        uint64 indexed participant,
        uint32 version,
        ParticipantStatus status,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice The word of a key changed, for whatever reason (a suspension writes each anchoring key).
    event KeyChanged(
        address indexed key,
        uint64 indexed participant,
        uint32 version,
        uint256 word,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice An X25519 key to which documents for the participant are sealed from now on.
    event EncryptionKeyChanged(uint64 indexed participant, uint32 version, bytes32 encryptionKey, address actor);
    /// @notice The word of an accreditation changed.
    event AccreditationChanged(
        uint64 indexed participant,
        uint24 indexed docType,
        uint32 version,
        uint256 word,
        address actor,
        uint16 reason,
        bytes32 evidence
    );

    /// @notice An office stands under `higher`, 0 for headquarters; `version` counts its settings, from 1.
    event OfficeSet(uint24 indexed office, uint32 version, uint24 higher, address actor);
    /// @notice What waits for `agency` may be taken over by `successor` while `agency` is not active; 0 ends it.
    event SuccessorSet(uint64 indexed agency, uint32 version, uint64 successor, address actor);

    /// @notice Office 0, an office above itself, or one that stands under it already.
    error BadOffice(uint24 office, uint24 higher);
    /// @notice Not admitted, or the agency itself.
    error BadSuccessor(uint64 agency, uint64 successor);
    /// @notice No participant has that number.
    error UnknownParticipant(uint64 participant);
    /// @notice The participant's standing does not allow the act.
    error WrongStatus(uint64 participant, ParticipantStatus status);
    /// @notice Neither governance nor a registrar of `participant`.
    error NotRegistrar(address actor, uint64 participant);
    /// @notice Roles outside `allowed`: beyond the mask, none at all, or service and personal roles in one key.
    error RolesNotAllowed(uint32 roles, uint32 allowed);
    /// @notice Roles of which one may not do what the other may: `excluding` are those in one key.
    error RolesExclude(uint32 roles, uint32 excluding);
    /// @notice A key acts for one participant, for ever.
    error KeyTaken(address key, uint64 participant);
    /// @notice The key is not registered.
    error UnknownKey(address key);
    /// @notice A compromised key stays compromised; a retired one is not retired again.
    error KeyClosed(address key, uint16 flags);
    /// @notice A participant has at most `limit` keys in force that may anchor, so that suspension can reach them all.
    error TooManyAnchoringKeys(uint64 participant, uint256 limit);
    /// @notice A compromise lies in the future, is later than the one declared, or further back than the actor may say.
    error BadCompromiseInstant(uint40 from, uint40 earliest, uint40 latest);
    /// @notice All zero, or equal to the one in force.
    error BadEncryptionKey(bytes32 encryptionKey);
    /// @notice The supervisor is unknown or the participant itself.
    error BadSupervisor(uint64 supervisor);
    /// @notice Document type 0 needs no accreditation and can have none.
    error BadDocumentType(uint24 docType);

    // ----- governance

    /// @notice Admits a participant. [governance]
    /// @param requestId Any number not used before by governance; a repeat reverts {AlreadyDone}.
    /// @param roles Mask of roles its keys may hold.
    /// @param supervisor Authority over its documents; 0 if none.
    /// @param profile SHA-256 of its profile.
    /// @return participant Its number, from 1.
    function admit(
        bytes32 requestId,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    ) external returns (uint64 participant);

    /// @notice Changes mask, supervisor and profile. Keys lose roles that the mask no longer holds. [governance]
    /// @dev Of a retired participant the supervisor alone, so that somebody can still revoke its records; with another
    ///      mask or profile it reverts {WrongStatus}.
    function amend(
        uint64 participant,
        uint32 expectedVersion,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    ) external;

    /// @notice Suspends a participant: none of its keys may act, from this second on. [governance]
    function suspend(uint64 participant, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Ends a suspension; keys blocked by it may act again, compromised and retired ones not. [governance]
    function reinstate(uint64 participant, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Retires a participant for ever. Its past acts stay valid. [governance]
    /// @dev None of its keys acts any more, so that nobody moves what is left in its name: prepaid account, balance in
    ///      escrows, free deposits, refunds. It takes its money out before, or is suspended instead.
    function retire(uint64 participant, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Accredits a participant for a document type, or changes the validity. [governance]
    /// @param expectedVersion Number of changes so far; 0 for the first.
    /// @param from First second; an instant before this block counts from this block.
    /// @param until Last second, not before this block.
    function accredit(uint64 participant, uint24 docType, uint32 expectedVersion, uint40 from, uint40 until) external;

    /// @notice Withdraws an accreditation from this second on; {accredit} gives it anew. [governance]
    function withdrawAccreditation(
        uint64 participant,
        uint24 docType,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Puts an office under another, for appeals. [governance]
    /// @param expectedVersion Number of settings so far.
    /// @param higher Office above it; 0: directly under headquarters.
    function setOffice(uint24 office, uint32 expectedVersion, uint24 higher) external;

    /// @notice Lets another agency take over what waits for a suspended or retired one (domain guide 4.9). [governance]
    /// @dev Reverts {WrongStatus} for an agency that is active, or a successor that is not. A reinstatement gives the
    ///      agency back what still waits for it, without another decision.
    /// @param successor Agency in its place; 0: none any more, which may be said at any time.
    function setSuccessor(uint64 agency, uint32 expectedVersion, uint64 successor) external;

    // ----- governance or a registrar of the participant

    /// @notice Registers a key, or changes its roles, office and validity. [governance, REGISTRAR]
    /// @dev A key holds either service roles or personal roles, and not two of which one may not do what the other may
    ///      ({Roles.clashOf}): AUDITOR with any, CUSTOMS_AUDIT with CUSTOMS_OFFICER, CUSTOMS_REVENUE with
    ///      CUSTOMS_INSPECTOR or TREASURY. An anchoring key (ISSUER, SERVICE_ANCHOR) counts towards the participant's
    ///      {MAX_ANCHORING_KEYS}. A retired key may be registered again.
    /// @param expectedVersion Number of changes of the key so far; 0 to register it.
    /// @param validFrom First second; an instant before this block counts from this block.
    /// @param validUntil Last second, not before this block.
    function setKey(
        uint64 participant,
        address key,
        uint32 expectedVersion,
        uint32 roles,
        uint24 office,
        uint40 validFrom,
        uint40 validUntil
    ) external;

    /// @notice Blocks a key from this second on. Its past acts stay valid. [governance, REGISTRAR]
    function retireKey(address key, uint32 expectedVersion, uint16 reason) external;

    /// @notice Declares that from `from` on a key was in wrong hands. Its acts since then do not count as evidence of
    ///         their actor; the ledger undoes none of them by itself. [governance any past instant, REGISTRAR at most
    ///         {MAX_BACKDATE_S} back]
    /// @dev For ever. A second declaration can only name an earlier instant.
    function declareCompromised(address key, uint32 expectedVersion, uint40 from, bytes32 evidence) external;

    /// @notice Names the X25519 key for the participant's documents from now on. [governance, REGISTRAR]
    /// @param expectedVersion Number of encryption keys so far.
    function setEncryptionKey(uint64 participant, uint32 expectedVersion, bytes32 x25519Key) external;

    // ----- now

    /// @notice A participant; status NONE if there is none with that number.
    function participantOf(uint64 participant) external view returns (Participant memory);

    /// @notice The participant admitted under `requestId`; 0 if none.
    function admittedAs(bytes32 requestId) external view returns (uint64 participant);

    /// @notice Number of participants: their numbers are 1 to this.
    function participantCount() external view returns (uint64);

    /// @notice Packed word of a key and its number of changes.
    function keyWord(address key) external view returns (uint256 word, uint32 version);

    /// @notice Packed word of an accreditation and its number of changes.
    function accreditationWord(uint64 participant, uint24 docType) external view returns (uint256 word, uint32 version);

    /// @notice X25519 key in force and number of keys so far; zero if none was named.
    function encryptionKey(uint64 participant) external view returns (bytes32 key, uint32 version);

    /// @notice Keys that a suspension would block, in no order.
    function anchoringKeys(uint64 participant) external view returns (address[] memory);

    /// @notice At most so many anchoring keys per participant.
    function MAX_ANCHORING_KEYS() external view returns (uint256);

    /// @notice How far back a registrar may date a compromise [s].
    function MAX_BACKDATE_S() external view returns (uint40);

    // ----- at a past instant

    /// @notice The participant's standing, mask and supervisor at `instant`; `profile` is the current one.
    function participantAt(uint64 participant, uint40 instant) external view returns (Participant memory);

    /// @notice The record of a key as in force at `instant`, with what is known by now of a compromise.
    /// @dev `blockedFrom` never lies after a compromise declared later. Participant 0: before its first validity.
    function keyAt(address key, uint40 instant) external view returns (KeyRecord memory);

    /// @notice What `key` was entitled to at `instant`: validity, blocks, compromise, mask and standing of its
    ///         participant applied. Participant 0: to nothing.
    function authorityAt(address key, uint40 instant) external view returns (Authority memory);

    /// @notice The accreditation as in force at `instant`; all zero before its first validity.
    function accreditationAt(
        uint64 participant,
        uint24 docType,
        uint40 instant
    ) external view returns (Accreditation memory);

    /// @notice The agency that stood in for `agency` at `instant` [unix s]; 0 if none.
    function successorAt(uint64 agency, uint40 instant) external view returns (uint64);

    /// @notice X25519 key in force at `instant`; zero if none was.
    function encryptionKeyAt(uint64 participant, uint40 instant) external view returns (bytes32);

    /// @notice The office directly above, 0 for headquarters or if none was set, and the number of settings.
    function officeAbove(uint24 office) external view returns (uint24 higher, uint32 version);
    /// @notice The office directly above at `instant` [unix s].
    function officeAboveAt(uint24 office, uint40 instant) external view returns (uint24);
}
