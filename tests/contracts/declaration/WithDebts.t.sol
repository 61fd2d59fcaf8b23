// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDebtGuarantees, SecurityType} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {ControlKind, DeclarationStatus, HeldFor, JointKind} from "../../../contracts/types/Declaration.sol";
import {DeclarationsWithDebts} from "./DeclarationsWithDebts.sol";

/// @notice The registry on the real debt ledger: opened at acceptance, read at release, closed at annulment.
contract WithDebtsTest is DeclarationsWithDebts {
    function setUp() public {
        deployWithDebts(3);
    }

    function _heldForDebt(uint64 id, HeldFor code) private {
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(0, code)),
            "held for its debt"
        );
    }

    function test_release_waitsForThePayment_ofTheVersionInForce() public {
        uint64 id = accepted(1);
        assertEq(ledger.caseOf(id).debtor, importer, "opened for the importer");
        route(id, ControlKind.NONE);
        arrive(id);
        _heldForDebt(id, HeldFor.DEBT_NOT_ASSESSED);
        assessDuty(id, 27_000);
        _heldForDebt(id, HeldFor.DEBT_UNPAID);
        payDuty(id, 27_000);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
        route(id, ControlKind.NONE);
        _heldForDebt(id, HeldFor.DEBT_NOT_ASSESSED);
        assessDuty(id, 30_000);
        _heldForDebt(id, HeldFor.DEBT_UNPAID);
        payDuty(id, 3_000);
        release(id, 1, 1);
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.PAID), "what was paid before counts");
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertTrue(ledger.caseOf(id).closed, "closed");
        assertEq(ledger.caseOf(id).assessed, 0, "nothing is due");
        assertEq(ledger.caseOf(id).paid, 30_000, "what was paid can be claimed back");
    }

    function test_cancellation_closesTheFiscalCase() public {
        uint64 id = accepted(1);
        assessDuty(id, 27_000);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
        assertTrue(ledger.caseOf(id).closed, "closed");
    }

    /// @dev The seam of 4.4: paying the duty does not give the security back while the laboratory has not answered.
    function test_conditionalRelease_bindsTheSecurity_untilTheCondition_isLifted() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        arrive(id);
        assessDuty(id, 100);
        bytes32 cover = _secured(id, 100);
        act(officer, abi.encodeCall(registry.releaseConditionally, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        payDuty(id, 100);
        _free(id, cover, abi.encodeWithSelector(IDebtGuarantees.ConditionOpen.selector, id));
        recordControl(id, true);
        release(id, 1, 1);
        _free(id, cover, "");
        assertEq(ledger.caseOf(id).secured, 0, "given back");
    }

    function _secured(uint64 id, uint128 amount) private returns (bytes32 cover) {
        vm.prank(address(governance));
        ledger.setCountry("UZ");
        uint40 until = time40() + 30 days;
        vm.prank(trader);
        cover = ledger.offerGuarantee("cover", importer, SecurityType.PLEDGE, id, amount, until, 0, EVIDENCE);
        uint32 version = ledger.caseOf(id).version;
        vm.startPrank(revenue);
        ledger.acceptGuarantee(cover, 1, 0, EVIDENCE);
        ledger.secure(id, version, cover, amount, EVIDENCE);
        vm.stopPrank();
    }

    function _free(uint64 id, bytes32 cover, bytes memory refusal) private {
        uint32 version = ledger.caseOf(id).version;
        vm.prank(trader);
        if (refusal.length != 0) vm.expectRevert(refusal);
        ledger.freeSecurity(id, version, cover, 100, EVIDENCE);
    }

    function test_reassignment_movesTheRevenueOffice() public {
        uint64 id = accepted(1);
        act(officer, abi.encodeCall(registry.reassign, (id, rev(id), OTHER_OFFICE, address(0), REGULAR, EVIDENCE)));
        assertEq(ledger.caseOf(id).office, OTHER_OFFICE, "office");
    }

    function test_pca_withReassessment_opensTheNextVersion() public {
        uint64 id = accepted(1);
        route(id, ControlKind.NONE);
        arrive(id);
        assessDuty(id, 100);
        payDuty(id, 100);
        release(id, 1, 1);
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.NONE), "to be assessed");
        assessDuty(id, 150);
        assertEq(uint8(ledger.fiscalState(id, 2)), uint8(FiscalState.ASSESSED), "50 more is due");
    }
}
