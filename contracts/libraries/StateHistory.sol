// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title StateHistory
/// @notice States of one entity with their times, so that "what was it on that day?" has an answer on the chain.
/// @dev Word of a page, as in the frozen layout of document status: `count u16 << 240`, then five of `time u40 ‖ state
///      u8` at bit 48n. `count` stands in page 0. Times never decrease. The state at T is the last one with time ≤ T.
library StateHistory {
    struct Pages {
        mapping(uint256 page => uint256 word) words;
    }

    uint256 private constant PER_PAGE = 5;
    uint256 private constant COUNT_SHIFT = 240;
    uint256 private constant ENTRY_MASK = (1 << 48) - 1;

    /// @notice A history keeps at most 65,535 states.
    error HistoryFull();

    /// @notice Adds `state` as of `time`.
    function push(Pages storage pages, uint40 time, uint8 state) internal {
        uint256 first = pages.words[0];
        uint256 count = first >> COUNT_SHIFT;
        if (count == type(uint16).max) revert HistoryFull();
        uint256 entry = ((uint256(time) << 8) | state) << (48 * (count % PER_PAGE));
        uint256 page = count / PER_PAGE;
        first += 1 << COUNT_SHIFT;
        if (page == 0) {
            pages.words[0] = first | entry;
        } else {
            pages.words[0] = first;
            pages.words[page] |= entry;
        }
    }

    /// @notice Stored state at `instant`; 0 before the first.
    /// @dev Walks back from the newest: as many steps as there were changes since `instant`.
    function at_(Pages storage pages, uint40 instant) internal view returns (uint8) {
        uint256 count = pages.words[0] >> COUNT_SHIFT;
        while (count > 0) {
            --count;
            uint256 entry = (pages.words[count / PER_PAGE] >> (48 * (count % PER_PAGE))) & ENTRY_MASK;
            if (entry >> 8 <= instant) return uint8(entry);
        }
        return 0;
    }
}
