// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {IDebtRefunds, Refund, RefundState} from "../../../contracts/interfaces/IDebtRefunds.sol";
import {RefundAction, RefundTransitions} from "../../../contracts/libraries/RefundTransitions.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {
    AlreadyDone,
    NotHigherOffice,
    UnknownReason,
    WrongOffice,
    WrongVersion
} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @dev Refunds: claimed by the payer, decided by two officers, never more than paid, never leaving a debt unpaid.
contract RefundsTest is DebtFixture {
    bytes32 private constant REQUEST = keccak256("request");
    bytes32 private constant BASIS = keccak256("basis document");
    uint16 private constant GROUND = 206;

    bytes32 private payment;

    function setUp() public {
        deployDebts();
        setAccounts();
        openAssessed();
        payment = pay(trader, CASE, DUE);
    }

    function claim(uint128 amount, bytes32 basis, bool consent) private returns (bytes32) {
        bytes32 requestId = freshId();
        vm.prank(trader);
        return debts.claimRefund(requestId, payment, amount, GROUND, basis, consent);
    }

    function reviewed(uint128 amount, bool consent) private returns (bytes32 refund) {
        refund = claim(amount, BASIS, consent);
        vm.prank(revenue);
        debts.reviewRefund(refund, 1);
    }

    function approved(uint128 amount, bool consent) private returns (bytes32 refund) {
        refund = reviewed(amount, consent);
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, amount, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
    }

    function stateOf(bytes32 refund) private view returns (RefundState) {
        return debts.refundOf(refund).state;
    }

    // ----- claim

    function test_claim_keepsAndTells() public {
        bytes32 key = keccak256(abi.encode(importer, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundClaimed(key, 1, trader, CASE, payment, 500, GROUND, BASIS, true);
        vm.prank(trader);
        debts.claimRefund(REQUEST, payment, 500, GROUND, BASIS, true);
        Refund memory asked = debts.refundOf(key);
        assertTrue(asked.state == RefundState.CLAIMED && asked.offsetConsent, "claimed");
        assertEq(asked.claimed, 500, "amount");
        assertEq(debts.paymentOf(payment).claimed, 500, "of the payment");
        expectClaim(trader, REQUEST, payment, 1, GROUND, "other", abi.encodeWithSelector(AlreadyDone.selector, key));
        expectClaim(
            trader,
            "x",
            payment,
            1,
            GROUND,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.ClaimedBefore.selector, key)
        );
        expectClaim(
            trader,
            "x",
            payment,
            DUE - 499,
            GROUND,
            "other",
            abi.encodeWithSelector(IDebtRefunds.NotEnoughPaid.selector, payment, DUE - 500, DUE - 499)
        );
    }

    function test_claim_refusals() public {
        expectClaim(
            trader,
            "x",
            "none",
            1,
            GROUND,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.UnknownPayment.selector, bytes32("none"))
        );
        expectClaim(trader, "x", payment, 0, GROUND, BASIS, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectClaim(trader, "x", payment, 1, GROUND, 0, abi.encodeWithSelector(IDebtRefunds.BasisNeeded.selector));
        expectClaim(trader, "x", payment, 1, 207, BASIS, abi.encodeWithSelector(UnknownReason.selector, 207));
        expectClaim(trader, "x", payment, 1, 200, BASIS, abi.encodeWithSelector(UnknownReason.selector, 200));
        expectClaim(
            bankKey,
            "x",
            payment,
            1,
            GROUND,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.NotPayer.selector, payment, importer, bank)
        );
        empowerBroker(2);
        expectClaim(
            brokerKey,
            "x",
            payment,
            1,
            GROUND,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.NotPayer.selector, payment, importer, broker)
        );
    }

    function expectClaim(
        address actor,
        bytes32 requestId,
        bytes32 of_,
        uint128 amount,
        uint16 ground,
        bytes32 basis,
        bytes memory refusal
    ) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.claimRefund(requestId, of_, amount, ground, basis, false);
    }

    /// @dev One decision invalidates the whole case: every payment of it is claimed on that decision, each once.
    function test_claim_oncePerPayment_soThatEachInstalmentComesBack() public {
        assess(CASE, DUTY + 300, VAT);
        bytes32 second = pay(trader, CASE, 299);
        bytes32 dust = pay(bankKey, CASE, 1);
        vm.prank(registry);
        debts.closeCase(CASE);
        uint16 ground = DebtReasons.DECLARATION_INVALIDATED;
        vm.prank(bankKey);
        bytes32 strangers = debts.claimRefund("dust", dust, 1, ground, BASIS, false);
        vm.startPrank(trader);
        debts.claimRefund("first", payment, DUE, ground, BASIS, false);
        debts.claimRefund("second", second, 299, ground, BASIS, false);
        vm.stopPrank();
        expectClaim(
            bankKey,
            "again",
            dust,
            1,
            ground,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.ClaimedBefore.selector, strangers)
        );
    }

    function test_claim_brokerWithPower() public {
        empowerBroker(4);
        vm.prank(brokerKey);
        bytes32 refund = debts.claimRefund(REQUEST, payment, 1, GROUND, BASIS, false);
        assertTrue(stateOf(refund) == RefundState.CLAIMED, "claimed for its client");
    }

    /// @dev Whose keys may pay can have it back.
    function test_claim_byACarrierThatPaid() public {
        uint64 carrier = admit(Roles.CARRIER, 0);
        address carrierKey = giveKey(carrier, "carrier", Roles.CARRIER);
        mint(carrierKey, 100);
        approve(carrierKey);
        assess(CASE, DUTY, VAT + 100);
        bytes32 paid = pay(carrierKey, CASE, 100);
        vm.prank(carrierKey);
        bytes32 refund = debts.claimRefund(REQUEST, paid, 100, GROUND, BASIS, false);
        assertTrue(stateOf(refund) == RefundState.CLAIMED, "claimed");
    }

    function test_claim_withinThreeYears() public {
        uint40 paidAt = time40();
        vm.warp(paidAt + 1096 days + 1);
        expectClaim(
            trader,
            "x",
            payment,
            1,
            GROUND,
            BASIS,
            abi.encodeWithSelector(IDebtRefunds.TooLate.selector, paidAt, paidAt + 1096 days)
        );
        vm.warp(paidAt + 1096 days);
        claim(1, BASIS, false);
    }

    // ----- four eyes

    function test_decide_reviewerNeverDecides() public {
        bytes32 refund = claim(500, BASIS, false);
        vm.prank(otherRevenue);
        vm.expectRevert(abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        debts.reviewRefund(refund, 1);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundDecided(refund, 2, revenue, CASE, RefundState.IN_REVIEW, 0, 0, 0);
        vm.prank(revenue);
        debts.reviewRefund(refund, 1);
        assess(CASE, DUTY, VAT - 500);
        expectApprove(revenue, refund, 2, 500, abi.encodeWithSelector(IDebtRefunds.SamePerson.selector, revenue));
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.SamePerson.selector, revenue));
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        expectApprove(secondRevenue, refund, 1, 500, abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        expectApprove(
            secondRevenue,
            refund,
            2,
            501,
            abi.encodeWithSelector(IDebtLedger.AmountTooLarge.selector, 501, 500)
        );
        expectApprove(secondRevenue, refund, 2, 0, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectApprove(
            trader,
            refund,
            2,
            500,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.CUSTOMS_REVENUE, time40())
        );
        vm.prank(secondRevenue);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.approveRefund(refund, 2, 500, 0, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundDecided(
            refund,
            3,
            secondRevenue,
            CASE,
            RefundState.APPROVED,
            400,
            DebtReasons.TARIFF_CORRECTION,
            EVIDENCE
        );
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, 400, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
        assertEq(debts.paymentOf(payment).claimed, 400, "the rest may be claimed again");
        assertEq(debts.creditOn(CASE), 100, "credit left");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.UnknownRefund.selector, bytes32("none")));
        debts.reviewRefund("none", 1);
    }

    /// @dev The reviewer is the first of two persons: with its key lost, or in wrong hands since before, it is none.
    function test_decide_theReviewerStillHoldsItsOffice() public {
        bytes32 refund = reviewed(500, false);
        assess(CASE, DUTY, VAT - 500);
        vm.prank(secondRevenue);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtRefunds.RefundStateForbids.selector, refund, RefundState.IN_REVIEW)
        );
        debts.reviewRefund(refund, 2);
        decide(
            address(participants),
            abi.encodeCall(participants.declareCompromised, (revenue, 1, time40(), EVIDENCE))
        );
        bytes memory gone = abi.encodeWithSelector(
            IAuthoritySource.NotAuthorised.selector,
            revenue,
            Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_APPEAL,
            time40()
        );
        expectApprove(secondRevenue, refund, 2, 500, gone);
        vm.prank(secondRevenue);
        vm.expectRevert(gone);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(secondRevenue);
        debts.reviewRefund(refund, 2);
        assertEq(debts.refundOf(refund).reviewer, secondRevenue, "another reviews");
        address third = giveKey(customs, "third revenue", Roles.CUSTOMS_REVENUE, OFFICE);
        vm.prank(third);
        debts.approveRefund(refund, 3, 500, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
    }

    function expectApprove(
        address actor,
        bytes32 refund,
        uint32 version,
        uint128 amount,
        bytes memory refusal
    ) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.approveRefund(refund, version, amount, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
    }

    function test_approve_onlyFromCredit() public {
        bytes32 refund = reviewed(500, false);
        expectApprove(
            secondRevenue,
            refund,
            2,
            500,
            abi.encodeWithSelector(IDebtRefunds.NotEnoughCredit.selector, CASE, 0, 500)
        );
        assess(CASE, DUTY, VAT - 499);
        expectApprove(
            secondRevenue,
            refund,
            2,
            500,
            abi.encodeWithSelector(IDebtRefunds.NotEnoughCredit.selector, CASE, 499, 500)
        );
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, 499, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
        assertEq(debts.refundOf(refund).decider, secondRevenue, "who decided");
        assertState(FiscalState.PAID, "the debt stays paid");
        // an approved refund does not count as paid when the debt grows again
        assess(CASE, DUTY, VAT);
        assertEq(debts.owedOn(CASE), 499, "owed again");
    }

    // ----- payment of the refund

    function test_pay_intoThePayersAccount() public {
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        vm.prank(otherRevenue);
        vm.expectRevert(abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        debts.payRefund(refund, 3);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundPaid(refund, 4, revenue, CASE, 5, RefundState.PAID, 500, 0);
        vm.expectEmit(address(debts));
        emit IDebtLedger.PrepaidMoved(importer, refund, revenue, 500, 500);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertEq(debts.caseOf(CASE).refunded, 500, "refunded");
        assertEq(debts.prepaidOf(importer), 500, "account");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 3, 4));
        debts.payRefund(refund, 3);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.RefundStateForbids.selector, refund, RefundState.PAID));
        debts.payRefund(refund, 4);
        vm.prank(trader);
        debts.withdrawPrepaid("out", 500, trader);
        settle(CASE);
        assertEq(token.balanceOf(address(debts)), 0, "all money is where it belongs");
    }

    /// @dev Lowered, approved, raised again: the money stays where it is owed, or is set off there.
    function test_pay_notWhileTheCaseOwesAgain() public {
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, true);
        assess(CASE, DUTY, VAT - 1);
        bytes memory owing = abi.encodeWithSelector(IDebtRefunds.StillOwed.selector, CASE, 499);
        vm.prank(revenue);
        vm.expectRevert(owing);
        debts.payRefund(refund, 3);
        openCase(CASE + 1, 1);
        assess(CASE + 1, 600, 0);
        vm.prank(revenue);
        vm.expectRevert(owing);
        debts.offsetRefund(refund, 3, CASE + 1);
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, CASE);
        assertState(FiscalState.PAID, "paid by the refund");
        assertEq(debts.prepaidOf(importer), 1, "the rest is the payer's");
    }

    /// @dev Settled before, nothing of it is held: set off within its case the money stays with the accounts, but for the
    ///      rest, which they give back.
    function test_offset_withinItsCase_takesBackOnlyTheRest() public {
        settle(CASE);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, true);
        uint256 before = vm.snapshotState();
        assess(CASE, DUTY, VAT);
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, CASE);
        assertState(FiscalState.PAID, "paid by the refund");
        assertEq(debts.caseOf(CASE).settled, DUE, "where it was");
        vm.revertToState(before);
        assess(CASE, DUTY, VAT - 1);
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, CASE);
        assertState(FiscalState.PAID, "paid by the refund");
        assertEq(debts.caseOf(CASE).settled, DUE - 1, "the rest came back");
        assertEq(debts.prepaidOf(importer), 1, "to the payer");
    }

    /// @dev What the case holds itself is enough for what leaves: its accounts are asked for nothing.
    function test_offset_withinItsCase_takesNothingBackOfWhatItHolds() public {
        settle(CASE);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, true);
        assess(CASE, DUTY + 549, VAT - 500);
        pay(trader, CASE, 50);
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, CASE);
        assertState(FiscalState.PAID, "paid by the refund");
        assertEq(debts.caseOf(CASE).settled, DUE, "where it was");
        assertEq(debts.prepaidOf(importer), 1, "the rest is the payer's");
    }

    function test_pay_afterSettlementTakesBackFromTheAccount() public {
        settle(CASE);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueMoved(CASE, 7, "VAT", vatAccount, -500);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertEq(token.balanceOf(vatAccount), VAT - 500, "account");
        assertEq(token.balanceOf(address(debts)), 500, "in the prepaid account");
        assertEq(debts.caseOf(CASE).settled, DUE - 500, "settled");
    }

    /// @dev A refund takes back what was lowered; what was raised waits for its own settlement.
    function test_pay_takesBackButPaysNothingOut() public {
        settle(CASE);
        assess(CASE, DUTY + 100, VAT - 600);
        bytes32 refund = approved(500, false);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertEq(token.balanceOf(dutyAccount), DUTY, "duty, not yet raised");
        assertEq(token.balanceOf(vatAccount), VAT - 600, "value added tax, taken back");
        assertEq(debts.caseOf(CASE).settled, DUE - 600, "settled");
    }

    /// @dev What the ledger itself still holds of the case is enough: the accounts are left alone.
    function test_pay_fromWhatIsHeld_toTheLastUnit() public {
        settle(CASE);
        assess(CASE, DUTY, VAT + 500);
        pay(trader, CASE, 500);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertEq(token.balanceOf(vatAccount), VAT, "not taken back from");
        assertEq(debts.caseOf(CASE).settled, DUE, "settled as before");
    }

    function test_pay_withoutTheAccountsAllowanceNothingMoves() public {
        settle(CASE);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        vm.prank(vatAccount);
        token.approve(address(debts), 0);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughAllowance.selector, vatAccount, 0, 500));
        debts.payRefund(refund, 3);
        assertTrue(stateOf(refund) == RefundState.APPROVED, "still approved");
    }

    function test_pay_notFromWhatTheAccountsAreDue() public {
        settle(CASE);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        assess(CASE, DUTY, VAT);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.StillOwed.selector, CASE, 500));
        debts.payRefund(refund, 3);
        pay(trader, CASE, 500);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertState(FiscalState.PAID, "paid in full, not settled");
    }

    function test_pay_afterInvalidation() public {
        vm.prank(registry);
        debts.closeCase(CASE);
        bytes32 refund = approved(DUE, false);
        vm.prank(revenue);
        debts.payRefund(refund, 3);
        assertEq(debts.prepaidOf(importer), DUE, "everything paid");
        assertEq(debts.creditOn(CASE), 0, "nothing left");
    }

    // ----- offset

    function test_offset_withConsentAgainstOwnArrears() public {
        uint64 arrears = CASE + 1;
        openCase(arrears, 1);
        assess(arrears, 300, 0);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, true);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundPaid(refund, 4, revenue, CASE, 5, RefundState.OFFSET, 500, arrears);
        vm.expectEmit(address(debts));
        bytes32 key = keccak256(abi.encode(refund, arrears));
        emit IDebtLedger.Paid(arrears, 2, key, revenue, importer, 300, 200, IDebtLedger.PaymentSource.OFFSET);
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, arrears);
        assertEq(debts.owedOn(arrears), 0, "arrears paid");
        assertEq(debts.prepaidOf(importer), 200, "the rest");
        assertTrue(stateOf(refund) == RefundState.OFFSET, "set off");
    }

    function test_offset_refusals() public {
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, false);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.NoConsent.selector, refund));
        debts.offsetRefund(refund, 3, CASE + 1);
    }

    /// @dev A payment under the claim's own request id does not stand in the way of the offset.
    function test_offset_isNotBlockedByAPaymentOfTheSameRequest() public {
        assess(CASE, DUTY, VAT - 500);
        vm.prank(trader);
        bytes32 refund = debts.claimRefund(REQUEST, payment, 500, GROUND, BASIS, true);
        vm.prank(revenue);
        debts.reviewRefund(refund, 1);
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, 500, DebtReasons.TARIFF_CORRECTION, EVIDENCE);
        openCase(CASE + 1, 1);
        assess(CASE + 1, 600, 0);
        vm.prank(trader);
        assertEq(debts.pay(REQUEST, CASE + 1, 1), refund, "the same id");
        vm.prank(revenue);
        debts.offsetRefund(refund, 3, CASE + 1);
        assertEq(debts.paymentOf(keccak256(abi.encode(refund, CASE + 1))).amount, 500, "set off");
        assertEq(debts.owedOn(CASE + 1), 99, "the rest");
    }

    function test_offset_notAgainstOthersDebts() public {
        vm.prank(registry);
        debts.openCase(CASE + 1, 1, broker, OFFICE);
        assess(CASE + 1, 300, 0);
        assess(CASE, DUTY, VAT - 500);
        bytes32 refund = approved(500, true);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.NotDebtor.selector, CASE + 1, broker, importer));
        debts.offsetRefund(refund, 3, CASE + 1);
    }

    // ----- refusal and appeal

    function refused() private returns (bytes32 refund) {
        refund = reviewed(500, false);
        vm.prank(secondRevenue);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.refuseRefund(refund, 2, 0, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundDecided(
            refund,
            3,
            secondRevenue,
            CASE,
            RefundState.REFUSED,
            0,
            DebtReasons.NO_GROUND,
            EVIDENCE
        );
        vm.prank(secondRevenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        assertEq(debts.paymentOf(payment).claimed, 0, "the payment is free for other claims");
    }

    function test_appeal_upheldIsTheEnd() public {
        bytes32 refund = refused();
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.NotPayer.selector, payment, importer, bank));
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                revenue,
                Roles.DECLARANT | Roles.BROKER | Roles.CARRIER | Roles.GUARANTOR,
                time40()
            )
        );
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundDecided(refund, 4, trader, CASE, RefundState.APPEALED, 0, 0, EVIDENCE);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, revenue, Roles.CUSTOMS_APPEAL, time40())
        );
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtRefunds.RefundDecided(
            refund,
            5,
            appealOfficer,
            CASE,
            RefundState.UPHELD,
            0,
            DebtReasons.APPEAL,
            EVIDENCE
        );
        vm.prank(appealOfficer);
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.RefundStateForbids.selector, refund, RefundState.UPHELD));
        debts.appealRefund(refund, 5, EVIDENCE);
    }

    /// @dev What is appealed for stays claimed, so that the decision can be carried out; upheld, it is free again.
    function test_appeal_keepsWhatWasClaimed() public {
        bytes32 refund = reviewed(DUE, false);
        vm.prank(secondRevenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        bytes32 other = claim(1, "other basis", false);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.NotEnoughPaid.selector, payment, DUE - 1, DUE));
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(revenue);
        debts.reviewRefund(other, 1);
        vm.prank(secondRevenue);
        debts.refuseRefund(other, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        expectClaim(
            trader,
            "x",
            payment,
            1,
            GROUND,
            "third basis",
            abi.encodeWithSelector(IDebtRefunds.NotEnoughPaid.selector, payment, 0, 1)
        );
        uint256 before = vm.snapshotState();
        vm.prank(appealOfficer);
        debts.decideRefundAppeal(refund, 4, true, DebtReasons.APPEAL, EVIDENCE);
        assertEq(debts.paymentOf(payment).claimed, DUE, "claimed once");
        vm.revertToState(before);
        vm.prank(appealOfficer);
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
        assertEq(debts.paymentOf(payment).claimed, 0, "free for other claims");
    }

    function test_appeal_withinThreeYearsOfTheRefusal() public {
        bytes32 refund = refused();
        uint40 refusedAt = time40();
        assertEq(debts.refundOf(refund).refusedAt, refusedAt, "kept");
        vm.warp(refusedAt + 1096 days + 1);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.TooLate.selector, refusedAt, refusedAt + 1096 days));
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.warp(refusedAt + 1096 days);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
    }

    function test_appeal_overturnedIsDecidedAnewByAnother() public {
        bytes32 refund = refused();
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(appealOfficer);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.decideRefundAppeal(refund, 4, true, 0, EVIDENCE);
        vm.prank(appealOfficer);
        debts.decideRefundAppeal(refund, 4, true, DebtReasons.APPEAL, EVIDENCE);
        Refund memory asked = debts.refundOf(refund);
        assertTrue(asked.state == RefundState.IN_REVIEW, "reopened");
        assertEq(asked.reviewer, appealOfficer, "new reviewer");
        assertEq(asked.decider, address(0), "undecided");
        assertEq(debts.paymentOf(payment).claimed, 500, "claimed again");
        assess(CASE, DUTY, VAT - 500);
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 5, 500, DebtReasons.APPEAL, EVIDENCE);
    }

    function test_appeal_isDecidedFromAHigherOffice() public {
        bytes32 refund = reviewed(500, false);
        vm.prank(secondRevenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        address here = giveKey(customs, "appeals here", Roles.CUSTOMS_APPEAL, OFFICE);
        vm.prank(here);
        vm.expectRevert(abi.encodeWithSelector(NotHigherOffice.selector, OFFICE, OFFICE));
        debts.decideRefundAppeal(refund, 4, true, DebtReasons.APPEAL, EVIDENCE);
        vm.prank(address(governance));
        participants.setOffice(OFFICE, 0, OTHER_OFFICE);
        address above = giveKey(customs, "appeals above", Roles.CUSTOMS_APPEAL, OTHER_OFFICE);
        vm.prank(above);
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
        assertTrue(stateOf(refund) == RefundState.UPHELD, "decided");
    }

    /// @dev The case has moved to a lower office since: the office that refused still does not hear the appeal.
    function test_appeal_isAboveTheOfficeThatRefused_whereverTheCaseIs() public {
        bytes32 refund = reviewed(500, false);
        vm.prank(secondRevenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        assertEq(debts.refundOf(refund).refusingOffice, OFFICE, "kept");
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.startPrank(address(governance));
        participants.setOffice(OTHER_OFFICE, 0, OFFICE);
        vm.stopPrank();
        vm.prank(registry);
        debts.openCase(CASE, 1, importer, OTHER_OFFICE);
        address here = giveKey(customs, "appeals here", Roles.CUSTOMS_APPEAL, OFFICE);
        vm.prank(here);
        vm.expectRevert(abi.encodeWithSelector(NotHigherOffice.selector, OFFICE, OFFICE));
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
        vm.prank(appealOfficer);
        debts.decideRefundAppeal(refund, 4, false, DebtReasons.APPEAL, EVIDENCE);
    }

    function test_decide_notOnOnesOwnMoney() public {
        address own = giveKey(importer, "importer's officer", Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_APPEAL, OFFICE);
        address payers = giveKey(bank, "payer's officer", Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_APPEAL, OFFICE);
        address above = giveKey(bank, "payer's appeals", Roles.CUSTOMS_APPEAL);
        assess(CASE, DUTY, VAT + 500);
        bytes32 paid = pay(bankKey, CASE, 500);
        vm.prank(bankKey);
        bytes32 refund = debts.claimRefund(REQUEST, paid, 500, GROUND, BASIS, false);
        expectOwn(own, importer, abi.encodeCall(debts.reviewRefund, (refund, 1)));
        expectOwn(payers, bank, abi.encodeCall(debts.reviewRefund, (refund, 1)));
        vm.prank(revenue);
        debts.reviewRefund(refund, 1);
        bytes memory approval = abi.encodeCall(debts.approveRefund, (refund, 2, 500, GROUND, EVIDENCE));
        expectOwn(own, importer, approval);
        expectOwn(payers, bank, approval);
        bytes memory refusal = abi.encodeCall(debts.refuseRefund, (refund, 2, DebtReasons.NO_GROUND, EVIDENCE));
        expectOwn(payers, bank, refusal);
        uint256 undecided = vm.snapshotState();
        assess(CASE, DUTY, VAT);
        vm.prank(secondRevenue);
        debts.approveRefund(refund, 2, 500, GROUND, EVIDENCE);
        expectOwn(payers, bank, abi.encodeCall(debts.payRefund, (refund, 3)));
        vm.revertToState(undecided);
        vm.prank(secondRevenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(bankKey);
        debts.appealRefund(refund, 3, EVIDENCE);
        bytes memory decision = abi.encodeCall(
            debts.decideRefundAppeal,
            (refund, 4, true, DebtReasons.APPEAL, EVIDENCE)
        );
        expectOwn(above, bank, decision);
        expectOwn(giveKey(importer, "debtor's appeals", Roles.CUSTOMS_APPEAL), importer, decision);
    }

    function expectOwn(address actor, uint64 participant, bytes memory act) private {
        vm.prank(actor);
        (bool done, bytes memory answer) = address(debts).call(act);
        assertFalse(done, "not on its own money");
        assertEq(answer, abi.encodeWithSelector(IDebtLedger.OwnDebt.selector, participant), "for that reason");
    }

    function test_appeal_notHeardByWhoDecided() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_APPEAL | Roles.CUSTOMS_REVENUE, OFFICE);
        bytes32 refund = reviewed(500, false);
        vm.prank(both);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(both);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.SamePerson.selector, both));
        debts.decideRefundAppeal(refund, 4, true, DebtReasons.APPEAL, EVIDENCE);
    }

    function test_appeal_notHeardByWhoReviewed() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_APPEAL | Roles.CUSTOMS_REVENUE, OFFICE);
        bytes32 refund = claim(500, BASIS, false);
        vm.prank(both);
        debts.reviewRefund(refund, 1);
        vm.prank(revenue);
        debts.refuseRefund(refund, 2, DebtReasons.NO_GROUND, EVIDENCE);
        vm.prank(trader);
        debts.appealRefund(refund, 3, EVIDENCE);
        vm.prank(both);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.SamePerson.selector, both));
        debts.decideRefundAppeal(refund, 4, true, DebtReasons.APPEAL, EVIDENCE);
    }

    // ----- the table

    function test_next_isTheTableAndNothingElse() public pure {
        uint256 pairs;
        for (uint8 s = 0; s <= uint8(RefundState.PAID); ++s) {
            for (uint8 a = 0; a <= uint8(RefundAction.SET_OFF); ++a) {
                (bool allowed, RefundState to) = RefundTransitions.next(RefundState(s), RefundAction(a));
                if (allowed) ++pairs;
                else assertEq(uint8(to), s, "a refused pair moves nothing");
            }
        }
        assertEq(pairs, 9, "pairs in the table");
        check(RefundState.CLAIMED, RefundAction.REVIEW, RefundState.IN_REVIEW);
        check(RefundState.IN_REVIEW, RefundAction.REVIEW, RefundState.IN_REVIEW);
        check(RefundState.IN_REVIEW, RefundAction.APPROVE, RefundState.APPROVED);
        check(RefundState.IN_REVIEW, RefundAction.REFUSE, RefundState.REFUSED);
        check(RefundState.REFUSED, RefundAction.APPEAL, RefundState.APPEALED);
        check(RefundState.APPEALED, RefundAction.UPHOLD, RefundState.UPHELD);
        check(RefundState.APPEALED, RefundAction.OVERTURN, RefundState.IN_REVIEW);
        check(RefundState.APPROVED, RefundAction.PAY, RefundState.PAID);
        check(RefundState.APPROVED, RefundAction.SET_OFF, RefundState.OFFSET);
    }

    function check(RefundState from, RefundAction action, RefundState expected) private pure {
        (bool allowed, RefundState to) = RefundTransitions.next(from, action);
        assertTrue(allowed && to == expected, "a row of the table");
    }
}
