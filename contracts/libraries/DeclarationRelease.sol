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
        ReleaseMode mode = _mode(store, sources, c, act, conditional);
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.ROUTED);
        c.step(act.expectedVersion, DeclarationAct.RELEASE);
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory runs = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        Findings memory found = ReleaseGuard.check(c, sources, act.caseId, from, to, mode, runs, ReleaseGuard.CARRIED);
        if (found.count != 0) revert IDeclarationRegistry.ReleaseRefused(uint32(found.count), found.list);
        ItemOutcome outcome = conditional ? ItemOutcome.CONDITIONALLY_RELEASED : ItemOutcome.RELEASED;
        _release(c, from, to, outcome);
        _settled(c, act, from, to, outcome);
        runs.writeOff(sources.permits, act.caseId);
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
        DeclarationAuthority.assigned(store, sources, c, act, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.REFUSE_ITEMS);
        DeclarationStore.requireReason(act.reason);
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory runs = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        _deny(c, from, to, ItemOutcome.REFUSED, false);
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
        DeclarationAuthority.customs(store, sources, c, act, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.SEIZE);
        DeclarationStore.requireReason(act.reason);
        DeclarationStore.requireRange(from, to, c.itemCount);
        _deny(c, from, to, ItemOutcome.SEIZED, act.reason == DeclarationReasons.COURT_ORDER);
        c.settle();
        emit IDeclarationRegistry.Seized(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            from,
            to
        );
        if (!settlesFinding) return;
        if (c.controlledBy == act.actor) revert IDeclarationRegistry.SamePerson(act.actor);
        c.findingSeized = true;
        CaseMoves.control(c, act, ControlAct.SETTLE_BY_SEIZURE);
    }

    /// @notice See {IDeclarationRegistry.clear}.
    function clear(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(store, sources, c, act, Roles.CUSTOMS_OFFICER);
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
        Store storage store,
        Sources calldata sources,
        Case storage c,
        Act calldata act,
        bool conditional
    ) private returns (ReleaseMode) {
        uint32 roles = conditional ? Roles.CUSTOMS_OFFICER : Roles.CUSTOMS_OFFICER | Roles.SERVICE_AUTO_RELEASE;
        AuthorityWord authority = DeclarationAuthority.assigned(store, sources, c, act, roles);
        if (authority.roles() & Roles.CUSTOMS_OFFICER == 0) return ReleaseMode.AUTOMATIC;
        return conditional ? ReleaseMode.CONDITIONAL : ReleaseMode.OFFICER;
    }

    /// @dev Gives each item of the range its outcome; the guard has seen that each may have it.
    function _release(Case storage c, uint16 from, uint16 to, ItemOutcome outcome) private {
        (uint16 open, uint16 conditional) = (c.openItems, c.conditionalItems);
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            if (item.outcome == ItemOutcome.HELD) --open;
            else --conditional;
            if (outcome == ItemOutcome.CONDITIONALLY_RELEASED) ++conditional;
            item.outcome = outcome;
        }
        c.openItems = open;
        c.conditionalItems = conditional;
    }

    function _deny(Case storage c, uint16 from, uint16 to, ItemOutcome outcome, bool courtHold) private {
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            ItemOutcome earlier = item.outcome;
            if (earlier != ItemOutcome.HELD) revert IDeclarationRegistry.ItemHasOutcome(number, earlier);
            item.outcome = outcome;
            if (courtHold) item.courtHold = true;
        }
        uint16 count = to - from + 1;
        c.openItems -= count;
        c.deniedItems += count;
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
