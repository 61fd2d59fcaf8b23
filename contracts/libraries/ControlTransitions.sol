// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {ControlAct, ControlState} from "../types/Declaration.sol";

/// @title ControlTransitions
/// @notice The control track of a declaration as a table (domain guide 4.1, tracks). A pair that is absent reverts.
/// @dev Python twin and shared vectors: `ledger/domain/declaration.py`, `tests/golden/declaration_transitions.json`.
library ControlTransitions {
    /// @notice State after `act` on a track in `from`. Reverts {IDeclarationRegistry.NotInControl}.
    function next(ControlState from, ControlAct act) internal pure returns (ControlState) {
        if (act == ControlAct.NEW_VERSION) return ControlState.UNROUTED;
        if (from == ControlState.UNROUTED) {
            if (act == ControlAct.ROUTE_NONE) return ControlState.NONE;
            if (act == ControlAct.ROUTE_REQUIRED) return ControlState.REQUIRED;
            if (act == ControlAct.LOWER_TO_NONE) return ControlState.NONE;
            if (act == ControlAct.LOWER_TO_DOCUMENTARY) return ControlState.REQUIRED;
        } else if (from == ControlState.NONE) {
            if (act == ControlAct.ROUTE_REQUIRED) return ControlState.REQUIRED;
        } else if (from == ControlState.REQUIRED) {
            if (act == ControlAct.ROUTE_REQUIRED) return ControlState.REQUIRED;
            if (act == ControlAct.LOWER_TO_NONE) return ControlState.NONE;
            if (act == ControlAct.LOWER_TO_DOCUMENTARY) return ControlState.REQUIRED;
            if (act == ControlAct.START) return ControlState.IN_PROGRESS;
        } else if (from == ControlState.IN_PROGRESS) {
            if (act == ControlAct.RECORD_SATISFACTORY) return ControlState.SATISFACTORY;
            if (act == ControlAct.RECORD_DISCREPANCY) return ControlState.DISCREPANCY;
        } else if (from == ControlState.SATISFACTORY) {
            if (act == ControlAct.REOPEN_FINDING) return ControlState.DISCREPANCY;
        } else {
            if (act == ControlAct.DISMISS || act == ControlAct.SETTLE_BY_SEIZURE) return ControlState.SATISFACTORY;
        }
        revert IDeclarationRegistry.NotInControl(act, from);
    }
}
