// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Call} from "../../../contracts/interfaces/IGovernance.sol";
import {DebtFixture} from "../debt/DebtFixture.sol";
import {Vm} from "../support/Vm.sol";

/// @title Twice
/// @notice Does an act, then the very same transaction again a second later: whether the ledger refuses it or takes it
///         for a repetition, no storage slot of any contract may be another afterwards.
/// @dev `tests/architecture/test_doubles.py` reads the names given here: every act of every contract has to be among
///      them.
abstract contract Twice is DebtFixture {
    error Refused(string what, bytes reason);
    error ChangedAgain(string what, address account, bytes32 slot);

    function twice(string memory what, address actor, address target, bytes memory data) internal {
        (bool done, bytes memory reason) = _call(actor, target, data);
        if (!done) revert Refused(what, reason);
        vm.warp(block.timestamp + 1);
        vm.startStateDiffRecording();
        _call(actor, target, data);
        Vm.AccountAccess[] memory calls = vm.stopAndReturnStateDiff();
        for (uint256 i = 0; i < calls.length; ++i) {
            Vm.StorageAccess[] memory slots = calls[i].storageAccesses;
            for (uint256 k = 0; k < slots.length; ++k) {
                bool changed = slots[k].isWrite && !slots[k].reverted && slots[k].previousValue != slots[k].newValue;
                if (changed) revert ChangedAgain(what, slots[k].account, slots[k].slot);
            }
        }
    }

    /// @dev An act of governance: the doubled transaction is the execution of its decision.
    function governed(string memory what, address target, bytes memory data) internal {
        Call[] memory calls = new Call[](1);
        calls[0] = Call(target, data);
        bytes32 requestId = freshId();
        vm.prank(signerA);
        bytes32 decision = governance.propose(requestId, calls);
        vm.prank(signerB);
        governance.approve(decision);
        twice(what, signerA, address(governance), abi.encodeCall(governance.execute, (requestId, calls)));
    }

    function _call(address actor, address target, bytes memory data) private returns (bool done, bytes memory reason) {
        vm.prank(actor);
        return target.call(data);
    }
}
