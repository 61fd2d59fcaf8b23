// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {Acts} from "./libraries/Acts.sol";
import {DatedWord} from "./libraries/DatedWord.sol";
import {KeyWord} from "./libraries/KeyWord.sol";
import {ParticipantWord} from "./libraries/ParticipantWord.sol";
import {PeriodWord} from "./libraries/PeriodWord.sol";
import {WordHistory} from "./libraries/WordHistory.sol";
import {Authority, AuthorityWord, packAuthority} from "./types/Authority.sol";
import {AlreadyDone} from "./types/Errors.sol";
import {Accreditation, KeyRecord, Participant, ParticipantStatus} from "./types/Participant.sol";
import {Reasons} from "./types/Reasons.sol";
import {Roles} from "./types/Roles.sol";

/// @title ParticipantRegistry
/// @notice See {IParticipantRegistry}.
/// @dev Suspension reaches a key in one of two ways. Anchoring keys, at most 16 a participant, have it written into
///      their word, so that an anchor reads that word alone; for all others {authorise} reads the participant as well.
///      The same holds for the mask.
contract ParticipantRegistry is IParticipantRegistry, AccessManaged, ActTarget {
    using DatedWord for DatedWord.Setting;
    using WordHistory for WordHistory.Entry[];

    /// @inheritdoc IParticipantRegistry
    uint256 public constant MAX_ANCHORING_KEYS = 16;
    /// @inheritdoc IParticipantRegistry
    uint40 public constant MAX_BACKDATE_S = 30 days;

    // Slots 1 and 2, frozen: evidence carries storage proofs of them.
    mapping(address key => uint256 word) private _keys;
    mapping(uint256 participantAndType => uint256 word) private _accreditations;

    mapping(uint64 participant => uint256 word) private _participants;
    mapping(uint64 participant => bytes32) private _profiles;
    mapping(uint64 participant => address[]) private _anchoringKeys;
    mapping(uint64 participant => bytes32) private _encryptionKeys;
    mapping(bytes32 key => uint64 participant) private _admittedAs;
    uint64 private _count;

    mapping(address key => WordHistory.Entry[]) private _keyHistory;
    mapping(uint256 participantAndType => WordHistory.Entry[]) private _accreditationHistory;
    mapping(uint64 participant => WordHistory.Entry[]) private _participantHistory;
    mapping(uint64 participant => WordHistory.Entry[]) private _encryptionKeyHistory;

    mapping(uint24 office => DatedWord.Setting) private _offices;
    mapping(uint64 agency => DatedWord.Setting) private _successors;

    /// @dev Offices between a post and headquarters: bounds each walk upwards.
    uint256 private constant MAX_OFFICE_STEPS = 8;

    constructor(address accessManager, address forwarder) AccessManaged(accessManager) ActTarget(forwarder) {}

    // ----- governance

    /// @inheritdoc IParticipantRegistry
    function admit(
        bytes32 requestId,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    ) external restricted returns (uint64 participant) {
        bytes32 key = Acts.key(0, requestId);
        if (_admittedAs[key] != 0) revert AlreadyDone(key);
        participant = ++_count;
        _requireSupervisor(participant, supervisor);
        _admittedAs[key] = participant;
        _profiles[participant] = profile;
        _participants[participant] = ParticipantWord.pack(
            Participant(ParticipantStatus.ACTIVE, roles, supervisor, uint40(block.timestamp), 1, profile)
        );
        emit ParticipantAdmitted(participant, msg.sender, requestId, roles, supervisor, profile);
    }

    /// @inheritdoc IParticipantRegistry
    function amend(
        uint64 participant,
        uint32 expectedVersion,
        uint32 roles,
        uint64 supervisor,
        bytes32 profile
    ) external restricted {
        Participant memory p = _known(participant, expectedVersion);
        bool beyond = p.roles != roles || _profiles[participant] != profile;
        if (p.status == ParticipantStatus.RETIRED && beyond) revert WrongStatus(participant, p.status);
        _requireSupervisor(participant, supervisor);
        p.roles = roles;
        p.supervisor = supervisor;
        _profiles[participant] = profile;
        _write(participant, p);
        emit ParticipantAmended(participant, p.version, msg.sender, roles, supervisor, profile);

        address[] storage keys = _anchoringKeys[participant];
        for (uint256 i = keys.length; i != 0; --i) {
            address key = keys[i - 1];
            KeyRecord memory k = KeyWord.unpack(_keys[key]);
            if (k.roles & ~roles == 0) continue;
            k.roles &= roles;
            _writeKey(key, k, msg.sender, Reasons.NONE, 0);
            if (k.roles & Roles.ANY_ANCHOR == 0) _dropAt(keys, i - 1);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function suspend(uint64 participant, uint32 expectedVersion, uint16 reason, bytes32 evidence) external restricted {
        Participant memory p = _known(participant, expectedVersion);
        if (p.status != ParticipantStatus.ACTIVE) revert WrongStatus(participant, p.status);
        _setStatus(participant, p, ParticipantStatus.SUSPENDED, reason, evidence);

        address[] storage keys = _anchoringKeys[participant];
        for (uint256 i = 0; i < keys.length; ++i) {
            KeyRecord memory k = KeyWord.unpack(_keys[keys[i]]);
            k.blockedFrom = uint40(block.timestamp);
            k.flags |= KeyWord.SUSPENDED;
            _writeKey(keys[i], k, msg.sender, reason, evidence);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function reinstate(
        uint64 participant,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external restricted {
        Participant memory p = _known(participant, expectedVersion);
        if (p.status != ParticipantStatus.SUSPENDED) revert WrongStatus(participant, p.status);
        _setStatus(participant, p, ParticipantStatus.ACTIVE, reason, evidence);

        address[] storage keys = _anchoringKeys[participant];
        for (uint256 i = 0; i < keys.length; ++i) {
            KeyRecord memory k = KeyWord.unpack(_keys[keys[i]]);
            k.blockedFrom = 0;
            k.flags &= ~KeyWord.SUSPENDED;
            _writeKey(keys[i], k, msg.sender, reason, evidence);
        }
    }

    /// @inheritdoc IParticipantRegistry
    function retire(uint64 participant, uint32 expectedVersion, uint16 reason, bytes32 evidence) external restricted {
        Participant memory p = _known(participant, expectedVersion);
        if (p.status == ParticipantStatus.RETIRED) revert WrongStatus(participant, p.status);
        _setStatus(participant, p, ParticipantStatus.RETIRED, reason, evidence);

        address[] storage keys = _anchoringKeys[participant];
        for (uint256 i = 0; i < keys.length; ++i) {
            _retireKey(keys[i], KeyWord.unpack(_keys[keys[i]]), msg.sender, reason, evidence);
        }
        delete _anchoringKeys[participant];
    }

    /// @inheritdoc IParticipantRegistry
    function accredit(
        uint64 participant,
        uint24 docType,
        uint32 expectedVersion,
        uint40 from,
        uint40 until
    ) external restricted {
        if (docType == 0) revert BadDocumentType(docType);
        ParticipantStatus standing = ParticipantWord.status(_participants[participant]);
        if (standing == ParticipantStatus.NONE) revert UnknownParticipant(participant);
        if (standing == ParticipantStatus.RETIRED) revert WrongStatus(participant, standing);
        uint256 word = PeriodWord.pack(Acts.startOf(from, until), until, 0);
        _writeAccreditation(participant, docType, expectedVersion, word, Reasons.NONE, 0);
    }

    /// @inheritdoc IParticipantRegistry
    function withdrawAccreditation(
        uint64 participant,
        uint24 docType,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external restricted {
        Reasons.requireKnown(reason);
        Accreditation memory a = PeriodWord.unpack(_accreditations[_typeKey(participant, docType)]);
        if (a.until == 0 || a.blockedFrom != 0) revert NotAccredited(participant, docType, uint40(block.timestamp));
        uint256 word = PeriodWord.pack(a.from, a.until, uint40(block.timestamp));
        _writeAccreditation(participant, docType, expectedVersion, word, reason, evidence);
    }

    /// @inheritdoc IParticipantRegistry
    function setOffice(uint24 office, uint32 expectedVersion, uint24 higher) external restricted {
        if (office == 0 || office == higher || isHigherOffice(office, higher)) revert BadOffice(office, higher);
        _offices[office].set(expectedVersion, higher);
        emit OfficeSet(office, expectedVersion + 1, higher, msg.sender);
    }

    /// @inheritdoc IParticipantRegistry
    function setSuccessor(uint64 agency, uint32 expectedVersion, uint64 successor) external restricted {
        if (agency == successor || agency == 0 || agency > _count || successor > _count) {
            revert BadSuccessor(agency, successor);
        }
        if (successor != 0) _requireSuccession(agency, successor);
        _successors[agency].set(expectedVersion, successor);
        emit SuccessorSet(agency, expectedVersion + 1, successor, msg.sender);
    }

    // ----- governance or a registrar of the participant

    /// @inheritdoc IParticipantRegistry
    function setKey(
        uint64 participant,
        address key,
        uint32 expectedVersion,
        uint32 roles,
        uint24 office,
        uint40 validFrom,
        uint40 validUntil
    ) external {
        (address actor, ) = _requireRegistrar(participant);
        uint256 standing = _participants[participant];
        if (ParticipantWord.status(standing) != ParticipantStatus.ACTIVE) {
            revert WrongStatus(participant, ParticipantWord.status(standing));
        }
        if (key == address(0)) revert UnknownKey(key);
        _requireRoles(roles, ParticipantWord.roles(standing));
        KeyRecord memory k = KeyWord.unpack(_keys[key]);
        if (k.participant != 0 && k.participant != participant) revert KeyTaken(key, k.participant);
        Acts.requireVersion(expectedVersion, _keyVersion(key));
        if (k.flags & KeyWord.COMPROMISED != 0) revert KeyClosed(key, k.flags);

        _listAnchoring(participant, key, roles & Roles.ANY_ANCHOR != 0);
        k = KeyRecord(participant, Acts.startOf(validFrom, validUntil), validUntil, 0, roles, office, 0);
        _writeKey(key, k, actor, Reasons.NONE, 0);
    }

    /// @inheritdoc IParticipantRegistry
    function retireKey(address key, uint32 expectedVersion, uint16 reason) external {
        Reasons.requireKnown(reason);
        KeyRecord memory k = _registered(key);
        (address actor, ) = _requireRegistrar(k.participant);
        Acts.requireVersion(expectedVersion, _keyVersion(key));
        if (k.flags & (KeyWord.COMPROMISED | KeyWord.RETIRED) != 0) revert KeyClosed(key, k.flags);
        _listAnchoring(k.participant, key, false);
        _retireKey(key, k, actor, reason, 0);
    }

    /// @inheritdoc IParticipantRegistry
    function declareCompromised(address key, uint32 expectedVersion, uint40 from, bytes32 evidence) external {
        KeyRecord memory k = _registered(key);
        (address actor, bool byGovernance) = _requireRegistrar(k.participant);
        Acts.requireVersion(expectedVersion, _keyVersion(key));
        uint40 earliest = byGovernance ? 1 : uint40(block.timestamp) - MAX_BACKDATE_S;
        uint40 latest = k.flags & KeyWord.COMPROMISED != 0 ? k.blockedFrom - 1 : uint40(block.timestamp);
        if (from < earliest || from > latest) revert BadCompromiseInstant(from, earliest, latest);

        _listAnchoring(k.participant, key, false);
        if (k.blockedFrom == 0 || from < k.blockedFrom) k.blockedFrom = from;
        k.flags = KeyWord.COMPROMISED;
        _writeKey(key, k, actor, Reasons.KEY_LOST, evidence);
    }

    /// @inheritdoc IParticipantRegistry
    function setEncryptionKey(uint64 participant, uint32 expectedVersion, bytes32 x25519Key) external {
        (address actor, ) = _requireRegistrar(participant);
        ParticipantStatus standing = ParticipantWord.status(_participants[participant]);
        if (standing == ParticipantStatus.RETIRED) revert WrongStatus(participant, standing);
        bytes32 old = _encryptionKeys[participant];
        if (x25519Key == 0 || x25519Key == old) revert BadEncryptionKey(x25519Key);
        WordHistory.Entry[] storage history = _encryptionKeyHistory[participant];
        Acts.requireVersion(expectedVersion, history.length);

        history.supersede(uint256(old), uint40(block.timestamp));
        _encryptionKeys[participant] = x25519Key;
        emit EncryptionKeyChanged(participant, expectedVersion + 1, x25519Key, actor);
    }

    // ----- authority now

    /// @inheritdoc IAuthoritySource
    function authorise(address key, uint32 anyOf) external view returns (AuthorityWord) {
        uint256 word = _keys[key];
        uint32 roles = _rolesNow(word);
        if (roles & anyOf == 0) revert NotAuthorised(key, anyOf, uint40(block.timestamp));
        return packAuthority(uint64(word), roles, KeyWord.office(word));
    }

    /// @inheritdoc IAuthoritySource
    function authoriseAnchor(address key, uint24 docType) external view returns (uint64 participant) {
        uint256 word = _keys[key];
        if (KeyWord.rolesAt(word, block.timestamp) & Roles.ANY_ANCHOR == 0) {
            revert NotAuthorised(key, Roles.ANY_ANCHOR, uint40(block.timestamp));
        }
        participant = uint64(word);
        if (docType == 0) return participant;
        if (!PeriodWord.isValidAt(_accreditations[(uint256(participant) << 24) | docType], block.timestamp)) {
            revert NotAccredited(participant, docType, uint40(block.timestamp));
        }
    }

    /// @inheritdoc IAuthoritySource
    function supervisorOf(uint64 participant) external view returns (uint64) {
        return ParticipantWord.unpack(_participants[participant], 0).supervisor;
    }

    /// @inheritdoc IAuthoritySource
    function isHigherOffice(uint24 higher, uint24 than) public view returns (bool) {
        if (than == 0) return false;
        if (higher == 0) return true;
        for (uint256 i = 0; i < MAX_OFFICE_STEPS; ++i) {
            than = uint24(_offices[than].word);
            if (than == higher) return true;
            if (than == 0) return false;
        }
        return false;
    }

    /// @inheritdoc IAuthoritySource
    function successorOf(uint64 agency) external view returns (uint64) {
        return _standingIn(_participants[agency], _successors[agency].word);
    }

    /// @inheritdoc IParticipantRegistry
    function officeAbove(uint24 office) external view returns (uint24 higher, uint32 version) {
        uint256 word = _offices[office].word;
        return (uint24(word), DatedWord.version(word));
    }

    /// @inheritdoc IParticipantRegistry
    function officeAboveAt(uint24 office, uint40 instant) external view returns (uint24) {
        return uint24(_offices[office].bodyAt(instant));
    }

    /// @inheritdoc IParticipantRegistry
    function participantOf(uint64 participant) external view returns (Participant memory) {
        return ParticipantWord.unpack(_participants[participant], _profiles[participant]);
    }

    /// @inheritdoc IParticipantRegistry
    function admittedAs(bytes32 requestId) external view returns (uint64 participant) {
        return _admittedAs[Acts.key(0, requestId)];
    }

    /// @inheritdoc IParticipantRegistry
    function participantCount() external view returns (uint64) {
        return _count;
    }

    /// @inheritdoc IParticipantRegistry
    function keyWord(address key) external view returns (uint256 word, uint32 version) {
        return (_keys[key], _keyVersion(key));
    }

    /// @inheritdoc IParticipantRegistry
    function accreditationWord(
        uint64 participant,
        uint24 docType
    ) external view returns (uint256 word, uint32 version) {
        uint256 key = _typeKey(participant, docType);
        return (_accreditations[key], _accreditationVersion(key));
    }

    /// @inheritdoc IParticipantRegistry
    function encryptionKey(uint64 participant) external view returns (bytes32 key, uint32 version) {
        return (_encryptionKeys[participant], uint32(_encryptionKeyHistory[participant].length));
    }

    /// @inheritdoc IParticipantRegistry
    function anchoringKeys(uint64 participant) external view returns (address[] memory) {
        return _anchoringKeys[participant];
    }

    // ----- at a past instant

    /// @inheritdoc IParticipantRegistry
    function participantAt(uint64 participant, uint40 instant) external view returns (Participant memory) {
        uint256 word = _participantWordAt(participant, instant);
        return ParticipantWord.unpack(word, word == 0 ? bytes32(0) : _profiles[participant]);
    }

    /// @inheritdoc IAuthoritySource
    function activeAt(uint64 participant, uint40 instant) external view returns (bool) {
        return ParticipantWord.status(_participantWordAt(participant, instant)) == ParticipantStatus.ACTIVE;
    }

    /// @inheritdoc IParticipantRegistry
    function keyAt(address key, uint40 instant) external view returns (KeyRecord memory) {
        return KeyWord.unpack(_keyWordAt(key, instant));
    }

    /// @inheritdoc IParticipantRegistry
    function authorityAt(address key, uint40 instant) external view returns (Authority memory) {
        uint256 word = _keyWordAt(key, instant);
        uint32 roles = KeyWord.rolesAt(word, instant);
        if (roles != 0) roles &= ParticipantWord.activeRoles(_participantWordAt(uint64(word), instant));
        return roles == 0 ? Authority(0, 0, 0) : Authority(uint64(word), roles, KeyWord.office(word));
    }

    /// @inheritdoc IAuthoritySource
    function accreditedAt(uint64 participant, uint24 docType, uint40 instant) external view returns (bool) {
        return PeriodWord.isValidAt(_accreditationWordAt(participant, docType, instant), instant);
    }

    /// @inheritdoc IParticipantRegistry
    function accreditationAt(
        uint64 participant,
        uint24 docType,
        uint40 instant
    ) external view returns (Accreditation memory) {
        return PeriodWord.unpack(_accreditationWordAt(participant, docType, instant));
    }

    /// @inheritdoc IParticipantRegistry
    function encryptionKeyAt(uint64 participant, uint40 instant) external view returns (bytes32) {
        return bytes32(_encryptionKeyHistory[participant].wordAt(uint256(_encryptionKeys[participant]), instant));
    }

    /// @inheritdoc IParticipantRegistry
    function successorAt(uint64 agency, uint40 instant) external view returns (uint64) {
        return _standingIn(_participantWordAt(agency, instant), _successors[agency].bodyAt(instant));
    }

    // ----- writing

    function _setStatus(
        uint64 participant,
        Participant memory p,
        ParticipantStatus status,
        uint16 reason,
        bytes32 evidence
    ) private {
        Reasons.requireKnown(reason);
        p.status = status;
        _write(participant, p);
        emit ParticipantStatusChanged(participant, p.version, status, msg.sender, reason, evidence);
    }

    /// @dev Counts the version up and keeps the word before.
    function _write(uint64 participant, Participant memory p) private {
        _participantHistory[participant].supersede(_participants[participant], uint40(block.timestamp));
        p.version += 1;
        p.since = uint40(block.timestamp);
        _participants[participant] = ParticipantWord.pack(p);
    }

    function _writeKey(address key, KeyRecord memory k, address actor, uint16 reason, bytes32 evidence) private {
        uint256 old = _keys[key];
        if (old != 0) _keyHistory[key].supersede(old, uint40(block.timestamp));
        uint256 word = KeyWord.pack(k);
        _keys[key] = word;
        emit KeyChanged(key, k.participant, _keyVersion(key), word, actor, reason, evidence);
    }

    function _retireKey(address key, KeyRecord memory k, address actor, uint16 reason, bytes32 evidence) private {
        if (k.blockedFrom == 0) k.blockedFrom = uint40(block.timestamp);
        k.flags = KeyWord.RETIRED;
        _writeKey(key, k, actor, reason, evidence);
    }

    function _writeAccreditation(
        uint64 participant,
        uint24 docType,
        uint32 expectedVersion,
        uint256 word,
        uint16 reason,
        bytes32 evidence
    ) private {
        uint256 key = _typeKey(participant, docType);
        Acts.requireVersion(expectedVersion, _accreditationVersion(key));
        uint256 old = _accreditations[key];
        if (old != 0) _accreditationHistory[key].supersede(old, uint40(block.timestamp));
        _accreditations[key] = word;
        emit AccreditationChanged(participant, docType, expectedVersion + 1, word, msg.sender, reason, evidence);
    }

    /// @dev Puts `key` on, or takes it off, the list of keys that a suspension writes. Expired keys make room.
    function _listAnchoring(uint64 participant, address key, bool listed) private {
        address[] storage keys = _anchoringKeys[participant];
        bool full = keys.length == MAX_ANCHORING_KEYS;
        for (uint256 i = keys.length; i != 0; --i) {
            address other = keys[i - 1];
            if (other == key) {
                if (!listed) _dropAt(keys, i - 1);
                return;
            }
            if (listed && full && KeyWord.unpack(_keys[other]).validUntil < block.timestamp) _dropAt(keys, i - 1);
        }
        if (!listed) return;
        if (keys.length == MAX_ANCHORING_KEYS) revert TooManyAnchoringKeys(participant, MAX_ANCHORING_KEYS);
        keys.push(key);
    }

    function _dropAt(address[] storage keys, uint256 index) private {
        keys[index] = keys[keys.length - 1];
        keys.pop();
    }

    // ----- checks and reading

    /// @dev Who calls, if it is governance or a registrar of `participant`. Reverts {NotRegistrar}.
    function _requireRegistrar(uint64 participant) private view returns (address actor, bool byGovernance) {
        if (_participants[participant] == 0) revert UnknownParticipant(participant);
        (bool immediate, ) = IAccessManager(authority()).canCall(msg.sender, address(this), msg.sig);
        if (immediate) return (msg.sender, true);
        actor = _actor();
        uint256 word = _keys[actor];
        if (uint64(word) != participant || _rolesNow(word) & Roles.REGISTRAR == 0) {
            revert NotRegistrar(actor, participant);
        }
    }

    function _known(uint64 participant, uint32 expectedVersion) private view returns (Participant memory p) {
        p = ParticipantWord.unpack(_participants[participant], 0);
        if (p.status == ParticipantStatus.NONE) revert UnknownParticipant(participant);
        Acts.requireVersion(expectedVersion, p.version);
    }

    function _registered(address key) private view returns (KeyRecord memory k) {
        k = KeyWord.unpack(_keys[key]);
        if (k.participant == 0) revert UnknownKey(key);
    }

    function _requireSupervisor(uint64 participant, uint64 supervisor) private view {
        if (supervisor == participant || supervisor > _count) revert BadSupervisor(supervisor);
    }

    /// @dev Only what a suspended or retired agency left waiting passes on, and only to one that can act.
    function _requireSuccession(uint64 agency, uint64 successor) private view {
        ParticipantStatus standing = ParticipantWord.status(_participants[agency]);
        if (standing == ParticipantStatus.ACTIVE) revert WrongStatus(agency, standing);
        standing = ParticipantWord.status(_participants[successor]);
        if (standing != ParticipantStatus.ACTIVE) revert WrongStatus(successor, standing);
    }

    /// @dev Who stands in for an agency of that standing: an active one acts for itself.
    function _standingIn(uint256 standing, uint256 named) private pure returns (uint64) {
        return ParticipantWord.status(standing) == ParticipantStatus.ACTIVE ? 0 : uint64(named);
    }

    function _requireRoles(uint32 roles, uint32 mask) private pure {
        if (roles == 0 || roles & ~mask != 0) revert RolesNotAllowed(roles, mask);
        if (roles & Roles.ANY_SERVICE != 0 && roles & ~Roles.ANY_SERVICE != 0) {
            revert RolesNotAllowed(roles, mask & Roles.ANY_SERVICE);
        }
        uint32 clash = Roles.clashOf(roles);
        if (clash != 0) revert RolesExclude(roles, clash);
    }

    /// @dev Roles that a key word gives now. An anchoring key has its participant's standing in its own word.
    function _rolesNow(uint256 word) private view returns (uint32 roles) {
        roles = KeyWord.rolesAt(word, block.timestamp);
        if (roles & Roles.ANY_ANCHOR == 0) roles &= ParticipantWord.activeRoles(_participants[uint64(word)]);
    }

    function _typeKey(uint64 participant, uint24 docType) private pure returns (uint256) {
        return (uint256(participant) << 24) | docType;
    }

    function _keyVersion(address key) private view returns (uint32) {
        return uint32(_keyHistory[key].length + (_keys[key] == 0 ? 0 : 1));
    }

    function _accreditationVersion(uint256 key) private view returns (uint32) {
        return uint32(_accreditationHistory[key].length + (_accreditations[key] == 0 ? 0 : 1));
    }

    function _participantWordAt(uint64 participant, uint40 instant) private view returns (uint256) {
        return DatedWord.wordAt(_participantHistory[participant], _participants[participant], instant);
    }

    /// @dev The word of that time, cut off where a compromise declared later says so.
    function _keyWordAt(address key, uint40 instant) private view returns (uint256) {
        uint256 current = _keys[key];
        KeyRecord memory k = KeyWord.unpack(_keyHistory[key].wordAt(current, instant));
        if (k.validFrom > instant) return 0;
        KeyRecord memory latest = KeyWord.unpack(current);
        if (latest.flags & KeyWord.COMPROMISED != 0) {
            if (k.blockedFrom == 0 || latest.blockedFrom < k.blockedFrom) k.blockedFrom = latest.blockedFrom;
            k.flags |= KeyWord.COMPROMISED;
        }
        return KeyWord.pack(k);
    }

    function _accreditationWordAt(uint64 participant, uint24 docType, uint40 instant) private view returns (uint256) {
        uint256 key = _typeKey(participant, docType);
        uint256 word = _accreditationHistory[key].wordAt(_accreditations[key], instant);
        return PeriodWord.unpack(word).from > instant ? 0 : word;
    }
}
