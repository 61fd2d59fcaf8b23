// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceNumber} from "./ReferenceNumber.sol";

/// @title MrnCodec
/// @notice Movement reference numbers (domain guide, section 2).
/// @dev 18 characters: year, country, registry version (one alphanumeric), counter (11 in base 36), procedure letter,
///      check digit. A number names its registry and its counter, so it can be read back, and two registries never give
///      the same one. Shared vectors: tests/golden/reference_numbers.json, twin: ledger/domain/reference_numbers.py.
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
        if (version == 0 || version > MAX_VERSION) revert BadRegistryVersion(version);
        if (counter == 0 || counter >> 56 != 0) revert BadCounter(counter);
        bytes memory text = new bytes(18);
        ReferenceNumber.writeHead(text, instant, country, version * 36 ** COUNTER_DIGITS + counter);
        text[ReferenceNumber.HEAD] = procedure;
        text[ReferenceNumber.HEAD + 1] = ReferenceNumber.checkDigit(text, ReferenceNumber.HEAD + 1);
        return bytes18(bytes32(text));
    }

    /// @notice Counter that an MRN names; 0 when a digit is no alphanumeric or the counter does not fit.
    function counterOf(bytes18 number) internal pure returns (uint64) {
        uint256 counter;
        for (uint256 i = ReferenceNumber.HEAD - COUNTER_DIGITS; i < ReferenceNumber.HEAD; ++i) {
            uint256 value = _digitValue(uint8(number[i]));
            if (value == 36) return 0;
            counter = counter * 36 + value;
        }
        return counter >> 56 == 0 ? uint64(counter) : 0;
    }

    function _digitValue(uint256 character) private pure returns (uint256) {
        if (character >= 0x30 && character <= 0x39) return character - 0x30;
        if (character >= 0x41 && character <= 0x5a) return character - 0x37;
        return 36;
    }
}
