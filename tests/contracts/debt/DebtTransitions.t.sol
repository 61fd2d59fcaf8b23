// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {DebtCase} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtTransitions} from "../../../contracts/libraries/DebtTransitions.sol";
import {Test} from "../support/Test.sol";

/// @dev What a fiscal case is worth, from its fields alone.
contract DebtTransitionsTest is Test {
    using DebtTransitions for DebtCase;

    uint40 private constant DUE = 1_800_000_000;

    /// @dev Assessed 100 for the version in force, nothing paid.
    function assessed(FiscalState basis) private pure returns (DebtCase memory debt) {
        (debt.declarationVersion, debt.assessedVersion, debt.basis) = (2, 2, basis);
        (debt.assessed, debt.dueAt) = (100, DUE);
    }

    function expect(DebtCase memory debt, FiscalState expected, string memory what) private pure {
        assertEq(uint8(debt.stateOf(DUE)), uint8(expected), what);
    }

    function test_amounts_areTwoSidesOfOneDifference() public pure {
        DebtCase memory debt = assessed(FiscalState.ASSESSED);
        (debt.paid, debt.refunded, debt.approved, debt.settled) = (90, 20, 5, 50);
        assertEq(debt.owed(), 35, "owed: 100 - (90 - 20 - 5)");
        assertEq(debt.credit(), 0, "nothing over");
        assertEq(debt.held(), 20, "held: 90 - 20 - 50");
        debt.assessed = 60;
        assertEq(debt.owed(), 0, "nothing owed");
        assertEq(debt.credit(), 5, "paid over: 65 - 60");
        debt.assessed = 65;
        assertEq(uint256(debt.owed()) + debt.credit(), 0, "even");
    }

    function test_stateOf_needsAnAssessmentOfTheVersionInForce() public pure {
        DebtCase memory debt = assessed(FiscalState.ASSESSED);
        expect(debt, FiscalState.ASSESSED, "assessed");
        debt.assessedVersion = 1;
        expect(debt, FiscalState.NONE, "of an earlier version");
        debt = assessed(FiscalState.ASSESSED);
        debt.closed = true;
        expect(debt, FiscalState.NONE, "closed");
        expect(assessed(FiscalState.NONE), FiscalState.NONE, "without a basis");
    }

    function test_stateOf_whileSomethingIsOwed() public pure {
        DebtCase memory debt = assessed(FiscalState.ASSESSED);
        debt.secured = 99;
        expect(debt, FiscalState.ASSESSED, "one unit short of security");
        debt.secured = 100;
        expect(debt, FiscalState.SECURED, "secured");
        expect(assessed(FiscalState.RECOVERY), FiscalState.RECOVERY, "in recovery");
        expect(assessed(FiscalState.EXEMPT), FiscalState.ASSESSED, "assessed again after an exemption");
        debt = assessed(FiscalState.DEFERRED);
        expect(debt, FiscalState.DEFERRED, "the due second is in time");
        debt.dueAt = DUE - 1;
        expect(debt, FiscalState.OVERDUE, "the second after");
    }

    function test_stateOf_onceNothingIsOwed() public pure {
        DebtCase memory debt = assessed(FiscalState.DEFERRED);
        debt.paid = 100;
        expect(debt, FiscalState.PAID, "paid");
        debt.basis = FiscalState.SETTLED;
        expect(debt, FiscalState.SETTLED, "settled");
        debt.basis = FiscalState.EXEMPT;
        expect(debt, FiscalState.EXEMPT, "exempt");
        debt = assessed(FiscalState.ASSESSED);
        debt.assessed = 0;
        expect(debt, FiscalState.ASSESSED, "nothing assessed is not yet exempt");
    }
}
