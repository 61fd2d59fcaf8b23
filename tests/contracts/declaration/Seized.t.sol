// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    JointAct,
    JointKind
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice What a seizure holds until two officers lift it, and what becomes of the case when they do.
contract SeizedTest is CaseActs {
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _seizeByCourt(uint64 id, uint16 from, uint16 to) private {
        uint16 reason = DeclarationReasons.COURT_ORDER;
        act(officer2, abi.encodeCall(registry.seize, (id, rev(id), from, to, false, reason, EVIDENCE)));
    }

    function _lift(uint64 id, uint16 from, uint16 to) private {
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, from, to));
    }

    function _seizedStill(uint16 item) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, item, ItemOutcome.SEIZED);
    }

    function _routes(uint64 id, ControlKind kind) private view returns (bytes memory) {
        return abi.encodeCall(registry.route, (id, controlRev(id), kind, REGULAR, EVIDENCE));
    }

    // ---------------------------------------------------------------- one officer does not end it with its case

    function test_cancellation_waitsUntilTwoHaveLifted() public {
        uint64 id = lodge(4);
        accept(id, noChecks(), usesFor(permit, 1, 4, 100));
        refuseItems(id, 2, 2);
        _seizeByCourt(id, 3, 3);
        seize(id, 4, 4);
        act(trader, abi.encodeCall(registry.requestCancellation, (id, rev(id), REGULAR, EVIDENCE)));
        uint16[3] memory liftsTo = [uint16(0), 3, 4];
        for (uint16 i = 0; i < 3; ++i) {
            if (i != 0) _lift(id, liftsTo[i], liftsTo[i]);
            bytes memory grant = abi.encodeCall(registry.grantCancellation, (id, rev(id), 4, REGULAR, EVIDENCE));
            if (i != 2) refused(officer, grant, _seizedStill(3 + i), "seized by a court, then by customs");
            else act(officer, grant);
        }
        assertStatus(id, DeclarationStatus.INVALIDATED, "what is refused keeps nobody from cancelling");
        assertBalance(permit, 1_000, 0, 0, "given back");
    }

    /// @dev Forfeited goods come back to nobody: their case ends by two officers, as a lifting would.
    function test_twoOfficers_endACase_whoseGoodsStaySeized() public {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 100));
        _seizeByCourt(id, 1, 1);
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 1));
        assertTrue(registry.item(id, 1).courtHold, "the court's hold stays on record");
        assertBalance(permit, 1_000, 0, 0, "freed by two");
    }

    /// @dev Each act of one person that ends a case, or frees goods or permits.
    function test_noActOfOnePerson_freesWhatIsSeized() public {
        uint64 id = lodge(2);
        accept(id, noChecks(), usesFor(permit, 1, 2, 100));
        _seizeByCourt(id, 1, 1);
        discrepancy(id);
        bytes memory held = _seizedStill(1);
        refused(
            officer,
            abi.encodeCall(registry.correct, (id, rev(id), RECORD, onlyItem(1), REGULAR, EVIDENCE)),
            held,
            "corrected"
        );
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.grantAmendment, (id, rev(id), onlyItem(1), REGULAR, EVIDENCE)),
            held,
            "amended"
        );
        act(officer, abi.encodeCall(registry.refuseRequest, (id, rev(id), REGULAR, EVIDENCE)));
        refused(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            held,
            "refused instead"
        );
        ready(id);
        release(id, 2, 2);
        act(officer, clearing(id));
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), RECORD, REGULAR, EVIDENCE)));
        assertStatus(id, DeclarationStatus.CLEARED, "audited with a reassessment");
        assertEq(uint8(registry.item(id, 1).outcome), uint8(ItemOutcome.SEIZED), "seized through all of it");
        assertTrue(registry.item(id, 1).courtHold, "by the court");
        assertBalance(permit, 800, 100, 100, "its reservation stands");
    }

    // ---------------------------------------------------------------- lifted, and nothing routed any more

    /// @dev All released on a condition, seized, corrected, lifted: RELEASED again, and the new version is UNROUTED.
    function _liftedWithoutARoute() private returns (uint64 id) {
        id = inLaboratory(permit, 2);
        releaseOnCondition(id, 1, 2);
        seize(id, 1, 2);
        recordControl(id, false);
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
        _lift(id, 1, 2);
        assertStatus(id, DeclarationStatus.RELEASED, "on the condition again");
        assertEq(uint8(stateOf(id).control), uint8(ControlState.UNROUTED), "the version is not routed");
        debts.set(id, 2, FiscalState.PAID);
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 1, 2, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(0, HeldFor.CONTROL_UNROUTED)),
            "which holds the condition"
        );
    }

    function test_liftedSeizure_ofGoodsOnACondition_isRouted_andTheConditionEnds() public {
        uint64 id = _liftedWithoutARoute();
        act(risk, _routes(id, ControlKind.NONE));
        refused(
            service,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(1, HeldFor.NEEDS_OFFICER)),
            "never by itself"
        );
        release(id, 1, 1);
        act(risk, _routes(id, ControlKind.PHYSICAL));
        JointAct memory lower = lowering(id, ControlKind.NONE);
        bytes32 lapsed = propose(risk2, lower);
        jointly(risk2, officer2, lower);
        release(id, 2, 2);
        assertEq(stateOf(id).releasedAt, time40(), "released in full");
        bytes memory over = abi.encodeWithSelector(
            IDeclarationRegistry.NotInStatus.selector,
            DeclarationAct.ROUTE,
            DeclarationStatus.RELEASED
        );
        refused(risk, _routes(id, ControlKind.PHYSICAL), over, "nothing is left to route");
        refused(risk2, abi.encodeCall(registry.propose, ("late", lower)), over, "nor to lower");
        refused(
            officer2,
            abi.encodeCall(registry.countersign, (lapsed, controlRev(id), lower)),
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, controlRev(id) - 1, controlRev(id)),
            "lapsed"
        );
        act(officer, clearing(id));
    }

    function test_liftedSeizure_ofGoodsOnACondition_isInspected() public {
        uint64 id = _liftedWithoutARoute();
        act(risk, _routes(id, ControlKind.DOCUMENTARY));
        startControl(id);
        recordControl(id, true);
        release(id, 1, 2);
        assertEq(stateOf(id).conditionalItems, 0, "the condition is lifted");
    }

    // ---------------------------------------------------------------- lifted, and the finding that it answered

    function _answer(uint64 id, uint16 from, uint16 to) private {
        act(officer, abi.encodeCall(registry.seize, (id, rev(id), from, to, true, REGULAR, EVIDENCE)));
    }

    function _control(uint64 id, ControlState expected, string memory what) private view {
        assertEq(uint8(stateOf(id).control), uint8(expected), what);
    }

    function test_finding_isOpenAgain_withTheSeizureThatAnsweredIt_alone() public {
        uint64 id = accepted(4);
        discrepancy(id);
        seize(id, 1, 1);
        _answer(id, 2, 3);
        seize(id, 4, 4);
        _lift(id, 1, 1);
        _lift(id, 4, 4);
        _control(id, ControlState.SATISFACTORY, "answered still");
        _lift(id, 2, 2);
        _control(id, ControlState.DISCREPANCY, "part of the answer is gone");
        _answer(id, 1, 2);
        _lift(id, 3, 3);
        _control(id, ControlState.SATISFACTORY, "the second answer stands, whatever becomes of the first");
        _lift(id, 1, 1);
        _control(id, ControlState.DISCREPANCY, "and is gone");
        _answer(id, 4, 4);
        _lift(id, 2, 2);
        _control(id, ControlState.SATISFACTORY, "the third, whatever becomes of the second");
        _lift(id, 4, 4);
        _control(id, ControlState.DISCREPANCY, "none is left");
    }

    /// @dev What a second officer found harmless needs no answer any more.
    function test_finding_isNotOpenAgain_onceItWasDismissed() public {
        uint64 id = accepted(2);
        discrepancy(id);
        _answer(id, 1, 2);
        _lift(id, 1, 1);
        act(officer2, abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), REGULAR, EVIDENCE)));
        _lift(id, 2, 2);
        _control(id, ControlState.SATISFACTORY, "dismissed");
    }

    /// @dev The same goods seized anew for another cause answer nothing any more.
    function test_finding_isNotOpenedByALaterSeizure_ofTheSameGoods() public {
        uint64 id = accepted(1);
        discrepancy(id);
        _answer(id, 1, 1);
        _lift(id, 1, 1);
        act(officer2, abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), REGULAR, EVIDENCE)));
        seize(id, 1, 1);
        _lift(id, 1, 1);
        _control(id, ControlState.SATISFACTORY, "found harmless");
    }

    /// @dev An audit makes a version without routing it: the answer is the one that it was.
    function test_finding_isOpenAgain_afterAnAuditMadeAVersion() public {
        uint64 id = accepted(2);
        discrepancy(id);
        _answer(id, 2, 2);
        pay(id);
        arrive(id);
        release(id, 1, 1);
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        act(auditor, abi.encodeCall(registry.closePca, (id, rev(id), RECORD, REGULAR, EVIDENCE)));
        _lift(id, 2, 2);
        _control(id, ControlState.DISCREPANCY, "not forgotten");
    }
}
