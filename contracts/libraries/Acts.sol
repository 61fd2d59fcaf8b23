// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BadValidity, WrongVersion} from "../types/Errors.sol";

/// @title Acts
/// @notice The checks that every registry makes of an act.
library Acts {
    /// @notice Entity key of an act that creates or adds.
    /// @param participant In whose name it was done; 0 for governance.
    function key(uint64 participant, bytes32 requestId) internal pure returns (bytes32) {
        return keccak256(abi.encode(participant, requestId));
    }

    /// @dev Reverts {WrongVersion} unless the actor saw the entity as it is.
    function requireVersion(uint32 expected, uint256 actual) internal pure {
        if (expected != actual) revert WrongVersion(expected, uint32(actual));
    }

    /// @notice A validity given now: an instant before this block counts from this block, so that no act is backdated.
    /// @dev Reverts {BadValidity} when it ends before it begins, or before this block.
    function startOf(uint40 from, uint40 until) internal view returns (uint40 start) {
        start = from < block.timestamp ? uint40(block.timestamp) : from;
        if (until < start) revert BadValidity(from, until);
    }
}
