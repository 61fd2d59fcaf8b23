// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IReleaseSource
/// @notice The part of a declaration registry that an escrow asks.
interface IReleaseSource {
    /// @notice Instant of the full release of the declaration with this MRN [unix s]; 0 if it is not released.
    /// @param mrn 18 ASCII characters, left-aligned.
    function releasedAt(bytes18 mrn) external view returns (uint40);
}
