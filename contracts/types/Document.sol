// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Standing of a record (domain guide 4.8). Frozen: the number stands in the packed status word.
/// @dev ACTIVE is 0: a record without any change is in force. REVOKED and SUPERSEDED are ends.
///      SUSPENDED_BY_AUTHORITY is a suspension that the issuer itself cannot lift.
enum DocumentStatus {
    ACTIVE,
    SUSPENDED,
    REVOKED,
    SUPERSEDED,
    SUSPENDED_BY_AUTHORITY
}

/// @notice What may be done to a record's status.
enum DocumentAction {
    SUSPEND,
    REINSTATE,
    REVOKE,
    SUPERSEDE
}

/// @notice Preimage of the word that an anchor stores.
/// @dev `anchors[issuer][seq] = keccak256(abi.encode(issuer, h, root, manifest, time))`.
/// @param issuer Participant in whose name the batch was anchored.
/// @param h `key u160 << 96 | seq u40 << 56 | docType u24 << 32 | size u32`.
/// @param root RFC 6962 root over the batch's record ids.
/// @param manifest SHA-256 of the batch's manifest.
/// @param time Block time [unix s].
struct Anchor {
    uint64 issuer;
    uint256 h;
    bytes32 root;
    bytes32 manifest;
    uint256 time;
}
