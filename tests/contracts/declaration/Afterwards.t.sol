// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AppealState,
    ControlKind,
    DeclarationAct,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    JointKind,
    Lodgement,
    OpenRequest
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice What comes to a case between its main acts and after them: items that get an outcome while they wait to be
///         entered, an audit before clearance, appeals after release.
contract AfterwardsTest is CaseActs {
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _enter(uint64 id, uint16 item) private view returns (bytes memory) {
        return
            abi.encodeCall(registry.enterItems, (id, rev(id), item, item, noChecks(), usesFor(permit, item, item, 50)));
    }

    function _seizeByCourt(uint64 id, uint16 item) private {
        uint16 reason = DeclarationReasons.COURT_ORDER;
        act(officer2, abi.encodeCall(registry.seize, (id, rev(id), item, item, false, reason, EVIDENCE)));
    }

    function _openPca(uint64 id) private {
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function _closePca(uint64 id, bytes32 record) private {
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), record, REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- an outcome while waiting for entry

    function test_itemSeizedWhilePending_isNotFreedByItsEntry() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        amend(id, onlyItem(1));
        _seizeByCourt(id, 1);
        refused(
            officer,
            _enter(id, 1),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.SEIZED),
            "under court hold"
        );
        assertTrue(registry.item(id, 1).courtHold, "held by the court still");
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertTrue(registry.item(id, 1).pending, "still to be entered");
        act(officer, _enter(id, 1));
        assertBalance(permit, 850, 150, 0, "the earlier reservation is freed");
        assertEq(stateOf(id).openItems, 2, "both open");
    }

    function test_itemRefusedWhilePending_comesBackByAppealAlone() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        amend(id, onlyItem(1));
        refuseItems(id, 1, 1);
        refused(
            officer,
            _enter(id, 1),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.REFUSED),
            "refused"
        );
        appeal(id, 1);
        overturn(id, 1);
        act(officer, _enter(id, 1));
        assertBalance(permit, 850, 150, 0, "reserved once");
        assertEq(stateOf(id).openItems, 2, "both open");
        assertEq(stateOf(id).pendingItems, 0, "none waits");
    }

    // ---------------------------------------------------------------- an audit before clearance

    function test_audit_ofACaseThatCannotBeCleared_leavesItReleased() public {
        uint64 id = inLaboratory(permit, 1);
        releaseOnCondition(id, 1, 1);
        recordControl(id, false);
        _openPca(id);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.PcaClosed(id, auditor, 1, 5, REGULAR, EVIDENCE, 0, DeclarationStatus.RELEASED);
        _closePca(id, 0);
        assertStatus(id, DeclarationStatus.RELEASED, "the condition is open");
        act(officer2, abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), REGULAR, EVIDENCE)));
        pay(id);
        release(id, 1, 1);
        assertEq(registry.releasedAt(stateOf(id).mrn), time40(), "an escrow sees the release");
        act(officer, clearing(id));
    }

    function test_audit_ofAnExportThatHasNotLeft_leavesItReleased_evenWithAReassessment() public {
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        debts.set(id, 1, FiscalState.DEFERRED);
        release(id, 1, 1);
        _openPca(id);
        _closePca(id, RECORD);
        assertStatus(id, DeclarationStatus.RELEASED, "not exited, debt deferred");
        act(carrier, abi.encodeCall(registry.confirmExit, (id, goodsRev(id), REGULAR, EVIDENCE)));
        refused(
            officer,
            clearing(id),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.DEBT_UNSETTLED)),
            "the reassessed debt"
        );
        pay(id);
        act(officer, clearing(id));
        // What was cleared once stays so, though the audit finds a debt that is still to pay.
        _openPca(id);
        _closePca(id, RECORD);
        assertStatus(id, DeclarationStatus.CLEARED, "cleared");
        _openPca(id);
        _closePca(id, 0);
        assertStatus(id, DeclarationStatus.CLEARED, "cleared");
    }

    // ---------------------------------------------------------------- annulled, and its officer gone

    function test_annulledCase_ofAnOfficerWhoLeft_givesItsPermitsBack() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        ready(id);
        release(id, 1, 2);
        act(officer, abi.encodeCall(registry.reassign, (id, rev(id), OFFICE, officer, REGULAR, EVIDENCE)));
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        vm.prank(address(governance));
        participants.retireKey(officer, 1, Reasons.OFFICE_CHANGED);
        refused(
            farOfficer,
            abi.encodeCall(registry.returnPermits, (id, rev(id), 2)),
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "of another office"
        );
        act(officer2, abi.encodeCall(registry.returnPermits, (id, rev(id), 2)));
        assertBalance(permit, 1_000, 0, 0, "all restored");
    }

    /// @dev Allowed by the letter of 4.1: nothing is released, no control is open.
    function test_seizedInWhole_canBeCancelled() public {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 100));
        _seizeByCourt(id, 1);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertTrue(registry.item(id, 1).courtHold, "the court's hold stays on record");
        assertBalance(permit, 1_000, 0, 0, "freed");
    }

    // ---------------------------------------------------------------- after release and clearance

    function test_clear_waitsForAnOpenAppeal() public {
        uint64 id = accepted(2);
        refuseItems(id, 2, 2);
        ready(id);
        release(id, 1, 1);
        appeal(id, 1);
        refused(
            officer,
            clearing(id),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.APPEAL_OPEN)),
            "appealed"
        );
        overturn(id, 1);
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "item 2 is open again");
    }

    function test_appealAfterClearance_reopensTheItem() public {
        uint64 id = accepted(2);
        refuseItems(id, 2, 2);
        ready(id);
        release(id, 1, 1);
        act(officer, clearing(id));
        appeal(id, 1);
        _openPca(id);
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.REOPEN_ITEM,
                DeclarationStatus.PCA_OPEN
            ),
            "waits for the end of the audit"
        );
        _closePca(id, 0);
        uint32 next = rev(id) + 1;
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.AppealDecided(
            id,
            appealOfficer,
            1,
            3,
            REGULAR,
            EVIDENCE,
            true,
            next,
            DeclarationStatus.PARTLY_RELEASED
        );
        overturn(id, 1);
        act(officer, _enter(id, 2));
        release(id, 2, 2);
        assertStatus(id, DeclarationStatus.RELEASED, "released after all");
    }

    function test_seizure_isLiftedAfterClearance() public {
        uint64 id = accepted(2);
        seize(id, 2, 2);
        ready(id);
        release(id, 1, 1);
        act(officer, clearing(id));
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 2, 2));
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "item 2 is open again");
        release(id, 2, 2);
    }

    /// @dev The refused request is open again; what came too late to be granted is refused anew, or the case annulled.
    function test_cancellationRefused_overturnedAfterRelease_isOpenAgain() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        appeal(id, 1);
        ready(id);
        release(id, 1, 1);
        overturn(id, 1);
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.CANCELLATION), "open again");
        assertEq(uint8(registry.refusalOf(id, 1).state), uint8(AppealState.OVERTURNED), "overturned");
        assertStatus(id, DeclarationStatus.RELEASED, "released all the same");
        act(officer, clearing(id));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        appeal(id, 2);
        overturn(id, 2);
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.NONE), "answered");
    }

    function test_refusedRequest_isNotReopenedDuringAnAudit() public {
        uint64 id = accepted(1);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        appeal(id, 1);
        ready(id);
        release(id, 1, 1);
        _openPca(id);
        refused(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.REOPEN_REQUEST,
                DeclarationStatus.PCA_OPEN
            ),
            "waits for the end of the audit"
        );
        _closePca(id, 0);
        overturn(id, 1);
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.CANCELLATION), "open again");
    }
}
