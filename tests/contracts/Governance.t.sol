// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {Governance} from "../../contracts/Governance.sol";
import {Call, DecisionState, IGovernance} from "../../contracts/interfaces/IGovernance.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {AlreadyDone, TooMany} from "../../contracts/types/Errors.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev m of n decide after a delay; nothing they decide can loosen governance's own hold of the AccessManager.
contract GovernanceTest is Ledger {
    uint40 internal constant DELAY = 2 days;
    address internal outsider;

    function setUp() public {
        deployCore();
        (outsider, ) = makeKey("outsider");
    }

    function one(address target, bytes memory data) internal pure returns (Call[] memory calls) {
        calls = new Call[](1);
        calls[0] = Call(target, data);
    }

    function admitCall(bytes32 requestId) internal view returns (Call[] memory) {
        return one(address(participants), abi.encodeCall(participants.admit, (requestId, ALL_ROLES, 0, 0)));
    }

    function idOf(bytes32 requestId, Call[] memory calls) internal pure returns (bytes32) {
        return keccak256(abi.encode(requestId, calls));
    }

    function setSigners(address[] memory signers, uint8 threshold, uint40 delay) internal {
        decide(address(governance), abi.encodeCall(governance.setSigners, (signers, threshold, delay)));
    }

    function three() internal view returns (address[] memory signers) {
        signers = new address[](3);
        (signers[0], signers[1], signers[2]) = (signerA, signerB, signerC);
    }

    function expectState(bytes32 decision, DecisionState expected) internal view {
        (DecisionState state, , ) = governance.decisionOf(decision);
        assertEq(uint256(state), uint256(expected), "state");
    }

    function test_decision_goesItsWay() public {
        setSigners(three(), 2, DELAY);
        Call[] memory calls = admitCall("a");
        bytes32 id = idOf("x", calls);

        vm.expectEmit(address(governance));
        emit IGovernance.DecisionProposed(id, signerA, "x", calls);
        vm.expectEmit(address(governance));
        emit IGovernance.DecisionApproved(id, signerA, 1);
        vm.prank(signerA);
        assertEq(governance.propose("x", calls), id, "id");
        expectState(id, DecisionState.OPEN);
        assertTrue(governance.hasApproved(id, signerA), "the proposer approves");

        vm.prank(signerA);
        vm.expectRevert(wrongState(id, DecisionState.OPEN));
        governance.execute("x", calls);

        vm.warp(START + 1 days);
        vm.expectEmit(address(governance));
        emit IGovernance.DecisionApproved(id, signerB, 2);
        vm.prank(signerB);
        governance.approve(id);
        expectState(id, DecisionState.WAITING);
        (, uint8 approvals, uint40 readyAt) = governance.decisionOf(id);
        assertEq(approvals, 2, "approvals");
        assertEq(readyAt, START + 3 days, "delay runs from the quorum");

        vm.warp(readyAt - 1);
        vm.prank(signerC);
        vm.expectRevert(wrongState(id, DecisionState.WAITING));
        governance.execute("x", calls);

        vm.warp(readyAt);
        vm.expectEmit(address(governance));
        emit IGovernance.DecisionExecuted(id, signerC);
        vm.prank(signerC);
        governance.execute("x", calls);
        expectState(id, DecisionState.EXECUTED);
        assertEq(participants.participantCount(), 1, "done");
    }

    function test_decision_twiceIsOnce() public {
        Call[] memory calls = admitCall("a");
        vm.prank(signerA);
        bytes32 id = governance.propose("x", calls);
        vm.prank(signerA);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, id));
        governance.propose("x", calls);
        vm.prank(signerA);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.AlreadyApproved.selector, id, signerA));
        governance.approve(id);
        vm.prank(signerB);
        governance.approve(id);
        vm.prank(signerA);
        governance.execute("x", calls);
        vm.prank(signerA);
        vm.expectRevert(abi.encodeWithSelector(AlreadyDone.selector, id));
        governance.execute("x", calls);
        vm.prank(signerC);
        vm.expectRevert(wrongState(id, DecisionState.EXECUTED));
        governance.approve(id);
        assertEq(participants.participantCount(), 1, "once");
    }

    function test_decision_onlySigners() public {
        Call[] memory calls = admitCall("a");
        vm.startPrank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.NotSigner.selector, outsider));
        governance.propose("x", calls);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.NotSigner.selector, outsider));
        governance.approve("x");
        vm.expectRevert(abi.encodeWithSelector(IGovernance.NotSigner.selector, outsider));
        governance.withdrawApproval("x");
        vm.expectRevert(abi.encodeWithSelector(IGovernance.NotSigner.selector, outsider));
        governance.execute("x", calls);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.OnlySelf.selector, outsider));
        governance.setSigners(three(), 2, 0);
        vm.stopPrank();
        assertFalse(governance.isSigner(address(this)), "the deployer keeps nothing");
        (bool admin, ) = manager.hasRole(0, address(this));
        assertFalse(admin, "nor at the manager");
    }

    function test_withdrawal_stopsAndRestartsTheDelay() public {
        setSigners(three(), 2, DELAY);
        Call[] memory calls = admitCall("a");
        vm.prank(signerA);
        bytes32 id = governance.propose("x", calls);
        vm.prank(signerB);
        governance.approve(id);
        vm.warp(START + 1 days);
        vm.expectEmit(address(governance));
        emit IGovernance.ApprovalWithdrawn(id, signerA, 1);
        vm.prank(signerA);
        governance.withdrawApproval(id);
        expectState(id, DecisionState.OPEN);
        vm.prank(signerA);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.NotApproved.selector, id, signerA));
        governance.withdrawApproval(id);
        vm.prank(signerC);
        governance.approve(id);
        (, , uint40 readyAt) = governance.decisionOf(id);
        assertEq(readyAt, START + 3 days, "anew");
        vm.prank(signerA);
        governance.approve(id);
        (, , readyAt) = governance.decisionOf(id);
        assertEq(readyAt, START + 3 days, "a third approval changes nothing");
        vm.warp(START + 2 days);
        vm.prank(signerB);
        governance.withdrawApproval(id);
        (, , readyAt) = governance.decisionOf(id);
        assertEq(readyAt, START + 3 days, "nor does its going, while two stay");
    }

    function test_decision_lapses() public {
        Call[] memory calls = admitCall("a");
        vm.prank(signerA);
        bytes32 id = governance.propose("x", calls);
        vm.prank(signerB);
        governance.approve(id);
        vm.warp(START + governance.LIFETIME_S());
        expectState(id, DecisionState.READY);
        vm.warp(START + governance.LIFETIME_S() + 1);
        expectState(id, DecisionState.LAPSED);
        vm.prank(signerA);
        vm.expectRevert(wrongState(id, DecisionState.LAPSED));
        governance.execute("x", calls);
        vm.prank(signerC);
        vm.expectRevert(wrongState(id, DecisionState.LAPSED));
        governance.approve(id);
    }

    function test_newSigners_lapseOpenDecisions() public {
        Call[] memory calls = admitCall("a");
        vm.prank(signerC);
        bytes32 id = governance.propose("x", calls);
        vm.prank(signerB);
        governance.approve(id);
        address[] memory signers = new address[](2);
        (signers[0], signers[1]) = (signerA, outsider);
        setSigners(signers, 2, 0);
        expectState(id, DecisionState.LAPSED);
        assertFalse(governance.isSigner(signerC), "C is out");
        assertTrue(governance.isSigner(outsider), "the new one is in");
        (address[] memory now_, uint8 threshold, uint40 delay, uint32 version) = governance.quorum();
        assertEq(now_.length, 2, "two");
        assertEq(threshold, 2, "threshold");
        assertEq(delay, 0, "delay");
        assertEq(version, 2, "version");
        vm.prank(signerA);
        vm.expectRevert(wrongState(id, DecisionState.LAPSED));
        governance.execute("x", calls);
    }

    function test_unknownDecision() public {
        vm.startPrank(signerA);
        vm.expectRevert(abi.encodeWithSelector(IGovernance.UnknownDecision.selector, bytes32("x")));
        governance.approve("x");
        Call[] memory calls = admitCall("a");
        vm.expectRevert(abi.encodeWithSelector(IGovernance.UnknownDecision.selector, idOf("x", calls)));
        governance.execute("x", calls);
        vm.expectRevert(abi.encodeWithSelector(TooMany.selector, 0, 64));
        governance.propose("x", new Call[](0));
        vm.expectRevert(abi.encodeWithSelector(TooMany.selector, 65, 64));
        governance.propose("x", new Call[](65));
        vm.stopPrank();
    }

    function test_execute_isAllOrNothing() public {
        Call[] memory calls = new Call[](2);
        calls[0] = admitCall("a")[0];
        calls[1] = admitCall("a")[0];
        bytes memory reason = abi.encodeWithSelector(
            AlreadyDone.selector,
            keccak256(abi.encode(uint64(0), bytes32("a")))
        );
        executeExpecting(calls, abi.encodeWithSelector(IGovernance.CallFailed.selector, 1, reason));
        assertEq(participants.participantCount(), 0, "nothing");
        calls[1] = Call(outsider, hex"12345678");
        executeExpecting(calls, abi.encodeWithSelector(IGovernance.NoCode.selector, 1, outsider));
        calls[1] = Call(address(participants), abi.encodeCall(participants.admit, ("b", ALL_ROLES, 9, 0)));
        reason = abi.encodeWithSelector(IParticipantRegistry.BadSupervisor.selector, 9);
        executeExpecting(calls, abi.encodeWithSelector(IGovernance.CallFailed.selector, 1, reason));
    }

    function executeExpecting(Call[] memory calls, bytes memory reason) internal {
        bytes32 requestId = freshId();
        vm.prank(signerA);
        bytes32 id = governance.propose(requestId, calls);
        vm.prank(signerB);
        governance.approve(id);
        vm.prank(signerA);
        vm.expectRevert(reason);
        governance.execute(requestId, calls);
        expectState(id, DecisionState.READY);
    }

    // ----- quorum

    function test_setSigners_bounds() public {
        address[] memory signers = three();
        expectQuorum(signers, 1, 0, abi.encodeWithSelector(IGovernance.BadQuorum.selector, 3, 1, 0));
        expectQuorum(signers, 4, 0, abi.encodeWithSelector(IGovernance.BadQuorum.selector, 3, 4, 0));
        expectQuorum(signers, 2, 31 days, abi.encodeWithSelector(IGovernance.BadQuorum.selector, 3, 2, 31 days));
        expectQuorum(new address[](33), 2, 0, abi.encodeWithSelector(IGovernance.BadQuorum.selector, 33, 2, 0));
        signers[2] = signers[0];
        expectQuorum(signers, 2, 0, abi.encodeWithSelector(IGovernance.BadSigner.selector, signers[0]));
        signers[2] = address(0);
        expectQuorum(signers, 2, 0, abi.encodeWithSelector(IGovernance.BadSigner.selector, address(0)));
        signers[2] = address(governance);
        expectQuorum(signers, 2, 0, abi.encodeWithSelector(IGovernance.BadSigner.selector, address(governance)));
    }

    function test_constructor_bounds() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernance.BadQuorum.selector, 3, 1, 0));
        new Governance(three(), 1, 0);
    }

    function expectQuorum(address[] memory signers, uint8 threshold, uint40 delay, bytes memory reason) internal {
        vm.prank(address(governance));
        vm.expectRevert(reason);
        governance.setSigners(signers, threshold, delay);
    }

    // ----- its hold of the AccessManager

    function test_forbidden_calls() public {
        bytes[] memory acts = new bytes[](11);
        acts[0] = abi.encodeCall(IAccessManager.grantRole, (0, outsider, 0));
        acts[1] = abi.encodeCall(IAccessManager.grantRole, (0, address(governance), 1 days));
        acts[2] = abi.encodeCall(IAccessManager.revokeRole, (0, address(governance)));
        acts[3] = abi.encodeCall(IAccessManager.renounceRole, (0, address(governance)));
        acts[4] = abi.encodeCall(IAccessManager.setTargetAdminDelay, (address(directory), 1 days));
        acts[5] = abi.encodeCall(IAccessManager.updateAuthority, (address(directory), outsider));
        acts[6] = abi.encodeCall(IAccessManager.execute, (address(manager), acts[2]));
        acts[7] = abi.encodeCall(IAccessManager.schedule, (address(manager), acts[2], 0));
        bytes[] memory inner = new bytes[](1);
        inner[0] = acts[3];
        acts[8] = abi.encodeWithSignature("multicall(bytes[])", inner);
        acts[9] = hex"123456";
        acts[10] = abi.encodePacked(IAccessManager.grantRole.selector, uint128(0)); // which role, cut short
        for (uint256 i = 0; i < acts.length; ++i) {
            Call[] memory calls = new Call[](2);
            calls[0] = admitCall("a")[0];
            calls[1] = Call(address(manager), acts[i]);
            bytes4 selector = acts[i].length < 4 ? bytes4(0) : bytes4(acts[i]);
            vm.prank(signerA);
            vm.expectRevert(abi.encodeWithSelector(IGovernance.Forbidden.selector, 1, selector));
            governance.propose("x", calls);
        }
    }

    /// @dev The manager alone could name another manager, and governance is forbidden to let it (above).
    function test_setAuthority_isTheManagersAlone() public {
        address[4] memory managed = [address(directory), address(forwarder), address(participants), address(rules)];
        address[3] memory callers = [outsider, signerA, address(governance)];
        for (uint256 i = 0; i < managed.length; ++i) {
            for (uint256 j = 0; j < callers.length; ++j) {
                vm.prank(callers[j]);
                vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, callers[j]));
                IAccessManaged(managed[i]).setAuthority(callers[j]);
            }
            assertEq(IAccessManaged(managed[i]).authority(), address(manager), "the same manager");
        }
    }

    function test_otherRoles_areItsToGive() public {
        decide(address(manager), abi.encodeCall(IAccessManager.grantRole, (1, outsider, 0)));
        (bool member, ) = manager.hasRole(1, outsider);
        assertTrue(member, "granted");
        decide(address(manager), abi.encodeCall(IAccessManager.revokeRole, (1, outsider)));
        (member, ) = manager.hasRole(1, outsider);
        assertFalse(member, "taken");
    }

    /// @dev Whatever governance decides about the manager, it stays the only admin, without delay.
    function testFuzz_staysSoleAdmin(uint8[6] memory kinds, uint64 role, uint32 delay) public {
        address[3] memory accounts = [address(governance), outsider, address(manager)];
        for (uint256 i = 0; i < kinds.length; ++i) {
            address account = accounts[(kinds[i] / 16) % 3];
            bytes memory act = managerAct(kinds[i] % 12, kinds[i] % 5 == 0 ? role : role % 3, account, delay);
            this.tryDecide(act);
            (bool admin, uint32 executionDelay) = manager.hasRole(0, address(governance));
            assertTrue(admin, "admin");
            assertEq(executionDelay, 0, "without delay");
            (admin, ) = manager.hasRole(0, outsider);
            assertFalse(admin, "nobody else");
            (admin, ) = manager.hasRole(0, address(manager));
            assertFalse(admin, "nor the manager");
            assertEq(manager.getTargetAdminDelay(address(directory)), 0, "no delay on a target");
            assertEq(directory.authority(), address(manager), "same manager");
        }
    }

    function tryDecide(bytes memory act) external {
        Call[] memory calls = one(address(manager), act);
        bytes32 requestId = freshId();
        vm.prank(signerA);
        try governance.propose(requestId, calls) returns (bytes32 id) {
            vm.prank(signerB);
            governance.approve(id);
            vm.prank(signerA);
            try governance.execute(requestId, calls) {} catch {} // the manager may refuse
        } catch {} // forbidden
    }

    function managerAct(uint256 kind, uint64 role, address account, uint32 delay) internal view returns (bytes memory) {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = directory.announce.selector;
        if (kind == 0) return abi.encodeCall(IAccessManager.grantRole, (role, account, delay));
        if (kind == 1) return abi.encodeCall(IAccessManager.revokeRole, (role, account));
        if (kind == 2) return abi.encodeCall(IAccessManager.renounceRole, (role, account));
        if (kind == 3) return abi.encodeCall(IAccessManager.setRoleAdmin, (role, role / 2));
        if (kind == 4) return abi.encodeCall(IAccessManager.setRoleGuardian, (role, role / 2));
        if (kind == 5) return abi.encodeCall(IAccessManager.setGrantDelay, (role, delay));
        if (kind == 6) {
            return abi.encodeCall(IAccessManager.setTargetFunctionRole, (address(directory), selectors, role));
        }
        if (kind == 7) return abi.encodeCall(IAccessManager.setTargetAdminDelay, (address(directory), delay));
        if (kind == 8) return abi.encodeCall(IAccessManager.setTargetClosed, (address(directory), delay % 2 == 0));
        if (kind == 9) return abi.encodeCall(IAccessManager.updateAuthority, (address(directory), account));
        bytes memory inner = managerAct(delay % 10, role, account, delay / 10);
        if (kind == 10) return abi.encodeCall(IAccessManager.execute, (address(manager), inner));
        bytes[] memory all = new bytes[](1);
        all[0] = inner;
        return abi.encodeWithSignature("multicall(bytes[])", all);
    }

    function wrongState(bytes32 decision, DecisionState state) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IGovernance.WrongDecisionState.selector, decision, state);
    }
}
