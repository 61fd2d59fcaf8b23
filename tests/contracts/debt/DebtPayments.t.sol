// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {DebtLedger} from "../../../contracts/DebtLedger.sol";
import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDebtLedger, Payment, TokenPermit} from "../../../contracts/interfaces/IDebtLedger.sol";
import {IDebtRefunds} from "../../../contracts/interfaces/IDebtRefunds.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {AlreadyDone, WrongOffice, WrongVersion} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "./DebtFixture.sol";
import {FeeToken, ReentrantToken, WholeToken} from "./HostileTokens.sol";

/// @dev Money in and out: by anyone, once, never more than is owed, never less than was moved.
contract DebtPaymentsTest is DebtFixture {
    bytes32 private constant REQUEST = keccak256("request");
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    uint32 private constant HOLDERS = Roles.DECLARANT | Roles.BROKER | Roles.CARRIER | Roles.GUARANTOR;

    function setUp() public {
        deployDebts();
        setAccounts();
        openAssessed();
    }

    // ----- pay

    function test_pay_creditsAndTells() public {
        bytes32 key = keccak256(abi.encode(importer, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtLedger.Paid(CASE, 3, key, trader, importer, 1_000, 0, IDebtLedger.PaymentSource.TOKEN);
        vm.prank(trader);
        assertEq(debts.pay(REQUEST, CASE, 1_000), key, "key");
        assertEq(debts.owedOn(CASE), DUE - 1_000, "owed");
        assertEq(token.balanceOf(address(debts)), 1_000, "tokens");
        Payment memory paid = debts.paymentOf(key);
        assertEq(paid.payer, trader, "payer");
        assertEq(paid.paidAt, block.timestamp, "time");
        assertEq(paid.caseId, CASE, "case");
        assertEq(paid.participant, importer, "participant");
        assertEq(paid.amount, 1_000, "amount");
        assertEq(debts.caseOf(CASE).version, 2, "a payment does not disturb an officer's act");

        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        debts.pay(REQUEST, CASE, 1_000);
    }

    function test_pay_onBehalfAndTheExcessIsTheDebtors() public {
        bytes32 key = keccak256(abi.encode(broker, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtLedger.Paid(CASE, 3, key, brokerKey, broker, DUE, 600, IDebtLedger.PaymentSource.TOKEN);
        vm.expectEmit(address(debts));
        emit IDebtLedger.PrepaidMoved(importer, key, brokerKey, 600, 600);
        vm.prank(brokerKey);
        debts.pay(REQUEST, CASE, DUE + 600);
        assertState(FiscalState.PAID, "paid");
        assertEq(debts.prepaidOf(importer), 600, "prepaid");
        assertEq(debts.paymentOf(key).amount, DUE, "credited");
        assertEq(token.balanceOf(address(debts)), DUE + 600, "tokens");
    }

    function test_pay_refusals() public {
        expectPay(trader, CASE, 0, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectPay(trader, CASE + 1, 1, abi.encodeWithSelector(IDebtLedger.UnknownCase.selector, CASE + 1));
        expectPay(
            trader,
            CASE,
            2_000_000,
            abi.encodeWithSelector(
                bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")),
                trader,
                1_000_000,
                2_000_000
            )
        );
        (address stranger, ) = makeKey("stranger");
        expectPay(
            stranger,
            CASE,
            1,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, stranger, HOLDERS, time40())
        );
        // who could not have a payment back, or is there to read, does not pay
        address agency = giveKey(customs, "agency", Roles.OGA | Roles.ISSUER);
        address auditor = giveKey(customs, "auditor", Roles.AUDITOR);
        expectPay(
            agency,
            CASE,
            1,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, agency, HOLDERS, time40())
        );
        expectPay(
            auditor,
            CASE,
            1,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, auditor, HOLDERS, time40())
        );
        vm.prank(trader);
        token.approve(address(debts), 5);
        expectPay(trader, CASE, 6, abi.encodeWithSelector(IDebtLedger.NotEnoughAllowance.selector, trader, 5, 6));
        approve(trader);
        pay(trader, CASE, DUE);
        expectPay(trader, CASE, 1, abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
        openCase(CASE, 2);
        expectPay(trader, CASE, 1, abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
    }

    function expectPay(address payer, uint64 caseId, uint128 amount, bytes memory refusal) private {
        vm.prank(payer);
        vm.expectRevert(refusal);
        debts.pay(REQUEST, caseId, amount);
    }

    function test_pay_anAmendedButNotAssessedVersionTakesNothing() public {
        openCase(CASE, 2);
        expectPay(trader, CASE, 1, abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
    }

    // ----- payWithPermit

    function permitOf(uint256 value) private returns (TokenPermit memory permit) {
        vm.prank(trader);
        token.approve(address(debts), 0);
        uint256 deadline = block.timestamp;
        bytes32 message = keccak256(
            abi.encode(PERMIT_TYPE, trader, address(debts), value, token.nonces(trader), deadline)
        );
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(traderSecret, digest);
        return TokenPermit(value, deadline, v, r, s);
    }

    function test_payWithPermit_paysInOneAct() public {
        TokenPermit memory permit = permitOf(DUE);
        vm.prank(trader);
        debts.payWithPermit(REQUEST, CASE, DUE, permit);
        assertState(FiscalState.PAID, "paid");
        assertEq(token.allowance(trader, address(debts)), 0, "allowance used up");
    }

    function test_payWithPermit_frontRunPermitDoesNoHarm() public {
        TokenPermit memory permit = permitOf(DUE);
        vm.prank(bankKey);
        token.permit(trader, address(debts), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(trader);
        debts.payWithPermit(REQUEST, CASE, DUE, permit);
        assertState(FiscalState.PAID, "paid");
    }

    function test_payWithPermit_permitOfAnotherPaysNothing() public {
        TokenPermit memory permit = permitOf(DUE);
        vm.prank(bankKey);
        token.approve(address(debts), 0);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughAllowance.selector, bankKey, 0, DUE));
        debts.payWithPermit(REQUEST, CASE, DUE, permit);
        assertEq(token.balanceOf(trader), 1_000_000, "the trader's tokens stay");
    }

    function test_payWithPermit_badSignatureOrShortValue() public {
        TokenPermit memory permit = permitOf(DUE - 1);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughAllowance.selector, trader, DUE - 1, DUE));
        debts.payWithPermit(REQUEST, CASE, DUE, permit);
        permit.v ^= 1;
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughAllowance.selector, trader, 0, DUE));
        debts.payWithPermit(REQUEST, CASE, DUE, permit);
    }

    // ----- prepaid accounts

    function test_prepaid_depositPayWithdraw() public {
        bytes32 key = keccak256(abi.encode(bank, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtLedger.PrepaidMoved(importer, key, bankKey, 5_000, 5_000);
        vm.prank(bankKey);
        debts.depositPrepaid(REQUEST, importer, 5_000);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        debts.depositPrepaid(REQUEST, importer, 5_000);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.depositPrepaid("zero", importer, 0);

        key = keccak256(abi.encode(importer, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtLedger.Paid(CASE, 3, key, trader, importer, 4_000, 0, IDebtLedger.PaymentSource.PREPAID);
        vm.expectEmit(address(debts));
        emit IDebtLedger.PrepaidMoved(importer, key, trader, -4_000, 1_000);
        vm.prank(trader);
        debts.payFromPrepaid(REQUEST, CASE, importer, 4_000);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughPrepaid.selector, importer, 1_000, 1_001));
        debts.payFromPrepaid("more", CASE, importer, 1_001);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughPrepaid.selector, importer, 1_000, DUE - 4_000));
        debts.payFromPrepaid("more", CASE, importer, DUE);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.payFromPrepaid("more", CASE, importer, 0);

        vm.expectEmit(address(debts));
        emit IDebtLedger.PrepaidMoved(importer, keccak256(abi.encode(importer, bytes32("out"))), trader, -1_000, 0);
        vm.prank(trader);
        debts.withdrawPrepaid("out", 1_000, dutyAccount);
        assertEq(token.balanceOf(dutyAccount), 1_000, "withdrawn");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughPrepaid.selector, importer, 0, 1));
        debts.withdrawPrepaid("again", 1, trader);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.withdrawPrepaid("again", 0, trader);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, keccak256(abi.encode(importer, bytes32("out")))));
        debts.withdrawPrepaid("out", 1, trader);
    }

    function test_prepaid_isForActiveParticipants() public {
        uint64[2] memory nobody = [uint64(0), 9_999_999];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(trader);
            vm.expectRevert(abi.encodeWithSelector(IDebtLedger.AccountNotActive.selector, nobody[i]));
            debts.depositPrepaid(REQUEST, nobody[i], 500);
        }
        assertEq(token.balanceOf(trader), 1_000_000, "nothing was taken");
    }

    /// @dev Somebody paid in between: the account pays the rest, and nobody shuts a payer out with a unit.
    function test_prepaid_paysNoMoreThanIsOwed() public {
        vm.prank(trader);
        debts.depositPrepaid("deposit", importer, 10);
        pay(trader, CASE, DUE - 1);
        vm.prank(trader);
        bytes32 payment = debts.payFromPrepaid("two", CASE, importer, 2);
        assertEq(debts.paymentOf(payment).amount, 1, "what was owed");
        assertEq(debts.prepaidOf(importer), 9, "and no more");
        assertState(FiscalState.PAID, "paid");
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
        debts.payFromPrepaid("none", CASE, importer, 1);
    }

    function test_prepaid_brokerWithinItsPower() public {
        vm.prank(bankKey);
        debts.depositPrepaid(REQUEST, importer, 5_000);
        vm.prank(brokerKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotRepresented.selector, broker, importer, 2));
        debts.payFromPrepaid(REQUEST, CASE, importer, 1_000);
        empowerBroker(2);
        vm.prank(brokerKey);
        bytes32 payment = debts.payFromPrepaid(REQUEST, CASE, importer, 1_000);
        assertEq(debts.paymentOf(payment).participant, importer, "refunds would go to the account that paid");
        // what the client entrusted pays the client's debts, not the broker's own nor a third one's
        vm.prank(registry);
        debts.openCase(CASE + 1, 1, broker, OFFICE);
        assess(CASE + 1, DUTY, VAT);
        vm.prank(brokerKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtRefunds.NotDebtor.selector, CASE + 1, broker, importer));
        debts.payFromPrepaid("own", CASE + 1, importer, 1_000);
        vm.prank(trader);
        debts.payFromPrepaid("on whoever's behalf", CASE + 1, importer, 1_000);
        assertEq(debts.owedOn(CASE + 1), DUE - 1_000, "the account's owner pays whose debt it likes");
        // a broker pays for its client but takes nothing out
        vm.prank(brokerKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NotEnoughPrepaid.selector, broker, 0, 1));
        debts.withdrawPrepaid(REQUEST, 1, brokerKey);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, treasurer, HOLDERS, time40()));
        debts.withdrawPrepaid(REQUEST, 1, treasurer);
    }

    // ----- settlement

    function test_settle_splitsToAccountsToTheLastUnit() public {
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.ASSESSED));
        debts.settle(CASE, 2);
        pay(trader, CASE, DUE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 3, 2));
        debts.settle(CASE, 3);
        vm.prank(otherRevenue);
        vm.expectRevert(abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        debts.settle(CASE, 2);

        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueMoved(CASE, 4, "CUD", dutyAccount, int256(uint256(DUTY)));
        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueMoved(CASE, 5, "VAT", vatAccount, int256(uint256(VAT)));
        vm.expectEmit(address(debts));
        emit IDebtLedger.Settled(CASE, 3, treasurer, DUE);
        vm.prank(treasurer);
        debts.settle(CASE, 2);
        assertState(FiscalState.SETTLED, "settled");
        assertEq(token.balanceOf(dutyAccount), DUTY, "duty");
        assertEq(token.balanceOf(vatAccount), VAT, "vat");
        assertEq(token.balanceOf(address(debts)), 0, "nothing stays");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.SETTLED));
        debts.settle(CASE, 3);
    }

    function test_settle_takesBackBeforeItPaysOut() public {
        pay(trader, CASE, DUE);
        settle(CASE);
        assess(CASE, DUTY - 1_000, VAT + 1_000);
        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueMoved(CASE, 8, "CUD", dutyAccount, -1_000);
        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueMoved(CASE, 9, "VAT", vatAccount, 1_000);
        settle(CASE);
        assertEq(token.balanceOf(dutyAccount), DUTY - 1_000, "duty");
        assertEq(token.balanceOf(vatAccount), VAT + 1_000, "vat");
        assertEq(debts.caseOf(CASE).settled, DUE, "settled");
    }

    function test_settle_needsAnAccountPerCharge() public {
        pay(trader, CASE, DUE);
        vm.prank(address(governance));
        debts.setRevenueAccount("VAT", address(0));
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NoRevenueAccount.selector, bytes3("VAT")));
        debts.settle(CASE, 2);
    }

    function test_governance_setsAccountsAndCountry() public {
        vm.startPrank(address(governance));
        vm.expectEmit(address(debts));
        emit IDebtLedger.RevenueAccountSet("FEE", vatAccount);
        debts.setRevenueAccount("FEE", vatAccount);
        vm.expectEmit(address(debts));
        emit IDebtLedger.CountrySet("KZ");
        debts.setCountry("KZ");
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.UnknownCharge.selector, bytes3("ZZZ")));
        debts.setRevenueAccount("ZZZ", vatAccount);
        vm.stopPrank();
        assertEq(debts.revenueAccountOf("FEE"), vatAccount, "account");
        vm.startPrank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, treasurer));
        debts.setRevenueAccount("FEE", treasurer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, treasurer));
        debts.setCountry("XX");
        vm.stopPrank();
    }

    // ----- hostile tokens

    function test_token_wholeUnitsAreRefused() public {
        WholeToken whole = new WholeToken();
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.TokenRefused.selector, address(whole)));
        new DebtLedger(
            address(manager),
            address(forwarder),
            address(participants),
            address(authorisations),
            address(whole)
        );
    }

    function hostile(address money) private returns (DebtLedger ledger) {
        ledger = deployLedger(money);
        vm.prank(registry);
        ledger.openCase(CASE, 1, importer, OFFICE);
        vm.prank(revenue);
        ledger.assess(CASE, 1, 1, charges(DUTY, VAT), DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
    }

    function test_token_feeOnTransferIsRefused() public {
        FeeToken fee = new FeeToken();
        DebtLedger ledger = hostile(address(fee));
        fee.mint(trader, 1_000);
        vm.prank(trader);
        fee.approve(address(ledger), 1_000);
        fee.take(true);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.TokenTookFee.selector, 100, 99));
        ledger.pay(REQUEST, CASE, 100);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.TokenTookFee.selector, 100, 99));
        ledger.depositPrepaid(REQUEST, importer, 100);
    }

    function test_token_withdrawalToTheLedgerItselfIsRefused() public {
        vm.prank(trader);
        debts.depositPrepaid(REQUEST, importer, 100);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.TokenTookFee.selector, 100, 0));
        debts.withdrawPrepaid("self", 100, address(debts));
    }

    function test_token_cannotReenter() public {
        ReentrantToken reentrant = new ReentrantToken();
        DebtLedger ledger = hostile(address(reentrant));
        reentrant.mint(trader, 1_000);
        vm.prank(trader);
        reentrant.approve(address(ledger), 1_000);
        reentrant.strike(address(ledger), abi.encodeCall(ledger.pay, (bytes32("inner"), CASE, 1)));
        vm.prank(trader);
        ledger.pay(REQUEST, CASE, 100);
        assertFalse(reentrant.answered(), "the inner call did not pass");
        assertEq(
            reentrant.answer(),
            abi.encodeWithSelector(ReentrancyGuard.ReentrancyGuardReentrantCall.selector),
            "guard"
        );
        assertEq(ledger.caseOf(CASE).paid, 100, "paid once");
    }

    // ----- through a forged forwarder

    function test_actor_isBelievedFromTheForwarderAlone() public {
        bytes memory call = abi.encodePacked(abi.encodeCall(debts.pay, (REQUEST, CASE, 100)), trader);
        vm.prank(bankKey);
        (bool ok, ) = address(debts).call(call);
        assertTrue(ok, "trailing bytes are ignored");
        assertEq(token.balanceOf(trader), 1_000_000, "the trader did not pay");
        assertEq(token.balanceOf(bankKey), 1_000_000 - 100, "the sender did");
    }
}
