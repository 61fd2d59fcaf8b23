// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DocumentStatus} from "../types/Document.sol";

/// @title StatusPages
/// @notice A record's changes of status, five to a storage word, oldest first.
/// @dev Frozen. Page word: `count u16 << 240`, then change n of the page, `time u40 ‖ state u8`, at bit 48n.
///      `count` of page 0 is the record's number of changes, on all its pages; of a later page it is 0.
library StatusPages {
    /// @dev One member: a pointer to the page is worked out once for its read and its write.
    struct Page {
        uint256 word;
    }

    uint256 internal constant PER_PAGE = 5;
    uint256 internal constant MAX_CHANGES = type(uint16).max;

    /// @notice Number of changes of the record.
    function count(mapping(uint256 => Page) storage pages) internal view returns (uint256) {
        return pages[0].word >> 240;
    }

    /// @notice Change `n`, from 0.
    function change(
        mapping(uint256 => Page) storage pages,
        uint256 n
    ) internal view returns (DocumentStatus state, uint40 time) {
        uint256 bits = pages[n / PER_PAGE].word >> (48 * (n % PER_PAGE));
        return (DocumentStatus(uint8(bits)), uint40(bits >> 8));
    }

    /// @notice Status after the last change with time ≤ `instant`; ACTIVE since 0 before the first.
    function statusAt(
        mapping(uint256 => Page) storage pages,
        uint40 instant
    ) internal view returns (DocumentStatus state, uint40 since) {
        uint256 low = 0;
        uint256 high = count(pages);
        while (low < high) {
            uint256 middle = (low + high) / 2;
            (, uint40 time) = change(pages, middle);
            if (time > instant) high = middle;
            else low = middle + 1;
        }
        if (low != 0) (state, since) = change(pages, low - 1);
    }

    /// @notice Appends a change at this block's time.
    /// @param first Page 0, and `word` what stands in it; it counts fewer than {MAX_CHANGES}.
    function append(
        mapping(uint256 => Page) storage pages,
        Page storage first,
        uint256 word,
        DocumentStatus state
    ) internal {
        uint256 changes = word >> 240;
        uint256 bits = (block.timestamp << 8) | uint256(state);
        unchecked {
            word += 1 << 240;
            if (changes < PER_PAGE) {
                first.word = word + (bits << (48 * changes));
            } else {
                first.word = word;
                pages[changes / PER_PAGE].word += bits << (48 * (changes % PER_PAGE));
            }
        }
    }
}
