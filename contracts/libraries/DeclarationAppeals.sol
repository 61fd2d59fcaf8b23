// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {
    AgencyDecision,
    AppealState,
    DeclarationAct,
    DeclarationStatus,
    ItemOutcome,
    OpenRequest,
    Refusal,
    RefusalKind
} from "../types/Declaration.sol";
import {NotHigherOffice, WrongOffice} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Item, Sources, Store, StoredCheck} from "./DeclarationStore.sol";

/// @title DeclarationAppeals
/// @notice Appeals against refusals, and reassignment of cases (domain guide 4.1). Linked into a declaration registry.
library DeclarationAppeals {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice See {IDeclarationRegistry.appeal}.
    function appeal(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 requestId,
        uint16 number,
        bytes32 lrnMac
    ) external {
        Case storage c = store.find(act.caseId);
        uint64 participant = DeclarationAuthority.party(sources, c, act.actor, DeclarationAuthority.SCOPE_APPEAL);
        bytes32 key = keccak256(abi.encode(participant, requestId));
        if (store.appeals[key]) revert IDeclarationRegistry.AlreadyDone(key);
        Refusal storage refusal = _refusal(c, act.caseId, number);
        if (refusal.state != AppealState.REFUSED) revert IDeclarationRegistry.NotAppealable(number);
        uint40 until = DeclarationStore.lastOf(refusal.refusedAt, _period(sources, c));
        if (block.timestamp > until) revert IDeclarationRegistry.AppealTooLate(until);
        if (refusal.kind == RefusalKind.REJECTION) {
            bytes32 lrn = keccak256(abi.encode(c.declarant, lrnMac));
            uint64 holder = store.lrns[lrn];
            if (holder != act.caseId) revert IDeclarationRegistry.LrnInUse(holder);
            c.lrn = lrn;
        }
        store.appeals[key] = true;
        ++c.openAppeals;
        refusal.state = AppealState.APPEALED;
        uint32 revision = ++refusal.revision;
        emit IDeclarationRegistry.Appealed(act.caseId, act.actor, number, revision, act.reason, act.evidence, key);
    }

    /// @notice See {IDeclarationRegistry.decideAppeal}.
    function decide(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 number,
        bool overturned
    ) external {
        Case storage c = store.find(act.caseId);
        AuthorityWord authority = sources.participants.authorise(act.actor, Roles.CUSTOMS_APPEAL);
        DeclarationAuthority.requireIndependent(c, authority.participant());
        Refusal storage refusal = _refusal(c, act.caseId, number);
        uint24 deciding = refusal.agency == 0 ? refusal.office : c.office;
        if (!sources.participants.isHigherOffice(authority.office(), deciding)) {
            revert NotHigherOffice(authority.office(), deciding);
        }
        if (refusal.by == act.actor) revert IDeclarationRegistry.SamePerson(act.actor);
        DeclarationStore.requireRevision(act.expectedVersion, refusal.revision);
        if (refusal.state != AppealState.APPEALED) revert IDeclarationRegistry.NotAppealable(number);
        DeclarationStore.requireReason(act.reason);
        refusal.state = overturned ? AppealState.OVERTURNED : AppealState.UPHELD;
        --c.openAppeals;
        uint32 revision = ++refusal.revision;
        if (overturned) _reopen(store, c, act.caseId, refusal);
        emit IDeclarationRegistry.AppealDecided(
            act.caseId,
            act.actor,
            number,
            revision,
            act.reason,
            act.evidence,
            overturned,
            c.revision,
            c.status
        );
    }

    /// @notice See {IDeclarationRegistry.reassign}.
    function reassign(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint24 office,
        address officer
    ) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.officeOrAbove(sources, c, act.actor);
        c.step(act.expectedVersion, DeclarationAct.REASSIGN);
        DeclarationStore.requireReason(act.reason);
        if (office == 0) revert WrongOffice(0, c.office);
        c.office = office;
        c.officer = officer;
        if (officer == address(0)) c.facts &= ~DeclarationStore.ASSIGNED;
        else c.facts |= DeclarationStore.ASSIGNED;
        emit IDeclarationRegistry.Reassigned(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            office,
            officer
        );
        // From version 1 on there is a fiscal case, which the new office's revenue officers must be able to assess.
        if (c.version != 0) sources.debts.openCase(act.caseId, c.version, c.importer, office);
    }

    function _refusal(Case storage c, uint64 caseId, uint16 number) private view returns (Refusal storage refusal) {
        refusal = c.refused[number];
        if (refusal.state == AppealState.NONE) revert IDeclarationRegistry.NoSuchRefusal(caseId, number);
    }

    /// @dev Period of the rule book cited at acceptance; of today's when there was no acceptance.
    function _period(Sources calldata sources, Case storage c) private view returns (uint40) {
        uint32 version = c.acceptedAt == 0 ? sources.rules.version() : c.ruleVersion;
        return sources.rules.regimeAt(c.regime, version).appealPeriod;
    }

    /// @dev The refused decision is open again; who decides it anew is as before, and another act. Of an annulled case
    ///      nothing is left to decide: there the decision on the appeal stands by itself.
    function _reopen(Store storage store, Case storage c, uint64 caseId, Refusal storage refusal) private {
        uint32 revision = c.revision;
        RefusalKind kind = refusal.kind;
        if (kind == RefusalKind.REJECTION) {
            uint64 holder = store.lrns[c.lrn];
            if (holder != caseId) revert IDeclarationRegistry.LrnInUse(holder);
            c.step(revision, DeclarationAct.REOPEN_REJECTION);
            return;
        }
        bool request = kind == RefusalKind.AMENDMENT || kind == RefusalKind.CANCELLATION;
        c.step(revision, request ? DeclarationAct.REOPEN_REQUEST : DeclarationAct.REOPEN_ITEM);
        if (c.status == DeclarationStatus.INVALIDATED) return;
        if (request) _reopenRequest(c, refusal);
        else if (kind == RefusalKind.ITEM) _reopenItems(c, refusal.item, refusal.toItem, refusal.version);
        else _reopenCheck(c, refusal);
    }

    /// @dev Also of an earlier version, since customs itself may have made the later one: it refuses anew what that
    ///      outran.
    function _reopenRequest(Case storage c, Refusal storage refusal) private {
        if (c.request != OpenRequest.NONE) revert IDeclarationRegistry.RequestIsOpen(c.request);
        c.proposedRecord = refusal.dataRecord;
        c.request = refusal.kind == RefusalKind.AMENDMENT ? OpenRequest.AMENDMENT : OpenRequest.CANCELLATION;
    }

    /// @dev Refused items are without outcome again; their permits were freed, so they wait to be entered anew: with
    ///      the permits alone, if they were entered for the version in force.
    function _reopenItems(Case storage c, uint16 from, uint16 to, uint16 refusedVersion) private {
        uint16 version = c.version;
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            item.outcome = ItemOutcome.HELD;
            item.uses = 0;
            if (refusedVersion == version && !c.isPending(number)) item.enteredVersion = version;
            c.markPending(number);
        }
        uint16 count = to - from + 1;
        c.openItems += count;
        c.deniedItems -= count;
        c.settle();
    }

    /// @dev What the agency said of a later version is another decision, with an appeal of its own.
    function _reopenCheck(Case storage c, Refusal storage refusal) private {
        uint256 count = c.items[refusal.item].checks;
        for (uint256 i = 0; i < count; ++i) {
            StoredCheck storage check = c.checks[DeclarationStore.slotOf(refusal.item, i)];
            if (check.agency != refusal.agency || check.checkCode != refusal.checkCode) continue;
            // The agency may have thought better of it in the meantime.
            bool stands = check.decision == AgencyDecision.REFUSE && check.version == refusal.version;
            if (stands) check.decision = AgencyDecision.PENDING;
        }
        ++c.agencyRevisions[refusal.agency];
    }
}
