// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../interfaces/IPermitUse.sol";
import {AgencyDecision, DeclarationStatus, ItemAgency, ItemOutcome} from "../types/Declaration.sol";
import {Act, Case, DeclarationStore, Item, Sources, StoredCheck, StoredUse} from "./DeclarationStore.sol";
import {PermitRuns, Run} from "./PermitRuns.sol";

/// @title ItemEntry
/// @notice Writes the checks and permit uses of a range of items, and reserves the permits.
library ItemEntry {
    using DeclarationStore for Case;
    using PermitRuns for Run[];

    /// @dev Where the walk over the two lists stands.
    struct Cursor {
        uint256 agency;
        uint256 use;
        uint64 known;
    }

    /// @notice Enters items `from` to `to`; the revision is the caller's to move.
    /// @return permitsUntil First of the last seconds of the permits used [unix s]; the largest instant without any.
    function enter(
        Case storage c,
        Sources calldata sources,
        Act calldata act,
        uint16 from,
        uint16 to,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) internal returns (uint40 permitsUntil) {
        uint32 permitVersion = c.permitVersion();
        Run[] memory freed;
        if (c.status == DeclarationStatus.ACCEPTING) {
            DeclarationStore.requireRange(from, to, c.itemCount);
            if (from != c.entered + 1) revert IDeclarationRegistry.BadRange(from, to, c.itemCount);
            c.entered = to;
        } else {
            DeclarationStore.requireRange(from, to, c.itemCount);
            for (uint16 number = from; number <= to; ++number) {
                c.clearPending(number);
                // Refused or seized meanwhile: it waits on until that is undone, by those who may.
                ItemOutcome outcome = c.items[number].outcome;
                if (outcome != ItemOutcome.HELD) revert IDeclarationRegistry.ItemHasOutcome(number, outcome);
            }
            freed = PermitRuns.gather(c, from, to, PermitRuns.HELD);
        }
        _write(c, sources, from, to, permitVersion, agencies, uses);
        emit IDeclarationRegistry.ItemsEntered(
            act.caseId,
            act.actor,
            c.version,
            c.revision,
            from,
            to,
            permitVersion,
            agencies,
            uses
        );
        freed.unreserve(sources.permits, act.caseId);
        if (uses.length == 0) return type(uint40).max;
        // Entered after acceptance, by an appeal or a later version: the permits of that date count all the same.
        uint40 acceptedAt = c.acceptedAt;
        uint40 asOf = acceptedAt == 0 ? uint40(block.timestamp) : acceptedAt;
        return sources.permits.reserve(act.caseId, permitVersion, uses, asOf);
    }

    function _write(
        Case storage c,
        Sources calldata sources,
        uint16 from,
        uint16 to,
        uint32 permitVersion,
        ItemAgency[] calldata agencies,
        PermitUse[] calldata uses
    ) private {
        Cursor memory cursor;
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            // Reopened at the version at which it was entered: what agencies were asked, and said, stands.
            bool stands = item.enteredVersion == uint16(permitVersion);
            uint8 checkCount =
                stands
                    ? _keptChecks(item, number, agencies, cursor)
                    : _writeChecks(c, sources, number, agencies, cursor);
            uint8 useCount = _writeUses(c, number, uses, cursor);
            // A first entry of nothing leaves a zero word, which already says so.
            if (checkCount == 0 && useCount == 0 && item.permitVersion == 0) continue;
            item.checks = checkCount;
            item.uses = useCount;
            item.enteredVersion = uint16(permitVersion);
            item.permitVersion = permitVersion;
        }
        if (cursor.agency != agencies.length) revert IDeclarationRegistry.BadOrder(cursor.agency);
        if (cursor.use != uses.length) revert IDeclarationRegistry.BadOrder(cursor.use);
    }

    function _keptChecks(
        Item storage item,
        uint16 number,
        ItemAgency[] calldata agencies,
        Cursor memory cursor
    ) private view returns (uint8) {
        uint256 i = cursor.agency;
        if (i < agencies.length && agencies[i].item == number) revert IDeclarationRegistry.ChecksStand(number);
        return item.checks;
    }

    function _writeChecks(
        Case storage c,
        Sources calldata sources,
        uint16 number,
        ItemAgency[] calldata agencies,
        Cursor memory cursor
    ) private returns (uint8 count) {
        uint256 i = cursor.agency;
        uint256 first = i;
        for (; i < agencies.length && agencies[i].item == number; ++i) {
            ItemAgency calldata entry = agencies[i];
            if (i != first && !_ascends(agencies[i - 1], entry)) revert IDeclarationRegistry.BadOrder(i);
            if (entry.agency != cursor.known) {
                if (!sources.participants.activeAt(entry.agency, uint40(block.timestamp))) {
                    revert IDeclarationRegistry.NotActive(entry.agency);
                }
                cursor.known = entry.agency;
            }
            c.checks[DeclarationStore.slotOf(number, i - first)] = StoredCheck(
                entry.agency,
                entry.checkCode,
                AgencyDecision.PENDING,
                0,
                0
            );
        }
        cursor.agency = i;
        count = _bounded(number, i - first);
    }

    function _writeUses(
        Case storage c,
        uint16 number,
        PermitUse[] calldata uses,
        Cursor memory cursor
    ) private returns (uint8 count) {
        uint256 i = cursor.use;
        uint256 first = i;
        for (; i < uses.length && uses[i].item == number; ++i) {
            PermitUse calldata entry = uses[i];
            if (i != first && !_ascendsUse(uses[i - 1], entry)) revert IDeclarationRegistry.BadOrder(i);
            c.uses[DeclarationStore.slotOf(number, i - first)] = StoredUse(entry.permit, entry.quantity, entry.line);
        }
        cursor.use = i;
        count = _bounded(number, i - first);
    }

    function _bounded(uint16 number, uint256 count) private pure returns (uint8) {
        if (count > DeclarationStore.MAX_PER_ITEM) {
            revert IDeclarationRegistry.TooManyOnItem(number, count, DeclarationStore.MAX_PER_ITEM);
        }
        return uint8(count);
    }

    function _ascends(ItemAgency calldata a, ItemAgency calldata b) private pure returns (bool) {
        return a.agency < b.agency || (a.agency == b.agency && a.checkCode < b.checkCode);
    }

    function _ascendsUse(PermitUse calldata a, PermitUse calldata b) private pure returns (bool) {
        return a.permit < b.permit || (a.permit == b.permit && a.line < b.line);
    }
}
