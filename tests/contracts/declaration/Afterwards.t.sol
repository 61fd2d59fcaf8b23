// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    AppealState,
    ControlKind,
    DeclarationAct,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    JointAct,
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

    /// @dev An agency's word that nobody overturned outlives the appeal against customs' own refusal.
    function test_itemReopened_keepsWhatAgenciesSaidOfItsVersion() public {
        AgencyDecision[2] memory against = [AgencyDecision.REFUSE, AgencyDecision.HOLD];
        for (uint256 i = 0; i < against.length; ++i) {
            uint64 id = lodge(2);
            accept(id, checksFor(1, 2), usesFor(permit, 1, 2, 50));
            if (i == 1) amend(id, noItems()); // item 2 stands for version 2 without having been entered for it
            ready(id);
            decideAs(phyto, id, decisionsFor(2, 2, against[i], 0));
            refuseItems(id, 2, 2);
            uint16 refusal = 2 - uint16(i);
            appeal(id, refusal);
            overturn(id, refusal);
            refused(
                officer,
                abi.encodeCall(registry.enterItems, (id, rev(id), 2, 2, checksFor(2, 2), noUses())),
                abi.encodeWithSelector(IDeclarationRegistry.ChecksStand.selector, 2),
                "not to be listed anew"
            );
            act(officer, _enter(id, 2));
            assertEq(uint8(registry.checks(id, 2)[0].decision), uint8(against[i]), "as the agency left it");
            refused(
                officer,
                abi.encodeCall(registry.release, (id, rev(id), 2, 2, REGULAR, EVIDENCE)),
                abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, registry.missing(id, 2, 2)),
                "held by the agency"
            );
            decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.RELEASE, FOREVER));
            release(id, 2, 2);
        }
    }

    /// @dev One range of an item that keeps its checks and of one for which they are entered.
    function test_itemReopened_isEnteredBesideOneThatChanged() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 1), noUses());
        amend(id, onlyItem(2));
        refuseItems(id, 1, 1);
        appeal(id, 1);
        overturn(id, 1);
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 2, checksFor(2, 2), noUses())));
        assertEq(registry.checks(id, 1)[0].agency, quarantine, "kept");
        assertEq(registry.checks(id, 2)[0].agency, quarantine, "entered");
        assertEq(stateOf(id).pendingItems, 0, "none waits");
    }

    /// @dev What the next version, or an amendment that waits, asks of an item is entered in full.
    function test_itemReopenedForAnotherVersion_isEnteredInFull() public {
        uint64[2] memory ids = [lodge(2), lodge(2)];
        for (uint256 i = 0; i < ids.length; ++i) {
            uint64 id = ids[i];
            accept(id, checksFor(1, 2), noUses());
            if (i == 0) {
                refuseItems(id, 1, 1);
                amend(id, noItems());
            } else {
                amend(id, onlyItem(1));
                refuseItems(id, 1, 1);
            }
            appeal(id, 1);
            overturn(id, 1);
            act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), noUses())));
            assertEq(registry.item(id, 1).checks, 0, "as version 2 asks");
            assertEq(registry.item(id, 1).enteredVersion, 2, "for version 2");
        }
    }

    // ---------------------------------------------------------------- annulled by two

    function _askCancellation(uint64 id) private view returns (bytes memory) {
        return abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE));
    }

    function _cancel(uint64 id) private view returns (bytes memory) {
        return abi.encodeCall(registry.grantCancellation, (id, rev(id), 2, REGULAR, EVIDENCE));
    }

    /// @dev Refused or seized after a conditional release: ACCEPTED again, but the goods were out.
    function test_goodsThatWereOut_areAnnulledByTwo() public {
        bytes memory wasReleased = abi.encodeWithSelector(IDeclarationRegistry.WasReleased.selector);
        for (uint256 way = 0; way < 2; ++way) {
            uint64 id = inLaboratory(permit, 2);
            releaseOnCondition(id, 1, 2);
            assertTrue(stateOf(id).wasReleased, "out");
            recordControl(id, false);
            if (way == 0) refuseItems(id, 1, 2);
            else act(officer2, abi.encodeCall(registry.seize, (id, rev(id), 1, 2, true, REGULAR, EVIDENCE)));
            assertStatus(id, DeclarationStatus.ACCEPTED, "nothing is released any more");
            refused(trader, _askCancellation(id), wasReleased, "not to be asked for");
            jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 2));
            assertStatus(id, DeclarationStatus.INVALIDATED, "by two");
            assertBalance(permit, 1_000, 0, 0, "all given back");
        }
    }

    /// @dev What was asked for before the release is not granted after it; an item that is open changes nothing.
    function test_cancellationAskedBeforeTheRelease_isNotGrantedAfterIt() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        act(trader, _askCancellation(id));
        arrive(id);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
        releaseOnCondition(id, 1, 1);
        recordControl(id, true);
        refuseItems(id, 1, 1);
        assertStatus(id, DeclarationStatus.ACCEPTED, "item 2 is open");
        refused(
            officer,
            _cancel(id),
            abi.encodeWithSelector(IDeclarationRegistry.WasReleased.selector),
            "item 1 was out"
        );
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 2));
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.NONE), "answered");
    }

    /// @dev A declarant who stays silent does not keep open a case of which nothing is left.
    function test_caseWithoutAnOpenItem_isEndedByCustoms() public {
        for (uint256 way = 0; way < 2; ++way) {
            uint64 id = accepted(2);
            if (way == 0) refuseItems(id, 1, 1);
            else seize(id, 1, 1);
            bytes memory notYet = abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.INVALIDATE,
                DeclarationStatus.ACCEPTED
            );
            JointAct memory annul = jointAct(id, JointKind.INVALIDATE, 0, 2);
            refused(officer, abi.encodeCall(registry.propose, (freshId(), annul)), notYet, "item 2 is open");
            if (way == 0) refuseItems(id, 2, 2);
            else seize(id, 2, 2);
            jointly(officer, officer2, annul);
            assertStatus(id, DeclarationStatus.INVALIDATED, "by two");
            (, , , bool closed) = debts.opened(id);
            assertTrue(closed, "fiscal case closed");
        }
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

    /// @dev What the audit finds opens a debt: a case that was not cleared before is not cleared by it.
    function test_audit_thatReassesses_leavesItsCaseReleased_untilThatIsPaid() public {
        uint64 id = released(1);
        _openPca(id);
        _closePca(id, RECORD);
        assertStatus(id, DeclarationStatus.RELEASED, "version 2 is not assessed");
        refused(
            officer,
            clearing(id),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.DEBT_UNSETTLED)),
            "the reassessed debt"
        );
        pay(id);
        act(officer, clearing(id));
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
        assertEq(stateOf(id).returnedItems, 1, "the annulment gave the first item's back");
        act(officer2, abi.encodeCall(registry.returnPermits, (id, rev(id), 2)));
        assertEq(stateOf(id).returnedItems, 2, "both given back");
        assertBalance(permit, 1_000, 0, 0, "all restored");
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
