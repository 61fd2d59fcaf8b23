// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    ItemOutcome,
    JointAct,
    JointKind
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice What two persons judge is one state of the case; duties that one key must not join, in whatever order; and
///         fallback entries, which a second officer confirms one by one.
contract TwoPersonsTest is CaseActs {
    function setUp() public {
        deployDeclarations();
    }

    function _lapsed(bytes32 key, JointAct memory joint, uint32 proposed, uint32 now_, string memory what) private {
        refused(
            officer2,
            abi.encodeCall(registry.countersign, (key, now_, joint)),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, proposed, now_),
            what
        );
    }

    // ---------------------------------------------------------------- proposals lapse

    function test_proposalOfOneVersion_isNotDoneToTheNext() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        bytes32 key = propose(risk2, lower);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), RECORD, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
        route(id, ControlKind.PHYSICAL);
        _lapsed(key, lower, 1, 3, "the control of another version");
    }

    function test_proposalToLift_lapsesWithTheNextSeizure() public {
        uint64 id = accepted(2);
        seize(id, 1, 1);
        JointAct memory lift = jointAct(id, JointKind.LIFT_SEIZURE, 1, 2);
        bytes32 key = propose(officer, lift);
        uint16 court = DeclarationReasons.COURT_ORDER;
        act(officer2, abi.encodeCall(registry.seize, (id, rev(id), 2, 2, false, court, EVIDENCE)));
        _lapsed(key, lift, 3, 4, "a court hold that came later");
        assertTrue(registry.item(id, 2).courtHold, "held still");
    }

    function test_proposal_needsTheStatusOfItsAct() public {
        uint64 id = accepted(1);
        JointAct[2] memory early = [
            jointAct(id, JointKind.INVALIDATE, 0, 1),
            jointAct(lodge(1), JointKind.LIFT_SEIZURE, 1, 1)
        ];
        bytes memory notReleased = abi.encodeWithSelector(
            IDeclarationRegistry.NotInStatus.selector,
            DeclarationAct.INVALIDATE,
            DeclarationStatus.ACCEPTED
        );
        refused(officer, abi.encodeCall(registry.propose, ("a", early[0])), notReleased, "not released");
        bytes memory notAccepted = abi.encodeWithSelector(
            IDeclarationRegistry.NotInStatus.selector,
            DeclarationAct.LIFT_SEIZURE,
            DeclarationStatus.LODGED
        );
        refused(officer, abi.encodeCall(registry.propose, ("b", early[1])), notAccepted, "not accepted");
        uint64 done = released(1);
        JointAct memory late = jointAct(done, JointKind.LOWER_CONTROL, 0, 0);
        bytes memory over = abi.encodeWithSelector(
            IDeclarationRegistry.NotInStatus.selector,
            DeclarationAct.ROUTE,
            DeclarationStatus.RELEASED
        );
        refused(risk2, abi.encodeCall(registry.propose, ("c", late)), over, "released");
    }

    /// @dev What ends the routing without a change of the control lets no proposal pass either.
    function test_proposalToLower_isNotDone_onceNothingIsRouted() public {
        uint64[2] memory ids = [lodge(1), accepted(1)];
        DeclarationStatus[2] memory ended = [DeclarationStatus.REJECTED, DeclarationStatus.RELEASED];
        route(ids[0], ControlKind.PHYSICAL);
        ready(ids[1]);
        for (uint256 i = 0; i < ids.length; ++i) {
            uint64 id = ids[i];
            JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
            lower.control = ControlKind.DOCUMENTARY;
            bytes32 key = propose(risk2, lower);
            if (i == 0) act(officer, abi.encodeCall(registry.reject, (id, rev(id), REGULAR, EVIDENCE)));
            else release(id, 1, 1);
            assertStatus(id, ended[i], "ended");
            refused(
                officer2,
                abi.encodeCall(registry.countersign, (key, 1, lower)),
                abi.encodeWithSelector(IDeclarationRegistry.NotInStatus.selector, DeclarationAct.ROUTE, ended[i]),
                "nothing to control"
            );
        }
    }

    function test_proposal_isTheAssignedOfficers() public {
        uint64 id = released(1);
        act(officer, abi.encodeCall(registry.reassign, (id, rev(id), OFFICE, officer, REGULAR, EVIDENCE)));
        JointAct memory annul = jointAct(id, JointKind.INVALIDATE, 0, 1);
        refused(
            officer2,
            abi.encodeCall(registry.propose, ("x", annul)),
            abi.encodeWithSelector(IDeclarationRegistry.NotAssigned.selector, officer),
            "not the case's"
        );
        jointly(officer, officer2, annul);
        assertStatus(id, DeclarationStatus.INVALIDATED, "by the officer and a second");
    }

    function test_alert_isNotLoweredToNone_beforeAcceptance() public {
        uint64 id = lodge(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        bytes32 key = propose(risk2, lower);
        refused(
            officer,
            abi.encodeCall(registry.countersign, (key, 1, lower)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.LOWER_TO_NONE,
                ControlState.REQUIRED
            ),
            "with no legal version yet"
        );
        lower.control = ControlKind.DOCUMENTARY;
        jointly(risk2, officer, lower);
        assertEq(uint8(stateOf(id).controlKind), uint8(ControlKind.DOCUMENTARY), "lowered, not taken back");
    }

    // ---------------------------------------------------------------- a control that a new version would drop

    function _amended(uint64 id) private {
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), RECORD, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), noItems(), REGULAR, EVIDENCE)));
    }

    function _routes(uint64 id, ControlKind kind) private view returns (bytes memory) {
        return abi.encodeCall(registry.route, (id, controlRev(id), kind, REGULAR, EVIDENCE));
    }

    function test_controlThatWasNotServed_isLoweredByTwo_inTheNextVersionToo() public {
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        bytes memory second = abi.encodeWithSelector(IDeclarationRegistry.NeedsSecondPerson.selector);
        for (uint256 i = 0; i < 2; ++i) {
            _amended(id);
            assertEq(uint8(stateOf(id).control), uint8(ControlState.UNROUTED), "unrouted");
            refused(risk, _routes(id, ControlKind.NONE), second, "to none");
            refused(risk, _routes(id, ControlKind.DOCUMENTARY), second, "to a documentary one");
        }
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        lower.control = ControlKind.DOCUMENTARY;
        jointly(risk2, officer, lower);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.REQUIRED), "routed by two");
        assertEq(uint8(stateOf(id).controlKind), uint8(ControlKind.DOCUMENTARY), "lowered");
        _amended(id);
        lower.control = ControlKind.NONE;
        jointly(risk2, officer, lower);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "to none by two");
        _amended(id);
        act(risk, _routes(id, ControlKind.NONE));
    }

    /// @dev What one person may: at least what was asked for; after a control that was served, anything.
    function test_newVersion_isRoutedByOne_toNoLess_orAfterItsControl() public {
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        _amended(id);
        act(risk, _routes(id, ControlKind.DOCUMENTARY));
        _amended(id);
        act(risk, _routes(id, ControlKind.PHYSICAL));
        startControl(id);
        bytes memory begun = abi.encodeWithSelector(
            IDeclarationRegistry.NotInControl.selector,
            ControlAct.ROUTE_NONE,
            ControlState.IN_PROGRESS
        );
        refused(risk, _routes(id, ControlKind.NONE), begun, "no second person routes what has begun either");
        recordControl(id, false);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
        assertEq(uint8(stateOf(id).controlKind), uint8(ControlKind.NONE), "served");
        act(risk, _routes(id, ControlKind.NONE));
    }

    /// @dev Nothing to lower in a version that follows none that was to be controlled.
    function test_unroutedVersion_withNothingAskedFor_isNotLowered() public {
        uint64 id = accepted(1);
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        bytes32 key = propose(risk2, lower);
        refused(
            officer,
            abi.encodeCall(registry.countersign, (key, 0, lower)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.LOWER_TO_NONE,
                ControlState.UNROUTED
            ),
            "one person routes it"
        );
    }

    // ---------------------------------------------------------------- duties of one key

    function test_whoReleasedPart_setsTheControlNoMore() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_RISK | Roles.CUSTOMS_OFFICER, OFFICE);
        uint64 id = accepted(3);
        ready(id);
        act(both, abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)));
        bytes memory same = abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, both);
        uint16 r = REGULAR;
        refused(both, abi.encodeCall(registry.route, (id, 1, ControlKind.PHYSICAL, r, EVIDENCE)), same, "route");
        route(id, ControlKind.PHYSICAL);
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        refused(both, abi.encodeCall(registry.propose, ("l", lower)), same, "propose a lower control");
        bytes32 key = propose(risk2, lower);
        refused(both, abi.encodeCall(registry.countersign, (key, 2, lower)), same, "countersign it");
    }

    function test_whoRouted_doesNotCallTheFindingHarmless() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_RISK | Roles.CUSTOMS_OFFICER, OFFICE);
        uint64 id = accepted(1);
        act(both, abi.encodeCall(registry.route, (id, 0, ControlKind.PHYSICAL, REGULAR, EVIDENCE)));
        startControl(id);
        recordControl(id, false);
        refused(
            both,
            abi.encodeCall(registry.dismissDiscrepancy, (id, 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, both),
            "who routed"
        );
        act(officer, abi.encodeCall(registry.dismissDiscrepancy, (id, 3, REGULAR, EVIDENCE)));
    }

    // ---------------------------------------------------------------- fallback entries

    function _noEntry(address who, uint64 id, bytes memory call_, string memory what) private {
        refused(
            who,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NoFallback.selector, id, who, bytes4(call_)),
            what
        );
    }

    /// @dev Of customs, of an agency, of the carrier, of the declarant, of two persons, of the appeal's judge.
    function test_fallback_needsItsEntry_whoseverTheActIs() public {
        uint64 id = lodge(2);
        accept(id, checksFor(1, 1), noUses());
        uint16 f = DeclarationReasons.FALLBACK;
        bytes32 e = EVIDENCE;
        uint32 r = rev(id);
        _noEntry(
            phyto,
            id,
            abi.encodeCall(registry.decideItems, (id, 0, 1, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), f, e)),
            "agency"
        );
        _noEntry(vet, id, abi.encodeCall(registry.takeOverChecks, (id, 0, quarantine, 1, 1, f, e)), "successor");
        _noEntry(carrier, id, abi.encodeCall(registry.confirmArrival, (id, 0, f, e)), "carrier");
        _noEntry(trader, id, abi.encodeCall(registry.requestCancellation, (id, r, f, e)), "declarant");
        _noEntry(risk, id, abi.encodeCall(registry.route, (id, 0, ControlKind.PHYSICAL, f, e)), "risk");
        _noEntry(appealOfficer, id, abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, f, e)), "appeals");
        route(id, ControlKind.PHYSICAL);
        JointAct memory lower = jointAct(id, JointKind.LOWER_CONTROL, 0, 0);
        lower.reason = f;
        _noEntry(risk2, id, abi.encodeCall(registry.propose, ("p", lower)), "the first of two persons");
        _noEntry(officer, id, abi.encodeCall(registry.countersign, ("p", 1, lower)), "the second");
    }

    /// @dev One paper may tell of two acts of a kind.
    function test_fallback_entriesOfOnePaper_areConfirmedOneAfterTheOther() public {
        uint64 id = accepted(2);
        ready(id);
        bytes4 selector = registry.release.selector;
        vm.prank(officer);
        bytes32 first = registry.enterFallback("a", id, selector, time40(), EVIDENCE);
        vm.prank(officer);
        bytes32 second = registry.enterFallback("b", id, selector, time40(), EVIDENCE);
        act(officer2, abi.encodeCall(registry.confirmFallback, (first, 1, EVIDENCE)));
        refused(
            officer2,
            abi.encodeCall(registry.confirmFallback, (second, 1, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.FallbackWaits.selector, first),
            "the first is not entered yet"
        );
        uint16 f = DeclarationReasons.FALLBACK;
        act(officer, abi.encodeCall(registry.release, (id, rev(id), 1, 1, f, EVIDENCE)));
        act(officer2, abi.encodeCall(registry.confirmFallback, (second, 1, EVIDENCE)));
        act(officer, abi.encodeCall(registry.release, (id, rev(id), 2, 2, f, EVIDENCE)));
        assertEq(uint8(registry.item(id, 2).outcome), uint8(ItemOutcome.RELEASED), "two entries, two releases");
    }
}
