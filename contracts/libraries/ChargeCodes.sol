// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Charge, IDebtLedger} from "../interfaces/IDebtLedger.sol";

/// @title ChargeCodes
/// @notice The charges of the ledger (UNCL 5153, domain guide 3.8) and their order in storage.
/// @dev Duty and VAT come first and share a word: they are the charges of nearly every import. Frozen.
library ChargeCodes {
    /// @notice Number of charge codes.
    uint256 internal constant COUNT = 7;
    /// @notice Place of OTH, which takes interest.
    uint256 internal constant OTHER = 6;
    /// @dev Three ASCII bytes each, in order.
    bytes21 private constant CODES = "CUDVATEXCFEEADDCAPOTH";

    /// @notice Code at `index`.
    function code(uint256 index) internal pure returns (bytes3) {
        return bytes3(CODES << (24 * index));
    }

    /// @notice Place of `code_`. Reverts {IDebtLedger.UnknownCharge}.
    function indexOf(bytes3 code_) internal pure returns (uint256) {
        for (uint256 i = 0; i < COUNT; ++i) {
            if (code(i) == code_) return i;
        }
        revert IDebtLedger.UnknownCharge(code_);
    }

    /// @notice Totals in storage order. Reverts {IDebtLedger.UnknownCharge} and {IDebtLedger.DuplicateCharge}.
    function totals(Charge[] calldata charges) internal pure returns (uint128[COUNT] memory ordered) {
        uint256 seen;
        for (uint256 i = 0; i < charges.length; ++i) {
            uint256 place = indexOf(charges[i].code);
            if (seen & (1 << place) != 0) revert IDebtLedger.DuplicateCharge(charges[i].code);
            seen |= 1 << place;
            ordered[place] = charges[i].amount;
        }
    }
}
