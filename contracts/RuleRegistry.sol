// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {IRuleRegistry, RegimeEntry, RuleEntry} from "./interfaces/IRuleRegistry.sol";
import {IRuleSource} from "./interfaces/IRuleSource.sol";
import {Acts} from "./libraries/Acts.sol";
import {RuleBook} from "./libraries/RuleBook.sol";
import {WordHistory} from "./libraries/WordHistory.sol";
import {TooMany} from "./types/Errors.sol";
import {Reasons} from "./types/Reasons.sol";
import {Roles} from "./types/Roles.sol";
import {AgencyCheck, Regime, Rule} from "./types/Rule.sol";

/// @title RuleRegistry
/// @notice See {IRuleRegistry}.
/// @dev Histories are marked with versions: a value set by the act that made version n is in force from n on.
contract RuleRegistry is IRuleRegistry, AccessManaged, ActTarget {
    using WordHistory for WordHistory.Entry[];

    /// @dev A value and those before it.
    struct Versioned {
        uint256 word;
        WordHistory.Entry[] history;
    }

    struct Pending {
        bool waits;
        address proposer;
        uint32 rule;
        uint32 replaces;
    }

    uint256 private constant MAX_ENTRIES = 64;

    /// @inheritdoc IRuleSource
    uint32 public version;

    /// @dev Every rule ever written, from 1; a rule is named by its place here, 0 is no rule.
    mapping(uint256 place => Rule) private _rules;
    uint32 private _ruleCount;
    mapping(uint16 regime => Versioned) private _regimes;
    mapping(uint16 regime => mapping(bytes32 group => Versioned)) private _ruleOf;
    mapping(uint16 regime => mapping(bytes32 group => Pending)) private _pending;
    mapping(bytes32 name => Versioned) private _codeLists;
    mapping(uint8 registryVersion => bool) private _closed;
    /// @dev Versions by time.
    WordHistory.Entry[] private _versions;

    IAuthoritySource private immutable PARTICIPANTS;

    constructor(
        address accessManager,
        address forwarder,
        IAuthoritySource participants
    ) AccessManaged(accessManager) ActTarget(forwarder) {
        PARTICIPANTS = participants;
    }

    /// @inheritdoc IRuleRegistry
    function setRegimes(uint32 expectedVersion, RegimeEntry[] calldata entries) external restricted {
        _requireBatch(entries.length);
        uint32 next = _nextVersion(expectedVersion);
        for (uint256 i = 0; i < entries.length; ++i) {
            Regime calldata terms = entries[i].terms;
            uint16 regime = entries[i].regime;
            if (terms.procedure < "A" || terms.procedure > "Z") revert BadRegime(regime);
            _set(_regimes[regime], RuleBook.pack(terms), next);
            emit RegimeSet(regime, next, terms, msg.sender);
        }
    }

    /// @inheritdoc IRuleRegistry
    function setRules(
        uint32 expectedVersion,
        RuleEntry[] calldata entries,
        uint16 reason,
        bytes32 evidence
    ) external restricted {
        _requireBatch(entries.length);
        Acts.requireVersion(expectedVersion, version);
        uint32 next = expectedVersion + 1;
        bool changed = false;
        for (uint256 i = 0; i < entries.length; ++i) {
            RuleEntry calldata e = entries[i];
            _requireRule(e.regime, e.group, e.rule);
            uint256 old = _ruleOf[e.regime][e.group].word;
            uint32 place = _store(e.rule);
            if (old != 0 && RuleBook.loosens(_rules[old], e.rule)) {
                Reasons.requireKnown(reason);
                _pending[e.regime][e.group] = Pending(true, msg.sender, place, uint32(old));
                emit RuleChangeProposed(e.regime, e.group, false, e.rule, msg.sender, reason, evidence);
            } else {
                _set(_ruleOf[e.regime][e.group], place, next);
                delete _pending[e.regime][e.group];
                emit RuleSet(e.regime, e.group, next, e.rule, msg.sender);
                changed = true;
            }
        }
        if (changed) _nextVersion(expectedVersion);
    }

    /// @inheritdoc IRuleRegistry
    function removeRule(
        uint16 regime,
        bytes32 group,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external restricted {
        Reasons.requireKnown(reason);
        Acts.requireVersion(expectedVersion, version);
        uint256 old = _ruleOf[regime][group].word;
        if (old == 0) revert UnknownRule(regime, group);
        _pending[regime][group] = Pending(true, msg.sender, 0, uint32(old));
        emit RuleChangeProposed(regime, group, true, _rules[old], msg.sender, reason, evidence);
    }

    /// @inheritdoc IRuleRegistry
    function confirmRule(uint16 regime, bytes32 group, uint32 expectedVersion, bytes32 digest) external {
        address actor = _actor();
        PARTICIPANTS.authorise(actor, Roles.CUSTOMS_APPEAL);
        Pending memory p = _pending[regime][group];
        bool waits = p.waits && p.replaces == _ruleOf[regime][group].word;
        if (!waits || digest != _digest(p.rule)) revert NothingPending(regime, group);
        if (p.proposer == actor) revert SameOfficer(actor);
        uint32 next = _nextVersion(expectedVersion);
        delete _pending[regime][group];
        _set(_ruleOf[regime][group], p.rule, next);
        if (p.rule == 0) emit RuleRemoved(regime, group, next, actor);
        else emit RuleSet(regime, group, next, _rules[p.rule], actor);
    }

    /// @inheritdoc IRuleRegistry
    function setCodeList(bytes32 name, uint32 expectedVersion, bytes32 digest) external restricted {
        if (name == 0 || digest == 0) revert BadCodeList(name);
        uint32 next = _nextVersion(expectedVersion);
        _set(_codeLists[name], uint256(digest), next);
        emit CodeListSet(name, next, digest, msg.sender);
    }

    /// @inheritdoc IRuleRegistry
    function closeRegistry(uint8 registryVersion, uint32 expectedVersion, uint16 reason) external restricted {
        Reasons.requireKnown(reason);
        if (_closed[registryVersion]) revert RegistryAlreadyClosed(registryVersion);
        uint32 next = _nextVersion(expectedVersion);
        _closed[registryVersion] = true;
        emit RegistryClosed(registryVersion, next, msg.sender, reason);
    }

    // ----- reading

    /// @inheritdoc IRuleSource
    function regimeAt(uint16 regime, uint32 version_) external view returns (Regime memory) {
        return RuleBook.unpack(_at(_regimes[regime], version_));
    }

    /// @inheritdoc IRuleSource
    function ruleAt(
        uint16 regime,
        bytes32 group,
        uint32 version_
    ) external view returns (bool found, Rule memory rule) {
        uint256 place = _at(_ruleOf[regime][group], version_);
        return (place != 0, _rules[place]);
    }

    /// @inheritdoc IRuleSource
    function requiresCheck(
        uint16 regime,
        bytes32 group,
        AgencyCheck calldata check,
        uint32 version_
    ) external view returns (bool) {
        return RuleBook.asksFor(_rules[_at(_ruleOf[regime][group], version_)], check);
    }

    /// @inheritdoc IRuleSource
    function opensCases(uint8 registryVersion) external view returns (bool) {
        return !_closed[registryVersion];
    }

    /// @inheritdoc IRuleRegistry
    function codeListAt(bytes32 name, uint32 version_) external view returns (bytes32) {
        return bytes32(_at(_codeLists[name], version_));
    }

    /// @inheritdoc IRuleRegistry
    function versionAt(uint40 instant) external view returns (uint32) {
        return uint32(_versions.wordAt(version, instant));
    }

    /// @inheritdoc IRuleRegistry
    function pendingRule(
        uint16 regime,
        bytes32 group
    ) external view returns (bool pending, bool removes, Rule memory rule, address proposer, bytes32 digest) {
        Pending memory p = _pending[regime][group];
        pending = p.waits && p.replaces == _ruleOf[regime][group].word;
        if (!pending) return (false, false, rule, address(0), 0);
        return (true, p.rule == 0, _rules[p.rule], p.proposer, _digest(p.rule));
    }

    // ----- checks and writing

    function _requireBatch(uint256 count) private pure {
        if (count == 0 || count > MAX_ENTRIES) revert TooMany(count, MAX_ENTRIES);
    }

    function _requireRule(uint16 regime, bytes32 group, Rule calldata rule) private view {
        if (_regimes[regime].word == 0) revert UnknownRegime(regime);
        if (group == 0 || !RuleBook.isWellFormed(rule)) revert BadRule(regime, group);
        for (uint256 i = 0; i < rule.checks.length; ++i) {
            if (!PARTICIPANTS.activeAt(rule.checks[i].agency, uint40(block.timestamp))) revert BadRule(regime, group);
        }
    }

    /// @dev Counts the rule book's version up. Reverts {WrongVersion}.
    function _nextVersion(uint32 expected) private returns (uint32 next) {
        Acts.requireVersion(expected, version);
        _versions.supersede(version, uint40(block.timestamp));
        next = expected + 1;
        version = next;
    }

    /// @dev What a second officer confirms: the digest of a written rule, 0 for none.
    function _digest(uint256 place) private view returns (bytes32) {
        return place == 0 ? bytes32(0) : keccak256(abi.encode(_rules[place]));
    }

    function _store(Rule calldata rule) private returns (uint32 place) {
        place = ++_ruleCount;
        Rule storage r = _rules[place];
        (r.needsPayment, r.needsSecurity) = (rule.needsPayment, rule.needsSecurity);
        for (uint256 i = 0; i < rule.checks.length; ++i) {
            r.checks.push(rule.checks[i]);
        }
        r.permitTypes = rule.permitTypes;
    }

    function _set(Versioned storage v, uint256 word, uint32 next) private {
        v.history.supersede(v.word, next);
        v.word = word;
    }

    function _at(Versioned storage v, uint32 version_) private view returns (uint256) {
        return v.history.wordAt(v.word, version_);
    }
}
