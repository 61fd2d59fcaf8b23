// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPermitUse, PermitUse} from "../interfaces/IPermitUse.sol";
import {ItemOutcome} from "../types/Declaration.sol";
import {Case, DeclarationStore, Item, StoredUse} from "./DeclarationStore.sol";

/// @notice Permit uses of neighbouring items that were reserved under one version.
struct Run {
    uint32 version;
    PermitUse[] uses;
}

/// @title PermitRuns
/// @notice Gathers the permit uses of a range of items, so that permits are told in few calls.
/// @dev Items amended later are reserved under another version than their neighbours: hence runs.
library PermitRuns {
    uint256 internal constant HELD = 1 << uint8(ItemOutcome.HELD);
    uint256 internal constant NOT_RELEASED = HELD | (1 << uint8(ItemOutcome.SEIZED));
    uint256 internal constant CONDITIONAL = 1 << uint8(ItemOutcome.CONDITIONALLY_RELEASED);
    uint256 internal constant AT_DISPOSAL = (1 << uint8(ItemOutcome.RELEASED)) | CONDITIONAL;

    /// @notice Uses of items `from` to `to` whose outcome is among `outcomes`, in order of items.
    /// @param outcomes One bit per {ItemOutcome}.
    function gather(
        Case storage c,
        uint16 from,
        uint16 to,
        uint256 outcomes
    ) internal view returns (Run[] memory runs) {
        runs = new Run[](_count(c, from, to, outcomes));
        uint16 number = from;
        for (uint256 i = 0; i < runs.length; ++i) {
            (uint16 first, uint16 last, uint256 size) = _bounds(c, number, to, outcomes);
            runs[i].version = c.items[first].permitVersion;
            runs[i].uses = _read(c, first, last, outcomes, size);
            number = last + 1;
        }
    }

    function writeOff(Run[] memory runs, IPermitUse permits, uint64 caseId) internal {
        for (uint256 i = 0; i < runs.length; ++i) {
            permits.writeOff(caseId, runs[i].version, runs[i].uses);
        }
    }

    function unreserve(Run[] memory runs, IPermitUse permits, uint64 caseId) internal {
        for (uint256 i = 0; i < runs.length; ++i) {
            permits.unreserve(caseId, runs[i].version, runs[i].uses);
        }
    }

    function restore(Run[] memory runs, IPermitUse permits, uint64 caseId) internal {
        for (uint256 i = 0; i < runs.length; ++i) {
            permits.restore(caseId, runs[i].version, runs[i].uses);
        }
    }

    /// @notice Permit uses of one item, as stored.
    function ofItem(Case storage c, uint16 number) internal view returns (PermitUse[] memory uses) {
        uint256 size = c.items[number].uses;
        uses = new PermitUse[](size);
        for (uint256 i = 0; i < size; ++i) {
            uses[i] = _use(c, number, i);
        }
    }

    function _count(Case storage c, uint16 from, uint16 to, uint256 outcomes) private view returns (uint256 count) {
        uint32 current;
        for (uint16 number = from; number <= to; ++number) {
            Item storage item = c.items[number];
            if (!_counts(item, outcomes)) continue;
            uint32 version = item.permitVersion;
            if (version == current) continue;
            current = version;
            ++count;
        }
    }

    /// @dev First run at or after `number`; there is one.
    function _bounds(
        Case storage c,
        uint16 number,
        uint16 to,
        uint256 outcomes
    ) private view returns (uint16 first, uint16 last, uint256 size) {
        uint32 version;
        for (; number <= to; ++number) {
            Item storage item = c.items[number];
            if (!_counts(item, outcomes)) continue;
            if (first == 0) (first, version) = (number, item.permitVersion);
            else if (item.permitVersion != version) break;
            last = number;
            size += item.uses;
        }
    }

    function _read(
        Case storage c,
        uint16 first,
        uint16 last,
        uint256 outcomes,
        uint256 size
    ) private view returns (PermitUse[] memory uses) {
        uses = new PermitUse[](size);
        uint256 next;
        for (uint16 number = first; number <= last; ++number) {
            Item storage item = c.items[number];
            if (!_counts(item, outcomes)) continue;
            uint256 count = item.uses;
            for (uint256 i = 0; i < count; ++i) {
                uses[next++] = _use(c, number, i);
            }
        }
    }

    function _use(Case storage c, uint16 number, uint256 index) private view returns (PermitUse memory) {
        StoredUse storage stored = c.uses[DeclarationStore.slotOf(number, index)];
        return PermitUse({permit: stored.permit, item: number, line: stored.line, quantity: stored.quantity, terms: 0});
    }

    /// @dev What was seized after a conditional release counts as what it was: its permits are written off.
    function _counts(Item storage item, uint256 outcomes) private view returns (bool) {
        uint256 outcome = item.conditional ? CONDITIONAL : 1 << uint8(item.outcome);
        return item.uses != 0 && outcomes & outcome != 0;
    }
}
