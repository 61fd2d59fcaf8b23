// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ReferenceNumber
/// @notice What movement and guarantee reference numbers have in common (domain guide, section 2): they begin with
///         year, country and twelve alphanumerics, and end with a check digit.
/// @dev Shared vectors: tests/golden/reference_numbers.json, twin: ledger/domain/reference_numbers.py.
library ReferenceNumber {
    /// @notice Characters before what each kind of number adds: year, country, alphanumerics.
    uint256 internal constant HEAD = 16;
    uint256 private constant ALPHANUMERICS = 4;

    /// @notice Writes the head into `text`: the UTC year of `instant` [unix s], the country, and `value` modulo 36^12
    ///         in base 36.
    function writeHead(bytes memory text, uint256 instant, bytes2 country, uint256 value) internal pure {
        uint256 year = yearOf(instant) % 100;
        text[0] = _digit(year / 10);
        text[1] = _digit(year % 10);
        text[2] = country[0];
        text[3] = country[1];
        for (uint256 i = HEAD; i > ALPHANUMERICS; --i) {
            text[i - 1] = _digit(value % 36);
            value /= 36;
        }
    }

    /// @notice Check digit over the first `length` characters: ISO 6346 letter values, weight 2^i, mod 11, mod 10.
    function checkDigit(bytes memory text, uint256 length) internal pure returns (bytes1) {
        uint256 sum;
        for (uint256 i = 0; i < length; ++i) {
            sum += _isoValue(uint8(text[i])) << i;
        }
        return _digit((sum % 11) % 10);
    }

    /// @notice Calendar year of an instant [unix s], UTC.
    /// @dev Counted from 1 March of the year 0, so that the leap day is a year's last. Four times a day's number is a
    ///      whole number of centuries (146,097 days in four of them), and what is left one of years (1,461 days in
    ///      four). After Neri and Schneider, Euclidean affine functions and their application to calendar algorithms.
    function yearOf(uint256 instant) internal pure returns (uint256) {
        uint256 quarters = 4 * (instant / 1 days + 719_468) + 3;
        uint256 inCentury = (quarters % 146_097) | 3;
        // from day 306 on it is January of the next year
        return 100 * (quarters / 146_097) + inCentury / 1_461 + (inCentury % 1_461 >= 4 * 306 ? 1 : 0);
    }

    function _digit(uint256 value) private pure returns (bytes1) {
        return bytes1(uint8(value < 10 ? 0x30 + value : 0x37 + value));
    }

    /// @dev A = 10, B = 12 … Z = 38: multiples of 11 are left out.
    function _isoValue(uint256 character) private pure returns (uint256) {
        if (character < 0x41) return character - 0x30;
        uint256 order = character - 0x41;
        return 10 + order + (order + 9) / 10;
    }
}
