// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Regime, Rule} from "../types/Rule.sol";
import {IRuleSource} from "./IRuleSource.sol";

/// @notice A rule with its key, for the batch setter.
struct RuleEntry {
    uint16 regime;
    bytes32 group;
    Rule rule;
}

/// @notice A regime with its number, for the batch setter.
struct RegimeEntry {
    uint16 regime;
    Regime terms;
}

/// @title IRuleRegistry
/// @notice The versioned rule book: regimes, rules per commodity group, and hashes of code lists and rates.
/// @dev Governance writes. Asking for more takes effect at once; asking for less (a rule removed, or one that drops a
///      check, a permit type, payment or security) waits for a second officer, who confirms it with the rule book
///      unchanged in that place. Every act names the version it was written for.
interface IRuleRegistry is IRuleSource {
    /// @notice A regime as of `version`.
    event RegimeSet(uint16 indexed regime, uint32 version, Regime terms, address actor);
    /// @notice A rule as of `version`.
    event RuleSet(uint16 indexed regime, bytes32 indexed group, uint32 version, Rule rule, address actor);
    /// @notice A rule waits for its second officer; `removes` tells a removal from a loosening.
    event RuleChangeProposed(
        uint16 indexed regime,
        bytes32 indexed group,
        bool removes,
        Rule rule,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice No rule for the group from `version` on.
    event RuleRemoved(uint16 indexed regime, bytes32 indexed group, uint32 version, address actor);
    /// @notice A code list as of `version`: the SHA-256 of its document.
    event CodeListSet(bytes32 indexed name, uint32 version, bytes32 digest, address actor);
    /// @notice A declaration registry opens no new case.
    event RegistryClosed(uint8 indexed registryVersion, uint32 version, address actor, uint16 reason);

    /// @notice A procedure letter outside A–Z.
    error BadRegime(uint16 regime);
    error UnknownRegime(uint16 regime);
    /// @notice Checks or permit types out of order, doubled, zero, or an agency that is not admitted.
    error BadRule(uint16 regime, bytes32 group);
    error UnknownRule(uint16 regime, bytes32 group);
    /// @notice Nothing waits for confirmation, something else than was confirmed waits, or the rule was changed since
    ///         it was proposed.
    error NothingPending(uint16 regime, bytes32 group);
    /// @notice The second officer must be another than the first.
    error SameOfficer(address actor);
    error BadCodeList(bytes32 name);
    error RegistryAlreadyClosed(uint8 registryVersion);

    /// @notice Sets regimes, at most 64, as one version. [governance]
    function setRegimes(uint32 expectedVersion, RegimeEntry[] calldata entries) external;

    /// @notice Sets rules, at most 64, as one version. [governance]
    /// @dev An entry that asks for less than the rule in force is proposed, not set; if all are, the version stays.
    function setRules(uint32 expectedVersion, RuleEntry[] calldata entries, uint16 reason, bytes32 evidence) external;

    /// @notice Proposes the removal of a rule. [governance]
    function removeRule(uint16 regime, bytes32 group, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Confirms a removal or loosening. [CUSTOMS_APPEAL, not who proposed it]
    /// @dev Proposals do not move the version, so the officer also names what it has seen.
    /// @param digest Of the proposal: `keccak256(abi.encode(rule))`, 0 for a removal; see {pendingRule}.
    function confirmRule(uint16 regime, bytes32 group, uint32 expectedVersion, bytes32 digest) external;

    /// @notice Names the document that holds a code list or table of rates: its SHA-256. [governance]
    /// @param name ASCII, left-aligned, e.g. `bytes32("tariff")`.
    function setCodeList(bytes32 name, uint32 expectedVersion, bytes32 digest) external;

    /// @notice From now on the declaration registry with this version byte opens no new case. [governance]
    function closeRegistry(uint8 registryVersion, uint32 expectedVersion, uint16 reason) external;

    /// @notice Digest of a code list as of `version_`; zero if it was not set by then.
    function codeListAt(bytes32 name, uint32 version_) external view returns (bytes32);

    /// @notice Version in force at `instant` [unix s].
    function versionAt(uint40 instant) external view returns (uint32);

    /// @notice The change that waits for a second officer, with the digest that confirms it and nothing else.
    function pendingRule(
        uint16 regime,
        bytes32 group
    ) external view returns (bool pending, bool removes, Rule memory rule, address proposer, bytes32 digest);
}
