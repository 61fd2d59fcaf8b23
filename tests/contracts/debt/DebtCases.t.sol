// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {Charge, DebtCase, IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {UnknownReason, WrongOffice, WrongVersion} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @dev Cases and assessment: opened by registries, assessed by the office's revenue officers, moved by difference.
contract DebtCasesTest is DebtFixture {
    function setUp() public {
        deployDebts();
    }

    // ----- cases

    function test_openCase_byARegistryAndForward() public {
        vm.expectEmit(address(debts));
        emit IDebtLedger.CaseOpened(CASE, 1, registry, 1, importer, OFFICE);
        openCase(CASE, 1);
        DebtCase memory debt = debts.caseOf(CASE);
        assertEq(debt.debtor, importer, "debtor");
        assertEq(debt.office, OFFICE, "office");
        assertEq(debt.declarationVersion, 1, "declaration version");
        assertState(FiscalState.NONE, "not assessed");

        openCase(CASE, 3);
        assertEq(debts.caseOf(CASE).version, 2, "acts counted");
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 3));
        debts.openCase(CASE, 2, importer, OFFICE);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 0));
        debts.openCase(CASE + 1, 0, importer, OFFICE);
        vm.prank(registry);
        debts.openCase(CASE, 3, importer, OTHER_OFFICE);
        assertEq(debts.caseOf(CASE).office, OTHER_OFFICE, "reassigned");
        vm.prank(registry);
        debts.openCase(CASE, 3, broker, OTHER_OFFICE);
        assertEq(debts.caseOf(CASE).debtor, broker, "another debtor");

        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, revenue));
        debts.openCase(CASE, 4, importer, OFFICE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, revenue));
        debts.closeCase(CASE);
    }

    function test_closeCase_nothingIsDueAnyMore() public {
        openAssessed();
        pay(trader, CASE, 100_000);
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 4, "CUD", -int256(uint256(DUTY)), 0);
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 5, "VAT", -int256(uint256(VAT)), 0);
        vm.expectEmit(address(debts));
        emit IDebtLedger.CaseClosed(CASE, 3, registry);
        vm.prank(registry);
        debts.closeCase(CASE);
        assertState(FiscalState.NONE, "closed");
        assertEq(debts.owedOn(CASE), 0, "owed");
        assertEq(debts.creditOn(CASE), 100_000, "refundable");

        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.CaseIsClosed.selector, CASE));
        debts.closeCase(CASE);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.CaseIsClosed.selector, CASE));
        debts.openCase(CASE, 2, importer, OFFICE);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.CaseIsClosed.selector, CASE));
        debts.openCase(CASE, 1, importer + 1, OFFICE);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.UnknownCase.selector, CASE + 1));
        debts.closeCase(CASE + 1);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.CaseIsClosed.selector, CASE));
        debts.assess(CASE, 1, 3, charges(1, 1), DebtReasons.AMENDMENT, EVIDENCE);
    }

    // ----- assessment

    function test_assess_postsEachChargeAndTells() public {
        openCase(CASE, 1);
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 1, "CUD", int256(uint256(DUTY)), DUTY);
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 2, "VAT", int256(uint256(VAT)), VAT);
        vm.expectEmit(address(debts));
        emit IDebtLedger.Assessed(
            CASE,
            2,
            revenue,
            1,
            FiscalState.ASSESSED,
            232_400,
            DebtReasons.FIRST_ASSESSMENT,
            EVIDENCE
        );
        assess(CASE, DUTY, VAT);
        assertEq(debts.owedOn(CASE), 232_400, "2324.00 is owed");
        assertState(FiscalState.ASSESSED, "assessed");
        assertTrue(debts.fiscalState(CASE, 1) == FiscalState.ASSESSED, "of version 1");
        assertTrue(debts.fiscalState(CASE, 2) == FiscalState.NONE, "of a version that is not there");
    }

    function test_assess_differenceOnly() public {
        openAssessed();
        pay(trader, CASE, DUE);
        assertState(FiscalState.PAID, "paid");
        openCase(CASE, 2);
        assertState(FiscalState.NONE, "the new version is not assessed");
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 4, "VAT", 600, VAT + 600);
        vm.expectEmit(address(debts));
        emit IDebtLedger.Assessed(
            CASE,
            4,
            revenue,
            2,
            FiscalState.ASSESSED,
            DUE + 600,
            DebtReasons.FIRST_ASSESSMENT,
            EVIDENCE
        );
        assess(CASE, DUTY, VAT + 600);
        assertState(FiscalState.ASSESSED, "the difference is open");
        assertEq(debts.owedOn(CASE), 600, "the difference is owed");
        pay(trader, CASE, 600);
        assertState(FiscalState.PAID, "paid again");
        assess(CASE, DUTY - 1_000, VAT);
        assertState(FiscalState.PAID, "less stays paid");
        assertEq(debts.creditOn(CASE), 1_600, "credit");
    }

    function test_assess_allCodesInOrder() public {
        openCase(CASE, 1);
        Charge[] memory list = new Charge[](7);
        bytes3[7] memory codes = [bytes3("OTH"), "CAP", "ADD", "FEE", "EXC", "VAT", "CUD"];
        for (uint256 i = 0; i < 7; ++i) {
            list[i] = Charge(codes[i], uint128(i + 1));
        }
        vm.prank(revenue);
        debts.assess(CASE, 1, 1, list, DebtReasons.FIRST_ASSESSMENT, EVIDENCE);
        Charge[] memory kept = debts.chargesOf(CASE);
        for (uint256 i = 0; i < 7; ++i) {
            assertTrue(kept[i].code == [bytes3("CUD"), "VAT", "EXC", "FEE", "ADD", "CAP", "OTH"][i], "code");
            assertEq(kept[i].amount, [7, 6, 5, 4, 3, 2, 1][i], "amount");
        }
        assertEq(debts.owedOn(CASE), 28, "sum");
    }

    function test_assess_refusesWhatIsWrong() public {
        openCase(CASE, 1);
        Charge[] memory bad = charges(1, 1);
        bad[1].code = "CUD";
        expectAssess(
            revenue,
            1,
            1,
            bad,
            207,
            abi.encodeWithSelector(IDebtLedger.DuplicateCharge.selector, bytes3("CUD"))
        );
        (bad[0].code, bad[1].code) = ("VAT", "VAT");
        expectAssess(
            revenue,
            1,
            1,
            bad,
            207,
            abi.encodeWithSelector(IDebtLedger.DuplicateCharge.selector, bytes3("VAT"))
        );
        bad[0].code = 0;
        expectAssess(revenue, 1, 1, bad, 207, abi.encodeWithSelector(IDebtLedger.UnknownCharge.selector, bytes3(0)));
        bad[0].code = "CUD";
        bad[1].code = "XXX";
        expectAssess(
            revenue,
            1,
            1,
            bad,
            207,
            abi.encodeWithSelector(IDebtLedger.UnknownCharge.selector, bytes3("XXX"))
        );
        Charge[] memory huge = charges(type(uint112).max, 1);
        expectAssess(
            revenue,
            1,
            1,
            huge,
            207,
            abi.encodeWithSelector(IDebtLedger.AmountTooLarge.selector, 1 << 112, type(uint112).max)
        );
        Charge[] memory good = charges(1, 1);
        expectAssess(otherRevenue, 1, 1, good, 207, abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        expectAssess(revenue, 1, 2, good, 207, abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        expectAssess(revenue, 2, 1, good, 207, abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        expectAssess(revenue, 1, 1, good, 0, abi.encodeWithSelector(UnknownReason.selector, 0));
        expectAssess(revenue, 1, 1, good, 200, abi.encodeWithSelector(UnknownReason.selector, 200));
        expectAssess(revenue, 1, 1, good, 220, abi.encodeWithSelector(UnknownReason.selector, 220));
        expectAssess(
            trader,
            1,
            1,
            good,
            207,
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.CUSTOMS_REVENUE, time40())
        );
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.UnknownCase.selector, CASE + 1));
        debts.assess(CASE + 1, 1, 1, good, 207, EVIDENCE);
    }

    function expectAssess(
        address actor,
        uint32 declared,
        uint32 expected,
        Charge[] memory list,
        uint16 reason,
        bytes memory refusal
    ) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.assess(CASE, declared, expected, list, reason, EVIDENCE);
    }

    /// @dev Nobody decides on what it owes itself (domain guide 5), in whatever part of the ledger.
    function test_officers_doNotActOnTheirOwnParticipantsDebt() public {
        vm.prank(registry);
        debts.openCase(CASE, 1, customs, OFFICE);
        bytes[4] memory acts = [
            abi.encodeCall(debts.assess, (CASE, 1, 1, charges(1, 1), DebtReasons.FIRST_ASSESSMENT, EVIDENCE)),
            abi.encodeCall(debts.markExempt, (CASE, 1, 1, DebtReasons.RELIEF_BY_LAW, EVIDENCE)),
            abi.encodeCall(debts.defer, (CASE, 1, 0, time40() + 10, EVIDENCE)),
            abi.encodeCall(debts.settle, (CASE, 1))
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.prank(revenue);
            (bool done, bytes memory answer) = address(debts).call(acts[i]);
            assertFalse(done, "not its own");
            assertEq(answer, abi.encodeWithSelector(IDebtLedger.OwnDebt.selector, customs), "for that reason");
        }
    }

    function test_assess_theMostACaseCanCount() public {
        openCase(CASE, 1);
        assess(CASE, type(uint112).max - 1, 1);
        assertEq(debts.owedOn(CASE), type(uint112).max, "to the last unit");
        assertEq(debts.chargesOf(CASE).length, 7, "every charge is listed");
    }

    function test_assess_endsADeferment_dueDateIncluded() public {
        openAssessed();
        authoriseImporter();
        vm.prank(revenue);
        debts.defer(CASE, 2, 0, time40() + 10, EVIDENCE);
        assess(CASE, DUTY, VAT + 1);
        assertEq(debts.caseOf(CASE).dueAt, 0, "no due date any more");
    }

    function test_settle_byRevenueOfItsOfficeOrTheTreasury() public {
        openAssessed();
        pay(trader, CASE, DUE);
        address elsewhere = giveKey(customs, "both", Roles.CUSTOMS_REVENUE | Roles.DECLARANT, OTHER_OFFICE);
        vm.prank(elsewhere);
        vm.expectRevert(abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        debts.settle(CASE, 2);
        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                trader,
                Roles.CUSTOMS_REVENUE | Roles.TREASURY,
                time40()
            )
        );
        debts.settle(CASE, 2);
    }

    function test_assess_zeroIsNotExempt() public {
        openCase(CASE, 1);
        assess(CASE, 0, 0);
        assertState(FiscalState.ASSESSED, "an officer must say so");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.ASSESSED));
        debts.defer(CASE, 2, 0, time40() + 10, EVIDENCE); // nothing to defer
        vm.expectEmit(address(debts));
        emit IDebtLedger.Assessed(CASE, 3, revenue, 1, FiscalState.EXEMPT, 0, DebtReasons.RELIEF_BY_LAW, EVIDENCE);
        vm.prank(revenue);
        debts.markExempt(CASE, 1, 2, DebtReasons.RELIEF_BY_LAW, EVIDENCE);
        assertState(FiscalState.EXEMPT, "exempt");
        settle(CASE);
        assertState(FiscalState.SETTLED, "settled with nothing to move");
    }

    function test_markExempt_postsTheEarlierTotalsAway() public {
        openAssessed();
        vm.prank(revenue);
        debts.markExempt(CASE, 1, 2, DebtReasons.RELIEF_BY_LAW, EVIDENCE);
        assertState(FiscalState.EXEMPT, "exempt");
        assertEq(debts.owedOn(CASE), 0, "owed");
        assertEq(debts.caseOf(CASE).entries, 4, "two differences back");
    }

    // ----- deferment and recovery

    function test_defer_aeoUntilItsLastSecond() public {
        openAssessed();
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.DefermentNotAllowed.selector, CASE, 0, DUE));
        debts.defer(CASE, 2, 0, time40() + 10, EVIDENCE);
        authoriseImporter();
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.DefermentNotAllowed.selector, CASE, 0, DUE));
        debts.defer(CASE, 2, 1, time40() + 10, EVIDENCE); // authorised as importer, not as exporter
        uint40 due = time40() + 10;
        vm.expectEmit(address(debts));
        emit IDebtLedger.Deferred(CASE, 3, revenue, 0, due, EVIDENCE);
        vm.prank(revenue);
        debts.defer(CASE, 2, 0, due, EVIDENCE);
        assertTrue(debts.stateOf(CASE, due) == FiscalState.DEFERRED, "the due second is in time");
        assertTrue(debts.stateOf(CASE, due + 1) == FiscalState.OVERDUE, "overdue without a transaction");
        pay(trader, CASE, DUE - 1);
        assertState(FiscalState.DEFERRED, "an instalment");
        pay(trader, CASE, 1);
        assertState(FiscalState.PAID, "paid in full");
    }

    function test_defer_withCoverAndWithinBounds() public {
        setAccounts();
        openAssessed();
        secure(accepted(SecurityType.BANK_GUARANTEE, DUE), DUE);
        uint40 now_ = time40();
        expectDefer(now_, abi.encodeWithSelector(IDebtLedger.BadDueDate.selector, now_, now_ + 1, now_ + 366 days));
        expectDefer(
            now_ + 366 days + 1,
            abi.encodeWithSelector(IDebtLedger.BadDueDate.selector, now_ + 366 days + 1, now_ + 1, now_ + 366 days)
        );
        vm.prank(revenue);
        debts.defer(CASE, 3, 0, now_ + 366 days, EVIDENCE);
        assertState(FiscalState.DEFERRED, "with cover");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.DEFERRED));
        debts.defer(CASE, 4, 0, now_ + 1, EVIDENCE);
        assess(CASE, DUTY, VAT + 1);
        assertState(FiscalState.ASSESSED, "a new assessment ends a deferment");
    }

    function expectDefer(uint40 due, bytes memory refusal) private {
        vm.prank(revenue);
        vm.expectRevert(refusal);
        debts.defer(CASE, 3, 0, due, EVIDENCE);
    }

    /// @dev A re-assessment posts a difference; it does not give back a due date that has passed.
    function test_assess_leavesAnOverdueDebtOverdue() public {
        openAssessed();
        authoriseImporter();
        uint40 due = time40() + 10;
        vm.prank(revenue);
        debts.defer(CASE, 2, 0, due, EVIDENCE);
        uint256 deferred = vm.snapshotState();
        vm.warp(due);
        assess(CASE, DUTY + 1, VAT);
        assertState(FiscalState.ASSESSED, "to its last second nothing is overdue, and the deferment was of less");
        vm.revertToState(deferred);
        vm.warp(due + 1);
        vm.expectEmit(address(debts));
        emit IDebtLedger.Assessed(
            CASE,
            4,
            revenue,
            1,
            FiscalState.DEFERRED,
            DUE + 1,
            DebtReasons.FIRST_ASSESSMENT,
            EVIDENCE
        );
        assess(CASE, DUTY + 1, VAT);
        assertState(FiscalState.OVERDUE, "still overdue");
        assertEq(debts.caseOf(CASE).dueAt, due, "since then");
        openCase(CASE, 2);
        assess(CASE, DUTY + 2, VAT);
        assertState(FiscalState.OVERDUE, "nor by the version that an audit makes");
        uint256 before = vm.snapshotState();
        vm.prank(revenue);
        debts.recover(CASE, 6, 50, DebtReasons.PAST_DUE, EVIDENCE);
        assertState(FiscalState.RECOVERY, "recovered");
        vm.revertToState(before);
        before = vm.snapshotState();
        vm.prank(revenue);
        debts.markExempt(CASE, 2, 6, DebtReasons.RELIEF_BY_LAW, EVIDENCE);
        assertEq(debts.caseOf(CASE).dueAt, 0, "an exemption ends it");
        vm.revertToState(before);
        pay(trader, CASE, DUE + 2);
        assess(CASE, DUTY + 3, VAT);
        assertState(FiscalState.ASSESSED, "paid late, the next debt is a new one");
        assertEq(debts.caseOf(CASE).dueAt, 0, "without a due date");
    }

    /// @dev What an audit finds after release has no deferment, no cover and no due date, and is recovered all the same.
    function test_recover_aDebtAssessedAfterRelease() public {
        openAssessed();
        pay(trader, CASE, DUE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.PAID));
        debts.recover(CASE, 2, 50, DebtReasons.AUDIT_FINDING, EVIDENCE);
        openCase(CASE, 2);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.NONE));
        debts.recover(CASE, 3, 50, DebtReasons.AUDIT_FINDING, EVIDENCE);
        assess(CASE, DUTY + 500, VAT);
        vm.prank(revenue);
        debts.recover(CASE, 4, 50, DebtReasons.AUDIT_FINDING, EVIDENCE);
        assertState(FiscalState.RECOVERY, "in recovery");
        assertEq(debts.owedOn(CASE), 550, "with interest");
    }

    /// @dev Recovered and paid, the case is as any other: what a later version owes can be secured, deferred and paid.
    function test_assess_afterAPaidRecovery_isANewDebt() public {
        openAssessed();
        vm.prank(revenue);
        debts.recover(CASE, 2, 0, DebtReasons.PAST_DUE, EVIDENCE);
        pay(trader, CASE, DUE - 1);
        uint256 before = vm.snapshotState();
        openCase(CASE, 2);
        assess(CASE, DUTY, VAT + 100);
        assertState(FiscalState.RECOVERY, "while a unit of it is owed, it stays in recovery");
        vm.revertToState(before);
        pay(trader, CASE, 1);
        openCase(CASE, 2);
        assess(CASE, DUTY, VAT + 100);
        assertState(FiscalState.ASSESSED, "a new debt");
        setAccounts();
        secure(accepted(SecurityType.BANK_GUARANTEE, 100), 100);
        assertState(FiscalState.SECURED, "that can be secured");
    }

    /// @dev Begun in error, a recovery is ended by an assessment that says so; the goods are not let go on the way.
    function test_assess_endsARecoveryBegunInError() public {
        openAssessed();
        vm.prank(revenue);
        debts.recover(CASE, 2, 50, DebtReasons.PAST_DUE, EVIDENCE);
        assess(CASE, DUTY, VAT);
        assertState(FiscalState.RECOVERY, "not by any other assessment");
        vm.prank(revenue);
        debts.assess(CASE, 1, 4, charges(DUTY, VAT), DebtReasons.CLERICAL_ERROR, EVIDENCE);
        assertState(FiscalState.ASSESSED, "as before");
        assertEq(debts.owedOn(CASE), DUE, "without its interest");
        authoriseImporter();
        uint40 due = time40() + 10;
        vm.prank(revenue);
        debts.defer(CASE, 5, 0, due, EVIDENCE);
        vm.warp(due + 1);
        vm.prank(revenue);
        debts.assess(CASE, 1, 6, charges(DUTY, VAT), DebtReasons.CLERICAL_ERROR, EVIDENCE);
        assertState(FiscalState.OVERDUE, "a due date that has passed has passed");
    }

    function test_recover_notWhereNothingIsOwed() public {
        openCase(CASE, 1);
        assess(CASE, 0, 0);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.ASSESSED));
        debts.recover(CASE, 2, 50, DebtReasons.PAST_DUE, EVIDENCE);
    }

    function test_recover_onlyWhenDueAddsInterest() public {
        openAssessed();
        authoriseImporter();
        vm.prank(revenue);
        debts.defer(CASE, 2, 0, time40() + 10, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.FiscalStateForbids.selector, CASE, FiscalState.DEFERRED));
        debts.recover(CASE, 3, 50, DebtReasons.PAST_DUE, EVIDENCE);
        vm.warp(block.timestamp + 11);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.recover(CASE, 3, 50, 0, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtLedger.ChargePosted(CASE, 3, "OTH", 50, 50);
        vm.expectEmit(address(debts));
        emit IDebtLedger.RecoveryStarted(CASE, 4, revenue, 50, DebtReasons.PAST_DUE, EVIDENCE);
        vm.prank(revenue);
        debts.recover(CASE, 3, 50, DebtReasons.PAST_DUE, EVIDENCE);
        assertState(FiscalState.RECOVERY, "in recovery");
        assess(CASE, DUTY, VAT);
        assertState(FiscalState.RECOVERY, "a new assessment does not lead out of it");
        pay(trader, CASE, DUE);
        assertState(FiscalState.PAID, "payment does");
        uint32 version = debts.caseOf(CASE).version;
        vm.prank(revenue);
        debts.markExempt(CASE, 1, version, DebtReasons.RELIEF_BY_LAW, EVIDENCE);
        assertState(FiscalState.EXEMPT, "and so does relief");
    }
}
