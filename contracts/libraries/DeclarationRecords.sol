// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {DeclarationStatus} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {Regime} from "../types/Rule.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, Citations, DeclarationStore, MAX_CITATIONS, Sources, Store} from "./DeclarationStore.sol";

/// @title DeclarationRecords
/// @notice Which records a declaration rests on, and how long each must be kept (domain guide 4.9, erasure).
/// @dev A record is cited under its issuer, so that nobody fills the list of somebody else's record. A declaration's
///      own data records are cited by the acts that bring them; what else it rests on, by customs.
library DeclarationRecords {
    using DeclarationStore for Store;

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

    /// @notice See {IRecordKeeping.keptUntil}: the latest end among the declarations that cite the record, or made
    ///         room for them.
    function keptUntil(
        Store storage store,
        Sources calldata sources,
        uint64 issuer,
        bytes32 record
    ) external view returns (uint64 caseId, uint40 until) {
        Citations storage citations = store.citations[keccak256(abi.encode(issuer, record))];
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            uint64 id = citations.cases[i];
            if (id == 0) return (caseId, until); // nobody made room before the list was full
            uint40 end = _end(sources, store.cases[id]);
            if (end > until) (caseId, until) = (id, end);
        }
        if (citations.endedUntil > until) (caseId, until) = (citations.endedCase, citations.endedUntil);
    }

    /// @dev Notes that the declaration rests on the record; a repetition changes nothing.
    function cite(
        Store storage store,
        Sources calldata sources,
        uint64 caseId,
        uint64 issuer,
        bytes32 record
    ) internal {
        Citations storage citations = store.citations[keccak256(abi.encode(issuer, record))];
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            uint64 id = citations.cases[i];
            if (id == caseId) return;
            if (id == 0) {
                citations.cases[i] = caseId;
                return;
            }
        }
        // The list is full: the first declaration that has ended makes room, and how long it needs the record is kept.
        for (uint256 i = 0; i < MAX_CITATIONS; ++i) {
            uint64 id = citations.cases[i];
            uint40 end = _end(sources, store.cases[id]);
            if (end == type(uint40).max) continue;
            if (end > citations.endedUntil) (citations.endedCase, citations.endedUntil) = (id, end);
            citations.cases[i] = caseId;
            return;
        }
        revert IDeclarationRegistry.TooManyCitations(record, MAX_CITATIONS);
    }

    /// @dev Last second at which the declaration needs its records: for ever while it is open or appealed, else the
    ///      retention period of its rule set, from acceptance, or from lodging if it was not accepted, and as long as
    ///      its last refusal can be appealed against.
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
        Regime memory regime = sources.rules.regimeAt(c.regime, version);
        uint40 kept = DeclarationStore.lastOf(from, regime.retention);
        uint16 refusals = c.refusals;
        if (refusals == 0) return kept;
        uint40 appealable = DeclarationStore.lastOf(c.refused[refusals].refusedAt, regime.appealPeriod);
        return appealable > kept ? appealable : kept;
    }
}
