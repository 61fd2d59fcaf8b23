// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthoritySource} from "../../../contracts/interfaces/IAuthoritySource.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    Check,
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    HeldFor,
    ItemAgency,
    ItemDecision,
    ItemOutcome,
    JointAct,
    JointKind,
    Lodgement
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {WrongOffice} from "../../../contracts/types/Errors.sol";
import {Reasons} from "../../../contracts/types/Reasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice The tracks of domain guide 4.1: control (3.6), agencies' decisions (3.7), arrival and exit.
contract ControlTest is CaseActs {
    function setUp() public {
        deployDeclarations();
    }

    function _routeCall(uint64 id, ControlKind kind) private view returns (bytes memory) {
        return abi.encodeCall(registry.route, (id, controlRev(id), kind, REGULAR, EVIDENCE));
    }

    // ---------------------------------------------------------------- routing

    function test_route_thenInspect() public {
        uint64 id = accepted(1);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Routed(
            id,
            risk,
            1,
            1,
            REGULAR,
            EVIDENCE,
            ControlState.REQUIRED,
            ControlKind.PHYSICAL,
            address(0)
        );
        route(id, ControlKind.PHYSICAL);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Controlled(id, inspector, 1, 2, REGULAR, EVIDENCE, ControlState.IN_PROGRESS);
        startControl(id);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Controlled(id, inspector, 1, 3, REGULAR, EVIDENCE, ControlState.SATISFACTORY);
        recordControl(id, true);
        assertEq(stateOf(id).controlledBy, inspector, "controlled by");
        assertEq(rev(id), 2, "the main revision has not moved");
    }

    function test_raising_takesOne_lowering_takesTwo() public {
        uint64 id = accepted(1);
        route(id, ControlKind.NONE);
        route(id, ControlKind.DOCUMENTARY);
        route(id, ControlKind.PHYSICAL);
        bytes memory needsSecond = abi.encodeWithSelector(IDeclarationRegistry.NeedsSecondPerson.selector);
        refused(risk, _routeCall(id, ControlKind.NONE), needsSecond, "to none");
        refused(risk, _routeCall(id, ControlKind.DOCUMENTARY), needsSecond, "to documentary");
        refused(
            risk,
            _routeCall(id, ControlKind.PHYSICAL),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.ROUTE_REQUIRED,
                ControlState.REQUIRED
            ),
            "nothing to raise"
        );
        jointly(risk, officer, lowering(id, ControlKind.DOCUMENTARY));
        assertEq(uint8(stateOf(id).controlKind), uint8(ControlKind.DOCUMENTARY), "lowered");
        jointly(risk, risk2, lowering(id, ControlKind.NONE));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "lowered to none");
    }

    function test_lowering_isOnlyDownwards_andBeforeTheControl() public {
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        bytes32 key = propose(risk, lowering(id, ControlKind.DOCUMENTARY));
        refused(
            risk2,
            abi.encodeCall(registry.countersign, (key, controlRev(id), lowering(id, ControlKind.DOCUMENTARY))),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.LOWER_TO_DOCUMENTARY,
                ControlState.REQUIRED
            ),
            "not lower"
        );
        key = propose(risk, lowering(id, ControlKind.NONE));
        startControl(id);
        refused(
            risk2,
            abi.encodeCall(registry.countersign, (key, controlRev(id), lowering(id, ControlKind.NONE))),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 1, 2),
            "the control has begun"
        );
        key = propose(risk, lowering(id, ControlKind.NONE));
        refused(
            risk2,
            abi.encodeCall(registry.countersign, (key, controlRev(id), lowering(id, ControlKind.NONE))),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.LOWER_TO_NONE,
                ControlState.IN_PROGRESS
            ),
            "and is not lowered any more"
        );
    }

    function test_jointAct_needsAnotherKey_theSameFields_andHappensOnce() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory joint = lowering(id, ControlKind.NONE);
        joint.reason = 0;
        refused(
            risk,
            abi.encodeCall(registry.propose, ("r", joint)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        joint.reason = DeclarationReasons.HARMLESS;
        bytes32 key = keccak256(abi.encode(customs, bytes32("r")));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.JointProposed(id, risk, key, 1, joint);
        act(risk, abi.encodeCall(registry.propose, ("r", joint)));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.REQUIRED), "nothing changed yet");
        bytes memory already = abi.encodeWithSelector(IDeclarationRegistry.AlreadyDone.selector, key);
        refused(risk, abi.encodeCall(registry.propose, ("r", joint)), already, "proposed once");
        bytes memory same = abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, risk);
        refused(risk, abi.encodeCall(registry.countersign, (key, 1, joint)), same, "the proposer");
        joint.control = ControlKind.DOCUMENTARY;
        bytes memory none = abi.encodeWithSelector(IDeclarationRegistry.NoSuchProposal.selector, key);
        refused(risk2, abi.encodeCall(registry.countersign, (key, 1, joint)), none, "other fields");
        joint.control = ControlKind.NONE;
        refused(
            risk2,
            abi.encodeCall(registry.countersign, ("other", 1, joint)),
            abi.encodeWithSelector(IDeclarationRegistry.NoSuchProposal.selector, bytes32("other")),
            "another proposal"
        );
        refused(
            inspector,
            abi.encodeCall(registry.countersign, (key, 1, joint)),
            abi.encodeWithSelector(
                IAuthoritySource.NotAuthorised.selector,
                inspector,
                Roles.CUSTOMS_RISK | Roles.CUSTOMS_OFFICER,
                time40()
            ),
            "of another duty"
        );
        refused(
            risk2,
            abi.encodeCall(registry.countersign, (key, 2, joint)),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 2, 1),
            "of another revision"
        );
        act(risk2, abi.encodeCall(registry.countersign, (key, 1, joint)));
        refused(risk2, abi.encodeCall(registry.countersign, (key, 2, joint)), already, "done once");
    }

    function test_proposerWhoseKeyWasRevoked_doesNotCount() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory joint = lowering(id, ControlKind.NONE);
        bytes32 key = propose(risk2, joint);
        (, uint32 keyVersion) = participants.keyWord(risk2);
        decide(address(participants), abi.encodeCall(participants.retireKey, (risk2, keyVersion, 7)));
        vm.warp(START + 1);
        refused(
            risk,
            abi.encodeCall(registry.countersign, (key, 1, joint)),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, risk2, Roles.CUSTOMS_RISK, time40()),
            "revoked"
        );
    }

    function test_dutiesThatOneKeyMustNotJoin() public {
        address all = giveKey(
            customs,
            "all duties",
            Roles.CUSTOMS_RISK | Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER,
            OFFICE
        );
        bytes memory same = abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, all);
        uint64 id = accepted(1);
        act(all, _routeCall(id, ControlKind.PHYSICAL));
        refused(all, abi.encodeCall(registry.startControl, (id, controlRev(id), REGULAR, EVIDENCE)), same, "start");
        startControl(id);
        refused(
            all,
            abi.encodeCall(registry.recordControl, (id, controlRev(id), true, REGULAR, EVIDENCE)),
            same,
            "record"
        );
        recordControl(id, true);
        pay(id);
        arrive(id);
        refused(all, abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)), same, "release");

        uint64 other = accepted(1);
        route(other, ControlKind.DOCUMENTARY);
        act(all, abi.encodeCall(registry.startControl, (other, controlRev(other), REGULAR, EVIDENCE)));
        refused(all, _routeCall(other, ControlKind.PHYSICAL), same, "who inspected cannot route");
        JointAct memory joint = lowering(other, ControlKind.NONE);
        refused(all, abi.encodeCall(registry.propose, ("r", joint)), same, "nor lower");
    }

    function test_countersignerOfALowerControl_cannotRelease() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        jointly(risk, officer, lowering(id, ControlKind.NONE));
        pay(id);
        arrive(id);
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, officer),
            "lowered it"
        );
        act(officer2, abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
    }

    function test_beforeAcceptance_onlyAnAlert() public {
        uint64 id = lodge(1);
        refused(
            risk,
            _routeCall(id, ControlKind.NONE),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.ROUTE_NONE,
                ControlState.UNROUTED
            ),
            "none"
        );
        route(id, ControlKind.PHYSICAL);
        accept(id, noChecks(), noUses());
        assertEq(uint8(stateOf(id).control), uint8(ControlState.REQUIRED), "kept");
        refused(
            inspector,
            abi.encodeCall(registry.recordControl, (id, controlRev(id), true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.RECORD_SATISFACTORY,
                ControlState.REQUIRED
            ),
            "not started"
        );
    }

    function test_control_needsTheOfficersOfTheOffice_andEvidence() public {
        uint64 id = accepted(1);
        address far = giveKey(customs, "far inspector", Roles.CUSTOMS_INSPECTOR, OTHER_OFFICE);
        address farRisk = giveKey(customs, "far risk", Roles.CUSTOMS_RISK, OTHER_OFFICE);
        bytes memory wrongOffice = abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE);
        refused(farRisk, _routeCall(id, ControlKind.NONE), wrongOffice, "risk of another office");
        refused(
            officer,
            _routeCall(id, ControlKind.NONE),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, officer, Roles.CUSTOMS_RISK, time40()),
            "only risk sets a control"
        );
        route(id, ControlKind.DOCUMENTARY);
        refused(
            far,
            abi.encodeCall(registry.startControl, (id, controlRev(id), REGULAR, EVIDENCE)),
            wrongOffice,
            "inspector of another office"
        );
        startControl(id);
        refused(
            inspector,
            abi.encodeCall(registry.recordControl, (id, controlRev(id), true, REGULAR, 0)),
            abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector),
            "no findings"
        );
    }

    function test_discrepancy_isDismissedByASecondPerson_withAReason() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER, OFFICE);
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        startControl(id);
        act(both, abi.encodeCall(registry.recordControl, (id, controlRev(id), false, REGULAR, EVIDENCE)));
        uint32 r = controlRev(id);
        uint16 harmless = DeclarationReasons.HARMLESS;
        refused(
            both,
            abi.encodeCall(registry.dismissDiscrepancy, (id, r, harmless, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, both),
            "who found it"
        );
        refused(
            officer,
            abi.encodeCall(registry.dismissDiscrepancy, (id, r, 0, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector),
            "no reason"
        );
        act(officer, abi.encodeCall(registry.dismissDiscrepancy, (id, r, harmless, EVIDENCE)));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.SATISFACTORY), "harmless");
    }

    function test_seizure_answersAFinding_andItsLiftingReopensIt() public {
        uint64 id = accepted(2);
        discrepancy(id);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Controlled(
            id,
            officer,
            1,
            4,
            DeclarationReasons.CONTROL_FINDING,
            EVIDENCE,
            ControlState.SATISFACTORY
        );
        act(
            officer,
            abi.encodeCall(registry.seize, (id, rev(id), 2, 2, true, DeclarationReasons.CONTROL_FINDING, EVIDENCE))
        );
        pay(id);
        arrive(id);
        release(id, 1, 1);
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 2, 2));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.DISCREPANCY), "a finding again");
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "item 2 is open again");
    }

    function test_seizureBesideAFinding_leavesItOpen_andNeedsAFindingToAnswer() public {
        uint64 id = accepted(2);
        discrepancy(id);
        seize(id, 1, 1);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.DISCREPANCY), "still open");
        uint64 other = accepted(1);
        refused(
            officer,
            abi.encodeCall(registry.seize, (other, rev(other), 1, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.SETTLE_BY_SEIZURE,
                ControlState.UNROUTED
            ),
            "no finding"
        );
    }

    function test_seizureByWhoFoundIt_answersNothing() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER, OFFICE);
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        startControl(id);
        act(both, abi.encodeCall(registry.recordControl, (id, controlRev(id), false, REGULAR, EVIDENCE)));
        refused(
            both,
            abi.encodeCall(registry.seize, (id, rev(id), 1, 1, true, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, both),
            "who found it"
        );
    }

    function test_everyTrackAct_citesItsRevision() public {
        uint64 id = accepted(1);
        bytes memory wrong = abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 9, 0);
        refused(risk, abi.encodeCall(registry.route, (id, 9, ControlKind.NONE, REGULAR, EVIDENCE)), wrong, "route");
        refused(inspector, abi.encodeCall(registry.startControl, (id, 9, REGULAR, EVIDENCE)), wrong, "start");
        refused(inspector, abi.encodeCall(registry.recordControl, (id, 9, true, REGULAR, EVIDENCE)), wrong, "record");
        refused(officer, abi.encodeCall(registry.dismissDiscrepancy, (id, 9, REGULAR, EVIDENCE)), wrong, "dismiss");
        refused(officer, abi.encodeCall(registry.notifyIrregularity, (id, 9, REGULAR, EVIDENCE)), wrong, "notify");
        refused(carrier, abi.encodeCall(registry.confirmArrival, (id, 9, REGULAR, EVIDENCE)), wrong, "arrival");
        refused(carrier, abi.encodeCall(registry.confirmExit, (id, 9, REGULAR, EVIDENCE)), wrong, "exit");
    }

    // ---------------------------------------------------------------- agencies

    function test_agencies_neverSpoilEachOther() public {
        uint64 id = lodge(1);
        ItemAgency[] memory agencies = new ItemAgency[](2);
        agencies[0] = ItemAgency(1, quarantine, CHECK);
        agencies[1] = ItemAgency(1, veterinary, CHECK);
        accept(id, agencies, noUses());
        // Both look at the same state and act one after the other, while customs goes on.
        ItemDecision[] memory pass = decisionsFor(1, 1, AgencyDecision.RELEASE, time40() + 10);
        bytes memory decision = abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemsDecided(id, phyto, quarantine, 1, 1, REGULAR, EVIDENCE, pass);
        act(phyto, decision);
        route(id, ControlKind.NONE);
        act(vet, decision);
        assertEq(registry.agencyRevision(id, quarantine), 1, "quarantine");
        assertEq(registry.agencyRevision(id, veterinary), 1, "veterinary");
        assertEq(stateOf(id).decisionsExpireAt, time40() + 10, "earliest expiry");
        refused(
            phyto,
            decision,
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 0, 1),
            "the same twice"
        );
        Check[] memory checks = registry.checks(id, 1);
        assertEq(uint8(checks[1].decision), uint8(AgencyDecision.RELEASE), "decided");
        assertEq(checks[1].version, 1, "for version 1");
    }

    function test_decisionsExpire_keepsTheEarliest() public {
        uint64 id = lodge(3);
        accept(id, checksFor(1, 3), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.HOLD, 0));
        assertEq(stateOf(id).decisionsExpireAt, 0, "a hold has none");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, time40() + 50));
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.NOT_REQUIRED, time40() + 20));
        decideAs(phyto, id, decisionsFor(3, 3, AgencyDecision.RELEASE, time40() + 30));
        assertEq(stateOf(id).decisionsExpireAt, time40() + 20, "the earliest");
    }

    /// @dev A hold and a refusal end at no instant: neither sets one, neither takes the known one away.
    function test_decisionsExpire_leavesOutWhatLetsNothingPass() public {
        AgencyDecision[2] memory kinds = [AgencyDecision.REFUSE, AgencyDecision.HOLD];
        for (uint256 i = 0; i < kinds.length; ++i) {
            uint64 id = lodge(3);
            accept(id, checksFor(1, 3), noUses());
            decideAs(phyto, id, decisionsFor(1, 1, kinds[i], 0));
            assertEq(stateOf(id).decisionsExpireAt, 0, "none yet");
            decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.RELEASE, time40() + 20));
            decideAs(phyto, id, decisionsFor(3, 3, kinds[i], 0));
            assertEq(stateOf(id).decisionsExpireAt, time40() + 20, "of the release");
        }
    }

    function test_agency_decidesItsOwnChecksOnly() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 1), noUses());
        ItemDecision[] memory pass = decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER);
        refused(
            vet,
            abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRequired.selector, 1, veterinary, CHECK),
            "another agency"
        );
        pass[0].checkCode = CHECK + 1;
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRequired.selector, 1, quarantine, CHECK + 1),
            "another check"
        );
        pass = decisionsFor(2, 2, AgencyDecision.RELEASE, FOREVER);
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotRequired.selector, 2, quarantine, CHECK),
            "another item"
        );
        pass = decisionsFor(3, 3, AgencyDecision.RELEASE, FOREVER);
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 3, 3, 2),
            "no item"
        );
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, new ItemDecision[](0), REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadOrder.selector, 0),
            "no decision"
        );
        refused(
            officer,
            abi.encodeCall(registry.decideItems, (id, 0, 1, pass, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, officer, Roles.OGA, time40()),
            "customs"
        );
    }

    function test_decision_boundaries() public {
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), noUses());
        ItemDecision[] memory d = decisionsFor(1, 1, AgencyDecision.PENDING, FOREVER);
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, d, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadDecision.selector, 1, AgencyDecision.PENDING, FOREVER),
            "pending is none"
        );
        d = decisionsFor(1, 1, AgencyDecision.RELEASE, time40() - 1);
        refused(
            phyto,
            abi.encodeCall(registry.decideItems, (id, 0, 1, d, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.BadDecision.selector, 1, AgencyDecision.RELEASE, time40() - 1),
            "over"
        );
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, time40()));
        assertEq(stateOf(id).decisionsExpireAt, time40(), "for this second");
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, time40() + 5));
        ready(id);
        vm.warp(START + 5);
        assertEq(registry.missing(id, 1, 1).length, 0, "the last second counts");
        vm.warp(START + 6);
        assertEq(registry.missing(id, 1, 1).length, 1, "the next does not, with no transaction");
    }

    function test_agency_ofTheImporterItself_cannotDecide() public {
        address importing = giveKey(customs, "agency as importer", Roles.DECLARANT);
        address deciding = giveKey(customs, "agency", Roles.OGA);
        Lodgement memory what = lodgement(1);
        what.importer = customs;
        uint64 id = lodgeAs(importing, what);
        refused(
            deciding,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 0, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.OwnDeclaration.selector, customs),
            "own declaration"
        );
    }

    function test_decision_afterTheItemsRelease_isRefused() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 2), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        ready(id);
        release(id, 1, 1);
        refused(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 1, 1, decisionsFor(1, 1, AgencyDecision.HOLD, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.RELEASED),
            "too late"
        );
        decideAs(phyto, id, decisionsFor(2, 2, AgencyDecision.REFUSE, 0));
    }

    function test_decision_ofAnAgencySuspendedLater_stays_butItDecidesNothingMore() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 2), noUses());
        decideAs(phyto, id, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER));
        decide(
            address(participants),
            abi.encodeCall(participants.suspend, (quarantine, 1, Reasons.COMPLIANCE, EVIDENCE))
        );
        ready(id);
        release(id, 1, 1);
        assertEq(uint8(registry.missing(id, 2, 2)[0].code), uint8(HeldFor.AGENCY_PENDING), "item 2 still waits");
        refused(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 1, 1, decisionsFor(2, 2, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IAuthoritySource.NotAuthorised.selector, phyto, Roles.OGA, time40()),
            "suspended"
        );
    }

    // ---------------------------------------------------------------- arrival and exit

    function test_arrival_byTheCarrierNamed_orCustoms_once() public {
        uint64 id = accepted(1);
        uint64 otherCarriage = admit(Roles.CARRIER, 0);
        address stranger = giveKey(otherCarriage, "another carrier", Roles.CARRIER);
        bytes memory call_ = abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE));
        refused(
            stranger,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NotParty.selector, otherCarriage, carriage),
            "another carrier"
        );
        refused(
            farOfficer,
            call_,
            abi.encodeWithSelector(WrongOffice.selector, OTHER_OFFICE, OFFICE),
            "another office"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Arrived(id, carrier, 1, 1, REGULAR, EVIDENCE);
        act(carrier, call_);
        refused(
            officer,
            abi.encodeCall(registry.confirmArrival, (id, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotExpected.selector),
            "twice"
        );
        uint64 other = accepted(1);
        act(officer, abi.encodeCall(registry.confirmArrival, (other, 0, REGULAR, EVIDENCE)));
        assertEq(stateOf(other).arrivedAt, time40(), "by customs");
    }

    function test_exit_ofAnExport_isConfirmedAfterRelease() public {
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        refused(
            carrier,
            abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInStatus.selector,
                DeclarationAct.CONFIRM_EXIT,
                DeclarationStatus.ACCEPTED
            ),
            "not released"
        );
        route(id, ControlKind.NONE);
        pay(id);
        release(id, 1, 1); // no arrival needed
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Exited(id, carrier, 1, 1, REGULAR, EVIDENCE);
        act(carrier, abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)));
        bytes memory notExpected = abi.encodeWithSelector(IDeclarationRegistry.NotExpected.selector);
        refused(carrier, abi.encodeCall(registry.confirmExit, (id, 1, REGULAR, EVIDENCE)), notExpected, "twice");
        uint64 imported = released(1);
        refused(carrier, abi.encodeCall(registry.confirmExit, (imported, 1, REGULAR, EVIDENCE)), notExpected, "import");
    }
}
