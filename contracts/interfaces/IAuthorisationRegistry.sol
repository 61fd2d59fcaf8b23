// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Aeo, AeoState, ForeignAeo, Licence, LicenceState, Power} from "../types/Authorisation.sol";
import {IAuthorisationSource} from "./IAuthorisationSource.sol";

/// @title IAuthorisationRegistry
/// @notice AEO authorisations, broker licences, powers of attorney and foreign AEO recognised under an arrangement.
/// @dev Each is keyed by whom it concerns (operator; broker; client and broker; country and foreign id), versioned by
///      its number of changes, and answered at any past instant. Validity is inclusive at both ends and expires
///      without a transaction.
interface IAuthorisationRegistry is IAuthorisationSource {
    /// @notice An AEO authorisation moved; `aeo` as it is now.
    event AeoChanged(
        uint64 indexed operator,
        uint32 version,
        AeoState state,
        Aeo aeo,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A first officer asks for revocation; the state stays until a second confirms.
    event AeoRevocationProposed(
        uint64 indexed operator,
        uint32 version,
        uint40 barredUntil,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A licence moved; `licence` as it is now.
    event LicenceChanged(
        uint64 indexed broker,
        uint32 version,
        Licence licence,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A power was given or taken; `scope` 0: revoked.
    event PowerChanged(
        uint64 indexed client,
        uint64 indexed broker,
        uint32 version,
        Power power,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A foreign AEO was recognised or its recognition ended.
    event ForeignAeoChanged(
        bytes32 indexed key,
        uint32 version,
        ForeignAeo aeo,
        address actor,
        uint16 reason,
        bytes32 evidence
    );

    /// @notice The table of domain guide 4.6 has no such transition from `state`.
    error WrongAeoState(uint64 operator, AeoState state);
    error WrongLicenceState(uint64 broker, LicenceState state);
    /// @notice The operator may not apply again before `barredUntil` has passed.
    error Barred(uint64 operator, uint40 barredUntil);
    /// @notice The second officer must be another key than the first.
    error SameOfficer(address actor);
    /// @notice No revocation was proposed for the version in force.
    error NothingProposed(uint64 operator);
    /// @notice A revocation waits for its second officer: the operator's own acts wait with it, so that none of them
    ///         gets round the revocation and its bar.
    error RevocationProposed(uint64 operator);
    /// @notice Unknown bits, or none.
    error BadBits(uint32 bits, uint32 known);
    /// @notice A participant cannot represent, license or authorise itself; participants must be active.
    error BadParty(uint64 participant);
    error NoPower(uint64 client, uint64 broker);
    error UnknownForeignAeo(bytes32 key);

    // ----- AEO (domain guide 4.6)

    /// @notice Applies for AEO authorisation. [DECLARANT, BROKER, CARRIER]
    /// @dev → APPLIED, from nothing, REFUSED, WITHDRAWN, REVOKED after its bar, or an authorisation that has expired.
    ///      Not while a revocation is proposed.
    function applyForAeo(bytes32 requestId, bytes32 evidence) external;

    /// @notice Takes up the review: APPLIED → IN_REVIEW. [AEO_UNIT]
    function reviewAeo(uint64 operator, uint32 expectedVersion, bytes32 evidence) external;

    /// @notice IN_REVIEW → ACTIVE. [AEO_UNIT, not of the operator itself]
    /// @param from First second; an instant before this block counts from this block.
    function grantAeo(
        uint64 operator,
        uint32 expectedVersion,
        uint8 categories,
        uint8 operatorTypes,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external;

    /// @notice IN_REVIEW → REFUSED. [AEO_UNIT]
    function refuseAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice ACTIVE → SUSPENDED. [AEO_UNIT, or the operator's DECLARANT, BROKER, CARRIER key at its own request]
    /// @dev Not at its own request while a revocation is proposed.
    function suspendAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice SUSPENDED → ACTIVE. [AEO_UNIT]
    function reinstateAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice First of two officers: ACTIVE, SUSPENDED stay as they are until {confirmAeoRevocation}. [AEO_UNIT]
    function proposeAeoRevocation(
        uint64 operator,
        uint32 expectedVersion,
        uint40 barredUntil,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Second officer: ACTIVE, SUSPENDED → REVOKED. [AEO_UNIT, another key; the first still has its role]
    /// @dev Any other change since the proposal, always an AEO_UNIT key's, voids it.
    function confirmAeoRevocation(uint64 operator, uint32 expectedVersion) external;

    /// @notice APPLIED, IN_REVIEW, ACTIVE, SUSPENDED → WITHDRAWN. [the operator's DECLARANT, BROKER, CARRIER]
    /// @dev Not while a revocation is proposed.
    function withdrawAeo(uint32 expectedVersion, bytes32 evidence) external;

    // ----- broker licences

    /// @notice Licenses a broker, or changes the validity; also after a revocation. [CUSTOMS_LICENSING, not of the
    ///         broker itself]
    function licenseBroker(uint64 broker, uint32 expectedVersion, uint40 from, uint40 until, bytes32 evidence) external;

    /// @notice ACTIVE → SUSPENDED. [CUSTOMS_LICENSING]
    function suspendLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice SUSPENDED → ACTIVE. [CUSTOMS_LICENSING]
    function reinstateLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice ACTIVE, SUSPENDED → REVOKED. [CUSTOMS_LICENSING]
    function revokeLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    // ----- powers of attorney

    /// @notice Empowers `broker` to act for the actor's participant; takes the place of an earlier power. [DECLARANT]
    /// @param scope Bits: 1 lodge and correct, 2 pay, 4 claim and appeal.
    function grantPower(
        bytes32 requestId,
        uint64 broker,
        uint32 scope,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external;

    /// @notice Revokes the power from this second on. [DECLARANT of the client]
    function revokePower(uint64 broker, uint32 expectedVersion, uint16 reason) external;

    // ----- mutual recognition

    /// @notice Records an operator authorised abroad. [AEO_UNIT]
    /// @param foreignId SHA-256 of the issuing country's identifier: no names on the chain.
    function recognizeForeignAeo(
        bytes32 requestId,
        bytes2 country,
        bytes32 foreignId,
        uint8 categories,
        uint8 operatorTypes,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external;

    /// @notice Ends a recognition from this second on. [AEO_UNIT]
    function endForeignAeo(
        bytes2 country,
        bytes32 foreignId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external;

    // ----- reading

    /// @notice An operator's authorisation now.
    function aeoOf(uint64 operator) external view returns (Aeo memory);
    /// @notice An operator's authorisation at `instant`.
    function aeoAt(uint64 operator, uint40 instant) external view returns (Aeo memory);
    /// @notice A broker's licence now.
    function licenceOf(uint64 broker) external view returns (Licence memory);
    /// @notice A broker's licence at `instant`.
    function licenceAt(uint64 broker, uint40 instant) external view returns (Licence memory);
    /// @notice A client's power for a broker now.
    function powerOf(uint64 client, uint64 broker) external view returns (Power memory);
    /// @notice A client's power for a broker at `instant`.
    function powerAt(uint64 client, uint64 broker, uint40 instant) external view returns (Power memory);

    /// @notice Key of a foreign AEO: `keccak256(abi.encode(country, foreignId))`.
    function foreignAeoKey(bytes2 country, bytes32 foreignId) external pure returns (bytes32);
    /// @notice A recognition at `instant`.
    function foreignAeoAt(bytes32 key, uint40 instant) external view returns (ForeignAeo memory);
}
