// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {
    AppealState,
    ControlAct,
    DeclarationAct,
    ItemOutcome,
    Reason,
    Refusal,
    RefusalKind
} from "../types/Declaration.sol";
import {DeclarationReasons} from "../types/DeclarationReasons.sol";
import {Roles} from "../types/Roles.sol";
import {CaseMoves} from "./CaseMoves.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Item, Sources, Store} from "./DeclarationStore.sol";
import {PermitRuns, Run} from "./PermitRuns.sol";
import {Findings, ReleaseGuard, ReleaseMode} from "./ReleaseGuard.sol";

/// @title DeclarationRelease
/// @notice Outcomes of items: release, refusal, seizure; and clearance (domain guide 4.1, 4.4). Linked into a
///         declaration registry.
library DeclarationRelease {
    using DeclarationStore for Store;
    using DeclarationStore for Case;
    using PermitRuns for Run[];

    /// @notice See {IDeclarationRegistry.release} and {IDeclarationRegistry.releaseConditionally}.
    function release(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 from,
        uint16 to,
        bool conditional
    ) external {
        Case storage c = store.find(act.caseId);
        ReleaseMode mode = _mode(sources, c, act.actor, conditional);
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.ROUTED);
        c.step(act.expectedVersion, DeclarationAct.RELEASE);
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory runs = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        Findings memory found = ReleaseGuard.check(c, sources, act.caseId, from, to, mode, runs, ReleaseGuard.CARRIED);
        if (found.count != 0) revert IDeclarationRegistry.ReleaseRefused(uint32(found.count), found.list);
        ItemOutcome outcome = conditional ? ItemOutcome.CONDITIONALLY_RELEASED : ItemOutcome.RELEASED;
        uint16 conditions = c.conditionalItems;
        bool more = _release(c, from, to, outcome);
        if (!c.wasReleased) c.wasReleased = true;
        else if (more) c.awaitExit();
        _settled(c, act, from, to, outcome);
        // Once all is released in full nothing is routed any more, and the slot is saved.
        if (c.releasedAt == 0) c.hands[act.actor] |= DeclarationStore.RELEASED;
        runs.writeOff(sources.permits, act.caseId);
        if (conditional) sources.debts.bindSecurity(act.caseId, true);
        else if (conditions != 0) _unbind(c, sources, act.caseId);
    }

    /// @notice See {IDeclarationRegistry.refuseItems}.
    function refuseItems(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 from,
        uint16 to
    ) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.REFUSE_ITEMS);
        DeclarationStore.requireReason(act.reason);
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory runs = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        Run[] memory writtenOff;
        uint16 conditions = c.conditionalItems;
        if (conditions != 0) writtenOff = PermitRuns.gather(c, from, to, PermitRuns.CONDITIONAL);
        _deny(c, from, to, ItemOutcome.REFUSED, false, 0);
        ++c.attempt;
        uint16 refusal = c.refuse(
            Refusal({
                by: act.actor,
                office: c.office,
                refusedAt: uint40(block.timestamp),
                kind: RefusalKind.ITEM,
                state: AppealState.REFUSED,
                item: from,
                toItem: to,
                agency: 0,
                checkCode: 0,
                version: c.version,
                revision: 1,
                dataRecord: 0
            })
        );
        _settled(c, act, from, to, ItemOutcome.REFUSED);
        emit IDeclarationRegistry.ItemsRefused(act.caseId, from, to, refusal);
        runs.unreserve(sources.permits, act.caseId);
        writtenOff.restore(sources.permits, act.caseId);
        if (conditions != 0) _unbind(c, sources, act.caseId);
    }

    /// @notice See {IDeclarationRegistry.seize}.
    function seize(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 from,
        uint16 to,
        bool settlesFinding
    ) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.SEIZE);
        DeclarationStore.requireReason(act.reason);
        DeclarationStore.requireRange(from, to, c.itemCount);
        bool byCourt = act.reason == DeclarationReasons.COURT_ORDER;
        // Never 0; between two answers the control's revision moves by two at least, so that their marks differ.
        uint8 answer = settlesFinding ? uint8(c.controlRevision) | 1 : 0;
        _deny(c, from, to, ItemOutcome.SEIZED, byCourt, answer);
        c.settle();
        emit IDeclarationRegistry.Seized(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            from,
            to,
            c.status
        );
        if (!settlesFinding) return;
        if (c.controlledBy == act.actor) revert IDeclarationRegistry.SamePerson(act.actor);
        c.findingAnswer = answer;
        CaseMoves.control(c, act, ControlAct.SETTLE_BY_SEIZURE);
    }

    /// @notice See {IDeclarationRegistry.clear}.
    function clear(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.CLEAR);
        Findings memory found = ReleaseGuard.checkClearance(c, sources, act.caseId);
        if (found.count != 0) revert IDeclarationRegistry.ClearanceRefused(uint32(found.count), found.list);
        emit IDeclarationRegistry.Cleared(act.caseId, act.actor, c.version, c.revision, act.reason, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.missing}.
    function missing(
        Store storage store,
        Sources calldata sources,
        uint64 caseId,
        uint16 from,
        uint16 to
    ) external view returns (Reason[] memory) {
        Case storage c = store.find(caseId);
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory runs = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        // A first pass that keeps nothing counts, so that the second one needs no more room than there are reasons.
        uint256 count = ReleaseGuard.check(c, sources, caseId, from, to, ReleaseMode.OFFICER, runs, 0).count;
        return ReleaseGuard.check(c, sources, caseId, from, to, ReleaseMode.OFFICER, runs, count).list;
    }

    function _mode(
        Sources calldata sources,
        Case storage c,
        address actor,
        bool conditional
    ) private view returns (ReleaseMode) {
        uint32 roles = conditional ? Roles.CUSTOMS_OFFICER : Roles.CUSTOMS_OFFICER | Roles.SERVICE_AUTO_RELEASE;
        AuthorityWord authority = DeclarationAuthority.assigned(sources, c, actor, roles);
        if (authority.roles() & Roles.CUSTOMS_OFFICER == 0) return ReleaseMode.AUTOMATIC;
        return conditional ? ReleaseMode.CONDITIONAL : ReleaseMode.OFFICER;
    }

    /// @dev Gives each item of the range its outcome; the guard has seen that each may have it. True if any had none:
    ///      it comes to be at disposal with this act.
    function _release(Case storage c, uint16 from, uint16 to, ItemOutcome outcome) private returns (bool more) {
        (uint16 open, uint16 conditional) = (c.openItems, c.conditionalItems);
        uint16 before = open;
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            if (item.outcome == ItemOutcome.HELD) --open;
            else --conditional;
            if (outcome == ItemOutcome.CONDITIONALLY_RELEASED) ++conditional;
            item.outcome = outcome;
        }
        more = open != before;
        c.openItems = open;
        c.conditionalItems = conditional;
    }

    /// @notice Refuses or seizes what has no outcome, or was released under a condition that was not lifted.
    /// @param answer Mark of a seizure that answers a finding; 0: it answers none.
    function _deny(Case storage c, uint16 from, uint16 to, ItemOutcome outcome, bool courtHold, uint8 answer) private {
        (uint16 open, uint16 conditional) = (c.openItems, c.conditionalItems);
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            ItemOutcome earlier = item.outcome;
            if (earlier == ItemOutcome.HELD) {
                --open;
            } else if (earlier == ItemOutcome.CONDITIONALLY_RELEASED) {
                --conditional;
                if (outcome == ItemOutcome.SEIZED) {
                    item.conditional = true;
                    ++c.conditionalSeized;
                }
            } else {
                revert IDeclarationRegistry.ItemHasOutcome(number, earlier);
            }
            item.outcome = outcome;
            if (courtHold) item.courtHold = true;
            item.answers = answer;
        }
        c.openItems = open;
        c.conditionalItems = conditional;
        c.deniedItems += to - from + 1;
    }

    /// @dev Frees the debtor's hand over the security once no condition is open, nor comes back with a lifted seizure.
    function _unbind(Case storage c, Sources calldata sources, uint64 caseId) private {
        if (c.conditionalItems == 0 && c.conditionalSeized == 0) sources.debts.bindSecurity(caseId, false);
    }

    function _settled(Case storage c, Act calldata act, uint16 from, uint16 to, ItemOutcome outcome) private {
        c.settle();
        emit IDeclarationRegistry.ItemsSettled(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            from,
            to,
            outcome,
            c.status
        );
    }
}
