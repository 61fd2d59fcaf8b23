// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHash} from "../../contracts/libraries/ActHash.sol";
import {Test} from "./support/Test.sol";

/// @dev What calldata must hold for its layout, to the byte: what is short is answered with false, and never read past.
contract ActHashTest is Test {
    bytes private constant TWO_MEMBERS = abi.encodePacked(uint8(4), bytes32("type"), uint8(2));

    function encode(bytes memory fields, bytes calldata args) external pure returns (bool ok, bytes memory encoded) {
        return ActHash.encode(fields, args);
    }

    function answers(bytes memory fields, bytes memory args, bool expected, string memory what) private view {
        (bool ok, ) = this.encode(fields, args);
        assertTrue(ok == expected, what);
    }

    function test_encode_headEndsWithTheArguments() public view {
        answers(hex"00", new bytes(32), true, "one word");
        answers(hex"00", new bytes(31), false, "a byte less");
        answers(TWO_MEMBERS, new bytes(64), true, "two members");
        answers(TWO_MEMBERS, new bytes(63), false, "a byte less of two members");
    }

    function test_encode_tailEndsWithTheArguments() public view {
        answers(hex"02", new bytes(32), true, "empty bytes whose length is the head itself");
        answers(hex"02", abi.encode(33, 0), false, "an offset that leaves no word for the length");
        answers(hex"02", abi.encode(32, 1), false, "a byte that is not there");
        answers(hex"02", abi.encodePacked(uint256(32), uint256(1), hex"ff"), true, "a byte that is");
        answers(hex"01", abi.encode(32, 2, 7), false, "a second word that is not there");
        answers(hex"01", abi.encode(32, 2, 7, 8), true, "two words");
    }

    function test_encode_hashesWhatTheTargetReads() public view {
        (, bytes memory encoded) = this.encode(hex"0001", abi.encode(5, 64, 2, 7, 8));
        assertEq(encoded, abi.encode(5, keccak256(abi.encode(7, 8))), "a word, and the hash of an array's words");
        (, encoded) = this.encode(TWO_MEMBERS, abi.encode(7, 8));
        assertEq(encoded, abi.encode(keccak256(abi.encode(bytes32("type"), 7, 8))), "an inline struct");
    }
}
