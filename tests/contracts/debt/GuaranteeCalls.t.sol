// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {UnknownReason, WrongOffice, WrongVersion} from "../../../contracts/types/Errors.sol";
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

    /// @dev Somebody paid a unit first, or a debtor freed one: the call is smaller by it, and is made all the same.
    function test_call_takesWhatIsOwedAndReserved() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        pay(bankKey, CASE, 1);
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeCalled(
            guarantee,
            CASE,
            4,
            revenue,
            DUE - 1,
            DUE - 1,
            DebtReasons.PAST_DUE,
            EVIDENCE
        );
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertAmounts(guarantee, 0, 1, DUE - 1);
        assess(CASE, DUTY + 5, VAT);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 5, guarantee, 5, DebtReasons.PAST_DUE, EVIDENCE);
        assertAmounts(guarantee, 0, 0, DUE);
        assertEq(debts.caseOf(CASE).secured, 0, "no more than was reserved");
    }

    /// @dev What is called and not paid yet is not called again, whoever pays the rest; else the guarantor's money would
    ///      become the debtor's.
    function test_call_inPartsOnlyOnceForWhatIsOwed() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        bytes32 pledge = accepted(SecurityType.PLEDGE, DUE);
        secure(guarantee, DUE);
        secure(pledge, DUE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, 60, DebtReasons.PAST_DUE, EVIDENCE);
        assertCalls(guarantee, 60, 60, 60);
        pay(trader, CASE, DUE - 100);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 5, pledge, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertCalls(guarantee, 60, 100, 100);
        assertCalls(pledge, 40, 100, 100);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.AmountTooLarge.selector, 1, 0));
        debts.callGuarantee(CASE, 6, guarantee, 1, DebtReasons.PAST_DUE, EVIDENCE);
        pay(bankKey, CASE, 100);
        assertCalls(guarantee, 60, 0, 0);
        assertState(FiscalState.PAID, "all of it was owed");
        assertEq(debts.prepaidOf(importer), 0, "none of the bank's money is the debtor's");
        assess(CASE, DUTY + 7, VAT);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 7, guarantee, 7, DebtReasons.AUDIT_FINDING, EVIDENCE);
        assertCalls(guarantee, 67, 7, 7);
    }

    function assertCalls(bytes32 guarantee, uint128 called, uint128 ofGuarantor, uint128 ofCase) private view {
        (uint128 found, uint128 unpaid, uint128 onCase) = debts.callsOf(guarantee, CASE);
        assertEq(found, called, "called of it");
        assertEq(unpaid, ofGuarantor, "unpaid by its guarantor");
        assertEq(onCase, ofCase, "unpaid on the case");
    }

    /// @dev The smallest call is answered by the smallest payment; a call beside one that is unpaid is for the rest.
    function test_call_ofOneUnit_isAnswered_andTheNextIsForTheRest() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE + 1_000);
        secure(guarantee, DUE + 1_000);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, 1, DebtReasons.PAST_DUE, EVIDENCE);
        pay(bankKey, CASE, 1);
        assertCalls(guarantee, 1, 0, 0);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, 60, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 5, guarantee, DUE - 1, DebtReasons.PAST_DUE, EVIDENCE);
        assertCalls(guarantee, DUE, DUE - 1, DUE - 1);
    }

    /// @dev Another guarantor's payment answers its own calls, not this one's.
    function test_call_isAnsweredByItsGuarantorAlone() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        vm.prank(trader);
        bytes32 own = debts.offerGuarantee(REQUEST, importer, SecurityType.PLEDGE, 0, DUE, FOREVER, 0, EVIDENCE);
        vm.prank(revenue);
        debts.acceptGuarantee(own, 1, 0, EVIDENCE);
        secure(guarantee, DUE);
        secure(own, DUE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, 30, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 5, own, 20, DebtReasons.PAST_DUE, EVIDENCE);
        pay(trader, CASE, 50);
        assertCalls(own, 20, 0, 30);
        assertCalls(guarantee, 30, 30, 30);
        pay(bankKey, CASE, 10);
        assertCalls(guarantee, 30, 20, 20);
        pay(trader, CASE, DUE - 60);
        expectTakeBack(revenue, own, 6, 1, notCalled(own, 0, 1));
        expectTakeBack(revenue, guarantee, 6, 21, notCalled(guarantee, 20, 21));
        vm.prank(revenue);
        debts.takeBackCall(CASE, 6, guarantee, 20, EVIDENCE);
        assertCalls(guarantee, 10, 0, 0);
    }

    function test_takeBackCall_onceTheDebtorPaid() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        expectTakeBack(revenue, guarantee, 3, 1, notCalled(guarantee, 0, 1));
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        expectTakeBack(revenue, guarantee, 4, 1, notCalled(guarantee, 0, 1));
        pay(bankKey, CASE, 30);
        expectTakeBack(revenue, guarantee, 4, 1, notCalled(guarantee, 0, 1));
        pay(trader, CASE, 100);
        expectTakeBack(revenue, guarantee, 4, 101, notCalled(guarantee, 100, 101));
        expectTakeBack(revenue, guarantee, 4, 0, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectTakeBack(revenue, guarantee, 3, 1, abi.encodeWithSelector(WrongVersion.selector, 3, 4));
        expectTakeBack(
            revenue,
            "none",
            4,
            1,
            abi.encodeWithSelector(IDebtGuarantees.UnknownGuarantee.selector, bytes32("none"))
        );
        expectTakeBack(
            otherRevenue,
            guarantee,
            4,
            1,
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE)
        );
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.CallTakenBack(guarantee, CASE, 5, revenue, 100, 100, DUE - 100, EVIDENCE);
        vm.prank(revenue);
        debts.takeBackCall(CASE, 4, guarantee, 100, EVIDENCE);
        assertAmounts(guarantee, 100, 0, DUE - 100);
        assertCalls(guarantee, DUE - 100, DUE - 130, DUE - 130);
        assertTrue(stateNow(guarantee) == GuaranteeState.ACTIVE, "it can secure again");
        pay(trader, CASE, DUE - 130);
        vm.prank(revenue);
        debts.takeBackCall(CASE, 5, guarantee, DUE - 130, EVIDENCE);
        assertAmounts(guarantee, DUE - 30, 0, 30);
        expectTakeBack(revenue, guarantee, 6, 1, notCalled(guarantee, 0, 1));
    }

    /// @dev Lowered by a new assessment, or ended with its declaration: nobody owes what was called.
    function test_takeBackCall_onceNothingIsOwed_alsoOfAClosedCase() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assess(CASE, DUTY, 0);
        vm.prank(revenue);
        debts.takeBackCall(CASE, 5, guarantee, VAT, EVIDENCE);
        vm.prank(registry);
        debts.closeCase(CASE);
        vm.prank(revenue);
        debts.takeBackCall(CASE, 7, guarantee, DUTY, EVIDENCE);
        assertAmounts(guarantee, DUE, 0, 0);
        assertCalls(guarantee, 0, 0, 0);
    }

    /// @dev A call of one guarantee is not taken back on another of the same guarantor, nor one for another case; and what
    ///      a deposit paid was paid.
    function test_takeBackCall_onlyWhatWasCalledOfIt() public {
        bytes32 first = accepted(SecurityType.BANK_GUARANTEE, DUE);
        bytes32 second = accepted(SecurityType.PLEDGE, DUE);
        bytes32 cash = accepted(SecurityType.CASH_DEPOSIT, DUE);
        secure(first, DUE);
        secure(second, DUE);
        secure(cash, DUE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 5, first, 30, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 6, second, 20, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 7, cash, 10, DebtReasons.PAST_DUE, EVIDENCE);
        assertCalls(cash, 0, 40, 40);
        pay(trader, CASE, DUE - 10);
        expectTakeBack(revenue, cash, 8, 1, notCalled(cash, 0, 1));
        expectTakeBack(revenue, second, 8, 21, notCalled(second, 20, 21));
        expectTakeBack(revenue, first, 8, 31, notCalled(first, 30, 31));
        vm.prank(revenue);
        debts.takeBackCall(CASE, 8, first, 30, EVIDENCE);
        expectTakeBack(revenue, second, 9, 11, notCalled(second, 10, 11));
        vm.prank(revenue);
        debts.takeBackCall(CASE, 9, second, 10, EVIDENCE);
        assertAmounts(second, 10, DUE - 20, 10);
    }

    function notCalled(bytes32 guarantee, uint256 called, uint256 asked) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDebtGuarantees.NotEnoughCalled.selector, guarantee, CASE, called, asked);
    }

    function expectTakeBack(
        address actor,
        bytes32 guarantee,
        uint32 version,
        uint128 amount,
        bytes memory refusal
    ) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.takeBackCall(CASE, version, guarantee, amount, EVIDENCE);
    }
}
