// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ActHash
/// @notice EIP-712 hash of a call's parameters, taken from its calldata along a layout.
/// @dev Layout, one entry per parameter in order:
///      `00` atomic: one head word;
///      `01` dynamic array of atomic: keccak of its words;
///      `02` bytes or string: keccak of its bytes;
///      `03 ‖ typehash32 ‖ words u8` dynamic array of structs of `words` atomic members: keccak of their struct hashes;
///      `04 ‖ typehash32 ‖ words u8` one such struct, inline in the head: its struct hash.
///      The words hashed are those that the target's decoder reads: every offset and length is checked against the
///      signed calldata, so that nothing outside it can be read in its place. Values that do not fit their type are
///      refused by the target itself.
library ActHash {
    uint8 internal constant ATOMIC = 0;
    uint8 internal constant ARRAY = 1;
    uint8 internal constant BYTES = 2;
    uint8 internal constant STRUCTS = 3;
    uint8 internal constant STRUCT = 4;
    /// @dev Bytes of an entry that names a struct: kind, type hash, number of words.
    uint256 private constant STRUCT_ENTRY = 34;

    /// @notice Number of parameters that `fields` describes.
    /// @return ok False when an entry is cut short, of an unknown kind, or a struct without members.
    function parameters(bytes memory fields) internal pure returns (bool ok, uint256 count) {
        uint256 offset = 0;
        for (; offset < fields.length; ++count) {
            uint8 kind = uint8(fields[offset]);
            if (kind > STRUCT) return (false, 0);
            if (kind < STRUCTS) {
                offset += 1;
                continue;
            }
            if (offset + STRUCT_ENTRY > fields.length || fields[offset + 33] == 0) return (false, 0);
            offset += STRUCT_ENTRY;
        }
        return (true, count);
    }

    /// @notice The parameters' words of the EIP-712 encoding, in order.
    /// @param fields Well-formed, see {parameters}.
    /// @param args Calldata without its selector.
    /// @return ok False when `args` does not hold what the layout says.
    function encode(bytes memory fields, bytes calldata args) internal pure returns (bool ok, bytes memory encoded) {
        uint256 head = 0;
        uint256 entry = 0;
        while (entry < fields.length) {
            uint8 kind = uint8(fields[entry]);
            uint256 words = 1;
            bytes32 typeHash;
            if (kind >= STRUCTS) {
                (typeHash, words) = _struct(fields, entry);
                entry += STRUCT_ENTRY;
            } else {
                entry += 1;
            }
            uint256 headWords = kind == STRUCT ? words : 1;
            if (head + 32 * headWords > args.length) return (false, "");
            bytes32 word = bytes32(args[head:head + 32]);
            if (kind == STRUCT) {
                word = keccak256(abi.encodePacked(typeHash, args[head:head + 32 * words]));
            } else if (kind != ATOMIC) {
                (ok, word) = _tail(args, uint256(word), kind, typeHash, words);
                if (!ok) return (false, "");
            }
            encoded = bytes.concat(encoded, word);
            head += 32 * headWords;
        }
        return (true, encoded);
    }

    /// @dev Hash of a dynamic parameter at `offset`.
    function _tail(
        bytes calldata args,
        uint256 offset,
        uint8 kind,
        bytes32 typeHash,
        uint256 words
    ) private pure returns (bool, bytes32) {
        if (args.length < 32 || offset > args.length - 32) return (false, 0);
        uint256 length = uint256(bytes32(args[offset:offset + 32]));
        uint256 start = offset + 32;
        uint256 unit = kind == BYTES ? 1 : 32 * words;
        if (length > (args.length - start) / unit) return (false, 0);
        if (kind != STRUCTS) return (true, keccak256(args[start:start + length * unit]));
        bytes32[] memory hashes = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            hashes[i] = keccak256(abi.encodePacked(typeHash, args[start + i * unit:start + (i + 1) * unit]));
        }
        return (true, keccak256(abi.encodePacked(hashes)));
    }

    function _struct(bytes memory fields, uint256 entry) private pure returns (bytes32 typeHash, uint256 words) {
        for (uint256 i = 1; i <= 32; ++i) {
            typeHash = (typeHash << 8) | (bytes32(fields[entry + i]) >> 248);
        }
        words = uint8(fields[entry + 33]);
    }
}
