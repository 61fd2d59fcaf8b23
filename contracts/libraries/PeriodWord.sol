// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accreditation} from "../types/Participant.sol";

/// @title PeriodWord
/// @notice A period that can be cut off, in one storage word. The empty word is no period.
/// @dev Frozen, from the low bit: from u40, until u40, blockedFrom u40 (0: not cut off).
library PeriodWord {
    function pack(uint40 from, uint40 until, uint40 blockedFrom) internal pure returns (uint256) {
        return uint256(from) | (uint256(until) << 40) | (uint256(blockedFrom) << 80);
    }

    function unpack(uint256 word) internal pure returns (Accreditation memory) {
        return Accreditation(uint40(word), uint40(word >> 40), uint40(word >> 80));
    }

    /// @notice Whether `instant` lies in the period, both ends inclusive, and before it was cut off.
    function isValidAt(uint256 word, uint256 instant) internal pure returns (bool) {
        if (instant < uint40(word) || instant > uint40(word >> 40)) return false;
        unchecked {
            // Not cut off is 0, and 0 - 1 is the end of time.
            return instant <= uint256(uint40(word >> 80)) - 1;
        }
    }
}
