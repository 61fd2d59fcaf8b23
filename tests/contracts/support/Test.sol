// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title Test
/// @notice Base of every contract test: cheatcodes, assertions that show both values, bounded fuzz inputs.
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Functions of a contract that an invariant campaign may call.
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    error NotTrue(string what);
    error NotEqual(string what, uint256 actual, uint256 expected);
    error NotEqualBytes32(string what, bytes32 actual, bytes32 expected);
    error NotEqualBytes(string what, bytes actual, bytes expected);
    error NotEqualAddress(string what, address actual, address expected);
    error Above(string what, uint256 actual, uint256 limit);

    address[] private _targets;
    FuzzSelector[] private _selectors;

    /// @dev Names the only contracts that an invariant campaign calls.
    function targetContract(address target) internal {
        _targets.push(target);
    }

    /// @dev Names the only functions of a contract that an invariant campaign calls.
    function targetSelector(FuzzSelector memory selector) internal {
        _selectors.push(selector);
    }

    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    function targetSelectors() public view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function assertFalse(bool condition, string memory what) internal pure {
        if (condition) revert NotTrue(what);
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqual(what, actual, expected);
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualBytes32(what, actual, expected);
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        if (actual != expected) revert NotEqualAddress(what, actual, expected);
    }

    function assertEq(bytes memory actual, bytes memory expected, string memory what) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert NotEqualBytes(what, actual, expected);
    }

    function assertLe(uint256 actual, uint256 limit, string memory what) internal pure {
        if (actual > limit) revert Above(what, actual, limit);
    }

    /// @dev Folds a fuzz input into `low` to `high`, both inclusive.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        uint256 span = high - low;
        return span == type(uint256).max ? value : low + (value % (span + 1));
    }

    /// @dev A key pair whose private key is the hash of its name.
    function makeKey(string memory name) internal returns (address key, uint256 secret) {
        secret = uint256(keccak256(bytes(name)));
        key = vm.addr(secret);
        vm.label(key, name);
    }

    /// @dev The block's time in the width that the contracts keep.
    function time40() internal view returns (uint40) {
        return uint40(block.timestamp);
    }
}
