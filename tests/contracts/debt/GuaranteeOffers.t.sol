// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {GuaranteeState, IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDebtLedger} from "../../../contracts/interfaces/IDebtLedger.sol";
import {ReferenceNumber} from "../../../contracts/libraries/ReferenceNumber.sol";
import {DebtReasons} from "../../../contracts/types/DebtReasons.sol";
import {AlreadyDone, UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {GuaranteeFixture} from "./GuaranteeFixture.sol";

/// @dev A guarantee is offered, topped up, accepted under a reference of its own, or refused on three grounds.
contract GuaranteeOffersTest is GuaranteeFixture {
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
        emit IDebtGuarantees.GuaranteeAccepted(guarantee, 4, revenue, grn, 0, 100, 1_000, EVIDENCE);
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
}
