// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {DeclarationStatus} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Sources, Store} from "./DeclarationStore.sol";

/// @title DeclarationRecords
/// @notice Which records a declaration rests on, and how long each must be kept (domain guide 4.9, erasure).
/// @dev A record is cited under its issuer, so that nobody fills the list of somebody else's record. A declaration's
///      own data records are cited by the acts that bring them; what else it rests on, by customs.
library DeclarationRecords {
    using DeclarationStore for Store;

    /// @notice Most declarations that keep one record at a time: bounds the walk over them.
    uint256 internal constant MAX_CITATIONS = 64;

    /// @notice See {IDeclarationRegistry.citeRecords}.
    function citeRecords(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint64 issuer,
        bytes32[] calldata records
    ) external {
        Case storage c = store.find(act.caseId);
        uint32 roles =
            Roles.CUSTOMS_OFFICER |
                Roles.CUSTOMS_INSPECTOR |
                Roles.CUSTOMS_REVENUE |
                Roles.CUSTOMS_AUDIT |
                Roles.CUSTOMS_APPEAL;
        uint64 participant = sources.participants.authorise(act.actor, roles).participant();
        DeclarationAuthority.requireIndependent(c, participant);
        for (uint256 i = 0; i < records.length; ++i) {
            DeclarationStore.requireEvidence(records[i]);
            cite(store, sources, act.caseId, issuer, records[i]);
        }
        emit IDeclarationRegistry.RecordsCited(act.caseId, act.actor, issuer, records);
    }

    /// @notice See {IRecordKeeping.keptUntil}: the latest end among the declarations that cite the record.
    function keptUntil(
        Store storage store,
        Sources calldata sources,
        uint64 issuer,
        bytes32 record
    ) external view returns (uint64 caseId, uint40 until) {
        mapping(uint256 => uint64) storage cases = store.citations[keccak256(abi.encode(issuer, record))];
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            uint64 id = cases[i];
            if (id == 0) break;
            uint40 end = _end(sources, store.cases[id]);
            if (end > until) (caseId, until) = (id, end);
        }
    }

    /// @dev Notes that the declaration rests on the record; a repetition changes nothing.
    function cite(
        Store storage store,
        Sources calldata sources,
        uint64 caseId,
        uint64 issuer,
        bytes32 record
    ) internal {
        mapping(uint256 => uint64) storage cases = store.citations[keccak256(abi.encode(issuer, record))];
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            uint64 id = cases[i];
            if (id == caseId) return;
            if (id == 0) {
                cases[i] = caseId;
                return;
            }
        }
        // The list is full: a declaration that needs the record no longer makes room.
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            if (_end(sources, store.cases[cases[i]]) < block.timestamp) {
                cases[i] = caseId;
                return;
            }
        }
        revert IDeclarationRegistry.TooManyCitations(record, MAX_CITATIONS);
    }

    /// @dev Last second at which the declaration needs its records: for ever while it is open or appealed, else the
    ///      retention period of its rule set, from acceptance, or from lodging if it was not accepted.
    function _end(Sources calldata sources, Case storage c) private view returns (uint40) {
        DeclarationStatus status = c.status;
        bool ended =
            status == DeclarationStatus.REJECTED ||
                status == DeclarationStatus.CLEARED ||
                status == DeclarationStatus.INVALIDATED;
        if (!ended || c.openAppeals != 0) return type(uint40).max;
        uint40 from = c.acceptedAt;
        uint32 version = c.ruleVersion;
        if (from == 0) (from, version) = (c.lodgedAt, sources.rules.version());
        uint256 end = uint256(from) + sources.rules.regimeAt(c.regime, version).retention;
        return end > type(uint40).max ? type(uint40).max : uint40(end);
    }
}
