// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title MrnCodec
/// @notice Movement and guarantee reference numbers (domain guide, section 2).
/// @dev MRN, 18 characters: year, country, registry version (one alphanumeric), counter (11 in base 36), procedure
///      letter, check digit. GRN, 17: the same without the letter. A number names its registry and its counter, so it
///      can be read back, and two registries never give the same one. Python twin: `ledger/domain/declaration.py`.
library MrnCodec {
    /// @notice Registry versions have one alphanumeric: 1 to 9, then A to Z.
    uint8 internal constant MAX_VERSION = 35;
    /// @notice Digits of the counter in base 36: 36^11 > 2^56.
    uint256 internal constant COUNTER_DIGITS = 11;

    error BadRegistryVersion(uint8 version);
    error BadCounter(uint64 counter);

    /// @notice MRN of the case with `counter`, accepted at `instant` [unix s].
    /// @param procedure Procedure letter, one ASCII capital.
    function mrn(
        uint40 instant,
        bytes2 country,
        uint8 version,
        uint64 counter,
        bytes1 procedure
    ) internal pure returns (bytes18) {
        bytes memory text = new bytes(18);
        _head(text, instant, country, version, counter);
        text[16] = procedure;
        text[17] = checkDigit(text, 17);
        return bytes18(bytes32(text));
    }

    /// @notice GRN of the guarantee with `counter`, accepted at `instant` [unix s].
    function grn(uint40 instant, bytes2 country, uint8 version, uint64 counter) internal pure returns (bytes17) {
        bytes memory text = new bytes(17);
        _head(text, instant, country, version, counter);
        text[16] = checkDigit(text, 16);
        return bytes17(bytes32(text));
    }

    /// @notice Counter that an MRN names; 0 when a digit is no alphanumeric or the counter does not fit.
    function counterOf(bytes18 number) internal pure returns (uint64) {
        uint256 counter;
        for (uint256 i = 5; i < 5 + COUNTER_DIGITS; ++i) {
            uint256 value = _digitValue(uint8(number[i]));
            if (value == 36) return 0;
            counter = counter * 36 + value;
        }
        return counter >> 56 == 0 ? uint64(counter) : 0;
    }

    /// @notice Check digit over the first `length` characters: ISO 6346 letter values, weight 2^i, mod 11, mod 10.
    function checkDigit(bytes memory text, uint256 length) internal pure returns (bytes1) {
        uint256 sum;
        for (uint256 i = 0; i < length; ++i) {
            sum += _isoValue(uint8(text[i])) << i;
        }
        return bytes1(uint8(0x30 + ((sum % 11) % 10)));
    }

    /// @notice Calendar year of an instant, UTC (proleptic Gregorian, days to civil by eras of 400 years).
    function yearOf(uint40 instant) internal pure returns (uint256) {
        uint256 day = uint256(instant) / 1 days + 719_468;
        uint256 era = day / 146_097;
        uint256 dayOfEra = day % 146_097;
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        // The era's years begin in March: from day 306 on it is January of the next year.
        return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0);
    }

    function _head(bytes memory text, uint40 instant, bytes2 country, uint8 version, uint64 counter) private pure {
        if (version == 0 || version > MAX_VERSION) revert BadRegistryVersion(version);
        if (counter == 0 || counter >> 56 != 0) revert BadCounter(counter);
        uint256 year = yearOf(instant) % 100;
        text[0] = _digit(year / 10);
        text[1] = _digit(year % 10);
        text[2] = country[0];
        text[3] = country[1];
        text[4] = _digit(version);
        uint256 rest = counter;
        for (uint256 i = 5 + COUNTER_DIGITS; i > 5; --i) {
            text[i - 1] = _digit(rest % 36);
            rest /= 36;
        }
    }

    function _digit(uint256 value) private pure returns (bytes1) {
        return bytes1(uint8(value < 10 ? 0x30 + value : 0x37 + value));
    }

    function _digitValue(uint256 character) private pure returns (uint256) {
        if (character >= 0x30 && character <= 0x39) return character - 0x30;
        if (character >= 0x41 && character <= 0x5a) return character - 0x37;
        return 36;
    }

    /// @dev A = 10, B = 12 … Z = 38: multiples of 11 are left out.
    function _isoValue(uint256 character) private pure returns (uint256) {
        if (character < 0x41) return character - 0x30;
        uint256 order = character - 0x41;
        return 10 + order + (order + 9) / 10;
    }
}
