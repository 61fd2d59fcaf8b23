// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    ItemOutcome,
    JointAct,
    JointKind
} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {CaseMoves} from "./CaseMoves.sol";
import {ControlTransitions} from "./ControlTransitions.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {Act, Case, DeclarationStore, Fallback, Item, Proposal, Sources, Store} from "./DeclarationStore.sol";

/// @title DeclarationJoint
/// @notice Acts that take two persons: lower control, lifted seizure, annulment after release, fallback entries
///         (domain guide 3.6, 4.1, 4.9). Linked into a declaration registry.
library DeclarationJoint {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice Officers at a border post, of customs and of agencies: they act on paper when the ledger is away.
    uint32 internal constant FALLBACK_ROLES =
        Roles.CUSTOMS_OFFICER | Roles.CUSTOMS_INSPECTOR | Roles.CUSTOMS_RISK | Roles.OGA;

    /// @notice See {IDeclarationRegistry.propose}.
    function propose(
        Store storage store,
        Sources calldata sources,
        address actor,
        bytes32 requestId,
        JointAct calldata act
    ) external returns (bytes32 key) {
        Case storage c = store.find(act.caseId);
        uint64 participant = DeclarationAuthority.assigned(sources, c, actor, _proposerRoles(act.kind)).participant();
        key = keccak256(abi.encode(participant, requestId));
        Proposal storage proposal = store.proposals[key];
        if (proposal.by != address(0)) revert IDeclarationRegistry.AlreadyDone(key);
        DeclarationStore.requireReason(act.reason);
        if (act.kind == JointKind.LOWER_CONTROL) {
            DeclarationAuthority.requireHandsFree(c, actor, DeclarationStore.INSPECTED | DeclarationStore.RELEASED);
            c.hands[actor] |= DeclarationStore.ROUTED;
        } else if (act.kind == JointKind.INVALIDATE) {
            DeclarationStore.requireEvidence(act.evidence);
            _requireAnnullable(c);
        }
        if (act.kind == JointKind.LOWER_CONTROL) c.requireRoutable();
        else c.requireIn(act.kind == JointKind.LIFT_SEIZURE ? DeclarationAct.LIFT_SEIZURE : DeclarationAct.INVALIDATE);
        proposal.by = actor;
        proposal.revision = _revision(c, act.kind);
        proposal.digest = keccak256(abi.encode(act));
        emit IDeclarationRegistry.JointProposed(act.caseId, actor, key, c.version, act);
    }

    /// @notice See {IDeclarationRegistry.countersign}.
    function countersign(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 key,
        JointAct calldata joint
    ) external {
        Case storage c = store.find(joint.caseId);
        uint32 roles = _proposerRoles(joint.kind) | Roles.CUSTOMS_OFFICER;
        DeclarationAuthority.check(sources, c, act.actor, roles);
        Proposal storage proposal = store.proposals[key];
        if (proposal.digest != keccak256(abi.encode(joint))) revert IDeclarationRegistry.NoSuchProposal(key);
        if (proposal.done) revert IDeclarationRegistry.AlreadyDone(key);
        address proposer = proposal.by;
        if (proposer == act.actor) revert IDeclarationRegistry.SamePerson(proposer);
        // Two persons have judged one state: with the next change of what it is about, a proposal lapses.
        DeclarationStore.requireRevision(proposal.revision, _revision(c, joint.kind));
        // The first person must still hold the office now that the act takes effect.
        DeclarationAuthority.check(sources, c, proposer, _proposerRoles(joint.kind));
        proposal.done = true;
        if (joint.kind == JointKind.LOWER_CONTROL) _lower(c, act, joint, proposer);
        else if (joint.kind == JointKind.LIFT_SEIZURE) _lift(c, act, joint, proposer);
        else _invalidate(c, sources, act, joint, proposer);
    }

    /// @notice See {IDeclarationRegistry.enterFallback}.
    function enterFallback(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 requestId,
        bytes4 selector,
        uint40 occurredAt
    ) external returns (bytes32 key) {
        Case storage c = store.find(act.caseId);
        uint64 participant = DeclarationAuthority.check(sources, c, act.actor, FALLBACK_ROLES).participant();
        key = keccak256(abi.encode(participant, requestId));
        Fallback storage entry = store.fallbacks[key];
        if (entry.by != address(0)) revert IDeclarationRegistry.AlreadyDone(key);
        DeclarationStore.requireEvidence(act.evidence);
        uint40 lodgedAt = c.lodgedAt;
        uint40 now_ = uint40(block.timestamp);
        if (occurredAt < lodgedAt || occurredAt > now_) {
            revert IDeclarationRegistry.BadInstant(occurredAt, lodgedAt, now_);
        }
        entry.by = act.actor;
        entry.caseId = act.caseId;
        entry.act = selector;
        entry.occurredAt = occurredAt;
        entry.paper = act.evidence;
        emit IDeclarationRegistry.FallbackEntered(act.caseId, act.actor, key, selector, occurredAt, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.confirmFallback}.
    function confirmFallback(Store storage store, Sources calldata sources, Act calldata act, bytes32 key) external {
        Fallback storage entry = store.fallbacks[key];
        uint64 caseId = entry.caseId;
        if (caseId == 0) revert IDeclarationRegistry.NoSuchProposal(key);
        Case storage c = store.find(caseId);
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        DeclarationStore.requireRevision(act.expectedVersion, entry.confirmedBy == address(0) ? 1 : 2);
        if (entry.confirmedBy != address(0)) revert IDeclarationRegistry.AlreadyDone(key);
        if (entry.by == act.actor) revert IDeclarationRegistry.SamePerson(act.actor);
        bytes32 ready = DeclarationAuthority.readyKey(caseId, entry.by, entry.act, entry.paper);
        bytes32 waiting = store.readyFallbacks[ready];
        if (waiting != 0) revert IDeclarationRegistry.FallbackWaits(waiting);
        entry.confirmedBy = act.actor;
        store.readyFallbacks[ready] = key;
        emit IDeclarationRegistry.FallbackConfirmed(caseId, act.actor, key, act.evidence);
    }

    function _proposerRoles(JointKind kind) private pure returns (uint32) {
        return kind == JointKind.LOWER_CONTROL ? Roles.CUSTOMS_RISK : Roles.CUSTOMS_OFFICER;
    }

    /// @dev An accepted case is the declarant's to cancel, but for goods that were out, or once no item is open. What
    ///      counts here moves the main revision, with which a proposal lapses: the second signature need not ask again.
    function _requireAnnullable(Case storage c) private view {
        if (c.status != DeclarationStatus.ACCEPTED || c.wasReleased || c.openItems == 0) return;
        revert IDeclarationRegistry.NotInStatus(DeclarationAct.INVALIDATE, DeclarationStatus.ACCEPTED);
    }

    function _revision(Case storage c, JointKind kind) private view returns (uint32) {
        return kind == JointKind.LOWER_CONTROL ? c.controlRevision : c.revision;
    }

    function _lower(Case storage c, Act calldata act, JointAct calldata joint, address proposer) private {
        DeclarationAuthority.requireHandsFree(c, act.actor, DeclarationStore.INSPECTED | DeclarationStore.RELEASED);
        DeclarationStore.requireRevision(act.expectedVersion, c.controlRevision);
        c.requireRoutable();
        ControlState current = c.control;
        ControlAct step =
            joint.control == ControlKind.NONE ? ControlAct.LOWER_TO_NONE : ControlAct.LOWER_TO_DOCUMENTARY;
        ControlState next = ControlTransitions.next(current, step);
        // As for `route`: clearing a case comes with its legal version.
        bool early = joint.control == ControlKind.NONE && c.version == 0;
        if (early || joint.control >= c.controlKind) revert IDeclarationRegistry.NotInControl(step, current);
        c.control = next;
        c.controlKind = joint.control;
        uint32 revision = ++c.controlRevision;
        c.hands[act.actor] |= DeclarationStore.ROUTED;
        emit IDeclarationRegistry.Routed(
            joint.caseId,
            act.actor,
            c.version,
            revision,
            joint.reason,
            joint.evidence,
            next,
            joint.control,
            proposer
        );
    }

    function _lift(Case storage c, Act calldata act, JointAct calldata joint, address proposer) private {
        c.step(act.expectedVersion, DeclarationAct.LIFT_SEIZURE);
        DeclarationStore.requireRange(joint.from, joint.to, c.itemCount);
        bool reopens = _giveBack(c, joint.from, joint.to);
        c.settle();
        emit IDeclarationRegistry.SeizureLifted(
            joint.caseId,
            act.actor,
            c.version,
            c.revision,
            joint.reason,
            joint.evidence,
            joint.from,
            joint.to,
            proposer,
            c.status
        );
        // A finding that was answered by seizing one of them is a finding again.
        if (!reopens) return;
        c.findingAnswer = 0;
        CaseMoves.control(c, act, ControlAct.REOPEN_FINDING);
    }

    /// @dev Gives each seized item of the range the outcome back that it had. True if the seizure of one of them was
    ///      the answer to the control's finding.
    function _giveBack(Case storage c, uint16 from, uint16 to) private returns (bool reopens) {
        uint8 answer = c.findingAnswer;
        uint16 conditions = c.conditionalItems;
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            if (item.outcome != ItemOutcome.SEIZED) revert IDeclarationRegistry.ItemNotSeized(number);
            if (item.conditional) {
                item.conditional = false;
                item.outcome = ItemOutcome.CONDITIONALLY_RELEASED;
                ++c.conditionalItems;
                --c.conditionalSeized;
            } else {
                item.outcome = ItemOutcome.HELD;
                ++c.openItems;
            }
            item.courtHold = false;
            if (answer != 0 && item.answers == answer) reopens = true;
        }
        c.deniedItems -= to - from + 1;
        if (c.conditionalItems != conditions) c.awaitExit();
    }

    function _invalidate(
        Case storage c,
        Sources calldata sources,
        Act calldata act,
        JointAct calldata joint,
        address proposer
    ) private {
        c.step(act.expectedVersion, DeclarationAct.INVALIDATE);
        CaseMoves.annul(c, sources, act, joint.to, proposer);
    }
}
