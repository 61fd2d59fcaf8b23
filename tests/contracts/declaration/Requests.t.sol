// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    DeclarationVersion,
    HeldFor,
    ItemOutcome,
    JointKind,
    OpenRequest,
    Reason
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Rows "amend", "correct", "cancel", "invalidate" and "PCA" of domain guide 4.1.
contract RequestsTest is Declarations {
    bytes32 internal constant AMENDED = keccak256("amended record");
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _withPermit(uint16 count, uint96 quantity) private returns (uint64 id) {
        id = lodge(count);
        accept(id, checksFor(1, count), usesFor(permit, 1, count, quantity));
    }

    function _ask(uint64 id) private {
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)));
    }

    function _grant(uint64 id, uint16[] memory changed) private {
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), changed, REGULAR, EVIDENCE)));
    }

    function _askCancellation(uint64 id) private {
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function _cancel(uint64 id, uint16 returnTo) private {
        _askCancellation(id);
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), returnTo, REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- amendment

    function test_amendment_makesTheNextVersion_andStartsAllTracksAnew() public {
        uint64 id = _withPermit(2, 100);
        ready(id);
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        _ask(id);
        assertEq(registry.proposedRecord(id), AMENDED, "proposed");
        vm.warp(START + 10);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.VersionMade(id, officer, 2, 4, REGULAR, EVIDENCE, AMENDED, false, noItems());
        _grant(id, noItems());
        DeclarationState memory s = stateOf(id);
        assertEq(s.version, 2, "version");
        assertEq(uint8(s.status), uint8(DeclarationStatus.ACCEPTED), "accepted");
        assertEq(uint8(s.control), uint8(ControlState.UNROUTED), "unrouted");
        assertEq(uint8(s.request), uint8(OpenRequest.NONE), "no request");
        assertEq(s.decisionsExpireAt, 0, "no decisions");
        assertEq(s.acceptedAt, START, "acceptance time stays");
        assertEq(registry.proposedRecord(id), 0, "nothing proposed");
        DeclarationVersion memory v = registry.versionOf(id, 2);
        assertEq(v.dataRecord, AMENDED, "record of version 2");
        assertEq(v.madeAt, START + 10, "time of version 2");
        assertEq(registry.versionOf(id, 1).dataRecord, RECORD, "version 1 stays readable");
        (uint32 fiscalVersion, , , ) = debts.opened(id);
        assertEq(fiscalVersion, 2, "assessed anew");
        assertBalance(permit, 800, 200, 0, "unchanged items keep their reservations");

        Reason[] memory held = registry.missing(id, 1, 2);
        assertEq(held.length, 4, "four reasons");
        assertEq(uint8(held[0].code), uint8(HeldFor.CONTROL_UNROUTED), "routed again");
        assertEq(uint8(held[1].code), uint8(HeldFor.DEBT_NOT_ASSESSED), "assessed again");
        assertEq(uint8(held[2].code), uint8(HeldFor.AGENCY_PENDING), "decided again");
        refused(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 1, 1, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.WrongLegalVersion.selector, 1, 2),
            "a decision for version 1 never counts for version 2"
        );
        route(id, ControlKind.NONE);
        pay(id);
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        release(id, 1, 2);
        assertBalance(permit, 800, 0, 200, "released at version 2");
    }

    function test_changedItems_waitForEntry_andReserveAnew() public {
        uint64 id = _withPermit(3, 300);
        _ask(id);
        _grant(id, onlyItem(2));
        assertEq(stateOf(id).pendingItems, 1, "one item waits");
        assertTrue(registry.item(id, 2).pending, "item 2");
        assertFalse(registry.item(id, 1).pending, "item 1 does not");
        ready(id);
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 2, 2, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 2, registry.missing(id, 2, 2)),
            "not entered"
        );
        assertEq(uint8(registry.missing(id, 2, 2)[0].code), uint8(HeldFor.NOT_ENTERED), "not entered");
        refused(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 2, decisionsFor(2, 2, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.ItemIsPending.selector, 2),
            "not decided before it is entered"
        );
        refused(
            officer,
            abi.encodeCall(registry.enterItems, (id, rev(id), 1, 2, noChecks(), noUses())),
            abi.encodeWithSelector(IDeclarationRegistry.ItemNotPending.selector, 1),
            "item 1 did not change"
        );
        // 900 of 1000 are reserved: the new 400 fit only because the old 300 are freed first.
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 2, 2, noChecks(), usesFor(permit, 2, 2, 400))));
        assertBalance(permit, 0, 1_000, 0, "re-reserved");
        assertEq(registry.item(id, 2).enteredVersion, 2, "entered at 2");
        assertEq(registry.item(id, 2).checks, 0, "no check any more");
        assertEq(registry.item(id, 1).enteredVersion, 1, "entered at 1");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        decideAs(phyto, id, decisionsFor(3, 3, AgencyDecision.RELEASE, FOREVER));
        release(id, 1, 3);
        assertBalance(permit, 0, 0, 1_000, "each under its own version");
    }

    function test_grant_checksTheItemsNamed() public {
        uint64 id = accepted(3);
        _ask(id);
        uint16[] memory list = new uint16[](2);
        (list[0], list[1]) = (2, 2);
        bytes memory badOrder = abi.encodeWithSelector(IDeclarationRegistry.BadOrder.selector, 1);
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), list, REGULAR, EVIDENCE)),
            badOrder,
            "a double"
        );
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), onlyItem(4), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 4, 4, 3),
            "no such item"
        );
        seize(id, 1, 1);
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), onlyItem(1), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.SEIZED),
            "seized"
        );
        _grant(id, onlyItem(2));
    }

    function test_amendment_isAskedBeforeControl_andBeforeAnIrregularity() public {
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        _ask(id); // routed, not started
        bytes memory call_ = abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE));
        refused(
            trader,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.RequestIsOpen.selector, OpenRequest.AMENDMENT),
            "one at a time"
        );
        startControl(id);
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ControlStarted.selector, ControlState.IN_PROGRESS),
            "started before the grant"
        );
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        call_ = abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE));
        refused(
            trader,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.ControlStarted.selector, ControlState.IN_PROGRESS),
            "started"
        );
        recordControl(id, true);
        refused(
            trader,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.ControlStarted.selector, ControlState.SATISFACTORY),
            "ended"
        );

        uint64 other = accepted(1);
        act(
            officer,
            abi.encodeCall(
                registry.notifyIrregularity,
                (other, controlRev(other), DeclarationReasons.OTHER_AUTHORITY, EVIDENCE)
            )
        );
        refused(
            trader,
            abi.encodeCall(registry.requestAmendment, (other, rev(other), AMENDED, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.IrregularityWasNotified.selector),
            "notified"
        );
    }

    function test_amendment_needsARecord_aParty_andAnOpenRequest() public {
        uint64 id = accepted(1);
        refused(
            trader,
            abi.encodeCall(registry.requestAmendment, (id, rev(id), 0, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no record"
        );
        (address stranger, uint64 strangers) = brokerWithoutPower();
        refused(
            stranger,
            abi.encodeCall(registry.requestAmendment, (id, rev(id), AMENDED, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRepresented.selector, strangers, importer, 1),
            "no power of the importer's"
        );
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.RequestNotOpen.selector,
                OpenRequest.AMENDMENT,
                OpenRequest.NONE
            ),
            "nothing asked"
        );
        refused(
            officer,
            abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.RequestNotOpen.selector, OpenRequest.NONE, OpenRequest.NONE),
            "nothing to refuse"
        );
        _askCancellation(id);
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.RequestNotOpen.selector,
                OpenRequest.AMENDMENT,
                OpenRequest.CANCELLATION
            ),
            "something else asked"
        );
        refused(
            officer,
            abi.encodeCall(registry.refuseRequest, (id, rev(id), 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "refused without a reason"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.RequestRefused(id, officer, 1, 4, REGULAR, EVIDENCE, OpenRequest.CANCELLATION, 1);
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- correction

    function test_correction_needsAFinding_andRoutesAgain() public {
        uint64 id = _withPermit(2, 100);
        bytes memory call_ = abi.encodeCall(
            registry.correct,
            (id, rev(id), AMENDED, onlyItem(1), DeclarationReasons.CONTROL_FINDING, EVIDENCE)
        );
        refused(
            officer,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NoFinding.selector, ControlState.UNROUTED),
            "no finding"
        );
        discrepancy(id);
        refused(
            officer,
            abi.encodeCall(registry.correct, (id, rev(id), AMENDED, onlyItem(1), REGULAR, 0)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no finding on record"
        );
        refused(
            officer,
            abi.encodeCall(registry.correct, (id, rev(id), 0, onlyItem(1), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no new record"
        );
        act(officer, call_);
        DeclarationState memory s = stateOf(id);
        assertEq(s.version, 2, "version");
        assertEq(uint8(s.control), uint8(ControlState.UNROUTED), "routed again");
        assertTrue(registry.versionOf(id, 2).byCustoms, "ex officio");
        assertEq(s.pendingItems, 1, "item 1 waits");
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), noUses())));
        assertBalance(permit, 900, 100, 0, "item 1 uses no permit any more");
    }

    function test_correction_waitsForAnOpenRequest() public {
        uint64 id = accepted(1);
        _askCancellation(id);
        discrepancy(id);
        refused(
            officer,
            abi.encodeCall(registry.correct, (id, rev(id), AMENDED, noItems(), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.RequestIsOpen.selector, OpenRequest.CANCELLATION),
            "open request"
        );
    }

    // ---------------------------------------------------------------- cancellation

    function test_cancellation_freesReservations_inRanges() public {
        uint64 id = _withPermit(3, 100);
        _askCancellation(id);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Invalidated(id, officer, 1, 4, REGULAR, EVIDENCE, address(0));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
        assertBalance(permit, 800, 200, 0, "item 1 freed");
        (, , , bool closed) = debts.opened(id);
        assertTrue(closed, "fiscal case closed");
        refused(
            officer,
            abi.encodeCall(registry.returnPermits, (id, rev(id), 4)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 2, 4, 3),
            "past the end"
        );
        act(officer, abi.encodeCall(registry.returnPermits, (id, rev(id), 3)));
        assertBalance(permit, 1_000, 0, 0, "all freed");
        refused(
            officer,
            abi.encodeCall(registry.returnPermits, (id, rev(id), 3)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 4, 3, 3),
            "once"
        );
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.RELEASE,
                DeclarationStatus.INVALIDATED
            ),
            "the end"
        );
    }

    function test_cancellation_waitsForAnOpenControl() public {
        uint64 id = accepted(1);
        _askCancellation(id);
        route(id, ControlKind.PHYSICAL);
        _notCancelled(id, ControlState.REQUIRED);
        startControl(id);
        _notCancelled(id, ControlState.IN_PROGRESS);
        recordControl(id, false);
        _notCancelled(id, ControlState.DISCREPANCY);
        act(
            officer,
            abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), DeclarationReasons.HARMLESS, EVIDENCE))
        );
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
    }

    function test_cancellation_notOnceReleased() public {
        uint64 id = accepted(2);
        _askCancellation(id);
        ready(id);
        release(id, 1, 1);
        refused(
            officer,
            abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.GRANT_CANCELLATION,
                DeclarationStatus.PARTLY_RELEASED
            ),
            "partly released"
        );
        // What was asked before can still be refused.
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function _notCancelled(uint64 id, ControlState state) private {
        refused(
            officer,
            abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ControlStarted.selector, state),
            "open control"
        );
    }

    // ---------------------------------------------------------------- invalidation after release

    function test_invalidation_takesTwoOfficers_andRestoresPermits() public {
        uint64 id = _withPermit(2, 100);
        ready(id);
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        release(id, 1, 2);
        bytes18 mrn = stateOf(id).mrn;
        assertEq(registry.releasedAt(mrn), time40(), "released");
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
        assertEq(registry.releasedAt(mrn), 0, "no escrow pays on it");
        assertBalance(permit, 900, 0, 100, "item 1 restored");
        act(officer, abi.encodeCall(registry.returnPermits, (id, rev(id), 2)));
        assertBalance(permit, 1_000, 0, 0, "all restored");
        (, , , bool closed) = debts.opened(id);
        assertTrue(closed, "fiscal case closed");
    }

    function test_invalidation_ofAMixedCase_givesEachItemItsOwnBack() public {
        uint64 id = _withPermit(3, 100);
        ready(id);
        decideAs(phyto, id, decisionsFor(1, 3, AgencyDecision.RELEASE, FOREVER));
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 2, REGULAR, EVIDENCE)));
        assertBalance(permit, 800, 200, 0, "a refused item frees its reservation");
        seize(id, 3, 3);
        release(id, 1, 1);
        assertStatus(id, DeclarationStatus.RELEASED, "every item has an outcome");
        assertEq(registry.releasedAt(stateOf(id).mrn), 0, "not released in full");
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 3));
        assertBalance(permit, 1_000, 0, 0, "restored, freed, freed before");
    }

    // ---------------------------------------------------------------- audit after release

    function test_pca_opensAndCloses_withOrWithoutReassessment() public {
        uint64 id = released(1);
        refused(
            officer,
            abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSignature("NotAuthorised(address,uint32,uint40)", officer, uint32(1 << 9), time40()),
            "not an auditor"
        );
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.PCA_OPEN, "open");
        assertEq(registry.releasedAt(stateOf(id).mrn), time40(), "released all the same");
        refused(
            auditor,
            abi.encodeCall(registry.closePca, (id, rev(id), 0, REGULAR, 0)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no findings"
        );
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), 0, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.CLEARED, "cleared");
        assertEq(stateOf(id).version, 1, "nothing found");

        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.PcaClosed(
            id,
            auditor,
            2,
            7,
            DeclarationReasons.AUDIT_FINDING,
            EVIDENCE,
            AMENDED,
            DeclarationStatus.CLEARED
        );
        act(
            auditor,
            abi.encodeCall(registry.closePca, (id, rev(id), AMENDED, DeclarationReasons.AUDIT_FINDING, EVIDENCE))
        );
        assertEq(stateOf(id).version, 2, "reassessed");
        assertEq(registry.versionOf(id, 2).dataRecord, AMENDED, "record");
        (uint32 fiscalVersion, , , ) = debts.opened(id);
        assertEq(fiscalVersion, 2, "a new debt");
        assertEq(uint8(debts.fiscalState(id, 2)), uint8(FiscalState.NONE), "to be assessed");
        // Annulled later, what was written off under version 1 is restored under version 1.
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
    }

    /// @dev Nothing of the old version's control, decisions or irregularity is left to the new one.
    function test_newVersion_leavesNothingOfTheOldTracks() public {
        uint64 id = _withPermit(1, 100);
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, uint40(START + 9)));
        route(id, ControlKind.PHYSICAL);
        _ask(id);
        _grant(id, noItems());
        DeclarationState memory s = stateOf(id);
        assertEq(uint8(s.controlKind), uint8(ControlKind.PHYSICAL), "amended: not to be lowered by one");
        assertEq(s.controlRevision, 2, "amended: the control track has moved");
        assertEq(s.decisionsExpireAt, 0, "amended: no decisions");

        route(id, ControlKind.PHYSICAL);
        startControl(id);
        recordControl(id, false);
        act(officer, abi.encodeCall(registry.notifyIrregularity, (id, controlRev(id), REGULAR, EVIDENCE)));
        assertTrue(stateOf(id).irregularityNotified, "notified");
        uint32 before = controlRev(id);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), AMENDED, noItems(), REGULAR, EVIDENCE)));
        s = stateOf(id);
        assertFalse(s.irregularityNotified, "corrected: none of this version");
        assertEq(uint8(s.controlKind), uint8(ControlKind.NONE), "corrected: no kind of control");
        assertEq(s.controlRevision, before + 1, "corrected: the control track has moved");
    }

    function test_cancellation_closesTheRequest_andTellsWhatItGaveBack() public {
        uint64 id = _withPermit(2, 100);
        _askCancellation(id);
        uint32 revision = rev(id) + 1;
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.PermitsReturned(id, officer, 1, revision, 1, 2);
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 2, REGULAR, EVIDENCE)));
        assertEq(uint8(stateOf(id).request), uint8(OpenRequest.NONE), "no request");
    }

    /// @dev A seizure that answered no finding reopens none when it is lifted, in a new version too.
    function test_newVersion_owesNoFindingToASeizure() public {
        uint64 id = accepted(1);
        _ask(id);
        _grant(id, noItems());
        seize(id, 1, 1);
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.UNROUTED), "unrouted");
    }
}
