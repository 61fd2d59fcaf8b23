// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {UnknownReason} from "../../../contracts/types/Errors.sol";
import {GuaranteeFixture} from "./GuaranteeFixture.sol";

/// @dev What is reserved is called for what is owed; a deposit pays at once, other cover is its guarantor's word.
contract GuaranteeCallsTest is GuaranteeFixture {
    function test_call_bankGuaranteeMovesAndTheGuarantorPays() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.callGuarantee(CASE, 3, guarantee, DUE, 0, EVIDENCE);
        expectCall(guarantee, 0, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectCall(guarantee, DUE + 1, abi.encodeWithSelector(IDebtLedger.AmountTooLarge.selector, DUE + 1, DUE));
        expectCall("none", 1, abi.encodeWithSelector(IDebtGuarantees.UnknownGuarantee.selector, bytes32("none")));
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeCalled(guarantee, CASE, 4, revenue, DUE, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertAmounts(guarantee, 0, 0, DUE);
        assertTrue(stateNow(guarantee) == GuaranteeState.CALLED, "wholly called");
        assertState(FiscalState.RECOVERY, "no longer secured");
        assertEq(debts.caseOf(CASE).secured, 0, "nothing is secured any more");
        pay(bankKey, CASE, DUE);
        assertState(FiscalState.PAID, "the guarantor paid");
    }

    function expectCall(bytes32 guarantee, uint128 amount, bytes memory refusal) private {
        vm.prank(revenue);
        vm.expectRevert(refusal);
        debts.callGuarantee(CASE, 3, guarantee, amount, DebtReasons.PAST_DUE, EVIDENCE);
    }

    function test_call_cashPaysAtOnce() public {
        bytes32 guarantee = accepted(SecurityType.CASH_DEPOSIT, DUE + 5);
        secure(guarantee, DUE);
        bytes32 key = keccak256(abi.encode(guarantee, CASE, uint32(3)));
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeCalled(guarantee, CASE, 4, revenue, DUE, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtLedger.Paid(CASE, 3, key, revenue, bank, DUE, 0, IDebtLedger.PaymentSource.GUARANTEE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertState(FiscalState.PAID, "paid");
        Payment memory paid = debts.paymentOf(key);
        assertEq(paid.participant, bank, "a refund would go to the guarantor");
        assertAmounts(guarantee, 5, 0, DUE);
        settle(CASE);
        assertEq(token.balanceOf(address(debts)), 5, "the free cash stays");
    }

    /// @dev Goods went out on a cover that a later assessment outgrew: the cover stays, and customs can call it.
    function test_outgrownCoverOfReleasedGoods_staysAndCanBeCalled() public {
        bytes32 guarantee = accepted(SecurityType.CASH_DEPOSIT, DUE);
        secure(guarantee, DUE);
        assertState(FiscalState.SECURED, "goods are released on this");
        assess(CASE, DUTY + 1, VAT);
        assertState(FiscalState.ASSESSED, "one unit short");
        bytes memory needed = abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE + 1);
        expectFree(trader, guarantee, DUE, 4, needed);
        expectFree(trader, guarantee, 1, 4, needed);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, DUE, DebtReasons.CONTROL_FINDING, EVIDENCE);
        assertAmounts(guarantee, 0, 0, DUE);
        assertState(FiscalState.RECOVERY, "the rest is recovered");
        assertEq(debts.owedOn(CASE), 1, "the rest");
    }

    /// @dev The same by the version that an audit makes: neither before it is assessed nor after does the cover go.
    function test_outgrownCoverOfReleasedGoods_staysThroughAnAuditsVersion() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        openCase(CASE, 2);
        expectFree(trader, guarantee, DUE, 4, abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE));
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.NONE));
        debts.callGuarantee(CASE, 4, guarantee, DUE, DebtReasons.AUDIT_FINDING, EVIDENCE);
        assess(CASE, DUTY + 500, VAT);
        expectFree(
            trader,
            guarantee,
            DUE,
            5,
            abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE + 500)
        );
        pay(trader, CASE, DUE + 500);
        vm.prank(trader);
        debts.freeSecurity(CASE, 5, guarantee, DUE, EVIDENCE);
        assertAmounts(guarantee, DUE, 0, 0);
    }

    function test_call_notForADebtOfWhichNothingIsOwed() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        assess(CASE, 0, 0);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.ASSESSED));
        debts.callGuarantee(CASE, 4, guarantee, 1, DebtReasons.PAST_DUE, EVIDENCE);
    }

    function test_call_onlyWhatIsReservedForTheCase() public {
        bytes32 first = accepted(SecurityType.BANK_GUARANTEE, DUE);
        bytes32 second = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(first, DUE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.NotEnoughSecured.selector, second, CASE, 0, 1));
        debts.callGuarantee(CASE, 3, second, 1, DebtReasons.PAST_DUE, EVIDENCE);
    }

    function test_call_ofAnOverdueDebt() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        vm.prank(revenue);
        debts.defer(CASE, 3, 0, time40() + 10, EVIDENCE);
        vm.warp(block.timestamp + 11);
        assertState(FiscalState.OVERDUE, "overdue");
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertAmounts(guarantee, 0, 0, DUE);
    }
}
