// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../interfaces/IDebtCases.sol";
import {DebtCase} from "../interfaces/IDebtLedger.sol";

/// @title DebtTransitions
/// @notice What a fiscal case is worth (domain guide 4.3): pure functions of the stored case and an instant.
/// @dev Twin: ledger/domain/debt.py.
library DebtTransitions {
    /// @notice Still to pay: `assessed − (paid − refunded − approved)`, at least 0.
    function owed(DebtCase memory debt) internal pure returns (uint128) {
        uint128 kept = debt.paid - debt.refunded - debt.approved;
        return debt.assessed > kept ? debt.assessed - kept : 0;
    }

    /// @notice Paid over what is assessed, and not yet approved for refund.
    function credit(DebtCase memory debt) internal pure returns (uint128) {
        uint128 kept = debt.paid - debt.refunded - debt.approved;
        return kept > debt.assessed ? kept - debt.assessed : 0;
    }

    /// @notice Money of the case that is still in the ledger.
    function held(DebtCase memory debt) internal pure returns (uint128) {
        return debt.paid - debt.refunded - debt.settled;
    }

    /// @notice Fiscal state at `instant` [unix s]; the due second itself is in time.
    function stateOf(DebtCase memory debt, uint256 instant) internal pure returns (FiscalState) {
        if (debt.closed || debt.basis == FiscalState.NONE || debt.assessedVersion != debt.declarationVersion) {
            return FiscalState.NONE;
        }
        uint128 rest = owed(debt);
        if (rest == 0) {
            if (debt.basis == FiscalState.SETTLED || debt.basis == FiscalState.EXEMPT) return debt.basis;
            // nothing assessed is not yet exempt: an officer says so
            return debt.assessed == 0 ? FiscalState.ASSESSED : FiscalState.PAID;
        }
        if (debt.basis == FiscalState.RECOVERY) return FiscalState.RECOVERY;
        if (debt.basis == FiscalState.DEFERRED)
            return instant <= debt.dueAt ? FiscalState.DEFERRED : FiscalState.OVERDUE;
        return debt.secured >= rest ? FiscalState.SECURED : FiscalState.ASSESSED;
    }
}
