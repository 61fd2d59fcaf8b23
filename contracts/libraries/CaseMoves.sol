// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState, IDebtCases} from "../interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationVersion,
    ItemOutcome,
    OpenRequest
} from "../types/Declaration.sol";
import {ControlTransitions} from "./ControlTransitions.sol";
import {Act, Case, DeclarationStore, Sources} from "./DeclarationStore.sol";
import {PermitRuns, Run} from "./PermitRuns.sol";

/// @title CaseMoves
/// @notice Moves that more than one act makes: a new legal version, annulment, giving permits back.
library CaseMoves {
    using DeclarationStore for Case;
    using PermitRuns for Run[];

    /// @notice Makes the next legal version: control, decisions and debt start anew; changed items wait for entry.
    /// @dev The fiscal case is the caller's to move, after its event.
    function newVersion(
        Case storage c,
        IDebtCases debts,
        uint64 caseId,
        bytes32 dataRecord,
        bool byCustoms,
        uint16[] calldata changedItems
    ) internal returns (uint16 version) {
        version = advance(c, debts, caseId, dataRecord, byCustoms);
        // A control that was asked for and not served stays what the next routing may not go below by itself.
        if (uint8(c.control) > uint8(ControlState.REQUIRED)) c.controlKind = ControlKind.NONE;
        c.control = ControlTransitions.next(c.control, ControlAct.NEW_VERSION);
        c.irregularity = false;
        c.findingAnswer = 0;
        ++c.controlRevision;
        c.decisionsExpireAt = 0;
        uint16 previous;
        for (uint256 i = 0; i < changedItems.length; ++i) {
            uint16 number = changedItems[i];
            if (number <= previous) revert IDeclarationRegistry.BadOrder(i);
            DeclarationStore.requireRange(number, number, c.itemCount);
            ItemOutcome outcome = c.items[number].outcome;
            if (outcome != ItemOutcome.HELD) revert IDeclarationRegistry.ItemHasOutcome(number, outcome);
            c.markPending(number);
            previous = number;
        }
    }

    /// @notice Counts and keeps a legal version. Where a debt was assessed, the next version waits for one as well,
    ///         though its regime asks for none.
    function advance(
        Case storage c,
        IDebtCases debts,
        uint64 caseId,
        bytes32 dataRecord,
        bool byCustoms
    ) internal returns (uint16 version) {
        version = c.version;
        if (c.facts & DeclarationStore.NEEDS_DEBT == 0 && debts.fiscalState(caseId, version) != FiscalState.NONE) {
            c.facts |= DeclarationStore.NEEDS_DEBT;
        }
        c.version = ++version;
        c.versions[version] = DeclarationVersion(dataRecord, uint40(block.timestamp), byCustoms);
    }

    /// @notice What annulment leaves behind: no request, no debt, permits of items 1 to `returnTo` given back.
    /// @param proposer First of two persons; 0 when annulled on request.
    function annul(
        Case storage c,
        Sources calldata sources,
        Act calldata act,
        uint16 returnTo,
        address proposer
    ) internal {
        c.request = OpenRequest.NONE;
        emit IDeclarationRegistry.Invalidated(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            proposer
        );
        if (returnTo != 0) returnPermits(c, sources, act, returnTo);
        sources.debts.closeCase(act.caseId);
    }

    /// @notice Gives back what items up to `to` reserved (not released) or wrote off (released).
    function returnPermits(Case storage c, Sources calldata sources, Act calldata act, uint16 to) internal {
        uint16 from = c.returnedItems + 1;
        DeclarationStore.requireRange(from, to, c.itemCount);
        Run[] memory reserved = PermitRuns.gather(c, from, to, PermitRuns.NOT_RELEASED);
        Run[] memory writtenOff = PermitRuns.gather(c, from, to, PermitRuns.AT_DISPOSAL);
        c.returnedItems = to;
        emit IDeclarationRegistry.PermitsReturned(act.caseId, act.actor, c.version, c.revision, from, to);
        reserved.unreserve(sources.permits, act.caseId);
        writtenOff.restore(sources.permits, act.caseId);
    }

    /// @notice Moves the control track by a control's act, its result, or what answers it; emits {Controlled}.
    function control(Case storage c, Act calldata act, ControlAct step) internal {
        ControlState next = ControlTransitions.next(c.control, step);
        c.control = next;
        uint32 revision = ++c.controlRevision;
        emit IDeclarationRegistry.Controlled(
            act.caseId,
            act.actor,
            c.version,
            revision,
            act.reason,
            act.evidence,
            next
        );
    }
}
