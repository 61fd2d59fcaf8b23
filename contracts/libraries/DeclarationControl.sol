// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    AppealState,
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    ItemDecision,
    ItemOutcome,
    Refusal,
    RefusalKind
} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {CaseMoves} from "./CaseMoves.sol";
import {ControlTransitions} from "./ControlTransitions.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Item, Sources, Store, StoredCheck} from "./DeclarationStore.sol";

/// @title DeclarationControl
/// @notice The tracks beside the main status: control, agencies' decisions, arrival and exit (domain guide 3.6, 3.7,
///         4.1). Linked into a declaration registry.
library DeclarationControl {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice See {IDeclarationRegistry.route}.
    function route(Store storage store, Sources calldata sources, Act calldata act, ControlKind kind) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_RISK);
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.INSPECTED | DeclarationStore.RELEASED);
        DeclarationStore.requireRevision(act.expectedVersion, c.controlRevision);
        c.requireRoutable();
        ControlState current = c.control;
        ControlAct step = kind == ControlKind.NONE ? ControlAct.ROUTE_NONE : ControlAct.ROUTE_REQUIRED;
        if (uint8(current) <= uint8(ControlState.REQUIRED)) {
            if (kind < c.controlKind) revert IDeclarationRegistry.NeedsSecondPerson();
            bool same = current == ControlState.REQUIRED && kind == c.controlKind;
            if (same) revert IDeclarationRegistry.NotInControl(step, current);
        }
        // Before acceptance only a targeted alert makes sense; clearing a case comes with its legal version.
        if (kind == ControlKind.NONE && c.version == 0) revert IDeclarationRegistry.NotInControl(step, current);
        ControlState next = ControlTransitions.next(current, step);
        c.control = next;
        c.controlKind = kind;
        uint32 revision = ++c.controlRevision;
        c.hands[act.actor] |= DeclarationStore.ROUTED;
        emit IDeclarationRegistry.Routed(
            act.caseId,
            act.actor,
            c.version,
            revision,
            act.reason,
            act.evidence,
            next,
            kind,
            address(0)
        );
    }

    /// @notice See {IDeclarationRegistry.startControl}.
    function start(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = _inspected(store, sources, act);
        CaseMoves.control(c, act, ControlAct.START);
    }

    /// @notice See {IDeclarationRegistry.recordControl}.
    function record(Store storage store, Sources calldata sources, Act calldata act, bool satisfactory) external {
        Case storage c = _inspected(store, sources, act);
        DeclarationStore.requireEvidence(act.evidence);
        c.controlledBy = act.actor;
        CaseMoves.control(c, act, satisfactory ? ControlAct.RECORD_SATISFACTORY : ControlAct.RECORD_DISCREPANCY);
    }

    /// @notice See {IDeclarationRegistry.dismissDiscrepancy}.
    function dismiss(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        DeclarationStore.requireRevision(act.expectedVersion, c.controlRevision);
        c.requireIn(DeclarationAct.CONTROL);
        DeclarationStore.requireReason(act.reason);
        if (c.controlledBy == act.actor) revert IDeclarationRegistry.SamePerson(act.actor);
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.ROUTED);
        CaseMoves.control(c, act, ControlAct.DISMISS);
    }

    /// @notice See {IDeclarationRegistry.notifyIrregularity}.
    function notifyIrregularity(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_INSPECTOR);
        DeclarationStore.requireRevision(act.expectedVersion, c.controlRevision);
        c.requireIn(DeclarationAct.CONTROL);
        DeclarationStore.requireReason(act.reason);
        c.irregularity = true;
        uint32 revision = ++c.controlRevision;
        emit IDeclarationRegistry.IrregularityNotified(
            act.caseId,
            act.actor,
            c.version,
            revision,
            act.reason,
            act.evidence
        );
    }

    /// @notice See {IDeclarationRegistry.confirmArrival}.
    function confirmArrival(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.carrierOrCustoms(sources, c, act.actor);
        DeclarationStore.requireRevision(act.expectedVersion, c.goodsRevision);
        c.requireIn(DeclarationAct.CONFIRM_ARRIVAL);
        if (c.arrivedAt != 0) revert IDeclarationRegistry.NotExpected();
        c.arrivedAt = uint40(block.timestamp);
        uint32 revision = ++c.goodsRevision;
        emit IDeclarationRegistry.Arrived(act.caseId, act.actor, c.version, revision, act.reason, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.confirmExit}.
    function confirmExit(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.carrierOrCustoms(sources, c, act.actor);
        DeclarationStore.requireRevision(act.expectedVersion, c.goodsRevision);
        c.requireIn(DeclarationAct.CONFIRM_EXIT);
        if (c.exitedAt != 0 || c.facts & DeclarationStore.NEEDS_EXIT == 0) {
            revert IDeclarationRegistry.NotExpected();
        }
        c.exitedAt = uint40(block.timestamp);
        uint32 revision = ++c.goodsRevision;
        emit IDeclarationRegistry.Exited(act.caseId, act.actor, c.version, revision, act.reason, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.decideItems}.
    function decideItems(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 version,
        ItemDecision[] calldata decisions
    ) external {
        Case storage c = store.find(act.caseId);
        uint64 agency = sources.participants.authorise(act.actor, Roles.OGA).participant();
        DeclarationAuthority.requireIndependent(c, agency);
        uint32 revision = c.agencyRevisions[agency];
        DeclarationStore.requireRevision(act.expectedVersion, revision);
        c.requireIn(DeclarationAct.DECIDE_ITEMS);
        if (version != c.version) revert IDeclarationRegistry.WrongLegalVersion(version, c.version);
        if (decisions.length == 0) revert IDeclarationRegistry.BadOrder(0);
        c.agencyRevisions[agency] = ++revision;
        uint40 earliest = type(uint40).max;
        emit IDeclarationRegistry.ItemsDecided(
            act.caseId,
            act.actor,
            agency,
            version,
            revision,
            act.reason,
            act.evidence,
            decisions
        );
        for (uint256 i = 0; i < decisions.length; ++i) {
            uint40 until = _decide(c, act, agency, version, decisions[i]);
            if (until < earliest) earliest = until;
        }
        uint40 known = c.decisionsExpireAt;
        if (earliest != type(uint40).max && (known == 0 || earliest < known)) c.decisionsExpireAt = earliest;
    }

    /// @notice Writes one decision.
    /// @return until Its valid-until if it lets the item pass, else the largest instant.
    function _decide(
        Case storage c,
        Act calldata act,
        uint64 agency,
        uint16 version,
        ItemDecision calldata d
    ) private returns (uint40 until) {
        bool passes = d.decision == AgencyDecision.RELEASE || d.decision == AgencyDecision.NOT_REQUIRED;
        if (d.decision == AgencyDecision.PENDING || (passes && d.validUntil < block.timestamp)) {
            revert IDeclarationRegistry.BadDecision(d.item, d.decision, d.validUntil);
        }
        DeclarationStore.requireRange(d.item, d.item, c.itemCount);
        Item storage item = c.items[d.item];
        if (item.outcome != ItemOutcome.HELD && item.outcome != ItemOutcome.CONDITIONALLY_RELEASED) {
            revert IDeclarationRegistry.ItemHasOutcome(d.item, item.outcome);
        }
        if (c.isPending(d.item)) revert IDeclarationRegistry.ItemIsPending(d.item);
        StoredCheck storage check = _check(c, d.item, item.checks, agency, d.checkCode);
        check.decision = d.decision;
        check.version = version;
        check.validUntil = d.validUntil;
        if (d.decision != AgencyDecision.REFUSE) return passes ? d.validUntil : type(uint40).max;
        DeclarationStore.requireReason(act.reason);
        _refused(c, act, agency, version, d);
        return type(uint40).max;
    }

    function _refused(
        Case storage c,
        Act calldata act,
        uint64 agency,
        uint16 version,
        ItemDecision calldata d
    ) private {
        uint16 refusal = c.refuse(
            Refusal({
                by: act.actor,
                office: 0,
                refusedAt: uint40(block.timestamp),
                kind: RefusalKind.AGENCY_DECISION,
                state: AppealState.REFUSED,
                item: d.item,
                toItem: d.item,
                agency: agency,
                checkCode: d.checkCode,
                version: version,
                revision: 1,
                dataRecord: 0
            })
        );
        emit IDeclarationRegistry.ItemRefusedByAgency(act.caseId, agency, d.item, d.checkCode, refusal);
    }

    /// @dev The agency's check of an item; reverts {IDeclarationRegistry.NotRequired} if there is none.
    function _check(
        Case storage c,
        uint16 number,
        uint256 count,
        uint64 agency,
        uint16 checkCode
    ) internal view returns (StoredCheck storage check) {
        for (uint256 i = 0; i < count; ++i) {
            check = c.checks[DeclarationStore.slotOf(number, i)];
            if (check.agency == agency && check.checkCode == checkCode) return check;
        }
        revert IDeclarationRegistry.NotRequired(number, agency, checkCode);
    }

    function _inspected(
        Store storage store,
        Sources calldata sources,
        Act calldata act
    ) private returns (Case storage c) {
        c = store.find(act.caseId);
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_INSPECTOR);
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.ROUTED);
        DeclarationStore.requireRevision(act.expectedVersion, c.controlRevision);
        c.requireIn(DeclarationAct.CONTROL);
        c.hands[act.actor] |= DeclarationStore.INSPECTED;
    }
}
