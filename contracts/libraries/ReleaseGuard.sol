// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState, IDebtCases} from "../interfaces/IDebtCases.sol";
import {PermitUse} from "../interfaces/IPermitUse.sol";
import {AgencyDecision, ControlState, HeldFor, ItemOutcome, Reason} from "../types/Declaration.sol";
import {Case, DeclarationStore, Item, Sources, StoredCheck} from "./DeclarationStore.sol";
import {Run} from "./PermitRuns.sol";

/// @notice Who releases, and how: what the guard asks for beyond the law's common part.
enum ReleaseMode {
    OFFICER,
    AUTOMATIC,
    CONDITIONAL
}

/// @notice Reasons found; only the first `list.length` are kept, all are counted.
struct Findings {
    Reason[] list;
    uint256 count;
}

/// @title ReleaseGuard
/// @notice All that must hold before goods are released (domain guide 4.4), read again in the act itself.
/// @dev Order of reasons: the whole declaration first, then item by item: outcome, entry, checks; permits last, in
///      order of items.
library ReleaseGuard {
    using DeclarationStore for Case;

    /// @notice Reasons that a refused act carries; `missing` reads the rest.
    uint256 internal constant CARRIED = 32;

    /// @notice Collects at most `limit` reasons against the release of items `from` to `to`.
    /// @param runs Permit uses of the range's items that are HELD.
    function check(
        Case storage c,
        Sources calldata sources,
        uint64 caseId,
        uint16 from,
        uint16 to,
        ReleaseMode mode,
        Run[] memory runs,
        uint256 limit
    ) internal view returns (Findings memory found) {
        found.list = new Reason[](limit);
        _control(c, mode, found);
        _fiscal(c, sources.debts, caseId, mode, found);
        if (c.facts & DeclarationStore.NEEDS_ARRIVAL != 0 && c.arrivedAt == 0) _whole(found, HeldFor.NOT_ARRIVED);
        for (uint16 number = from; number <= to; ++number) {
            _item(c, number, mode, found);
        }
        for (uint256 i = 0; i < runs.length; ++i) {
            _permits(sources, caseId, runs[i], found);
        }
        trim(found);
    }

    /// @notice Reasons against clearance: open conditions, unsettled debt, goods not exited, data still to come,
    ///         appeals not decided.
    function checkClearance(
        Case storage c,
        Sources calldata sources,
        uint64 caseId
    ) internal view returns (Findings memory found) {
        found.list = new Reason[](CARRIED);
        if (c.conditionalItems != 0) _whole(found, HeldFor.CONDITION_OPEN);
        FiscalState fiscal = sources.debts.fiscalState(caseId, c.version);
        bool settled =
            fiscal == FiscalState.PAID ||
                fiscal == FiscalState.EXEMPT ||
                fiscal == FiscalState.SETTLED ||
                (fiscal == FiscalState.NONE && c.facts & DeclarationStore.NEEDS_DEBT == 0);
        if (!settled) _whole(found, HeldFor.DEBT_UNSETTLED);
        if (c.facts & DeclarationStore.NEEDS_EXIT != 0 && c.exitedAt == 0) _whole(found, HeldFor.NOT_EXITED);
        if (c.facts & DeclarationStore.INCOMPLETE != 0) _whole(found, HeldFor.DATA_INCOMPLETE);
        if (c.openAppeals != 0) _whole(found, HeldFor.APPEAL_OPEN);
        trim(found);
    }

    /// @notice Copies the reasons kept into a list of their own number.
    function trim(Findings memory found) internal pure {
        uint256 kept = found.count < found.list.length ? found.count : found.list.length;
        Reason[] memory list = new Reason[](kept);
        for (uint256 i = 0; i < kept; ++i) {
            list[i] = found.list[i];
        }
        found.list = list;
    }

    function _control(Case storage c, ReleaseMode mode, Findings memory found) private view {
        ControlState control = c.control;
        if (mode == ReleaseMode.CONDITIONAL && _isAnswered(control)) return _whole(found, HeldFor.NOTHING_PENDING);
        if (control == ControlState.NONE) return;
        if (control == ControlState.SATISFACTORY) {
            if (mode == ReleaseMode.AUTOMATIC) _whole(found, HeldFor.NEEDS_OFFICER);
            return;
        }
        if (control == ControlState.UNROUTED) return _whole(found, HeldFor.CONTROL_UNROUTED);
        if (control == ControlState.DISCREPANCY) return _whole(found, HeldFor.CONTROL_DISCREPANCY);
        // Samples are taken, the laboratory's answer is awaited: what a conditional release is for.
        if (control == ControlState.IN_PROGRESS && mode == ReleaseMode.CONDITIONAL) return;
        _whole(found, HeldFor.CONTROL_OPEN);
    }

    /// @dev Whether no result is awaited, on which goods could be released conditionally.
    function _isAnswered(ControlState control) private pure returns (bool) {
        return control == ControlState.NONE || control == ControlState.SATISFACTORY;
    }

    function _fiscal(
        Case storage c,
        IDebtCases debts,
        uint64 caseId,
        ReleaseMode mode,
        Findings memory found
    ) private view {
        FiscalState fiscal = debts.fiscalState(caseId, c.version);
        bool assessed = fiscal != FiscalState.NONE;
        bool paid = fiscal == FiscalState.PAID || fiscal == FiscalState.SETTLED;
        // Where the regime needs security, what would be due is assessed and secured, never exempt or deferred; what
        // somebody paid all the same secures it as well. On a condition more may be found due: only cover reaches that.
        if (mode == ReleaseMode.CONDITIONAL || (assessed && c.needsSecurity)) {
            bool held = fiscal == FiscalState.SECURED || (paid && mode != ReleaseMode.CONDITIONAL);
            if (!held) _whole(found, HeldFor.SECURITY_NEEDED);
            return;
        }
        if (!assessed) {
            if (c.facts & DeclarationStore.NEEDS_DEBT != 0) _whole(found, HeldFor.DEBT_NOT_ASSESSED);
            return;
        }
        bool covered =
            paid || fiscal == FiscalState.SECURED || fiscal == FiscalState.DEFERRED || fiscal == FiscalState.EXEMPT;
        if (!covered) _whole(found, HeldFor.DEBT_UNPAID);
    }

    function _item(Case storage c, uint16 number, ReleaseMode mode, Findings memory found) private view {
        Item storage item = c.items[number];
        ItemOutcome outcome = item.outcome;
        if (outcome == ItemOutcome.SEIZED) {
            _add(found, Reason(number, item.courtHold ? HeldFor.COURT_HOLD : HeldFor.SEIZED, 0, 0, 0));
        } else if (
            outcome == ItemOutcome.RELEASED ||
            outcome == ItemOutcome.REFUSED ||
            (outcome == ItemOutcome.CONDITIONALLY_RELEASED && mode == ReleaseMode.CONDITIONAL)
        ) {
            return _add(found, Reason(number, HeldFor.HAS_OUTCOME, 0, 0, 0));
        } else if (outcome == ItemOutcome.CONDITIONALLY_RELEASED && mode == ReleaseMode.AUTOMATIC) {
            _add(found, Reason(number, HeldFor.NEEDS_OFFICER, 0, 0, 0));
        }
        if (c.isPending(number)) _add(found, Reason(number, HeldFor.NOT_ENTERED, 0, 0, 0));
        uint256 count = item.checks;
        for (uint256 i = 0; i < count; ++i) {
            _agency(c, number, i, found);
        }
    }

    function _agency(Case storage c, uint16 number, uint256 index, Findings memory found) private view {
        StoredCheck storage check_ = c.checks[DeclarationStore.slotOf(number, index)];
        AgencyDecision decision = check_.version == c.version ? check_.decision : AgencyDecision.PENDING;
        HeldFor code;
        if (decision == AgencyDecision.RELEASE || decision == AgencyDecision.NOT_REQUIRED) {
            if (check_.validUntil >= block.timestamp) return;
            code = HeldFor.AGENCY_EXPIRED;
        } else if (decision == AgencyDecision.PENDING) {
            code = HeldFor.AGENCY_PENDING;
        } else if (decision == AgencyDecision.HOLD) {
            code = HeldFor.AGENCY_HOLD;
        } else if (decision == AgencyDecision.REFUSE) {
            code = HeldFor.AGENCY_REFUSED;
        } else {
            code = HeldFor.AGENCY_NO_MATCH;
        }
        _add(found, Reason(number, code, check_.agency, check_.checkCode, 0));
    }

    function _permits(Sources calldata sources, uint64 caseId, Run memory run, Findings memory found) private view {
        PermitUse[] memory uses = run.uses;
        bool[] memory usable = sources.permits.usable(caseId, run.version, uses);
        uint256 first;
        for (uint256 i = 0; i < uses.length; ++i) {
            if (uses[i].item != uses[first].item) first = i;
            if (!usable[i]) _add(found, Reason(uses[i].item, HeldFor.PERMIT_UNUSABLE, 0, 0, uint8(i - first)));
        }
    }

    function _whole(Findings memory found, HeldFor code) private pure {
        _add(found, Reason(0, code, 0, 0, 0));
    }

    function _add(Findings memory found, Reason memory reason) private pure {
        if (found.count < found.list.length) found.list[found.count] = reason;
        ++found.count;
    }
}
