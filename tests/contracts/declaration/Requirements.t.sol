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
    JointAct,
    JointKind,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Declarations} from "./Declarations.sol";

/// @notice What each act needs of the case and of its caller beside the right role: a status, a reason, evidence.
contract RequirementsTest is Declarations {
    uint64 private id;
    uint256 private acts;

    function setUp() public {
        deployDeclarations();
    }

    // ---------------------------------------------------------------- a status

    /// @dev The act is refused because the case is REJECTED, in which nothing but an appeal goes on.
    function _notIn(DeclarationAct step, address actor, bytes memory call_) private {
        refused(
            actor,
            call_,
            abi.encodeWithSelector(IDeclarationRegistry.NotInStatus.selector, step, DeclarationStatus.REJECTED),
            string(call_)
        );
        ++acts;
    }

    function test_rejectedDeclaration_takesNoAct() public {
        id = lodge(1);
        act(officer, abi.encodeCall(registry.reject, (id, 1, DeclarationReasons.DATA_FAULT, EVIDENCE)));
        _declarants();
        _officers();
        _requests();
        _tracks();
        _outcomes();
        _twoPersons();
        assertEq(acts, 37, "acts tried");
    }

    function _declarants() private {
        _notIn(DeclarationAct.PRESENT, trader, abi.encodeCall(registry.present, (id, 2, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.REQUEST_AMENDMENT,
            trader,
            abi.encodeCall(registry.requestAmendment, (id, 2, RECORD, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.REQUEST_CANCELLATION,
            trader,
            abi.encodeCall(registry.requestCancellation, (id, 2, REGULAR, EVIDENCE))
        );
        _notIn(DeclarationAct.CLAIM, trader, abi.encodeCall(registry.declareSimplified, (id, 2, REGULAR, EVIDENCE)));
        _notIn(DeclarationAct.CLAIM, trader, abi.encodeCall(registry.claimForeignAeo, (id, 2, 0, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.SUPPLEMENT,
            trader,
            abi.encodeCall(registry.supplement, (id, 2, RECORD, REGULAR, EVIDENCE))
        );
    }

    function _officers() private {
        _notIn(DeclarationAct.REJECT, officer, abi.encodeCall(registry.reject, (id, 2, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.BEGIN_ACCEPTANCE,
            officer,
            abi.encodeCall(registry.accept, (id, 2, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.BEGIN_ACCEPTANCE,
            officer,
            abi.encodeCall(registry.beginAcceptance, (id, 2, ruleVersion, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.ENTER_ITEMS,
            officer,
            abi.encodeCall(registry.enterItems, (id, 2, 1, 1, noChecks(), noUses()))
        );
        _notIn(DeclarationAct.ABANDON, officer, abi.encodeCall(registry.abandon, (id, 2, 0, REGULAR, EVIDENCE)));
        _notIn(DeclarationAct.SEAL, officer, abi.encodeCall(registry.sealAcceptance, (id, 2, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.REASSIGN,
            officer,
            abi.encodeCall(registry.reassign, (id, 2, OFFICE, officer, REGULAR, EVIDENCE))
        );
    }

    function _requests() private {
        _notIn(
            DeclarationAct.GRANT_AMENDMENT,
            officer,
            abi.encodeCall(registry.grantAmendment, (id, 2, noItems(), REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.GRANT_CANCELLATION,
            officer,
            abi.encodeCall(registry.grantCancellation, (id, 2, 0, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.REFUSE_REQUEST,
            officer,
            abi.encodeCall(registry.refuseRequest, (id, 2, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.CORRECT,
            officer,
            abi.encodeCall(registry.correct, (id, 2, RECORD, noItems(), REGULAR, EVIDENCE))
        );
        _notIn(DeclarationAct.RETURN_PERMITS, officer, abi.encodeCall(registry.returnPermits, (id, 2, 1)));
        _notIn(DeclarationAct.OPEN_PCA, auditor, abi.encodeCall(registry.openPca, (id, 2, REGULAR, EVIDENCE)));
        _notIn(DeclarationAct.CLOSE_PCA, auditor, abi.encodeCall(registry.closePca, (id, 2, 0, REGULAR, EVIDENCE)));
    }

    function _tracks() private {
        _notIn(
            DeclarationAct.ROUTE,
            risk,
            abi.encodeCall(registry.route, (id, 0, ControlKind.PHYSICAL, REGULAR, EVIDENCE))
        );
        _notIn(DeclarationAct.CONTROL, inspector, abi.encodeCall(registry.startControl, (id, 0, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.CONTROL,
            inspector,
            abi.encodeCall(registry.recordControl, (id, 0, true, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.CONTROL,
            officer,
            abi.encodeCall(registry.dismissDiscrepancy, (id, 0, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.CONTROL,
            officer,
            abi.encodeCall(registry.notifyIrregularity, (id, 0, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.DECIDE_ITEMS,
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 0, decisionsFor(1, 1, AgencyDecision.HOLD, 0), REGULAR, EVIDENCE)
            )
        );
        succeed(quarantine, 0, veterinary);
        _notIn(
            DeclarationAct.DECIDE_ITEMS,
            vet,
            abi.encodeCall(registry.takeOverChecks, (id, 0, quarantine, 1, 1, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.CONFIRM_ARRIVAL,
            carrier,
            abi.encodeCall(registry.confirmArrival, (id, 0, REGULAR, EVIDENCE))
        );
        _notIn(DeclarationAct.CONFIRM_EXIT, carrier, abi.encodeCall(registry.confirmExit, (id, 0, REGULAR, EVIDENCE)));
    }

    function _outcomes() private {
        _notIn(DeclarationAct.RELEASE, officer, abi.encodeCall(registry.release, (id, 2, 1, 1, REGULAR, EVIDENCE)));
        _notIn(
            DeclarationAct.RELEASE,
            officer,
            abi.encodeCall(registry.releaseConditionally, (id, 2, 1, 1, REGULAR, EVIDENCE))
        );
        _notIn(
            DeclarationAct.REFUSE_ITEMS,
            officer,
            abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, REGULAR, EVIDENCE))
        );
        _notIn(DeclarationAct.SEIZE, officer, abi.encodeCall(registry.seize, (id, 2, 1, 1, false, REGULAR, EVIDENCE)));
        _notIn(DeclarationAct.CLEAR, officer, abi.encodeCall(registry.clear, (id, 2, REGULAR, EVIDENCE)));
    }

    function _twoPersons() private {
        _proposed(DeclarationAct.ROUTE, JointKind.LOWER_CONTROL, risk);
        _proposed(DeclarationAct.LIFT_SEIZURE, JointKind.LIFT_SEIZURE, officer);
        _proposed(DeclarationAct.INVALIDATE, JointKind.INVALIDATE, officer);
    }

    function _proposed(DeclarationAct step, JointKind kind, address actor) private {
        _notIn(step, actor, abi.encodeCall(registry.propose, (freshId(), jointAct(id, kind, 1, 1))));
    }

    // ---------------------------------------------------------------- a reason, evidence

    function _needsReason(address actor, bytes memory call_, string memory what) private {
        refused(actor, call_, abi.encodeWithSelector(IDeclarationRegistry.ReasonNeeded.selector), what);
    }

    function _needsEvidence(address actor, bytes memory call_, string memory what) private {
        refused(actor, call_, abi.encodeWithSelector(IDeclarationRegistry.EvidenceNeeded.selector), what);
    }

    function test_whatIsHeldAgainstSomebody_hasAReason() public {
        id = accepted(1);
        _needsReason(officer, abi.encodeCall(registry.dismissDiscrepancy, (id, 0, 0, EVIDENCE)), "dismissal");
        _needsReason(officer, abi.encodeCall(registry.notifyIrregularity, (id, 0, 0, EVIDENCE)), "irregularity");
        _needsReason(officer, abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, 0, EVIDENCE)), "refusal of items");
        _needsReason(officer, abi.encodeCall(registry.seize, (id, 2, 1, 1, false, 0, EVIDENCE)), "seizure");
        JointAct memory joint = jointAct(id, JointKind.LIFT_SEIZURE, 1, 1);
        joint.reason = 0;
        _needsReason(officer, abi.encodeCall(registry.propose, ("p", joint)), "act of two persons");
        uint64 checked = lodge(1);
        accept(checked, checksFor(1, 1), noUses());
        _needsReason(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (checked, 0, 1, decisionsFor(1, 1, AgencyDecision.REFUSE, 0), 0, EVIDENCE)
            ),
            "refusal by an agency"
        );
        act(officer, abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, REGULAR, EVIDENCE)));
        act(trader, abi.encodeCall(registry.appeal, ("a", id, 1, 0, REGULAR, EVIDENCE)));
        _needsReason(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, 0, EVIDENCE)), "appeal");
    }

    function test_whatWasFound_isOnRecord() public {
        id = lodge(1);
        _needsEvidence(officer, abi.encodeCall(registry.reject, (id, 1, REGULAR, 0)), "list of errors");
        accept(id, noChecks(), noUses());
        route(id, ControlKind.DOCUMENTARY);
        startControl(id);
        _needsEvidence(inspector, abi.encodeCall(registry.recordControl, (id, 2, true, REGULAR, 0)), "findings");
        JointAct memory joint = jointAct(id, JointKind.INVALIDATE, 0, 0);
        joint.evidence = 0;
        _needsEvidence(officer, abi.encodeCall(registry.propose, ("p", joint)), "legal ground");
        bytes32[] memory records = new bytes32[](1);
        _needsEvidence(officer, abi.encodeCall(registry.citeRecords, (id, importer, records)), "record cited");
        _needsEvidence(trader, abi.encodeCall(registry.requestAmendment, (id, 2, 0, REGULAR, EVIDENCE)), "amendment");
        _needsEvidence(trader, abi.encodeCall(registry.supplement, (id, 2, 0, REGULAR, EVIDENCE)), "supplement");
    }

    function test_audit_isClosedWithItsFindings() public {
        id = released(1);
        act(auditor, abi.encodeCall(registry.openPca, (id, rev(id), REGULAR, EVIDENCE)));
        _needsEvidence(auditor, abi.encodeCall(registry.closePca, (id, rev(id), RECORD, REGULAR, 0)), "findings");
    }

    // ---------------------------------------------------------------- a finding, an exit

    function test_dismissal_needsAFinding_andAnIrregularityIsTold() public {
        id = accepted(1);
        refused(
            officer,
            abi.encodeCall(registry.dismissDiscrepancy, (id, 0, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.NotInControl.selector,
                ControlAct.DISMISS,
                ControlState.UNROUTED
            ),
            "nothing found"
        );
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.IrregularityNotified(id, officer, 1, 1, REGULAR, EVIDENCE);
        act(officer, abi.encodeCall(registry.notifyIrregularity, (id, 0, REGULAR, EVIDENCE)));
    }

    /// @dev An import does not exit, whoever lodged it.
    function test_exit_isOfAnExportAlone() public {
        Lodgement memory what = lodgement(1);
        what.representation = Representation.DIRECT;
        id = lodgeAs(broker, what);
        accept(id, noChecks(), noUses());
        ready(id);
        release(id, 1, 1);
        refused(
            carrier,
            abi.encodeCall(registry.confirmExit, (id, 1, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.NotExpected.selector),
            "an import"
        );
    }
}
