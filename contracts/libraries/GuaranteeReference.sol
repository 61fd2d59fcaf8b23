// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title GuaranteeReference
/// @notice Guarantee reference numbers: year, country, 12 alphanumerics, check digit (domain guide, section 2).
library GuaranteeReference {
    bytes private constant ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    uint256 private constant BODY = 16;

    /// @notice The number whose alphanumerics are `seed` modulo 36^12 in base 36.
    /// @param country ISO 3166-1 alpha-2, upper case.
    /// @param time Instant whose UTC year is meant [unix s].
    function make(bytes2 country, uint256 time, uint256 seed) internal pure returns (bytes17 grn) {
        bytes memory text = new bytes(BODY + 1);
        uint256 year = yearOf(time) % 100;
        text[0] = ALPHABET[year / 10];
        text[1] = ALPHABET[year % 10];
        text[2] = country[0];
        text[3] = country[1];
        for (uint256 i = BODY - 1; i > 3; --i) {
            text[i] = ALPHABET[seed % 36];
            seed /= 36;
        }
        text[BODY] = bytes1(uint8(48 + checkDigit(text, BODY)));
        return bytes17(text);
    }

    /// @notice ISO 6346 letter values weighted 2^i from the left, summed modulo 11 modulo 10, over the first `length`
    ///         characters.
    function checkDigit(bytes memory text, uint256 length) internal pure returns (uint256) {
        uint256 sum;
        for (uint256 i = 0; i < length; ++i) {
            uint256 character = uint8(text[i]);
            uint256 value = character < 58 ? character - 48 : character - 55;
            // letters skip the multiples of 11: A = 10, B = 12, L = 23, V = 34
            if (value > 10) value += (value - 1) / 10;
            sum += value << i;
        }
        return (sum % 11) % 10;
    }

    /// @notice Gregorian year in UTC.
    function yearOf(uint256 time) internal pure returns (uint256) {
        // days since 0000-03-01, then whole eras of 400 years (146,097 days)
        uint256 day = time / 1 days + 719_468;
        uint256 ofEra = day % 146_097;
        uint256 year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        uint256 ofYear = ofEra - (365 * year + year / 4 - year / 100);
        // years counted from March: January and February (from day 306) belong to the next
        return year + (day / 146_097) * 400 + (ofYear >= 306 ? 1 : 0);
    }
}
