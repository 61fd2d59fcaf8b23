// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {
    Guarantee,
    GuaranteeState,
    IDebtGuarantees,
    SecurityType
} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {ReferenceNumber} from "../../../contracts/libraries/ReferenceNumber.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {AlreadyDone, UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {DebtFixture} from "./DebtFixture.sol";

/// @dev Guarantees: limit = free + reserved + called; covered stays covered; cash is where it says it is.
contract GuaranteesTest is DebtFixture {
    bytes32 private constant REQUEST = keccak256("request");

    function setUp() public {
        deployDebts();
        setAccounts();
        openAssessed();
    }

    function assertAmounts(bytes32 guarantee, uint128 free, uint128 reserved, uint128 called) private view {
        Guarantee memory cover = debts.guaranteeOf(guarantee);
        assertEq(cover.free, free, "free");
        assertEq(cover.reserved, reserved, "reserved");
        assertEq(cover.called, called, "called");
    }

    function stateNow(bytes32 guarantee) private view returns (GuaranteeState) {
        return debts.guaranteeStateAt(guarantee, time40());
    }

    // ----- offer, accept, refuse

    function test_offer_keepsAndTells() public {
        bytes32 key = keccak256(abi.encode(bank, REQUEST));
        uint40 until = time40() + 1;
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeOffered(
            key,
            1,
            bankKey,
            bank,
            importer,
            SecurityType.BANK_GUARANTEE,
            CASE,
            900,
            until,
            60,
            EVIDENCE
        );
        vm.prank(bankKey);
        debts.offerGuarantee(REQUEST, importer, SecurityType.BANK_GUARANTEE, CASE, 900, until, 60, EVIDENCE);
        assertTrue(stateNow(key) == GuaranteeState.OFFERED, "offered");
        assertAmounts(key, 0, 0, 0);
        assertEq(debts.guaranteeOf(key).pending, 900, "pending");
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        debts.offerGuarantee(REQUEST, importer, SecurityType.BANK_GUARANTEE, CASE, 900, until, 60, EVIDENCE);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.offerGuarantee("zero", importer, SecurityType.BANK_GUARANTEE, CASE, 0, until, 60, EVIDENCE);
        vm.prank(bankKey);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.BadGuaranteeEnd.selector, time40() - 1, block.timestamp)
        );
        debts.offerGuarantee("past", importer, SecurityType.BANK_GUARANTEE, CASE, 1, time40() - 1, 60, EVIDENCE);
        vm.prank(brokerKey);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                brokerKey,
                Roles.GUARANTOR | Roles.DECLARANT,
                time40()
            )
        );
        debts.offerGuarantee(REQUEST, importer, SecurityType.BANK_GUARANTEE, CASE, 1, until, 60, EVIDENCE);
    }

    function test_accept_givesAReferenceWithItsCheckDigit() public {
        bytes32 guarantee = offer(SecurityType.BANK_GUARANTEE, 900);
        vm.prank(trader);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, trader, Roles.CUSTOMS_REVENUE, time40())
        );
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        debts.acceptGuarantee(guarantee, 2, 0, EVIDENCE);
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        assertAmounts(guarantee, 900, 0, 0);
        bytes17 grn = debts.guaranteeOf(guarantee).grn;
        bytes memory text = abi.encodePacked(grn);
        assertEq(uint8(text[0]), uint8(bytes1("2")), "year 2027");
        assertEq(uint8(text[1]), uint8(bytes1("7")), "year 2027");
        assertEq(uint8(text[2]), uint8(bytes1("U")), "country");
        assertEq(uint8(text[3]), uint8(bytes1("Z")), "country");
        assertEq(bytes32(text[16]), bytes32(ReferenceNumber.checkDigit(text, 16)), "check digit");
        assertEq(debts.guaranteeByGrn(grn), guarantee, "by its number");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.NothingPending.selector, guarantee));
        debts.acceptGuarantee(guarantee, 2, 0, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.UnknownGuarantee.selector, bytes32("none")));
        debts.acceptGuarantee("none", 1, 0, EVIDENCE);
    }

    function test_accept_needsACountry() public {
        vm.prank(address(governance));
        debts.setCountry(0);
        bytes32 guarantee = offer(SecurityType.PLEDGE, 1);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.CountryNotSet.selector));
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
    }

    function test_accept_waiverForAuthorisedOperatorsOnly() public {
        vm.prank(trader);
        bytes32 guarantee = debts.offerGuarantee(REQUEST, importer, SecurityType.WAIVER, 0, DUE, FOREVER, 0, EVIDENCE);
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.WaiverNotAllowed.selector, importer));
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        authoriseImporter();
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        secure(guarantee, DUE);
        assertState(FiscalState.SECURED, "secured by waiver");
    }

    /// @dev Suspension takes the benefit from the next decision on, and not from those before (domain guide 4.6).
    function test_secure_byAWaiver_asksForTheAuthorisationOfToday() public {
        authoriseImporter();
        bytes32 guarantee = accepted(SecurityType.WAIVER, 3 * DUE);
        secure(guarantee, DUE);
        vm.prank(aeoOfficer);
        authorisations.suspendAeo(importer, 3, Reasons.COMPLIANCE, EVIDENCE);
        assertState(FiscalState.SECURED, "what was decided before stays");
        bytes memory refusal = abi.encodeWithSelector(IDebtGuarantees.WaiverNotAllowed.selector, importer);
        expectSecure(guarantee, DUE, 3, refusal);
        vm.prank(aeoOfficer);
        authorisations.reinstateAeo(importer, 4, Reasons.COMPLIANCE, EVIDENCE);
        secure(guarantee, DUE);
        vm.prank(aeoOfficer);
        authorisations.proposeAeoRevocation(importer, 5, FOREVER, Reasons.FRAUD, EVIDENCE);
        address second = giveKey(customs, "second aeo unit", Roles.AEO_UNIT);
        vm.prank(second);
        authorisations.confirmAeoRevocation(importer, 6);
        expectSecure(guarantee, DUE, 4, refusal);
    }

    /// @dev A debtor is the importer or the exporter of its declaration; what it is beside does not waive a duty.
    function test_accept_waiverAsImporterOrExporterOnly() public {
        vm.prank(trader);
        authorisations.applyForAeo("aeo", EVIDENCE);
        vm.startPrank(aeoOfficer);
        authorisations.reviewAeo(importer, 1, EVIDENCE);
        authorisations.grantAeo(importer, 2, 1 << 3, 6, time40(), FOREVER, EVIDENCE); // exporter and manufacturer
        vm.stopPrank();
        bytes32 guarantee = offer(SecurityType.WAIVER, DUE);
        bytes memory refusal = abi.encodeWithSelector(IDebtGuarantees.WaiverNotAllowed.selector, importer);
        for (uint8 operatorType = 0; operatorType <= 2; operatorType += 2) {
            vm.prank(revenue);
            vm.expectRevert(refusal);
            debts.acceptGuarantee(guarantee, 1, operatorType, EVIDENCE);
            vm.prank(revenue);
            vm.expectRevert(abi.encodeWithSelector(IDebtLedger.DefermentNotAllowed.selector, CASE, 0, DUE));
            debts.defer(CASE, 2, operatorType, time40() + 10, EVIDENCE);
        }
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 1, EVIDENCE);
        assertEq(debts.guaranteeOf(guarantee).operatorType, 1, "kept for the debts to come");
        secure(guarantee, DUE);
    }

    function test_accept_refuse_notOnesOwnSecurity() public {
        bytes32 guarantee = offer(SecurityType.BANK_GUARANTEE, 900);
        uint64[2] memory parties = [bank, importer];
        string[2] memory names = ["guarantor's officer", "principal's officer"];
        for (uint256 i = 0; i < 2; ++i) {
            address own = giveKey(parties[i], names[i], Roles.CUSTOMS_REVENUE, OFFICE);
            bytes memory refusal = abi.encodeWithSelector(IDebtLedger.OwnDebt.selector, parties[i]);
            vm.prank(own);
            vm.expectRevert(refusal);
            debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
            vm.prank(own);
            vm.expectRevert(refusal);
            debts.refuseGuarantee(guarantee, 1, DebtReasons.DEFECT, EVIDENCE);
        }
    }

    function test_refuse_givesCashBack() public {
        bytes32 guarantee = offer(SecurityType.CASH_DEPOSIT, 900);
        assertEq(token.balanceOf(address(debts)), 900, "deposited");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        debts.refuseGuarantee(guarantee, 1, 0, EVIDENCE);
        for (uint16 reason = DebtReasons.OVERPAID; reason <= DebtReasons.LAST; ++reason) {
            bool ground = reason >= DebtReasons.ARREARS && reason <= DebtReasons.FALSITY;
            if (ground) continue;
            vm.prank(revenue);
            vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, reason));
            debts.refuseGuarantee(guarantee, 1, reason, EVIDENCE);
        }
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeRefused(
            guarantee,
            2,
            revenue,
            GuaranteeState.REFUSED,
            900,
            DebtReasons.DEFECT,
            EVIDENCE
        );
        vm.prank(revenue);
        debts.refuseGuarantee(guarantee, 1, DebtReasons.DEFECT, EVIDENCE);
        assertEq(debts.prepaidOf(bank), 900, "given back");
        vm.prank(revenue);
        vm.expectRevert(
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.REFUSED)
        );
        debts.acceptGuarantee(guarantee, 2, 0, EVIDENCE);
    }

    function test_topUp_isPendingUntilAccepted() public {
        bytes32 guarantee = accepted(SecurityType.CASH_DEPOSIT, 900);
        vm.prank(trader);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.NotGuarantor.selector, guarantee, bank, importer));
        debts.topUpGuarantee(REQUEST, guarantee, 100, EVIDENCE);
        bytes32 key = keccak256(abi.encode(bank, REQUEST));
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeToppedUp(guarantee, 3, bankKey, key, 100, EVIDENCE);
        vm.prank(bankKey);
        debts.topUpGuarantee(REQUEST, guarantee, 100, EVIDENCE);
        assertAmounts(guarantee, 900, 0, 0);
        assertEq(token.balanceOf(address(debts)), 1_000, "deposited");
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, key));
        debts.topUpGuarantee(REQUEST, guarantee, 100, EVIDENCE);
        vm.prank(bankKey);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        debts.topUpGuarantee("zero", guarantee, 0, EVIDENCE);
        bytes17 grn = debts.guaranteeOf(guarantee).grn;
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeAccepted(guarantee, 4, revenue, grn, 100, 1_000, EVIDENCE);
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 3, 0, EVIDENCE);
        assertAmounts(guarantee, 1_000, 0, 0);
        // a refused top-up leaves the guarantee standing
        vm.prank(bankKey);
        debts.topUpGuarantee("more", guarantee, 50, EVIDENCE);
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.GuaranteeRefused(
            guarantee,
            6,
            revenue,
            GuaranteeState.ACTIVE,
            50,
            DebtReasons.FALSITY,
            EVIDENCE
        );
        vm.prank(revenue);
        debts.refuseGuarantee(guarantee, 5, DebtReasons.FALSITY, EVIDENCE);
        assertAmounts(guarantee, 1_000, 0, 0);
        assertEq(debts.prepaidOf(bank), 50, "given back");
    }

    /// @dev A deposit called to the last unit while a top-up waits: the top-up is decided or taken back as ever.
    function test_topUp_ofADepositThatIsWhollyCalled_isNotStuck() public {
        bytes32 guarantee = accepted(SecurityType.CASH_DEPOSIT, DUE);
        secure(guarantee, DUE);
        vm.prank(bankKey);
        debts.topUpGuarantee(REQUEST, guarantee, 700, EVIDENCE);
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE, DebtReasons.ARREARS, EVIDENCE);
        assertTrue(stateNow(guarantee) == GuaranteeState.ACTIVE, "something waits");
        uint256 before = vm.snapshotState();
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 3, 0, EVIDENCE);
        assertAmounts(guarantee, 700, 0, DUE);
        vm.revertToState(before);
        before = vm.snapshotState();
        vm.prank(revenue);
        debts.refuseGuarantee(guarantee, 3, DebtReasons.DEFECT, EVIDENCE);
        assertEq(debts.prepaidOf(bank), 700, "refused and given back");
        assertTrue(stateNow(guarantee) == GuaranteeState.CALLED, "nothing waits any more");
        vm.revertToState(before);
        vm.prank(bankKey);
        debts.cancelGuarantee(guarantee, 3, DebtReasons.GUARANTOR_NOTICE);
        vm.warp(block.timestamp + 5 days);
        vm.prank(bankKey);
        debts.returnDeposit(guarantee, 4);
        assertEq(debts.prepaidOf(bank), 700, "taken back");
    }

    // ----- reserve and free

    function test_secure_passesOnceItCovers() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.SecurityMoved(guarantee, CASE, 3, revenue, int256(uint256(DUE - 1)), 1, DUE - 1, EVIDENCE);
        secure(guarantee, DUE - 1);
        assertState(FiscalState.ASSESSED, "one unit short");
        secure(guarantee, 1);
        assertState(FiscalState.SECURED, "covered");
        assertAmounts(guarantee, 0, DUE, 0);
        assertEq(debts.reservedFor(guarantee, CASE), DUE, "for the case");
        expectSecure(guarantee, 1, 4, abi.encodeWithSelector(IDebtGuarantees.NotEnoughFree.selector, guarantee, 0, 1));
    }

    function test_secure_refusals() public {
        bytes32 guarantee = offer(SecurityType.BANK_GUARANTEE, DUE);
        expectSecure(
            guarantee,
            1,
            2,
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.OFFERED)
        );
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        expectSecure(guarantee, 0, 2, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectSecure(guarantee, 1, 1, abi.encodeWithSelector(WrongVersion.selector, 1, 2));
        expectSecure("none", 1, 2, abi.encodeWithSelector(IDebtGuarantees.UnknownGuarantee.selector, bytes32("none")));
        vm.warp(block.timestamp + 30 days);
        assertTrue(stateNow(guarantee) == GuaranteeState.ACTIVE, "to the last second");
        vm.warp(block.timestamp + 1);
        expectSecure(
            guarantee,
            1,
            2,
            abi.encodeWithSelector(IDebtGuarantees.GuaranteeStateForbids.selector, guarantee, GuaranteeState.EXPIRED)
        );
        vm.prank(bankKey);
        bytes32 others = debts.offerGuarantee(REQUEST, broker, SecurityType.PLEDGE, 0, DUE, FOREVER, 0, EVIDENCE);
        vm.prank(bankKey);
        bytes32 otherCase = debts.offerGuarantee(
            "case",
            importer,
            SecurityType.PLEDGE,
            CASE + 1,
            DUE,
            FOREVER,
            0,
            EVIDENCE
        );
        vm.startPrank(revenue);
        debts.acceptGuarantee(others, 1, 0, EVIDENCE);
        debts.acceptGuarantee(otherCase, 1, 0, EVIDENCE);
        vm.stopPrank();
        expectSecure(others, 1, 2, abi.encodeWithSelector(IDebtGuarantees.NotSecuredBy.selector, others, CASE));
        expectSecure(otherCase, 1, 2, abi.encodeWithSelector(IDebtGuarantees.NotSecuredBy.selector, otherCase, CASE));
        pay(trader, CASE, DUE);
        expectSecure(guarantee, 1, 2, abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
    }

    function test_secure_byAGuaranteeForThisCaseAlone() public {
        vm.prank(bankKey);
        bytes32 guarantee = debts.offerGuarantee(
            REQUEST,
            importer,
            SecurityType.PLEDGE,
            CASE,
            DUE,
            FOREVER,
            0,
            EVIDENCE
        );
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        secure(guarantee, DUE);
        assertState(FiscalState.SECURED, "secured");
    }

    function test_secure_noMoreThanTheCaseCanCount() public {
        uint128 large = 1 << 112;
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, large);
        expectSecure(
            guarantee,
            large,
            2,
            abi.encodeWithSelector(IDebtLedger.AmountTooLarge.selector, large, large - 1)
        );
        secure(guarantee, large - 1);
        assertEq(debts.reservedFor(guarantee, CASE), large - 1, "the most there is");
    }

    function test_free_isNotForOtherDeclarants() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, 100);
        address other = giveKey(broker, "another declarant", Roles.DECLARANT);
        vm.prank(other);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, other, Roles.CUSTOMS_REVENUE, time40())
        );
        debts.freeSecurity(CASE, 3, guarantee, 100, EVIDENCE);
    }

    /// @dev The debtor frees as a declarant; its revenue officers, where it has any, are bound to their office.
    function test_free_byTheDebtorsOwnOfficer_ofAnotherOffice_isRefused() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, 100);
        address own = giveKey(importer, "the debtor's revenue elsewhere", Roles.CUSTOMS_REVENUE, OTHER_OFFICE);
        vm.prank(own);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.WrongOffice.selector, OFFICE, OTHER_OFFICE));
        debts.freeSecurity(CASE, 3, guarantee, 100, EVIDENCE);
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

    /// @dev References are drawn from a hash; the book would refuse one that it has given before.
    function test_accept_neverGivesAReferenceTwice() public {
        bytes32 guarantee = offer(SecurityType.BANK_GUARANTEE, 900);
        uint256 before = vm.snapshotState();
        vm.prank(revenue);
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
        bytes17 grn = debts.guaranteeOf(guarantee).grn;
        vm.revertToState(before);
        vm.store(address(debts), keccak256(abi.encode(grn, uint256(11))), "another guarantee");
        assertEq(debts.guaranteeByGrn(grn), "another guarantee", "taken");
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtGuarantees.GrnTaken.selector, grn));
        debts.acceptGuarantee(guarantee, 1, 0, EVIDENCE);
    }

    function expectSecure(bytes32 guarantee, uint128 amount, uint32 version, bytes memory refusal) private {
        vm.prank(revenue);
        vm.expectRevert(refusal);
        debts.secure(CASE, version, guarantee, amount, EVIDENCE);
    }

    function test_free_onlyWhatIsNoLongerNeeded() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        expectFree(trader, guarantee, 1, 3, abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE));
        expectFree(revenue, guarantee, 1, 3, abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE));
        pay(trader, CASE, 400);
        expectFree(
            revenue,
            guarantee,
            401,
            3,
            abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE - 400)
        );
        expectFree(trader, guarantee, 399, 3, abi.encodeWithSelector(IDebtGuarantees.NotAllSpare.selector, CASE, 400));
        expectFree(
            bankKey,
            guarantee,
            400,
            3,
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                bankKey,
                Roles.CUSTOMS_REVENUE | Roles.DECLARANT,
                time40()
            )
        );
        expectFree(
            otherRevenue,
            guarantee,
            400,
            3,
            abi.encodeWithSelector(IDebtLedger.WrongOffice.selector, OFFICE, OTHER_OFFICE)
        );
        expectFree(trader, guarantee, 0, 3, abi.encodeWithSelector(IDebtLedger.ZeroAmount.selector));
        expectFree(trader, guarantee, 400, 2, abi.encodeWithSelector(WrongVersion.selector, 2, 3));
        expectFree(
            trader,
            guarantee,
            DUE + 1,
            3,
            abi.encodeWithSelector(IDebtGuarantees.NotEnoughSecured.selector, guarantee, CASE, DUE, DUE + 1)
        );
        vm.expectEmit(address(debts));
        emit IDebtGuarantees.SecurityMoved(guarantee, CASE, 3, trader, -400, 400, DUE - 400, EVIDENCE);
        vm.prank(trader);
        debts.freeSecurity(CASE, 3, guarantee, 400, EVIDENCE);
        assertState(FiscalState.SECURED, "still covered");
        pay(trader, CASE, DUE - 400);
        vm.prank(revenue);
        debts.freeSecurity(CASE, 3, guarantee, DUE - 401, EVIDENCE);
        assertEq(debts.caseOf(CASE).version, 4, "an officer's act counts");
        vm.prank(revenue);
        debts.freeSecurity(CASE, 4, guarantee, 1, EVIDENCE);
        assertAmounts(guarantee, DUE, 0, 0);
        assertEq(debts.caseOf(CASE).secured, 0, "nothing secured");
    }

    /// @dev With spare cover, and a unit paid each time to make more of it, no debtor keeps an officer's act from its case.
    function test_free_byTheDebtor_outrunsNoOfficer() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE + 1_000);
        bytes32 second = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE + 1_000);
        secure(second, 10);
        for (uint128 i = 0; i < 3; ++i) {
            uint128 reserved = debts.reservedFor(guarantee, CASE);
            vm.prank(trader);
            debts.freeSecurity(CASE, 4, guarantee, reserved, EVIDENCE);
            assertEq(debts.caseOf(CASE).secured, DUE - i, "all that is spare, and no more");
            expectFree(
                trader,
                guarantee,
                DUE - i - 10,
                4,
                abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE - i)
            );
            pay(trader, CASE, 1);
        }
        vm.prank(trader);
        debts.freeSecurity(CASE, 4, second, 10, EVIDENCE);
        assertEq(debts.reservedFor(second, CASE), 9, "one unit more was paid");
        vm.prank(revenue);
        debts.callGuarantee(CASE, 4, guarantee, DUE, DebtReasons.PAST_DUE, EVIDENCE);
        assertEq(debts.guaranteeOf(guarantee).called, DUE - 12, "what it still holds for the case");
    }

    function expectFree(
        address actor,
        bytes32 guarantee,
        uint128 amount,
        uint32 version,
        bytes memory refusal
    ) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        debts.freeSecurity(CASE, version, guarantee, amount, EVIDENCE);
    }

    /// @dev Cover that does not suffice: the officer may end it, the debtor may not, because goods may be out on it.
    function test_free_coverThatDoesNotSuffice_byAnOfficerAlone_andAfterInvalidation() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, 100);
        expectFree(trader, guarantee, 100, 3, abi.encodeWithSelector(IDebtGuarantees.StillNeeded.selector, CASE, DUE));
        vm.prank(revenue);
        debts.freeSecurity(CASE, 3, guarantee, 100, EVIDENCE);
        secure(guarantee, DUE);
        vm.prank(registry);
        debts.closeCase(CASE);
        vm.prank(trader);
        debts.freeSecurity(CASE, 6, guarantee, DUE, EVIDENCE);
        assertAmounts(guarantee, DUE, 0, 0);
    }

    // ----- officers of who gives it

    function test_officersOfTheGuarantor_doNotActOnItsSecurity() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        address own = giveKey(bank, "bank's own officer", Roles.CUSTOMS_REVENUE, OFFICE);
        expectOwn(own, abi.encodeCall(debts.secure, (CASE, 2, guarantee, DUE, EVIDENCE)));
        secure(guarantee, DUE);
        uint16 why = DebtReasons.PAST_DUE;
        expectOwn(own, abi.encodeCall(debts.callGuarantee, (CASE, 3, guarantee, DUE, why, EVIDENCE)));
        vm.prank(revenue);
        debts.callGuarantee(CASE, 3, guarantee, DUE - 1, why, EVIDENCE);
        pay(trader, CASE, DUE);
        expectOwn(own, abi.encodeCall(debts.freeSecurity, (CASE, 4, guarantee, 1, EVIDENCE)));
        expectOwn(own, abi.encodeCall(debts.takeBackCall, (CASE, 4, guarantee, DUE - 1, EVIDENCE)));
    }

    function expectOwn(address actor, bytes memory act) private {
        vm.prank(actor);
        (bool done, bytes memory answer) = address(debts).call(act);
        assertFalse(done, "not on its own security");
        assertEq(answer, abi.encodeWithSelector(IDebtLedger.OwnDebt.selector, bank), "for that reason");
    }

    // ----- call

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
            abi.encodeWithSelector(IDebtLedger.WrongOffice.selector, OFFICE, OTHER_OFFICE)
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

    // ----- end

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

    // ----- at the bounds

    function test_offer_untilThisSecond() public {
        vm.prank(bankKey);
        bytes32 key = debts.offerGuarantee("now", importer, SecurityType.PLEDGE, CASE, 1, time40(), 60, EVIDENCE);
        assertTrue(stateNow(key) == GuaranteeState.OFFERED, "valid to the last second");
        assertTrue(debts.guaranteeStateAt(key, time40() + 1) == GuaranteeState.EXPIRED, "and no longer");
    }

    function test_refuse_leavesNothingPending() public {
        bytes32 guarantee = offer(SecurityType.PLEDGE, 900);
        vm.prank(revenue);
        debts.refuseGuarantee(guarantee, 1, DebtReasons.DEFECT, EVIDENCE);
        assertEq(debts.guaranteeOf(guarantee).pending, 0, "pending");
        assertAmounts(guarantee, 0, 0, 0);
    }

    /// @dev What an earlier version owed is not owed until it is assessed again.
    function test_secure_needsADebtOfTheVersionInForce() public {
        bytes32 guarantee = accepted(SecurityType.PLEDGE, 900);
        openCase(CASE, 2);
        uint32 version = debts.caseOf(CASE).version;
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
        debts.secure(CASE, version, guarantee, 1, EVIDENCE);
    }
}
