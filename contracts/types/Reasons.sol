// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UnknownReason} from "./Errors.sol";

/// @title Reasons
/// @notice Why an act of the registries was done: a code, never free text, so that nothing personal reaches the chain.
/// @dev Frozen: codes are only ever added. Codes from 100 on belong to permits, declarations, debts and escrow.
library Reasons {
    /// @notice No reason is asked for, or none was given.
    uint16 internal constant NONE = 0;
    /// @notice The earlier act rested on a mistake.
    uint16 internal constant ERROR = 1;
    /// @notice The holder itself asked.
    uint16 internal constant OWN_REQUEST = 2;
    /// @notice Conditions are no longer met.
    uint16 internal constant COMPLIANCE = 3;
    /// @notice Forged, or obtained by false statements.
    uint16 internal constant FRAUD = 4;
    /// @notice A court or another authority ordered it.
    uint16 internal constant ORDER = 5;
    /// @notice The device or key was lost, stolen or copied.
    uint16 internal constant KEY_LOST = 6;
    /// @notice The person left or changed office.
    uint16 internal constant OFFICE_CHANGED = 7;
    /// @notice Planned exchange for a newer key, version or contract.
    uint16 internal constant ROTATION = 8;
    /// @notice A newer document or rule takes its place.
    uint16 internal constant REPLACED = 9;
    /// @notice The doubt that led to a suspension was cleared.
    uint16 internal constant CLEARED = 10;
    /// @notice The law changed.
    uint16 internal constant LAW = 11;
    /// @notice The person concerned asked for erasure.
    uint16 internal constant DATA_SUBJECT = 12;

    /// @notice Highest code of the registries.
    uint16 internal constant LAST = DATA_SUBJECT;

    /// @dev Reverts {UnknownReason} unless `reason` is one of the codes above and not {NONE}.
    function requireKnown(uint16 reason) internal pure {
        if (reason == NONE || reason > LAST) revert UnknownReason(reason);
    }
}
