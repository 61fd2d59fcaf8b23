// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {Ledger} from "./support/Ledger.sol";

/// @dev OpenZeppelin's manager as it is deployed here: whatever changes who may do what is governance's alone.
contract ManagerTest is Ledger {
    uint64 private constant ROLE = 9;

    address private stranger;
    address private delegate;

    function setUp() public {
        deployCore();
        (stranger, ) = makeKey("stranger");
        (delegate, ) = makeKey("delegate");
        bytes4[] memory acts = new bytes4[](1);
        acts[0] = directory.announce.selector;
        decide(address(manager), abi.encodeCall(manager.setTargetFunctionRole, (address(directory), acts, ROLE)));
        decide(address(manager), abi.encodeCall(manager.grantRole, (ROLE, delegate, 5)));
    }

    function _adminActs() private view returns (bytes[] memory acts) {
        bytes4[] memory none = new bytes4[](0);
        acts = new bytes[](9);
        acts[0] = abi.encodeCall(manager.labelRole, (ROLE, "label"));
        acts[1] = abi.encodeCall(manager.setRoleAdmin, (ROLE, 1));
        acts[2] = abi.encodeCall(manager.setRoleGuardian, (ROLE, 1));
        acts[3] = abi.encodeCall(manager.setGrantDelay, (ROLE, 1));
        acts[4] = abi.encodeCall(manager.setTargetClosed, (address(rules), true));
        acts[5] = abi.encodeCall(manager.setTargetFunctionRole, (address(rules), none, ROLE));
        acts[6] = abi.encodeCall(manager.grantRole, (ROLE, stranger, 0));
        acts[7] = abi.encodeCall(manager.revokeRole, (ROLE, delegate));
        acts[8] = abi.encodeCall(manager.setTargetAdminDelay, (address(rules), 1));
    }

    function test_adminActs_areGovernancesAlone() public {
        bytes[] memory acts = _adminActs();
        address[3] memory others = [stranger, delegate, signerA];
        for (uint256 i = 0; i < acts.length; ++i) {
            for (uint256 k = 0; k < others.length; ++k) {
                vm.prank(others[k]);
                vm.expectRevert(
                    abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedAccount.selector, others[k], 0)
                );
                (bool done, ) = address(manager).call(acts[i]);
                assertTrue(done, "refused as expected");
            }
        }
    }

    function test_labelRole_isGovernancesAndTells() public {
        vm.expectEmit(address(manager));
        emit IAccessManager.RoleLabel(ROLE, "clerks");
        vm.prank(address(governance));
        manager.labelRole(ROLE, "clerks");
    }

    function test_setTargetClosed_shutsAContractForItsRoles() public {
        decide(address(manager), abi.encodeCall(manager.setTargetClosed, (address(directory), true)));
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(governance)));
        directory.announce("Rules", address(rules));
        decide(address(manager), abi.encodeCall(manager.setTargetClosed, (address(directory), false)));
        decide(address(manager), abi.encodeCall(manager.grantRole, (ROLE, stranger, 0)));
        vm.prank(stranger);
        directory.announce("Rules", address(rules));
        assertEq(directory.current("Rules"), address(rules), "open again");
    }

    /// @dev Scheduled by its caller; cancelled by that caller or a guardian, by nobody else; never before its time.
    function test_scheduledAct_cancel() public {
        bytes memory act = abi.encodeCall(directory.announce, ("Rules", address(rules)));
        uint48 when = uint48(block.timestamp + 10);
        vm.prank(delegate);
        (bytes32 id, ) = manager.schedule(address(directory), act, when);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotReady.selector, id));
        manager.execute(address(directory), act);
        vm.prank(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessManager.AccessManagerUnauthorizedCancel.selector,
                stranger,
                delegate,
                address(directory),
                directory.announce.selector
            )
        );
        manager.cancel(delegate, address(directory), act);
        decide(address(manager), abi.encodeCall(manager.cancel, (delegate, address(directory), act)));
        vm.warp(when);
        vm.prank(delegate);
        vm.expectRevert(abi.encodeWithSelector(IAccessManager.AccessManagerNotScheduled.selector, id));
        manager.execute(address(directory), act);
    }

    /// @dev Only the contract acted on uses up a scheduled act, while it is doing it.
    function test_scheduledAct_isUsedUpByItsTargetAlone() public {
        bytes memory act = abi.encodeCall(directory.announce, ("Rules", address(rules)));
        uint48 when = uint48(block.timestamp + 10);
        vm.prank(delegate);
        manager.schedule(address(directory), act, when);
        vm.warp(when);
        vm.prank(stranger);
        vm.expectRevert();
        manager.consumeScheduledOp(delegate, act);
        vm.prank(address(directory));
        vm.expectRevert(
            abi.encodeWithSelector(IAccessManager.AccessManagerUnauthorizedConsume.selector, address(directory))
        );
        manager.consumeScheduledOp(delegate, act);
        vm.prank(delegate);
        directory.announce("Rules", address(rules));
        assertEq(directory.current("Rules"), address(rules), "announced once");
        assertEq(manager.getSchedule(manager.hashOperation(delegate, address(directory), act)), 0, "used up");
    }
}
