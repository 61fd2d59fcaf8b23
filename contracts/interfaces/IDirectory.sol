// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a ledger came from when it moved from another chain; all zero if it did not.
/// @param chainId EIP-155 id.
/// @param genesis Hash of block 0.
/// @param number Last block that counts.
/// @param blockHash Its hash.
/// @param stateRoot Its state root.
struct Predecessor {
    uint256 chainId;
    bytes32 genesis;
    uint64 number;
    bytes32 blockHash;
    bytes32 stateRoot;
}

/// @notice One entry of the Directory.
/// @param contract_ Address.
/// @param since When it was announced [unix s].
/// @param retiredAt When a successor was announced or it was retired [unix s]; 0 if it is current.
struct Listing {
    address contract_;
    uint40 since;
    uint40 retiredAt;
}

/// @title IDirectory
/// @notice The one address a client is configured with: every contract of the ledger, now and before.
/// @dev Names are contract names, ASCII, left-aligned (`bytes32("DocumentRegistry")`). Entries are never removed:
///      what a retired contract recorded stays evidence.
interface IDirectory {
    /// @notice `version` counts the entries of `name`, from 1.
    event Announced(bytes32 indexed name, address indexed contract_, uint32 version, address actor);
    /// @notice The entry opens no new case; it stays readable for ever.
    event Retired(bytes32 indexed name, address indexed contract_, uint32 version, address actor, uint16 reason);
    /// @notice A network parameter; `version` counts its values, from 1.
    event ParameterSet(bytes32 indexed name, uint32 version, bytes32 value, address actor);
    /// @notice The chain that this ledger moved from.
    event PredecessorSet(Predecessor predecessor, address actor);

    /// @notice `contract_` was announced under `name` before, or never, as the case may be.
    error AlreadyListed(bytes32 name, address contract_);
    error NotListed(bytes32 name, address contract_);
    /// @notice An address without code cannot be announced.
    error NoCode(address contract_);
    /// @notice Empty name.
    error BadName(bytes32 name);
    /// @notice The predecessor is named once, and has a block hash.
    error BadPredecessor();

    /// @notice Makes `contract_` the current one under `name`; the one before is retired in the same second.
    ///         [governance]
    function announce(bytes32 name, address contract_) external;

    /// @notice Retires the current contract of `name` without a successor. [governance]
    function retire(bytes32 name, address contract_, uint16 reason) external;

    /// @notice Sets a network parameter, e.g. `bytes32("maxClockDrift")`. [governance]
    /// @param expectedVersion Number of values so far.
    function setParameter(bytes32 name, uint32 expectedVersion, bytes32 value) external;

    /// @notice Names the chain that this ledger moved from, once. [governance]
    function setPredecessor(Predecessor calldata predecessor_) external;

    /// @notice 32 bytes that survive a move to another chain.
    function ledgerId() external view returns (bytes32);

    /// @notice Current contract of `name`; zero if there is none.
    function current(bytes32 name) external view returns (address);

    /// @notice Whether `contract_` was ever announced under `name`, and since when [unix s].
    function wasListed(bytes32 name, address contract_) external view returns (bool listed, uint40 since);

    /// @notice Contract that was current under `name` at `instant`; zero if none was.
    function currentAt(bytes32 name, uint40 instant) external view returns (address);

    /// @notice Entries of `name`, oldest first, from index `from`, at most `count`.
    function versions(bytes32 name, uint256 from, uint256 count) external view returns (Listing[] memory);

    /// @notice Number of entries of `name`.
    function versionCount(bytes32 name) external view returns (uint32);

    /// @notice All names ever announced, in order of first announcement.
    function names() external view returns (bytes32[] memory);

    /// @notice Value of a network parameter and its number of values; zero if never set.
    function parameter(bytes32 name) external view returns (bytes32 value, uint32 version);

    /// @notice Where this ledger came from.
    function predecessor() external view returns (Predecessor memory);
}
