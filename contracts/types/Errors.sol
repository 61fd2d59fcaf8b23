// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Errors that every contract shares: one name and one meaning over the whole ledger.

/// @notice The act named by `key` has been done before; nothing was changed.
/// @param key Entity key: `keccak256(abi.encode(participant, requestId))`.
error AlreadyDone(bytes32 key);

/// @notice The entity has moved on since the actor looked at it; nothing was changed.
/// @param expected Version that the act was written for.
/// @param actual Version in force.
error WrongVersion(uint32 expected, uint32 actual);

/// @notice The reason code is 0 where a reason is required, or is not one of {Reasons}.
error UnknownReason(uint16 reason);

/// @notice A validity that ends before it begins, or has already ended.
error BadValidity(uint40 from, uint40 until);

/// @notice The actor's key belongs to another office than the one that the case is at; or 0 was named for an office.
/// @param office Office of the actor's key, or the one named.
/// @param ofCase Office of the case; 0 if there is none yet.
error WrongOffice(uint24 office, uint24 ofCase);

/// @notice Who decides an appeal serves a higher office than the one that refused.
/// @param office Office of the actor's key.
/// @param than Office that refused.
error NotHigherOffice(uint24 office, uint24 than);

/// @notice More elements in one act than its bound allows.
error TooMany(uint256 count, uint256 limit);
