// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReferenceNumber} from "./ReferenceNumber.sol";

/// @title GuaranteeReference
/// @notice Guarantee reference numbers: year, country, 12 alphanumerics, check digit (domain guide, section 2).
/// @dev Shared vectors: tests/golden/reference_numbers.json, twin: ledger/domain/reference_numbers.py.
library GuaranteeReference {
    /// @notice The number whose alphanumerics are `seed` modulo 36^12 in base 36.
    /// @param country ISO 3166-1 alpha-2, upper case.
    /// @param instant Whose UTC year is meant [unix s].
    function make(bytes2 country, uint256 instant, uint256 seed) internal pure returns (bytes17) {
        bytes memory text = new bytes(17);
        ReferenceNumber.writeHead(text, instant, country, seed);
        text[ReferenceNumber.HEAD] = ReferenceNumber.checkDigit(text, ReferenceNumber.HEAD);
        return bytes17(bytes32(text));
    }
}
