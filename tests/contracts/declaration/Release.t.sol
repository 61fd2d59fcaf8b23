// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {
    AgencyDecision,
    ControlKind,
    DeclarationAct,
    DeclarationState,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    JointAct,
    JointKind,
    Lodgement,
    Reason
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice The release guard of domain guide 4.4, each conjunct alone, and the rows "release" and "clear" of 4.1.
contract ReleaseTest is CaseActs {
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000_000);
    }

    /// @dev Release of items `from` to `to` is refused with exactly `expected`, and `missing` says the same.
    function _held(uint64 id, uint16 from, uint16 to, Reason[] memory expected, string memory what) private {
        assertEq(abi.encode(registry.missing(id, from, to)), abi.encode(expected), string.concat(what, ": missing"));
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), from, to, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, expected.length, expected),
            what
        );
    }

    /// @dev Ready but for what a test takes away: one check decided, one permit reserved.
    function _almost(uint16 count) private returns (uint64 id) {
        id = lodge(count);
        accept(id, checksFor(1, count), usesFor(permit, 1, count, 100));
        decideAs(phyto, id, decisionsFor(1, count, AgencyDecision.RELEASE, time40() + 100));
        ready(id);
    }

    function _agencyReason(uint16 item, HeldFor code) private view returns (Reason[] memory list) {
        list = new Reason[](1);
        list[0] = Reason(item, code, quarantine, CHECK, 0);
    }

    // ---------------------------------------------------------------- each conjunct alone

    function test_control_unroutedRequiredInProgressDiscrepancy_neverPass() public {
        uint64 id = accepted(1);
        pay(id);
        arrive(id);
        _held(id, 1, 1, one(0, HeldFor.CONTROL_UNROUTED), "unrouted");
        route(id, ControlKind.DOCUMENTARY);
        _held(id, 1, 1, one(0, HeldFor.CONTROL_OPEN), "required");
        startControl(id);
        _held(id, 1, 1, one(0, HeldFor.CONTROL_OPEN), "in progress");
        recordControl(id, false);
        _held(id, 1, 1, one(0, HeldFor.CONTROL_DISCREPANCY), "discrepancy");
        act(officer2, abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), REGULAR, EVIDENCE)));
        release(id, 1, 1);
    }

    function test_debt_ofThisVersion_paidSecuredDeferredExemptSettled_pass() public {
        FiscalState[5] memory passing = [
            FiscalState.PAID,
            FiscalState.SECURED,
            FiscalState.DEFERRED,
            FiscalState.EXEMPT,
            FiscalState.SETTLED
        ];
        FiscalState[3] memory holding = [FiscalState.ASSESSED, FiscalState.OVERDUE, FiscalState.RECOVERY];
        uint64 id = accepted(8);
        ready(id);
        debts.set(id, 1, FiscalState.NONE);
        debts.set(id, 2, FiscalState.PAID); // of another version: counts for nothing
        _held(id, 1, 1, one(0, HeldFor.DEBT_NOT_ASSESSED), "not assessed");
        for (uint256 i = 0; i < holding.length; ++i) {
            debts.set(id, 1, holding[i]);
            _held(id, 1, 1, one(0, HeldFor.DEBT_UNPAID), "unpaid");
        }
        for (uint16 i = 0; i < passing.length; ++i) {
            debts.set(id, 1, passing[i]);
            release(id, i + 1, i + 1);
        }
    }

    function test_regimeWithoutDuty_needsNoAssessment_butPaysWhatWasAssessed() public {
        Lodgement memory what = lodgement(1);
        what.regime = FREE;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        assertEq(registry.missing(id, 1, 1).length, 0, "nothing due, no arrival awaited");
        debts.set(id, 1, FiscalState.ASSESSED);
        _held(id, 1, 1, one(0, HeldFor.DEBT_UNPAID), "assessed all the same");
        debts.set(id, 1, FiscalState.NONE);
        release(id, 1, 1);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    function test_arrival_isAwaitedForAnImport() public {
        uint64 id = accepted(1);
        route(id, ControlKind.NONE);
        pay(id);
        _held(id, 1, 1, one(0, HeldFor.NOT_ARRIVED), "not arrived");
        arrive(id);
        release(id, 1, 1);
    }

    function test_everyDecisionButReleaseAndNotRequired_holds() public {
        uint64 id = _almost(1);
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.HOLD, 0));
        _held(id, 1, 1, _agencyReason(1, HeldFor.AGENCY_HOLD), "hold");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.NO_MATCH, 0));
        _held(id, 1, 1, _agencyReason(1, HeldFor.AGENCY_NO_MATCH), "no match");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.REFUSE, 0));
        _held(id, 1, 1, _agencyReason(1, HeldFor.AGENCY_REFUSED), "refuse");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.NOT_REQUIRED, time40() + 100));
        vm.warp(START + 101);
        _held(id, 1, 1, _agencyReason(1, HeldFor.AGENCY_EXPIRED), "expired");
        vm.warp(START + 100);
        release(id, 1, 1);
    }

    function test_onlyTheItemsOfTheRange_areAsked() public {
        uint64 id = _almost(3);
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.HOLD, 0));
        _held(id, 1, 3, _agencyReason(2, HeldFor.AGENCY_HOLD), "item 2");
        release(id, 1, 1);
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "partly");
        release(id, 3, 3);
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.RELEASE, FOREVER));
        release(id, 2, 2);
        assertStatus(id, DeclarationStatus.RELEASED, "all");
        assertBalance(permit, 999_700, 0, 300, "written off item by item");
    }

    function test_permit_suspendedOrRevoked_holds_expiredOnceReserved_doesNot() public {
        uint64 id = _almost(2);
        Reason[] memory both = new Reason[](2);
        both[0] = Reason(1, HeldFor.PERMIT_UNUSABLE, 0, 0, 0);
        both[1] = Reason(2, HeldFor.PERMIT_UNUSABLE, 0, 0, 0);
        vm.prank(phyto);
        permits.suspend(permit, 1, PermitReasons.HAZARD, EVIDENCE);
        _held(id, 1, 2, both, "suspended");
        vm.prank(phyto);
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE);
        vm.warp(START + 31 days); // after the permit's last second
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        release(id, 1, 1);
        vm.prank(phyto);
        permits.revoke(permit, 3, PermitReasons.BREACH, EVIDENCE);
        _held(id, 2, 2, one(2, HeldFor.PERMIT_UNUSABLE), "revoked");
    }

    function test_secondUseOfAnItem_isNamedByItsNumber() public {
        bytes32 other = issuePermit(100);
        (bytes32 low, bytes32 high) = permit < other ? (permit, other) : (other, permit);
        uint64 id = lodge(2);
        PermitUse[] memory uses = new PermitUse[](3);
        uses[0] = PermitUse(permit, 1, 0, 1, TERMS);
        uses[1] = PermitUse(low, 2, 0, 1, TERMS);
        uses[2] = PermitUse(high, 2, 0, 1, TERMS);
        accept(id, noChecks(), uses);
        ready(id);
        vm.prank(phyto);
        permits.suspend(high, 1, PermitReasons.HAZARD, EVIDENCE);
        Reason[] memory expected = new Reason[](1);
        expected[0] = Reason(2, HeldFor.PERMIT_UNUSABLE, 0, 0, 1);
        if (high == permit) {
            expected = new Reason[](2);
            expected[0] = Reason(1, HeldFor.PERMIT_UNUSABLE, 0, 0, 0);
            expected[1] = Reason(2, HeldFor.PERMIT_UNUSABLE, 0, 0, 1);
        }
        _held(id, 1, 2, expected, "the second use of item 2");
    }

    function test_seizureAndCourtHold_holdTheItem() public {
        uint64 id = accepted(3);
        ready(id);
        seize(id, 1, 1);
        act(
            officer,
            abi.encodeCall(registry.seize, (id, rev(id), 2, 2, false, DeclarationReasons.COURT_ORDER, EVIDENCE))
        );
        Reason[] memory expected = new Reason[](2);
        expected[0] = Reason(1, HeldFor.SEIZED, 0, 0, 0);
        expected[1] = Reason(2, HeldFor.COURT_HOLD, 0, 0, 0);
        _held(id, 1, 3, expected, "seized");
        release(id, 3, 3);
        assertStatus(id, DeclarationStatus.RELEASED, "every item has an outcome");
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 2));
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "two are open again");
        assertFalse(registry.item(id, 2).courtHold, "no court hold any more");
        release(id, 1, 2);
        assertEq(registry.releasedAt(stateOf(id).mrn), time40(), "released in full");
    }

    function test_releasedItem_isNotReleasedTwice() public {
        uint64 id = _almost(2);
        release(id, 1, 1);
        _held(id, 1, 2, one(1, HeldFor.HAS_OUTCOME), "item 1");
        assertBalance(permit, 999_800, 100, 100, "written off once");
    }

    // ---------------------------------------------------------------- many reasons

    function test_refusal_carries32Reasons_andTheirNumber_missingReadsAll() public {
        uint64 id = lodge(40);
        accept(id, checksFor(1, 40), noUses());
        Reason[] memory all = registry.missing(id, 1, 40);
        assertEq(all.length, 43, "three of the whole, forty of items");
        Reason[] memory first = new Reason[](32);
        for (uint256 i = 0; i < 32; ++i) {
            first[i] = all[i];
        }
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 40, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 43, first),
            "32 of 43"
        );
        assertEq(registry.missing(id, 38, 40).length, 6, "a part of them");
    }

    function test_missing_checksItsRange() public {
        uint64 id = accepted(2);
        vm.expectRevert(abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 1, 3, 2));
        registry.missing(id, 1, 3);
        vm.expectRevert(abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 0, 1, 2));
        registry.missing(id, 0, 1);
        ready(id);
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 2, 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 2, 3, 2),
            "range of a release"
        );
    }

    // ---------------------------------------------------------------- automatic

    function test_serviceKey_releasesWithControlNone_andNothingElse() public {
        uint64 id = _almost(1);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemsSettled(
            id,
            service,
            1,
            3,
            REGULAR,
            EVIDENCE,
            1,
            1,
            ItemOutcome.RELEASED,
            DeclarationStatus.RELEASED
        );
        act(service, abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));

        uint64 other = accepted(1);
        route(other, ControlKind.DOCUMENTARY);
        startControl(other);
        recordControl(other, true);
        pay(other);
        arrive(other);
        refused(
            service,
            abi.encodeCall(registry.release, (other, rev(other), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(0, HeldFor.NEEDS_OFFICER)),
            "controlled: an officer releases"
        );
        refused(
            service,
            abi.encodeCall(registry.releaseConditionally, (other, rev(other), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, service, Roles.CUSTOMS_OFFICER, time40()),
            "no condition"
        );
        address farService = giveKey(customs, "far service", Roles.SERVICE_AUTO_RELEASE, OTHER_OFFICE);
        refused(
            farService,
            abi.encodeCall(registry.release, (other, rev(other), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "bound to its office"
        );
    }

    // ---------------------------------------------------------------- conditional

    function _secured(uint64 id) private {
        arrive(id);
        debts.set(id, 1, FiscalState.SECURED);
    }

    /// @dev A condition stands for a result that is awaited.
    function test_conditionalRelease_onlyWhileAResultIsAwaited() public {
        uint64[2] memory ids = [accepted(1), accepted(1)];
        route(ids[0], ControlKind.NONE);
        route(ids[1], ControlKind.DOCUMENTARY);
        startControl(ids[1]);
        recordControl(ids[1], true);
        for (uint256 i = 0; i < ids.length; ++i) {
            _secured(ids[i]);
            refused(
                officer,
                abi.encodeCall(registry.releaseConditionally, (ids[i], rev(ids[i]), 1, 1, REGULAR, EVIDENCE)),
                abi.encodeWithSelector(
                    IDeclarationRegistry.ReleaseRefused.selector,
                    1,
                    one(0, HeldFor.NOTHING_PENDING)
                ),
                "nothing is awaited"
            );
        }
    }

    /// @dev The one way to a condition under control NONE: seized, amended meanwhile, given back by two persons.
    function test_serviceKey_liftsNoCondition() public {
        uint64 id = accepted(2);
        _secured(id);
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        act(officer, abi.encodeCall(registry.releaseConditionally, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        recordControl(id, false);
        seize(id, 1, 1);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), EVIDENCE, new uint16[](0), REGULAR, EVIDENCE)));
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        route(id, ControlKind.NONE);
        pay(id);
        assertEq(registry.missing(id, 1, 2).length, 0, "an officer may");
        refused(
            service,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(1, HeldFor.NEEDS_OFFICER)),
            "the condition is an officer's to lift"
        );
        act(service, abi.encodeCall(registry.release, (id, rev(id), 2, 2, REGULAR, EVIDENCE)));
        release(id, 1, 1);
        assertEq(registry.releasedAt(stateOf(id).mrn), time40(), "in full");
    }

    function test_conditionalRelease_onSecurity_withTheLaboratoryPending() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 2), usesFor(permit, 1, 2, 100));
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, FOREVER));
        arrive(id);
        pay(id);
        route(id, ControlKind.PHYSICAL);
        bytes memory call_ = abi.encodeCall(registry.releaseConditionally, (id, rev(id), 1, 2, REGULAR, EVIDENCE));
        Reason[] memory two = new Reason[](2);
        two[0] = Reason(0, HeldFor.CONTROL_OPEN, 0, 0, 0);
        two[1] = Reason(0, HeldFor.SECURITY_NEEDED, 0, 0, 0);
        refused(
            officer,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 2, two),
            "no sample taken, no security"
        );
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
        act(officer, call_);
        DeclarationState memory s = stateOf(id);
        assertEq(uint8(s.status), uint8(DeclarationStatus.RELEASED), "every item has an outcome");
        assertEq(s.conditionalItems, 2, "both under condition");
        assertEq(registry.releasedAt(s.mrn), 0, "not released in full");
        assertBalance(permit, 999_800, 0, 200, "written off");
        refused(
            officer,
            abi.encodeCall(registry.releaseConditionally, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(1, HeldFor.HAS_OUTCOME)),
            "twice"
        );
        Reason[] memory notClear = new Reason[](2);
        notClear[0] = Reason(0, HeldFor.CONDITION_OPEN, 0, 0, 0);
        notClear[1] = Reason(0, HeldFor.DEBT_UNSETTLED, 0, 0, 0);
        refused(
            officer,
            abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 2, notClear),
            "not cleared"
        );
        _held(id, 1, 1, one(0, HeldFor.CONTROL_OPEN), "laboratory");
        recordControl(id, true);
        release(id, 1, 1);
        assertEq(stateOf(id).conditionalItems, 1, "one condition lifted");
        release(id, 2, 2);
        assertEq(registry.releasedAt(s.mrn), time40(), "released in full");
        assertBalance(permit, 999_800, 0, 200, "not written off again");
        debts.set(id, 1, FiscalState.SETTLED);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- refused, seized

    function test_refusedItems_freeTheirPermits_andLeaveTheRest() public {
        uint64 id = _almost(3);
        refused(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 2, 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemsRefused(id, 1, 2, 1);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 2, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.ACCEPTED, "nothing released yet");
        assertBalance(permit, 999_900, 100, 0, "two freed");
        refused(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 2, ItemOutcome.REFUSED),
            "twice"
        );
        release(id, 3, 3);
        assertStatus(id, DeclarationStatus.RELEASED, "each has an outcome");
        assertEq(registry.releasedAt(stateOf(id).mrn), 0, "not released in full");
    }

    function test_allRefused_stillCanBeCancelled() public {
        uint64 id = _almost(1);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantCancellation, (id, rev(id), 1, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.INVALIDATED, "invalidated");
        assertBalance(permit, 1_000_000, 0, 0, "freed once");
    }

    function test_seizure_takesOne_liftingTwo() public {
        uint64 id = accepted(2);
        refused(
            officer,
            abi.encodeCall(registry.seize, (id, rev(id), 1, 1, false, 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Seized(
            id,
            officer2,
            1,
            3,
            DeclarationReasons.OTHER_AUTHORITY,
            EVIDENCE,
            1,
            1,
            DeclarationStatus.ACCEPTED
        );
        seize(id, 1, 1);
        refused(
            officer,
            abi.encodeCall(registry.seize, (id, rev(id), 1, 2, false, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.SEIZED),
            "twice"
        );
        JointAct memory lift = jointAct(id, JointKind.LIFT_SEIZURE, 1, 2);
        bytes32 key = propose(officer, lift);
        refused(
            officer2,
            abi.encodeCall(registry.countersign, (key, rev(id), lift)),
            abi.encodeWithSelector(IDeclarationRegistry.ItemNotSeized.selector, 2),
            "item 2 is not seized"
        );
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertEq(uint8(registry.item(id, 1).outcome), uint8(ItemOutcome.HELD), "held again");
    }

    // ---------------------------------------------------------------- clear, invalidate

    function test_clearance_waitsForDebtAndExit() public {
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        debts.set(id, 1, FiscalState.DEFERRED);
        release(id, 1, 1);
        Reason[] memory two = new Reason[](2);
        two[0] = Reason(0, HeldFor.DEBT_UNSETTLED, 0, 0, 0);
        two[1] = Reason(0, HeldFor.NOT_EXITED, 0, 0, 0);
        refused(
            officer,
            abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 2, two),
            "deferred, not exited"
        );
        pay(id);
        act(carrier, abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Cleared(id, officer, 1, 4, REGULAR, EVIDENCE);
        act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.CLEAR,
                DeclarationStatus.CLEARED
            ),
            "once"
        );
    }

    function test_invalidation_needsEvidence_andRelease() public {
        uint64 id = accepted(1);
        JointAct memory joint = jointAct(id, JointKind.INVALIDATE, 0, 1);
        joint.evidence = 0;
        refused(
            officer,
            abi.encodeCall(registry.propose, ("r", joint)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no ground on record"
        );
        joint.evidence = EVIDENCE;
        refused(
            officer,
            abi.encodeCall(registry.propose, ("r", joint)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.INVALIDATE,
                DeclarationStatus.ACCEPTED
            ),
            "not released"
        );
    }
}
