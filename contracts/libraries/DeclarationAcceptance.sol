// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../interfaces/IPermitUse.sol";
import {
    AppealState,
    ControlAct,
    ControlKind,
    ControlState,
    DeclarationAct,
    DeclarationStatus,
    ItemAgency,
    Refusal,
    RefusalKind
} from "../types/Declaration.sol";
import {DeclarationReasons} from "../types/DeclarationReasons.sol";
import {Roles} from "../types/Roles.sol";
import {Regime} from "../types/Rule.sol";
import {ControlTransitions} from "./ControlTransitions.sol";
import {DeclarationAuthority} from "./DeclarationAuthority.sol";
import {DeclarationBenefits} from "./DeclarationBenefits.sol";
import {Act, Case, DeclarationStore, Sources, Store} from "./DeclarationStore.sol";
import {DeclarationTransitions} from "./DeclarationTransitions.sol";
import {ItemEntry} from "./ItemEntry.sol";
import {MrnCodec} from "./MrnCodec.sol";
import {PermitRuns, Run} from "./PermitRuns.sol";

/// @title DeclarationAcceptance
/// @notice From LODGED to ACCEPTED, in one act or in ranges (domain guide 4.1). Linked into a declaration registry.
library DeclarationAcceptance {
    using DeclarationStore for Store;
    using DeclarationStore for Case;
    using PermitRuns for Run[];

    /// @notice See {IDeclarationRegistry.reject}.
    function reject(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER | Roles.SERVICE_REJECT);
        c.step(act.expectedVersion, DeclarationAct.REJECT);
        DeclarationStore.requireEvidence(act.evidence);
        uint16 refusal = c.refuse(
            Refusal({
                by: act.actor,
                office: c.office,
                refusedAt: uint40(block.timestamp),
                kind: RefusalKind.REJECTION,
                state: AppealState.REFUSED,
                item: 0,
                toItem: 0,
                agency: 0,
                checkCode: 0,
                version: 0,
                revision: 1,
                dataRecord: 0
            })
        );
        emit IDeclarationRegistry.Rejected(act.caseId, act.actor, c.revision, act.reason, act.evidence, refusal);
    }

    /// @notice See {IDeclarationRegistry.accept}.
    function accept(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint32 ruleVersion,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.BEGIN_ACCEPTANCE);
        _begin(c, sources, act, ruleVersion);
        ItemEntry.enter(c, sources, act, 1, c.itemCount, agencies, uses);
        c.status = DeclarationTransitions.next(c.status, DeclarationAct.SEAL);
        _seal(c, sources, act);
    }

    /// @notice See {IDeclarationRegistry.beginAcceptance}.
    function begin(Store storage store, Sources calldata sources, Act calldata act, uint32 ruleVersion) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.BEGIN_ACCEPTANCE);
        _begin(c, sources, act, ruleVersion);
    }

    /// @notice See {IDeclarationRegistry.enterItems}.
    function enterItems(
        Store storage store,
        Sources calldata sources,
        Act calldata act,
        uint16 from,
        uint16 to,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.ENTER_ITEMS);
        uint40 until = ItemEntry.enter(c, sources, act, from, to, agencies, uses);
        if (uses.length == 0 || c.status != DeclarationStatus.ACCEPTING) return;
        uint40 known = c.permitsUntil;
        if (known == 0 || until < known) c.permitsUntil = until;
    }

    /// @notice See {IDeclarationRegistry.abandon}.
    function abandon(Store storage store, Sources calldata sources, Act calldata act, uint16 keep) external {
        Case storage c = _case(store, sources, act);
        DeclarationStore.requireReason(act.reason);
        uint16 entered = c.entered;
        c.step(act.expectedVersion, DeclarationAct.ABANDON);
        if (keep != 0) {
            if (keep >= entered) revert IDeclarationRegistry.BadRange(keep, entered, entered);
            c.status = DeclarationStatus.ACCEPTING;
        } else {
            c.permitsUntil = 0;
        }
        Run[] memory runs = PermitRuns.gather(c, keep + 1, entered, PermitRuns.HELD);
        for (uint16 number = keep + 1; number <= entered; ++number) {
            delete c.items[number];
        }
        c.entered = keep;
        if (entered > keep) ++c.attempt;
        emit IDeclarationRegistry.AcceptanceAbandoned(
            act.caseId,
            act.actor,
            c.revision,
            act.reason,
            act.evidence,
            keep
        );
        runs.unreserve(sources.permits, act.caseId);
    }

    /// @notice See {IDeclarationRegistry.sealAcceptance}.
    function seal(Store storage store, Sources calldata sources, Act calldata act) external {
        Case storage c = _case(store, sources, act);
        c.step(act.expectedVersion, DeclarationAct.SEAL);
        _requireInForce(sources, c.ruleVersion);
        // Reserved in date, perhaps days ago: what counts is the instant of acceptance.
        uint40 until = c.permitsUntil;
        if (until != 0 && block.timestamp > until) revert IDeclarationRegistry.PermitsExpired(until);
        _seal(c, sources, act);
    }

    function _case(
        Store storage store,
        Sources calldata sources,
        Act calldata act
    ) private view returns (Case storage c) {
        c = store.find(act.caseId);
        DeclarationAuthority.assigned(sources, c, act.actor, Roles.CUSTOMS_OFFICER);
    }

    function _requireInForce(Sources calldata sources, uint32 ruleVersion) private view {
        if (sources.rules.version() != ruleVersion) revert IDeclarationRegistry.RuleNotInForce(ruleVersion);
    }

    function _begin(Case storage c, Sources calldata sources, Act calldata act, uint32 ruleVersion) private {
        _requireInForce(sources, ruleVersion);
        c.ruleVersion = ruleVersion;
        emit IDeclarationRegistry.AcceptanceBegun(
            act.caseId,
            act.actor,
            c.revision,
            act.reason,
            act.evidence,
            ruleVersion
        );
    }

    function _seal(Case storage c, Sources calldata sources, Act calldata act) private {
        (uint16 entered, uint16 count) = (c.entered, c.itemCount);
        if (entered != count) revert IDeclarationRegistry.NotAllEntered(entered, count);
        Regime memory regime = sources.rules.regimeAt(c.regime, c.ruleVersion);
        if (!regime.open) revert IDeclarationRegistry.UnknownRegime(c.regime);
        c.version = 1;
        c.acceptedAt = uint40(block.timestamp);
        c.procedure = regime.procedure;
        c.openItems = count;
        if (regime.needsArrival) c.facts |= DeclarationStore.NEEDS_ARRIVAL;
        if (regime.needsExit) c.facts |= DeclarationStore.NEEDS_EXIT;
        if (regime.paysDuty || regime.needsSecurity) c.facts |= DeclarationStore.NEEDS_DEBT;
        if (regime.needsSecurity) c.needsSecurity = true;
        emit IDeclarationRegistry.Accepted(
            act.caseId,
            act.actor,
            1,
            c.revision,
            act.reason,
            act.evidence,
            mrnOf(c, sources.country, act.caseId)
        );
        _greenLane(c, sources, act);
        sources.debts.openCase(act.caseId, 1, c.importer, c.office);
    }

    /// @dev An authorised operator, or the partner of one recognised abroad, on the green lane is routed to NONE,
    ///      unless risk has set a targeted alert.
    function _greenLane(Case storage c, Sources calldata sources, Act calldata act) private {
        bool entitled = DeclarationBenefits.atAcceptance(c, sources);
        if (!entitled || c.control != ControlState.UNROUTED) return;
        c.control = ControlTransitions.next(ControlState.UNROUTED, ControlAct.ROUTE_NONE);
        uint32 revision = ++c.controlRevision;
        emit IDeclarationRegistry.Routed(
            act.caseId,
            act.actor,
            1,
            revision,
            DeclarationReasons.GREEN_LANE,
            0,
            ControlState.NONE,
            ControlKind.NONE,
            address(0)
        );
    }

    /// @notice MRN of an accepted case; 0 before acceptance.
    function mrnOf(Case storage c, bytes2 country, uint64 caseId) internal view returns (bytes18) {
        if (c.acceptedAt == 0) return 0;
        return MrnCodec.mrn(c.acceptedAt, country, uint8(caseId >> 56), caseId & type(uint56).max, c.procedure);
    }
}
