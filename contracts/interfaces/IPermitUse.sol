// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One charge of a goods item against a permit line.
/// @param permit Permit key.
/// @param item Goods item number, from 1.
/// @param line Permit line, from 0.
/// @param quantity In the line's unit or one declared for it ({IPermitRegistry.declareUnit}), scaled by 10^6; at
///        reservation and write-off > 0.
/// @param terms Salted commitment to (holder, commodity prefix, origin, unit), recomputed by customs from
///        the declaration itself and the permit's salt: equal to the line's or the use is refused.
struct PermitUse {
    bytes32 permit;
    uint16 item;
    uint8 line;
    uint96 quantity;
    bytes32 terms;
}

/// @title IPermitUse
/// @notice What a declaration registry, by a role of the AccessManager, does to permits.
/// @dev Every operation is keyed by (permit's root, line, case, item, version): repeating it changes nothing.
///      `caseId` is unique over all declaration registries (its top byte is the registry's version).
interface IPermitUse {
    /// @notice Reserves each use. The permit must be ACTIVE now, and in date at `asOf`. One that was replaced after
    ///         `asOf` counts by its own dates and by its successor's state.
    /// @param asOf Instant whose permits count [unix s]: acceptance, for a declaration that was accepted before; else
    ///        now.
    /// @return validUntil First of the last seconds of the permits' validity [unix s]; the largest instant without
    ///         uses.
    function reserve(
        uint64 caseId,
        uint32 version,
        PermitUse[] calldata uses,
        uint40 asOf
    ) external returns (uint40 validUntil);

    /// @notice Writes off each use; less than what was reserved frees the remainder.
    function writeOff(uint64 caseId, uint32 version, PermitUse[] calldata uses) external;

    /// @notice Frees each reservation that was not written off.
    function unreserve(uint64 caseId, uint32 version, PermitUse[] calldata uses) external;

    /// @notice Gives back what was written off, after a later invalidation.
    function restore(uint64 caseId, uint32 version, PermitUse[] calldata uses) external;

    /// @notice Whether each use could be written off now: reserved in full and the permit neither SUSPENDED nor
    /// REVOKED.
    function usable(uint64 caseId, uint32 version, PermitUse[] calldata uses) external view returns (bool[] memory);
}
