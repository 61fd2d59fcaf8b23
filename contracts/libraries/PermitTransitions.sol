// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitState, UseState} from "../interfaces/IPermitRegistry.sol";

/// @notice What may be done to an application or a permit.
enum PermitAction {
    ISSUE,
    REFUSE,
    SUSPEND,
    REINSTATE,
    REVOKE,
    REPLACE,
    TRANSFER,
    DECLARE_UNIT
}

/// @notice What a declaration registry may do to a use.
enum UseAction {
    RESERVE,
    WRITE_OFF,
    UNRESERVE,
    RESTORE
}

/// @title PermitTransitions
/// @notice Tables of permits and of their uses (domain guide 4.2). A pair that is absent is refused: `allowed` is
///         false.
/// @dev Twin: ledger/domain/permit.py.
library PermitTransitions {
    /// @notice Stored state of a permit or application after `action`.
    function next(PermitState from, PermitAction action) internal pure returns (bool allowed, PermitState to) {
        if (from == PermitState.APPLIED) {
            if (action == PermitAction.ISSUE) return (true, PermitState.ISSUED);
            if (action == PermitAction.REFUSE) return (true, PermitState.REFUSED);
        } else if (from == PermitState.ACTIVE) {
            if (action == PermitAction.SUSPEND) return (true, PermitState.SUSPENDED);
            if (action == PermitAction.REVOKE) return (true, PermitState.REVOKED);
            if (action == PermitAction.REPLACE) return (true, PermitState.REPLACED);
            if (action == PermitAction.TRANSFER || action == PermitAction.DECLARE_UNIT) return (true, from);
        } else if (from == PermitState.SUSPENDED) {
            if (action == PermitAction.REINSTATE) return (true, PermitState.ACTIVE);
            if (action == PermitAction.REVOKE) return (true, PermitState.REVOKED);
        }
        return (false, from);
    }

    /// @notice State of a use after `action`. `changes` is false for a repetition, which leaves everything as it is.
    function nextUse(UseState from, UseAction action) internal pure returns (bool allowed, bool changes, UseState to) {
        if (action == UseAction.RESERVE) {
            if (from == UseState.NONE || from == UseState.FREED) return (true, true, UseState.RESERVED);
            if (from == UseState.RESERVED) return (true, false, from);
        } else if (action == UseAction.WRITE_OFF) {
            if (from == UseState.RESERVED) return (true, true, UseState.WRITTEN_OFF);
            if (from == UseState.WRITTEN_OFF) return (true, false, from);
        } else if (action == UseAction.UNRESERVE) {
            if (from == UseState.RESERVED) return (true, true, UseState.FREED);
            if (from == UseState.FREED || from == UseState.WRITTEN_OFF) return (true, false, from);
        } else {
            if (from == UseState.WRITTEN_OFF) return (true, true, UseState.RESTORED);
            if (from == UseState.RESTORED) return (true, false, from);
        }
        return (false, false, from);
    }

    /// @notice What a permit is worth: its stored state, with validity and balance read into it.
    /// @param validUntil Last second of validity [unix s], inclusive.
    /// @param exhausted Whether nothing is left to use.
    function worth(
        PermitState stored,
        uint40 validUntil,
        bool exhausted,
        uint256 instant
    ) internal pure returns (PermitState) {
        bool live = stored == PermitState.ACTIVE || stored == PermitState.SUSPENDED;
        if (live && instant > validUntil) return PermitState.EXPIRED;
        if (stored == PermitState.ACTIVE && exhausted) return PermitState.EXHAUSTED;
        return stored;
    }
}
