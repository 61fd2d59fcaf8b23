// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title MerkleTree
/// @notice Inclusion in RFC 6962 trees over record ids: SHA-256, node = SHA-256(0x01 ‖ left ‖ right), order kept.
/// @dev A record id is the leaf hash already. Follows RFC 9162 §2.1.3.2.
library MerkleTree {
    /// @notice Root that `path` leads to from `leaf` at `index` of a tree of `size` leaves.
    /// @param path Siblings, leaf to root.
    /// @return ok False when index, size and the length of the path do not fit together; `root` is zero then.
    function rootFrom(
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32[] calldata path
    ) internal pure returns (bool ok, bytes32 root) {
        if (index >= size) return (false, 0);
        uint256 last = size - 1;
        root = leaf;
        for (uint256 i = 0; i < path.length; ++i) {
            if (last == 0) return (false, 0);
            if (index & 1 == 1 || index == last) {
                root = sha256(abi.encodePacked(bytes1(0x01), path[i], root));
                // A node without a right neighbour moves up unhashed until it is a right child.
                while (index & 1 == 0 && index != 0) {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                root = sha256(abi.encodePacked(bytes1(0x01), root, path[i]));
            }
            index >>= 1;
            last >>= 1;
        }
        return last == 0 ? (true, root) : (false, bytes32(0));
    }

    /// @notice Whether `leaf` stands at `index` of the tree of `size` leaves with root `root`.
    function includes(
        bytes32 root,
        bytes32 leaf,
        uint256 index,
        uint256 size,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        (bool ok, bytes32 found) = rootFrom(leaf, index, size, path);
        return ok && found == root;
    }
}
