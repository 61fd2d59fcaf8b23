// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title PermitTerms
/// @notice The salted commitment to what a permit line covers.
/// @dev Customs recomputes it from the declaration itself and the salt in the sealed permit, so that another holder,
///      commodity, origin or unit gives another commitment. Shared vectors: tests/golden/permit_terms.json, twin:
///      ledger/domain/permit.py.
library PermitTerms {
    /// @notice `keccak256(abi.encode(salt, holder, commodityPrefix, origin, unit))`.
    /// @param salt 32 random bytes of the line.
    /// @param holder Participant for whose goods the line is.
    /// @param commodityPrefix Leading digits of the commodity code, ASCII ("0806", "0806101000").
    /// @param origin ISO 3166-1 alpha-2; two zero bytes for any.
    /// @param unit UN/ECE Rec. 20 code, or ISO 4217 for a value ceiling; left-aligned ASCII.
    function commitment(
        bytes32 salt,
        uint64 holder,
        string memory commodityPrefix,
        bytes2 origin,
        bytes3 unit
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(salt, holder, commodityPrefix, origin, unit));
    }
}
