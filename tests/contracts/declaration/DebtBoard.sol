// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState, IDebtCases} from "../../../contracts/interfaces/IDebtCases.sol";

/// @title DebtBoard
/// @notice Fiscal cases whose state a test sets at will; keeps what a declaration registry told it.
contract DebtBoard is IDebtCases {
    struct Opened {
        uint32 version;
        uint64 debtor;
        uint24 office;
        bool closed;
    }

    mapping(uint64 => Opened) public opened;
    mapping(uint64 => bool) public isBound;
    mapping(uint64 => uint256) public bindings;
    mapping(uint64 => mapping(uint32 => FiscalState)) private _states;

    function set(uint64 caseId, uint32 version, FiscalState state) external {
        _states[caseId][version] = state;
    }

    function openCase(uint64 caseId, uint32 version, uint64 debtor, uint24 office) external {
        opened[caseId] = Opened(version, debtor, office, false);
    }

    function closeCase(uint64 caseId) external {
        opened[caseId].closed = true;
    }

    function bindSecurity(uint64 caseId, bool bound) external {
        isBound[caseId] = bound;
        ++bindings[caseId];
    }

    function fiscalState(uint64 caseId, uint32 version) external view returns (FiscalState) {
        return _states[caseId][version];
    }
}
