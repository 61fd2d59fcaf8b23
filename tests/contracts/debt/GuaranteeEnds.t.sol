// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {GuaranteeFixture} from "./GuaranteeFixture.sol";

/// @dev A guarantee ends by notice or expiry; covered stays covered, and free cash goes back.
contract GuaranteeEndsTest is GuaranteeFixture {
    function test_cancel_withNoticeKeepsWhatIsReserved() public {
        bytes32 guarantee = accepted(SecurityType.CASH_DEPOSIT, DUE + 100);
        secure(guarantee, DUE);
        uint40 from = time40() + 5 days;
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeCancelled(guarantee, 3, bankKey, from, DebtReasons.GUARANTOR_NOTICE);
        vm.prank(bankKey);
        debts.cancelGuarantee(guarantee, 2, DebtReasons.GUARANTOR_NOTICE);
        assertTrue(debts.guaranteeStateAt(guarantee, from - 1) == GuaranteeState.ACTIVE, "during notice");
        assertTrue(debts.guaranteeStateAt(guarantee, from) == GuaranteeState.CANCELLED, "from its second");
        vm.prank(bankKey);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.ACTIVE)
        );
        debts.cancelGuarantee(guarantee, 3, DebtReasons.GUARANTOR_NOTICE);
        vm.prank(bankKey);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.ACTIVE)
        );
        debts.returnDeposit(guarantee, 3);

        vm.warp(from);
        assertState(FiscalState.SECURED, "existing reservations remain covered");
        vm.prank(bankKey);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.CANCELLED)
        );
        debts.topUpGuarantee(REQUEST, guarantee, 1, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.DepositReturned(guarantee, 4, bankKey, 100);
        vm.prank(bankKey);
        debts.returnDeposit(guarantee, 3);
        assertEq(debts.prepaidOf(bank), 100, "the free part");
        assertAmounts(guarantee, 0, DUE, 0);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.returnDeposit(guarantee, 4);
        // freed later, returned later
        pay(trader, CASE, DUE);
        vm.prank(trader);
        debts.freeSecurity(CASE, 3, guarantee, DUE, EVIDENCE);
        vm.prank(bankKey);
        debts.returnDeposit(guarantee, 4);
        assertEq(debts.prepaidOf(bank), 100 + DUE, "the rest");
    }

    function test_cancel_anOfferEndsAtOnce() public {
        bytes32 guarantee = offer(SecurityType.CASH_DEPOSIT, 100);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        debts.cancelGuarantee(guarantee, 2, DebtReasons.GUARANTOR_NOTICE);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.cancelGuarantee(guarantee, 1, 0);
        vm.prank(bankKey);
        debts.cancelGuarantee(guarantee, 1, DebtReasons.GUARANTOR_NOTICE);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        debts.returnDeposit(guarantee, 1);
        vm.prank(bankKey);
        debts.returnDeposit(guarantee, 2);
        assertEq(debts.prepaidOf(bank), 100, "the offer's cash");
        vm.prank(revenue);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.CANCELLED)
        );
        debts.acceptGuarantee(guarantee, 3, 0, EVIDENCE);
    }

    function test_returnDeposit_cashOnly() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, 100);
        vm.warp(block.timestamp + 31 days);
        vm.prank(bankKey);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.EXPIRED)
        );
        debts.returnDeposit(guarantee, 2);
    }
}
