// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title MerkleTree
/// @notice Inclusion in RFC 6962 trees over record ids: SHA-256, node = SHA-256(0x01 ‖ left ‖ right), order kept.
/// @dev A record id is the leaf hash already. Follows RFC 9162 §2.1.3.2.
library MerkleTree {
    /// @notice Whether `path` leads from `leaf` at `index` of a tree of `size` leaves to `root`.
    /// @param path Siblings, leaf to root.
    function includes(
        bytes32 root,
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint256 last = size - 1;
        bytes32 found = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return false;
            if (index & 1 == 1 || index == last) {
                found = sha256(abi.encodePacked(bytes1(0x01), path[i], found));
                // A node without a right neighbour moves up unhashed until it is a right child; the first of a level
                // always has one.
                while (index & 1 == 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                found = sha256(abi.encodePacked(bytes1(0x01), found, path[i]));
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 && found == root;
    }
}
