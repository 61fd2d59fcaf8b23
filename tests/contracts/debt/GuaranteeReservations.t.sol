// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {WrongOffice, WrongVersion} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {GuaranteeFixture} from "./GuaranteeFixture.sol";

/// @dev What a guarantee has free is reserved for a debt, and freed again once the debt needs it no more.
contract GuaranteeReservationsTest is GuaranteeFixture {
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
        vm.expectRevert(abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
        debts.freeSecurity(CASE, 3, guarantee, 100, EVIDENCE);
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
        expectFree(otherRevenue, guarantee, 400, 3, abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE));
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

    /// @dev What an earlier version owed is not owed until it is assessed again.
    function test_secure_needsADebtOfTheVersionInForce() public {
        bytes32 guarantee = accepted(SecurityType.PLEDGE, 900);
        openCase(CASE, 2);
        uint32 version = debts.caseOf(CASE).version;
        vm.prank(revenue);
        vm.expectRevert(abi.encodeWithSelector(IDebtLedger.NothingOwed.selector, CASE));
        debts.secure(CASE, version, guarantee, 1, EVIDENCE);
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

    /// @dev More is spare than this guarantee holds: it is freed whole.
    function test_free_byTheDebtor_ofASmallerCover_isAllOfIt() public {
        bytes32 guarantee = accepted(SecurityType.BANK_GUARANTEE, DUE);
        bytes32 small = accepted(SecurityType.BANK_GUARANTEE, DUE);
        secure(guarantee, DUE);
        secure(small, 10);
        pay(trader, CASE, 50);
        vm.prank(trader);
        debts.freeSecurity(CASE, 4, small, 10, EVIDENCE);
        assertEq(debts.reservedFor(small, CASE), 0, "none of it");
        assertEq(debts.caseOf(CASE).secured, DUE, "the other as it was");
    }

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
}
