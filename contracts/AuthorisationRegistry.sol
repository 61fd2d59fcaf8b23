// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActTarget} from "./ActTarget.sol";
import {IAuthorisationRegistry} from "./interfaces/IAuthorisationRegistry.sol";
import {IAuthorisationSource} from "./interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {Acts} from "./libraries/Acts.sol";
import {AeoAction, AeoLifecycle} from "./libraries/AeoLifecycle.sol";
import {AuthorisationWords} from "./libraries/AuthorisationWords.sol";
import {DatedWord} from "./libraries/DatedWord.sol";
import {WordHistory} from "./libraries/WordHistory.sol";
import {AuthorityWord} from "./types/Authority.sol";
import {Aeo, AeoState, ForeignAeo, Licence, LicenceState, Power} from "./types/Authorisation.sol";
import {AlreadyDone} from "./types/Errors.sol";
import {Reasons} from "./types/Reasons.sol";
import {Roles} from "./types/Roles.sol";

/// @title AuthorisationRegistry
/// @notice See {IAuthorisationRegistry}.
contract AuthorisationRegistry is IAuthorisationRegistry, ActTarget {
    using WordHistory for WordHistory.Entry[];

    struct Proposal {
        address proposer;
        uint32 version;
        uint40 barredUntil;
        uint16 reason;
        bytes32 evidence;
    }

    uint32 private constant ANY_OPERATOR = Roles.DECLARANT | Roles.BROKER | Roles.CARRIER;
    /// @dev Category bits 0 to 5 of domain guide 3.10.
    uint8 private constant CATEGORIES = 0x3F;
    /// @dev Lodge and correct, pay, claim and appeal.
    uint32 private constant SCOPES = 7;

    // One word per entity, each with its history under the same key: the key tells the kinds apart.
    mapping(bytes32 key => uint256 word) private _words;
    mapping(bytes32 key => WordHistory.Entry[]) private _history;
    mapping(uint64 operator => Proposal) private _proposals;
    mapping(bytes32 key => bool) private _done;

    IAuthoritySource private immutable PARTICIPANTS;

    constructor(address forwarder, IAuthoritySource participants) ActTarget(forwarder) {
        PARTICIPANTS = participants;
    }

    // ----- AEO

    /// @inheritdoc IAuthorisationRegistry
    function applyForAeo(bytes32 requestId, bytes32 evidence) external {
        (address actor, uint64 operator) = _authorise(ANY_OPERATOR);
        _once(operator, requestId);
        Aeo memory a = _aeo(operator);
        _requireNoProposal(operator);
        _step(operator, a, AeoAction.APPLY);
        if (block.timestamp <= a.barredUntil) revert Barred(operator, a.barredUntil);
        Aeo memory fresh = Aeo(a.state, 0, 0, 0, 0, 0, a.version);
        _writeAeo(operator, fresh, actor, Reasons.OWN_REQUEST, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function reviewAeo(uint64 operator, uint32 expectedVersion, bytes32 evidence) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        Aeo memory a = _aeoOf(operator, expectedVersion);
        _step(operator, a, AeoAction.REVIEW);
        _writeAeo(operator, a, actor, Reasons.NONE, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function grantAeo(
        uint64 operator,
        uint32 expectedVersion,
        uint8 categories,
        uint8 operatorTypes,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external {
        (address actor, uint64 participant) = _authorise(Roles.AEO_UNIT);
        if (participant == operator) revert BadParty(operator);
        Aeo memory a = _aeoOf(operator, expectedVersion);
        _step(operator, a, AeoAction.GRANT);
        _requireBenefits(categories, operatorTypes);
        (a.categories, a.operatorTypes) = (categories, operatorTypes);
        (a.from, a.until) = (Acts.startOf(from, until), until);
        _writeAeo(operator, a, actor, Reasons.NONE, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function refuseAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        _stepWithReason(operator, expectedVersion, AeoAction.REFUSE, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function suspendAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        address actor = _actor();
        AuthorityWord a = PARTICIPANTS.authorise(actor, Roles.AEO_UNIT | ANY_OPERATOR);
        if (a.roles() & Roles.AEO_UNIT == 0) {
            if (a.participant() != operator) revert BadParty(a.participant());
            _requireNoProposal(operator);
        }
        _stepWithReason(operator, expectedVersion, AeoAction.SUSPEND, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function reinstateAeo(uint64 operator, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        _stepWithReason(operator, expectedVersion, AeoAction.REINSTATE, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function proposeAeoRevocation(
        uint64 operator,
        uint32 expectedVersion,
        uint40 barredUntil,
        uint16 reason,
        bytes32 evidence
    ) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        Reasons.requireKnown(reason);
        Aeo memory a = _aeoOf(operator, expectedVersion);
        (bool found, ) = AeoLifecycle.next(a.state, AeoAction.REVOKE, false);
        if (!found) revert WrongAeoState(operator, a.state);
        uint32 version = _write(_aeoKey(operator), AuthorisationWords.packAeo(a));
        _proposals[operator] = Proposal(actor, version, barredUntil, reason, evidence);
        emit AeoRevocationProposed(operator, version, barredUntil, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function confirmAeoRevocation(uint64 operator, uint32 expectedVersion) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        Aeo memory a = _aeoOf(operator, expectedVersion);
        Proposal memory p = _proposals[operator];
        if (p.version != a.version || p.proposer == address(0)) revert NothingProposed(operator);
        if (p.proposer == actor) revert SameOfficer(actor);
        PARTICIPANTS.authorise(p.proposer, Roles.AEO_UNIT);
        delete _proposals[operator];
        _step(operator, a, AeoAction.REVOKE);
        a.barredUntil = p.barredUntil;
        _writeAeo(operator, a, actor, p.reason, p.evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function withdrawAeo(uint32 expectedVersion, bytes32 evidence) external {
        (address actor, uint64 operator) = _authorise(ANY_OPERATOR);
        _requireNoProposal(operator);
        _stepWithReason(operator, expectedVersion, AeoAction.WITHDRAW, actor, Reasons.OWN_REQUEST, evidence);
    }

    // ----- broker licences

    /// @inheritdoc IAuthorisationRegistry
    function licenseBroker(
        uint64 broker,
        uint32 expectedVersion,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external {
        (address actor, uint64 participant) = _authorise(Roles.CUSTOMS_LICENSING);
        if (participant == broker) revert BadParty(broker);
        _requireActive(broker);
        Licence memory licence = _licence(broker, expectedVersion);
        if (licence.state == LicenceState.SUSPENDED) revert WrongLicenceState(broker, licence.state);
        licence = Licence(LicenceState.ACTIVE, Acts.startOf(from, until), until, 0);
        _writeLicence(broker, licence, actor, Reasons.NONE, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function suspendLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, Licence memory licence) = _licenceAct(broker, expectedVersion, reason);
        if (licence.state != LicenceState.ACTIVE) revert WrongLicenceState(broker, licence.state);
        licence.state = LicenceState.SUSPENDED;
        _writeLicence(broker, licence, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function reinstateLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, Licence memory licence) = _licenceAct(broker, expectedVersion, reason);
        if (licence.state != LicenceState.SUSPENDED) revert WrongLicenceState(broker, licence.state);
        licence.state = LicenceState.ACTIVE;
        _writeLicence(broker, licence, actor, reason, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function revokeLicence(uint64 broker, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, Licence memory licence) = _licenceAct(broker, expectedVersion, reason);
        if (licence.state != LicenceState.ACTIVE && licence.state != LicenceState.SUSPENDED) {
            revert WrongLicenceState(broker, licence.state);
        }
        licence.state = LicenceState.REVOKED;
        _writeLicence(broker, licence, actor, reason, evidence);
    }

    // ----- powers of attorney

    /// @inheritdoc IAuthorisationRegistry
    function grantPower(
        bytes32 requestId,
        uint64 broker,
        uint32 scope,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external {
        (address actor, uint64 client) = _authorise(Roles.DECLARANT);
        _once(client, requestId);
        if (broker == client) revert BadParty(broker);
        _requireActive(broker);
        if (scope == 0 || scope & ~SCOPES != 0) revert BadBits(scope, SCOPES);
        Power memory p = Power(scope, Acts.startOf(from, until), until, 0);
        _writePower(client, broker, p, actor, Reasons.NONE, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function revokePower(uint64 broker, uint32 expectedVersion, uint16 reason) external {
        (address actor, uint64 client) = _authorise(Roles.DECLARANT);
        Reasons.requireKnown(reason);
        Power memory p = powerOf(client, broker);
        Acts.requireVersion(expectedVersion, p.version);
        if (p.scope == 0) revert NoPower(client, broker);
        p.scope = 0;
        _writePower(client, broker, p, actor, reason, 0);
    }

    // ----- mutual recognition

    /// @inheritdoc IAuthorisationRegistry
    function recognizeForeignAeo(
        bytes32 requestId,
        bytes2 country,
        bytes32 foreignId,
        uint8 categories,
        uint8 operatorTypes,
        uint40 from,
        uint40 until,
        bytes32 evidence
    ) external {
        (address actor, uint64 participant) = _authorise(Roles.AEO_UNIT);
        _once(participant, requestId);
        _requireBenefits(categories, operatorTypes);
        ForeignAeo memory f = ForeignAeo(country, categories, operatorTypes, Acts.startOf(from, until), until, 0);
        _writeForeign(foreignAeoKey(country, foreignId), f, actor, Reasons.NONE, evidence);
    }

    /// @inheritdoc IAuthorisationRegistry
    function endForeignAeo(
        bytes2 country,
        bytes32 foreignId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        (address actor, ) = _authorise(Roles.AEO_UNIT);
        Reasons.requireKnown(reason);
        bytes32 key = foreignAeoKey(country, foreignId);
        ForeignAeo memory f = AuthorisationWords.unpackForeign(_words[key]);
        Acts.requireVersion(expectedVersion, f.version);
        if (f.categories == 0) revert UnknownForeignAeo(key);
        (f.categories, f.operatorTypes) = (0, 0);
        _writeForeign(key, f, actor, reason, evidence);
    }

    // ----- asked by other contracts

    /// @inheritdoc IAuthorisationSource
    function mayRepresent(uint64 broker, uint64 client, uint32 scope, uint40 instant) external view returns (bool) {
        uint256 power = _wordAt(_powerKey(client, broker), instant);
        uint32 granted = AuthorisationWords.unpackPower(power).scope;
        if (scope == 0 || granted & scope != scope || !AuthorisationWords.isInPeriod(power, instant)) return false;
        uint256 licence = _wordAt(_licenceKey(broker), instant);
        return
            AuthorisationWords.unpackLicence(licence).state == LicenceState.ACTIVE &&
            AuthorisationWords.isInPeriod(licence, instant);
    }

    /// @inheritdoc IAuthorisationSource
    function aeoCategories(uint64 operator, uint8 operatorType, uint40 instant) external view returns (uint8 bits) {
        uint256 word = _wordAt(_aeoKey(operator), instant);
        Aeo memory a = AuthorisationWords.unpackAeo(word);
        bool plays = operatorType < 8 && (a.operatorTypes >> operatorType) & 1 == 1;
        bool inForce = a.state == AeoState.ACTIVE && AuthorisationWords.isInPeriod(word, instant);
        return plays && inForce ? a.categories : 0;
    }

    /// @inheritdoc IAuthorisationSource
    function foreignCategories(bytes32 key, uint8 operatorType, uint40 instant) external view returns (uint8 bits) {
        ForeignAeo memory f = foreignAeoAt(key, instant);
        bool plays = operatorType < 8 && (f.operatorTypes >> operatorType) & 1 == 1;
        return plays && instant >= f.from && instant <= f.until ? f.categories : 0;
    }

    // ----- reading

    /// @inheritdoc IAuthorisationRegistry
    function aeoOf(uint64 operator) external view returns (Aeo memory) {
        return _aeo(operator);
    }

    /// @inheritdoc IAuthorisationRegistry
    function aeoAt(uint64 operator, uint40 instant) external view returns (Aeo memory) {
        return AuthorisationWords.unpackAeo(_wordAt(_aeoKey(operator), instant));
    }

    /// @inheritdoc IAuthorisationRegistry
    function licenceOf(uint64 broker) external view returns (Licence memory) {
        return AuthorisationWords.unpackLicence(_words[_licenceKey(broker)]);
    }

    /// @inheritdoc IAuthorisationRegistry
    function licenceAt(uint64 broker, uint40 instant) external view returns (Licence memory) {
        return AuthorisationWords.unpackLicence(_wordAt(_licenceKey(broker), instant));
    }

    /// @inheritdoc IAuthorisationRegistry
    function powerOf(uint64 client, uint64 broker) public view returns (Power memory) {
        return AuthorisationWords.unpackPower(_words[_powerKey(client, broker)]);
    }

    /// @inheritdoc IAuthorisationRegistry
    function powerAt(uint64 client, uint64 broker, uint40 instant) external view returns (Power memory) {
        return AuthorisationWords.unpackPower(_wordAt(_powerKey(client, broker), instant));
    }

    /// @inheritdoc IAuthorisationRegistry
    function foreignAeoKey(bytes2 country, bytes32 foreignId) public pure returns (bytes32) {
        return keccak256(abi.encode(country, foreignId));
    }

    /// @inheritdoc IAuthorisationRegistry
    function foreignAeoAt(bytes32 key, uint40 instant) public view returns (ForeignAeo memory) {
        return AuthorisationWords.unpackForeign(_wordAt(key, instant));
    }

    // ----- checks

    function _authorise(uint32 anyOf) private view returns (address actor, uint64 participant) {
        actor = _actor();
        participant = PARTICIPANTS.authorise(actor, anyOf).participant();
    }

    function _once(uint64 participant, bytes32 requestId) private {
        bytes32 key = Acts.key(participant, requestId);
        if (_done[key]) revert AlreadyDone(key);
        _done[key] = true;
    }

    function _requireActive(uint64 participant) private view {
        if (!PARTICIPANTS.activeAt(participant, uint40(block.timestamp))) revert BadParty(participant);
    }

    function _requireBenefits(uint8 categories, uint8 operatorTypes) private pure {
        if (categories == 0 || categories & ~CATEGORIES != 0) revert BadBits(categories, CATEGORIES);
        if (operatorTypes == 0) revert BadBits(operatorTypes, type(uint8).max);
    }

    // ----- AEO steps

    function _aeo(uint64 operator) private view returns (Aeo memory) {
        return AuthorisationWords.unpackAeo(_words[_aeoKey(operator)]);
    }

    /// @dev Reverts {RevocationProposed} for an operator's act that would void what two officers may yet decide.
    function _requireNoProposal(uint64 operator) private view {
        Proposal storage p = _proposals[operator];
        if (p.proposer != address(0) && p.version == _aeo(operator).version) revert RevocationProposed(operator);
    }

    function _aeoOf(uint64 operator, uint32 expectedVersion) private view returns (Aeo memory a) {
        a = _aeo(operator);
        Acts.requireVersion(expectedVersion, a.version);
    }

    /// @dev Moves `a` along the table. Reverts {WrongAeoState}.
    function _step(uint64 operator, Aeo memory a, AeoAction action) private view {
        (bool found, AeoState to) = AeoLifecycle.next(a.state, action, block.timestamp > a.until);
        if (!found) revert WrongAeoState(operator, a.state);
        a.state = to;
    }

    function _stepWithReason(
        uint64 operator,
        uint32 expectedVersion,
        AeoAction action,
        address actor,
        uint16 reason,
        bytes32 evidence
    ) private {
        Reasons.requireKnown(reason);
        Aeo memory a = _aeoOf(operator, expectedVersion);
        _step(operator, a, action);
        _writeAeo(operator, a, actor, reason, evidence);
    }

    function _licenceAct(
        uint64 broker,
        uint32 expectedVersion,
        uint16 reason
    ) private view returns (address actor, Licence memory licence) {
        (actor, ) = _authorise(Roles.CUSTOMS_LICENSING);
        Reasons.requireKnown(reason);
        licence = _licence(broker, expectedVersion);
    }

    function _licence(uint64 broker, uint32 expectedVersion) private view returns (Licence memory licence) {
        licence = AuthorisationWords.unpackLicence(_words[_licenceKey(broker)]);
        Acts.requireVersion(expectedVersion, licence.version);
    }

    // ----- words

    function _writeAeo(uint64 operator, Aeo memory a, address actor, uint16 reason, bytes32 evidence) private {
        a.version = _write(_aeoKey(operator), AuthorisationWords.packAeo(a));
        emit AeoChanged(operator, a.version, a.state, a, actor, reason, evidence);
    }

    function _writeLicence(
        uint64 broker,
        Licence memory licence,
        address actor,
        uint16 reason,
        bytes32 evidence
    ) private {
        licence.version = _write(_licenceKey(broker), AuthorisationWords.packLicence(licence));
        emit LicenceChanged(broker, licence.version, licence, actor, reason, evidence);
    }

    function _writePower(
        uint64 client,
        uint64 broker,
        Power memory p,
        address actor,
        uint16 reason,
        bytes32 evidence
    ) private {
        p.version = _write(_powerKey(client, broker), AuthorisationWords.packPower(p));
        emit PowerChanged(client, broker, p.version, p, actor, reason, evidence);
    }

    function _writeForeign(bytes32 key, ForeignAeo memory f, address actor, uint16 reason, bytes32 evidence) private {
        f.version = _write(key, AuthorisationWords.packForeign(f));
        emit ForeignAeoChanged(key, f.version, f, actor, reason, evidence);
    }

    /// @dev Keeps the word before, dates the new one, and gives its version.
    function _write(bytes32 key, uint256 body) private returns (uint32 version) {
        uint256 old = _words[key];
        if (old != 0) _history[key].supersede(old, uint40(block.timestamp));
        version = DatedWord.version(old) + 1;
        _words[key] = DatedWord.dated(body, version);
    }

    function _wordAt(bytes32 key, uint40 instant) private view returns (uint256) {
        return DatedWord.wordAt(_history[key], _words[key], instant);
    }

    function _aeoKey(uint64 operator) private pure returns (bytes32) {
        return keccak256(abi.encode("aeo", operator));
    }

    function _licenceKey(uint64 broker) private pure returns (bytes32) {
        return keccak256(abi.encode("licence", broker));
    }

    function _powerKey(uint64 client, uint64 broker) private pure returns (bytes32) {
        return keccak256(abi.encode("power", client, broker));
    }
}
