// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Acts} from "./Acts.sol";
import {WordHistory} from "./WordHistory.sol";

/// @title DatedWord
/// @notice A storage word that tells its own version and since when it is in force.
/// @dev Bits 184 to 215 version u32, bits 216 to 255 since u40; what lies below is its owner's. The empty word has
///      version 0 and is nothing.
library DatedWord {
    using WordHistory for WordHistory.Entry[];

    /// @notice A word in force, and those before it.
    struct Setting {
        uint256 word;
        WordHistory.Entry[] history;
    }

    uint256 private constant BODY = (1 << 184) - 1;

    /// @notice Puts `body` in force from this block on. Reverts {WrongVersion}.
    /// @param expectedVersion Number of settings so far.
    function set(Setting storage setting, uint32 expectedVersion, uint256 body) internal {
        uint256 old = setting.word;
        Acts.requireVersion(expectedVersion, version(old));
        setting.history.supersede(old, uint40(block.timestamp));
        setting.word = dated(body, expectedVersion + 1);
    }

    /// @notice The word that was in force at `instant`, 0 before the first.
    function bodyAt(Setting storage setting, uint40 instant) internal view returns (uint256) {
        return wordAt(setting.history, setting.word, instant);
    }

    /// @notice `body`, at most 184 bits, as `version_` in force since this block.
    function dated(uint256 body, uint32 version_) internal view returns (uint256) {
        return (body & BODY) | (uint256(version_) << 184) | (block.timestamp << 216);
    }

    function version(uint256 word) internal pure returns (uint32) {
        return uint32(word >> 184);
    }

    /// @notice The word in force at `instant`, 0 before the first. A word in force now costs no look at the history.
    function wordAt(
        WordHistory.Entry[] storage history,
        uint256 current,
        uint40 instant
    ) internal view returns (uint256 word) {
        if (current >> 216 <= instant) return current;
        word = history.wordAt(current, instant);
        if (word >> 216 > instant) return 0;
    }
}
