// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title IRecordKeeping
/// @notice What a registry of cases tells before a document is erased.
interface IRecordKeeping {
    /// @notice The case that needs a record longest, and the last second at which it does [unix s].
    /// @dev The largest instant while the case, an appeal or a post-clearance audit is open; else the end of the
    ///      retention period of the case's rule set, or of the period of appeal against its last refusal, whichever is
    ///      later. 0, 0: no case cites the record.
    function keptUntil(uint64 issuer, bytes32 recordId) external view returns (uint64 caseId, uint40 until);
}
