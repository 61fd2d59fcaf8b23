// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title WordHistory
/// @notice Superseded values of one storage word, each with the mark from which it was no longer in force.
/// @dev A mark is an instant [unix s] or a version: anything that never falls. The word in force is kept by its
///      owner, outside, so that asking for it costs one slot. Append-only.
library WordHistory {
    struct Entry {
        uint256 word;
        uint40 until;
    }

    /// @notice Keeps `word` as the one in force until `mark`, exclusive. Marks never fall.
    function supersede(Entry[] storage entries, uint256 word, uint40 mark) internal {
        entries.push(Entry(word, mark));
    }

    /// @notice The word in force at `mark`: the oldest one superseded after it, else `current`.
    /// @dev Of several changes under one mark the last counts. The first word was in force for ever before.
    function wordAt(Entry[] storage entries, uint256 current, uint40 mark) internal view returns (uint256) {
        uint256 low = 0;
        uint256 high = entries.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (entries[middle].until > mark) high = middle;
            else low = middle + 1;
        }
        return low == entries.length ? current : entries[low].word;
    }
}
