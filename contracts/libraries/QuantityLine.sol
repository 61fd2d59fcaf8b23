// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Balance of a permit line in one word: `available u85 << 170 | reserved u85 << 85 | writtenOff u85`.
type QuantityLine is uint256;

using QuantityLines for QuantityLine global;

/// @title QuantityLines
/// @notice The only code that moves quantities of a permit line. Each move keeps `available + reserved + writtenOff`.
/// @dev Quantities are scaled by 10^6; 2^85 / 10^6 is 3.8 × 10^19 units. Twin: ledger/domain/permit.py.
library QuantityLines {
    /// @notice Largest quantity of a line, and of any part of it.
    uint256 internal constant MAX = (1 << 85) - 1;

    /// @notice A part of a line has less than is asked of it.
    error Short(uint256 has, uint256 asked);
    /// @notice Larger than {MAX}.
    error OutOfRange(uint256 quantity);

    function available(QuantityLine line) internal pure returns (uint96) {
        return uint96(QuantityLine.unwrap(line) >> 170);
    }

    function reserved(QuantityLine line) internal pure returns (uint96) {
        return uint96((QuantityLine.unwrap(line) >> 85) & MAX);
    }

    function writtenOff(QuantityLine line) internal pure returns (uint96) {
        return uint96(QuantityLine.unwrap(line) & MAX);
    }

    /// @notice What the agency authorised.
    function authorised(QuantityLine line) internal pure returns (uint256) {
        return uint256(line.available()) + line.reserved() + line.writtenOff();
    }

    /// @notice A line of `quantity`, all available.
    function open(uint256 quantity) internal pure returns (QuantityLine) {
        return _pack(quantity, 0, 0);
    }

    /// @notice The line restated at `quantity` by a replacement; what was used stays used.
    function restate(QuantityLine line, uint256 quantity) internal pure returns (QuantityLine) {
        uint256 used = uint256(line.reserved()) + line.writtenOff();
        return _pack(_less(quantity, used), line.reserved(), line.writtenOff());
    }

    /// @notice available → reserved.
    function reserve(QuantityLine line, uint256 quantity) internal pure returns (QuantityLine) {
        return _pack(_less(line.available(), quantity), line.reserved() + quantity, line.writtenOff());
    }

    /// @notice reserved → available.
    function unreserve(QuantityLine line, uint256 quantity) internal pure returns (QuantityLine) {
        return _pack(line.available() + quantity, _less(line.reserved(), quantity), line.writtenOff());
    }

    /// @notice Of `held`, `quantity` goes reserved → writtenOff and the rest reserved → available.
    function writeOff(QuantityLine line, uint256 held, uint256 quantity) internal pure returns (QuantityLine) {
        return
            _pack(line.available() + _less(held, quantity), _less(line.reserved(), held), line.writtenOff() + quantity);
    }

    /// @notice writtenOff → available.
    function restore(QuantityLine line, uint256 quantity) internal pure returns (QuantityLine) {
        return _pack(line.available() + quantity, line.reserved(), _less(line.writtenOff(), quantity));
    }

    function _less(uint256 has, uint256 asked) private pure returns (uint256) {
        if (has < asked) revert Short(has, asked);
        return has - asked;
    }

    function _pack(uint256 free, uint256 held, uint256 used) private pure returns (QuantityLine) {
        if (free > MAX) revert OutOfRange(free);
        if (held > MAX) revert OutOfRange(held);
        if (used > MAX) revert OutOfRange(used);
        return QuantityLine.wrap((free << 170) | (held << 85) | used);
    }
}
