// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgencyCheck, Regime, Rule} from "../types/Rule.sol";

/// @title IRuleSource
/// @notice The part of the RuleRegistry that a declaration registry asks at acceptance.
/// @dev A case cites the `version` of the rule book at its acceptance and asks with it from then on.
interface IRuleSource {
    /// @notice Version of the rule book in force; grows by one with each act that changes it.
    function version() external view returns (uint32);

    /// @notice A regime as of `version_`; all zero if it was not set by then.
    function regimeAt(uint16 regime, uint32 version_) external view returns (Regime memory);

    /// @notice The rule for a commodity group under a regime as of `version_`.
    /// @param group Commodity group: an opaque national code, or an HS prefix in ASCII, left-aligned.
    /// @return found False if there was none (never set, or removed): the rest is empty then.
    function ruleAt(uint16 regime, bytes32 group, uint32 version_) external view returns (bool found, Rule memory rule);

    /// @notice Whether `check` is asked for by (`regime`, `group`) as of `version_`.
    function requiresCheck(
        uint16 regime,
        bytes32 group,
        AgencyCheck calldata check,
        uint32 version_
    ) external view returns (bool);

    /// @notice Whether declaration registry `registryVersion` may still open cases: true until governance closes it.
    function opensCases(uint8 registryVersion) external view returns (bool);
}
