// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleTree} from "../../contracts/libraries/MerkleTree.sol";
import {Test} from "./support/Test.sol";

/// @dev The library takes the path from calldata.
contract MerkleTreeCaller {
    function includes(
        bytes32 root,
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return MerkleTree.includes(root, leaf, index, size, path);
    }
}

/// @dev Paths made by the recursive definition of RFC 6962 §2.1 are accepted, and nothing else is.
contract MerkleTreeTest is Test {
    MerkleTreeCaller private tree;

    function setUp() public {
        tree = new MerkleTreeCaller();
    }

    /// @dev transparency-dev/merkle, testdata/inclusion/1 (Apache-2.0): happy path.
    function test_includes_publishedVector() public view {
        bytes32 root = 0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328;
        bytes32 leaf = 0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d;
        bytes32[] memory path = new bytes32[](3);
        path[0] = 0x96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7;
        path[1] = 0x5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e;
        path[2] = 0x6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4;
        assertTrue(tree.includes(root, leaf, 0, 8, path), "happy path");
        assertFalse(tree.includes(root, "WrongLeaf", 0, 8, path), "wrong leaf");
        assertFalse(tree.includes(root, leaf, 1, 8, path), "wrong index");
        assertFalse(tree.includes(root, leaf, 0, 4, path), "path too long");
        assertFalse(tree.includes(root, leaf, 0, 9, path), "path too short");
        assertFalse(tree.includes(root, leaf, 8, 8, path), "index outside");
    }

    function test_includes_everyLeafOfSmallTrees() public view {
        for (uint256 size = 1; size <= 17; ++size) {
            bytes32[] memory leaves = _leaves(size);
            bytes32 root = _root(leaves, 0, size);
            for (uint256 index = 0; index < size; ++index) {
                bytes32[] memory path = _path(leaves, index, 0, size);
                assertTrue(tree.includes(root, leaves[index], index, size, path), "its own path");
                uint256 other = (index + 1) % size;
                if (other != index) {
                    assertFalse(tree.includes(root, leaves[index], other, size, path), "elsewhere");
                    assertFalse(tree.includes(root, leaves[other], index, size, path), "another leaf");
                }
            }
        }
    }

    function testFuzz_includes_refusesAnyChange(uint16 size_, uint16 index_, uint8 place_, bytes32 noise) public view {
        uint256 size = bound(size_, 2, 100);
        uint256 index = bound(index_, 0, size - 1);
        bytes32[] memory leaves = _leaves(size);
        bytes32 root = _root(leaves, 0, size);
        bytes32[] memory path = _path(leaves, index, 0, size);
        assertTrue(tree.includes(root, leaves[index], index, size, path), "its own path");

        uint256 place = bound(place_, 0, path.length - 1);
        bytes32 kept = path[place];
        path[place] = kept ^ (noise == 0 ? bytes32(uint256(1)) : noise);
        assertFalse(tree.includes(root, leaves[index], index, size, path), "changed");
        path[place] = kept;

        bytes32[] memory shorter = new bytes32[](path.length - 1);
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) {
            longer[i] = path[i];
            if (i < shorter.length) shorter[i] = path[i];
        }
        longer[path.length] = noise;
        assertFalse(tree.includes(root, leaves[index], index, size, shorter), "cut short");
        assertFalse(tree.includes(root, leaves[index], index, size, longer), "drawn out");
    }

    function _leaves(uint256 size) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = sha256(abi.encodePacked(bytes1(0x00), i));
        }
    }

    /// @dev Merkle tree hash of leaves[from:to].
    function _root(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 k = from + _split(to - from);
        return sha256(abi.encodePacked(bytes1(0x01), _root(leaves, from, k), _root(leaves, k, to)));
    }

    /// @dev PATH(index, leaves[from:to]) of RFC 6962 §2.1.1.
    function _path(
        bytes32[] memory leaves,
        uint256 index,
        uint256 from,
        uint256 to
    ) private pure returns (bytes32[] memory path) {
        if (to - from == 1) return path;
        uint256 k = from + _split(to - from);
        bool left = index < k;
        bytes32[] memory lower = left ? _path(leaves, index, from, k) : _path(leaves, index, k, to);
        path = new bytes32[](lower.length + 1);
        for (uint256 i = 0; i < lower.length; ++i) {
            path[i] = lower[i];
        }
        path[lower.length] = left ? _root(leaves, k, to) : _root(leaves, from, k);
    }

    /// @dev Largest power of two below `n`.
    function _split(uint256 n) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }
}
