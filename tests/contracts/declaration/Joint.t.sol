// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlKind,
    ControlState,
    DeclarationStatus,
    JointAct,
    JointKind
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Roles} from "../../../contracts/types/Roles.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice What binds the two persons of a joint act (domain guide 3.6, 4.9), and what the act tells.
contract JointTest is CaseActs {
    bytes32 private constant CORRECTED = keccak256("corrected declaration");

    function setUp() public {
        deployDeclarations();
    }

    function _samePerson(address who) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDeclarationRegistry.SamePerson.selector, who);
    }

    // ---------------------------------------------------------------- lower control

    /// @dev Who only proposed a lower control has had a hand in the routing: neither inspects nor releases.
    function test_proposerOfALowerControl_neitherInspectsNorReleases() public {
        address all = giveKey(
            customs,
            "all duties",
            Roles.CUSTOMS_RISK | Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER,
            OFFICE
        );
        uint64 id = accepted(1);
        route(id, ControlKind.PHYSICAL);
        JointAct memory joint = lowering(id, ControlKind.NONE);
        bytes32 key = propose(all, joint);
        refused(
            all,
            abi.encodeCall(registry.startControl, (id, controlRev(id), REGULAR, EVIDENCE)),
            _samePerson(all),
            "inspects"
        );
        act(risk2, abi.encodeCall(registry.countersign, (key, controlRev(id), joint)));
        pay(id);
        arrive(id);
        refused(
            all,
            abi.encodeCall(registry.release, (id, rev(id), 1, 1, REGULAR, EVIDENCE)),
            _samePerson(all),
            "releases"
        );
        release(id, 1, 1);
    }

    /// @dev A correction starts the control track anew, but not what a key has done on the case.
    function test_whoInspectedAnEarlierVersion_doesNotCountersignALowerControl() public {
        address both = giveKey(customs, "both", Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_OFFICER, OFFICE);
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        startControl(id);
        act(both, abi.encodeCall(registry.recordControl, (id, controlRev(id), false, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), CORRECTED, noItems(), REGULAR, EVIDENCE)));
        route(id, ControlKind.PHYSICAL);
        JointAct memory joint = lowering(id, ControlKind.NONE);
        bytes32 key = propose(risk, joint);
        bytes memory call_ = abi.encodeCall(registry.countersign, (key, controlRev(id), joint));
        refused(both, call_, _samePerson(both), "inspected version 1");
        act(officer, call_);
        assertEq(uint8(stateOf(id).control), uint8(ControlState.NONE), "by who did not");
    }

    /// @dev Routing and lowering are one duty: who raised the control may agree to lower it.
    function test_whoRouted_mayCountersignALowerControl_whichIsTold() public {
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        uint32 revision = controlRev(id);
        vm.prank(risk2);
        registry.route(id, revision, ControlKind.PHYSICAL, REGULAR, EVIDENCE);
        JointAct memory joint = lowering(id, ControlKind.DOCUMENTARY);
        bytes32 key = propose(risk, joint);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Routed(
            id,
            risk2,
            1,
            3,
            DeclarationReasons.ENTERED_IN_ERROR,
            EVIDENCE,
            ControlState.REQUIRED,
            ControlKind.DOCUMENTARY,
            risk
        );
        act(risk2, abi.encodeCall(registry.countersign, (key, 2, joint)));
    }

    // ---------------------------------------------------------------- lifted seizure

    function test_liftedSeizure_isOfARangeOfItems() public {
        uint64 id = accepted(2);
        seize(id, 1, 2);
        uint16[2][3] memory ranges = [[uint16(0), 1], [uint16(2), 1], [uint16(1), 3]];
        for (uint256 i = 0; i < ranges.length; ++i) {
            JointAct memory joint = jointAct(id, JointKind.LIFT_SEIZURE, ranges[i][0], ranges[i][1]);
            bytes32 key = propose(officer, joint);
            refused(
                officer2,
                abi.encodeCall(registry.countersign, (key, rev(id), joint)),
                abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, ranges[i][0], ranges[i][1], 2),
                "range"
            );
        }
        JointAct memory both = jointAct(id, JointKind.LIFT_SEIZURE, 1, 2);
        bytes32 last = propose(officer, both);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.SeizureLifted(
            id,
            officer2,
            1,
            4,
            both.reason,
            EVIDENCE,
            1,
            2,
            officer,
            DeclarationStatus.ACCEPTED
        );
        act(officer2, abi.encodeCall(registry.countersign, (last, 3, both)));
        assertEq(stateOf(id).openItems, 2, "both are open again");
    }

    /// @dev A finding is owed to one seizure only: a later one that answered nothing reopens nothing.
    function test_liftedSeizure_reopensItsFindingOnce() public {
        uint64 id = accepted(1);
        discrepancy(id);
        act(
            officer,
            abi.encodeCall(registry.seize, (id, rev(id), 1, 1, true, DeclarationReasons.CONTROL_FINDING, EVIDENCE))
        );
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.DISCREPANCY), "a finding again");
        act(
            officer,
            abi.encodeCall(registry.dismissDiscrepancy, (id, controlRev(id), DeclarationReasons.HARMLESS, EVIDENCE))
        );
        seize(id, 1, 1);
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.SATISFACTORY), "dismissed it stays");
    }
}
