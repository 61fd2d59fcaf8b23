// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {
    AppealState,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    OpenRequest,
    Refusal,
    RefusalKind
} from "../types/Declaration.sol";
import {Roles} from "../types/Roles.sol";
import {CaseMoves} from "./CaseMoves.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {DeclarationLodging} from "./DeclarationLodging.sol";
import {DeclarationRecords} from "./DeclarationRecords.sol";
import {Act, Case, DeclarationStore, Sources, Store} from "./DeclarationStore.sol";
import {ReleaseGuard} from "./ReleaseGuard.sol";

/// @title DeclarationRequests
/// @notice What customs makes of requests, corrections, audits and annulments (domain guide 4.1). Linked into a
///         declaration registry.
library DeclarationRequests {
    using DeclarationStore for Store;
    using DeclarationStore for Case;

    /// @notice See {IDeclarationRegistry.grantAmendment}.
    function grantAmendment(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16[] calldata changedItems
    ) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.GRANT_AMENDMENT);
        _requireOpen(c, OpenRequest.AMENDMENT);
        DeclarationLodging.requireAmendable(c);
        bytes32 dataRecord = c.proposedRecord;
        c.request = OpenRequest.NONE;
        delete c.proposedRecord;
        _version(c, sources, act, dataRecord, false, changedItems);
    }

    /// @notice See {IDeclarationRegistry.correct}.
    function correct(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        bytes32 dataRecord,
        uint16[] calldata changedItems
    ) external {
        Case storage c = store.find(act.caseId);
        uint64 customs = DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER).participant();
        c.step(act.expectedVersion, DeclarationAct.CORRECT);
        DeclarationStore.requireEvidence(act.evidence);
        DeclarationStore.requireEvidence(dataRecord);
        OpenRequest open = c.request;
        if (open != OpenRequest.NONE) revert IDeclarationRegistry.RequestIsOpen(open);
        ControlState control = c.control;
        if (control != ControlState.DISCREPANCY) revert IDeclarationRegistry.NoFinding(control);
        DeclarationRecords.cite(store, sources, act.caseId, customs, dataRecord);
        _version(c, sources, act, dataRecord, true, changedItems);
    }

    /// @notice See {IDeclarationRegistry.grantCancellation}.
    function grantCancellation(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 returnTo
    ) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.GRANT_CANCELLATION);
        _requireOpen(c, OpenRequest.CANCELLATION);
        DeclarationLodging.requireNeverReleased(c);
        ControlState control = c.control;
        if (
            control == ControlState.REQUIRED ||
            control == ControlState.IN_PROGRESS ||
            control == ControlState.DISCREPANCY
        ) revert IDeclarationRegistry.ControlStarted(control);
        // Two officers lift a seizure, and a court's hold: one does not end it with its case.
        c.requireNothingSeized();
        CaseMoves.annul(c, sources, act, returnTo, address(0));
    }

    /// @notice See {IDeclarationRegistry.refuseRequest}.
    function refuseRequest(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.REFUSE_REQUEST);
        DeclarationStore.requireReason(act.reason);
        OpenRequest open = c.request;
        if (open == OpenRequest.NONE) revert IDeclarationRegistry.RequestNotOpen(open, open);
        c.request = OpenRequest.NONE;
        uint16 refusal = c.refuse(
            Refusal({
                by: act.actor,
                office: c.office,
                refusedAt: uint40(block.timestamp),
                kind: open == OpenRequest.AMENDMENT ? RefusalKind.AMENDMENT : RefusalKind.CANCELLATION,
                state: AppealState.REFUSED,
                item: 0,
                toItem: 0,
                agency: 0,
                checkCode: 0,
                version: c.version,
                revision: 1,
                dataRecord: c.proposedRecord
            })
        );
        delete c.proposedRecord;
        emit IDeclarationRegistry.RequestRefused(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            act.reason,
            act.evidence,
            open,
            refusal
        );
    }

    /// @notice See {IDeclarationRegistry.returnPermits}.
    function returnPermits(Store storage store, Sources calldata sources, Act calldata act, uint16 to) external {
        Case storage c = store.find(act.caseId);
        // Any officer of the office: the one to whom the case was assigned may have left.
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
        c.step(act.expectedVersion, DeclarationAct.RETURN_PERMITS);
        CaseMoves.returnPermits(c, sources, act, to);
    }

    /// @notice See {IDeclarationRegistry.openPca}.
    function openPca(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_AUDIT);
        bool cleared = c.status == DeclarationStatus.CLEARED;
        c.step(act.expectedVersion, DeclarationAct.OPEN_PCA);
        if (c.auditOfCleared != cleared) c.auditOfCleared = cleared;
        emit IDeclarationRegistry.PcaOpened(act.caseId, act.actor, c.version, c.revision, act.reason, act.evidence);
    }

    /// @notice See {IDeclarationRegistry.closePca}.
    function closePca(Store storage store, Sources calldata sources, Act calldata act, bytes32 dataRecord) external {
        Case storage c = store.find(act.caseId);
        uint64 customs = DeclarationAuthority.check(sources, c, act.actor, Roles.CUSTOMS_AUDIT).participant();
        c.step(act.expectedVersion, DeclarationAct.CLOSE_PCA);
        DeclarationStore.requireEvidence(act.evidence);
        bool reassess = dataRecord != 0;
        // An audit ends no formality that is still open, and opens the next version's debt if it reassesses: the case
        // is then cleared as any other.
        bool clears = c.auditOfCleared || (!reassess && ReleaseGuard.checkClearance(c, sources, act.caseId).count == 0);
        if (!clears) c.status = DeclarationStatus.RELEASED;
        if (reassess) DeclarationRecords.cite(store, sources, act.caseId, customs, dataRecord);
        uint16 version = reassess ? CaseMoves.advance(c, sources.debts, act.caseId, dataRecord, true) : c.version;
        emit IDeclarationRegistry.PcaClosed(
            act.caseId,
            act.actor,
            version,
            c.revision,
            act.reason,
            act.evidence,
            dataRecord,
            c.status
        );
        if (reassess) sources.debts.openCase(act.caseId, version, c.importer, c.office);
    }

    function _case(
        Store storage store,
        Sources calldata sources,
        Act calldata act
    ) private view returns (Case storage c) {
        c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
    }

    function _requireOpen(Case storage c, OpenRequest asked) private view {
        OpenRequest open = c.request;
        if (open != asked) revert IDeclarationRegistry.RequestNotOpen(asked, open);
    }

    function _version(
        Case storage c,
        Sources calldata sources,
        Act calldata act,
        bytes32 dataRecord,
        bool byCustoms,
        uint16[] calldata changedItems
    ) private {
        uint16 version = CaseMoves.newVersion(c, sources.debts, act.caseId, dataRecord, byCustoms, changedItems);
        _emitVersion(c, act, version, dataRecord, byCustoms, changedItems);
        sources.debts.openCase(act.caseId, version, c.importer, c.office);
    }

    function _emitVersion(
        Case storage c,
        Act calldata act,
        uint16 version,
        bytes32 dataRecord,
        bool byCustoms,
        uint16[] calldata changedItems
    ) private {
        emit IDeclarationRegistry.VersionMade(
            act.caseId,
            act.actor,
            version,
            c.revision,
            act.reason,
            act.evidence,
            dataRecord,
            byCustoms,
            changedItems
        );
    }
}
