// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IDirectory, Listing, Predecessor} from "./interfaces/IDirectory.sol";
import {Acts} from "./libraries/Acts.sol";
import {Reasons} from "./types/Reasons.sol";

/// @title Directory
/// @notice See {IDirectory}.
contract Directory is IDirectory, AccessManaged {
    struct Parameter {
        bytes32 value;
        uint32 version;
    }

    bytes32 private immutable LEDGER_ID;

    bytes32[] private _names;
    mapping(bytes32 name => Listing[]) private _listings;
    /// @dev Position in `_listings[name]` plus one.
    mapping(bytes32 name => mapping(address contract_ => uint256)) private _position;
    mapping(bytes32 name => Parameter) private _parameters;
    Predecessor private _predecessor;

    constructor(address accessManager, bytes32 ledgerId_) AccessManaged(accessManager) {
        LEDGER_ID = ledgerId_;
    }

    /// @inheritdoc IDirectory
    function announce(bytes32 name, address contract_) external restricted {
        if (name == 0) revert BadName(name);
        if (contract_.code.length == 0) revert NoCode(contract_);
        if (_position[name][contract_] != 0) revert AlreadyListed(name, contract_);
        Listing[] storage listings = _listings[name];
        uint256 n = listings.length;
        if (n == 0) _names.push(name);
        else if (listings[n - 1].retiredAt == 0) _retire(name, n, Reasons.REPLACED);
        listings.push(Listing(contract_, uint40(block.timestamp), 0));
        _position[name][contract_] = n + 1;
        emit Announced(name, contract_, uint32(n + 1), msg.sender);
    }

    /// @inheritdoc IDirectory
    function retire(bytes32 name, address contract_, uint16 reason) external restricted {
        Reasons.requireKnown(reason);
        if (contract_ == address(0) || current(name) != contract_) revert NotListed(name, contract_);
        _retire(name, _listings[name].length, reason);
    }

    /// @inheritdoc IDirectory
    function setParameter(bytes32 name, uint32 expectedVersion, bytes32 value) external restricted {
        if (name == 0) revert BadName(name);
        Acts.requireVersion(expectedVersion, _parameters[name].version);
        _parameters[name] = Parameter(value, expectedVersion + 1);
        emit ParameterSet(name, expectedVersion + 1, value, msg.sender);
    }

    /// @inheritdoc IDirectory
    function setPredecessor(Predecessor calldata predecessor_) external restricted {
        if (_predecessor.blockHash != 0 || predecessor_.blockHash == 0) revert BadPredecessor();
        _predecessor = predecessor_;
        emit PredecessorSet(predecessor_, msg.sender);
    }

    /// @inheritdoc IDirectory
    function ledgerId() external view returns (bytes32) {
        return LEDGER_ID;
    }

    /// @inheritdoc IDirectory
    function current(bytes32 name) public view returns (address) {
        Listing[] storage listings = _listings[name];
        uint256 n = listings.length;
        if (n == 0 || listings[n - 1].retiredAt != 0) return address(0);
        return listings[n - 1].contract_;
    }

    /// @inheritdoc IDirectory
    function wasListed(bytes32 name, address contract_) external view returns (bool listed, uint40 since) {
        uint256 position = _position[name][contract_];
        if (position == 0) return (false, 0);
        return (true, _listings[name][position - 1].since);
    }

    /// @inheritdoc IDirectory
    function currentAt(bytes32 name, uint40 instant) external view returns (address) {
        Listing[] storage listings = _listings[name];
        for (uint256 i = listings.length; i != 0; --i) {
            Listing storage listing = listings[i - 1];
            if (listing.since > instant) continue;
            bool retired = listing.retiredAt != 0 && listing.retiredAt <= instant;
            return retired ? address(0) : listing.contract_;
        }
        return address(0);
    }

    /// @inheritdoc IDirectory
    function versions(bytes32 name, uint256 from, uint256 count) external view returns (Listing[] memory page) {
        Listing[] storage listings = _listings[name];
        uint256 left = from < listings.length ? listings.length - from : 0;
        page = new Listing[](count < left ? count : left);
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = listings[from + i];
        }
    }

    /// @inheritdoc IDirectory
    function versionCount(bytes32 name) external view returns (uint32) {
        return uint32(_listings[name].length);
    }

    /// @inheritdoc IDirectory
    function names() external view returns (bytes32[] memory) {
        return _names;
    }

    /// @inheritdoc IDirectory
    function parameter(bytes32 name) external view returns (bytes32 value, uint32 version) {
        return (_parameters[name].value, _parameters[name].version);
    }

    /// @inheritdoc IDirectory
    function predecessor() external view returns (Predecessor memory) {
        return _predecessor;
    }

    /// @dev Retires the last of the `version` listings under `name`.
    function _retire(bytes32 name, uint256 version, uint16 reason) private {
        Listing storage listing = _listings[name][version - 1];
        listing.retiredAt = uint40(block.timestamp);
        emit Retired(name, listing.contract_, uint32(version), msg.sender, reason);
    }
}
