// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PermitState, UseState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitTerms} from "../../../contracts/libraries/PermitTerms.sol";
import {PermitAction, PermitTransitions, UseAction} from "../../../contracts/libraries/PermitTransitions.sol";
import {QuantityLine, QuantityLines} from "../../../contracts/libraries/QuantityLine.sol";
import {Test} from "../support/Test.sol";

/// @dev The pure law of permits: the tables in full, the arithmetic for all quantities, the commitment against its
///      vector.
contract PermitLawTest is Test {
    uint256 private constant MAX = QuantityLines.MAX;

    function test_next_isTheTableAndNothingElse() public pure {
        uint256 allowedPairs;
        for (uint8 s = 0; s <= uint8(PermitState.EXPIRED); ++s) {
            for (uint8 a = 0; a <= uint8(PermitAction.DECLARE_UNIT); ++a) {
                (bool allowed, PermitState to) = PermitTransitions.next(PermitState(s), PermitAction(a));
                if (allowed) ++allowedPairs;
                else assertEq(uint8(to), s, "a refused pair moves nothing");
            }
        }
        assertEq(allowedPairs, 9, "pairs in the table");
        check(PermitState.APPLIED, PermitAction.ISSUE, PermitState.ISSUED);
        check(PermitState.APPLIED, PermitAction.REFUSE, PermitState.REFUSED);
        check(PermitState.ACTIVE, PermitAction.SUSPEND, PermitState.SUSPENDED);
        check(PermitState.ACTIVE, PermitAction.REVOKE, PermitState.REVOKED);
        check(PermitState.ACTIVE, PermitAction.REPLACE, PermitState.REPLACED);
        check(PermitState.ACTIVE, PermitAction.TRANSFER, PermitState.ACTIVE);
        check(PermitState.ACTIVE, PermitAction.DECLARE_UNIT, PermitState.ACTIVE);
        check(PermitState.SUSPENDED, PermitAction.REINSTATE, PermitState.ACTIVE);
        check(PermitState.SUSPENDED, PermitAction.REVOKE, PermitState.REVOKED);
    }

    function check(PermitState from, PermitAction action, PermitState expected) private pure {
        (bool allowed, PermitState to) = PermitTransitions.next(from, action);
        assertTrue(allowed && to == expected, "a row of the table");
    }

    function test_nextUse_isTheTableAndNothingElse() public pure {
        uint256 allowedPairs;
        uint256 changingPairs;
        for (uint8 s = 0; s <= uint8(UseState.RESTORED); ++s) {
            for (uint8 a = 0; a <= uint8(UseAction.RESTORE); ++a) {
                (bool allowed, bool changes, UseState to) = PermitTransitions.nextUse(UseState(s), UseAction(a));
                if (allowed) ++allowedPairs;
                if (changes) ++changingPairs;
                else assertEq(uint8(to), s, "no change, no move");
            }
        }
        assertEq(allowedPairs, 10, "pairs in the table");
        assertEq(changingPairs, 5, "pairs that move");
        checkUse(UseState.NONE, UseAction.RESERVE, true, UseState.RESERVED);
        checkUse(UseState.FREED, UseAction.RESERVE, true, UseState.RESERVED);
        checkUse(UseState.RESERVED, UseAction.RESERVE, false, UseState.RESERVED);
        checkUse(UseState.RESERVED, UseAction.WRITE_OFF, true, UseState.WRITTEN_OFF);
        checkUse(UseState.WRITTEN_OFF, UseAction.WRITE_OFF, false, UseState.WRITTEN_OFF);
        checkUse(UseState.RESERVED, UseAction.UNRESERVE, true, UseState.FREED);
        checkUse(UseState.FREED, UseAction.UNRESERVE, false, UseState.FREED);
        checkUse(UseState.WRITTEN_OFF, UseAction.UNRESERVE, false, UseState.WRITTEN_OFF);
        checkUse(UseState.WRITTEN_OFF, UseAction.RESTORE, true, UseState.RESTORED);
        checkUse(UseState.RESTORED, UseAction.RESTORE, false, UseState.RESTORED);
    }

    function checkUse(UseState from, UseAction action, bool changing, UseState expected) private pure {
        (bool allowed, bool changes, UseState to) = PermitTransitions.nextUse(from, action);
        assertTrue(allowed && changes == changing && to == expected, "a row of the table");
    }

    function testFuzz_worth(uint8 seed, uint40 until, bool exhausted, uint40 instant) public pure {
        PermitState stored = PermitState(seed % (uint8(PermitState.EXPIRED) + 1));
        PermitState worth = PermitTransitions.worth(stored, until, exhausted, instant);
        bool live = stored == PermitState.ACTIVE || stored == PermitState.SUSPENDED;
        if (live && instant > until) assertTrue(worth == PermitState.EXPIRED, "expired");
        else if (stored == PermitState.ACTIVE && exhausted) assertTrue(worth == PermitState.EXHAUSTED, "exhausted");
        else assertTrue(worth == stored, "as stored");
    }

    function testFuzz_line_everyMoveConserves(uint256 free, uint256 held, uint256 used, uint256 quantity) public pure {
        free = bound(free, 0, MAX);
        held = bound(held, 0, MAX - free);
        used = bound(used, 0, MAX - free - held);
        QuantityLine line = QuantityLine.wrap((free << 170) | (held << 85) | used);
        assertEq(line.available(), free, "available");
        assertEq(line.reserved(), held, "reserved");
        assertEq(line.writtenOff(), used, "written off");
        uint256 total = line.authorised();
        assertEq(total, free + held + used, "authorised");

        same(line.reserve(bound(quantity, 0, free)), total);
        same(line.unreserve(bound(quantity, 0, held)), total);
        same(line.restore(bound(quantity, 0, used)), total);
        uint256 part = bound(quantity, 0, held);
        QuantityLine after_ = line.writeOff(held, part);
        same(after_, total);
        assertEq(after_.writtenOff(), used + part, "charged");
        assertEq(after_.available(), free + held - part, "remainder freed");
        assertEq(after_.reserved(), 0, "nothing held");
        assertEq(line.restate(total).available(), free, "restated at the same quantity");
    }

    function same(QuantityLine line, uint256 total) private pure {
        assertEq(line.authorised(), total, "authorised = available + reserved + written off");
    }

    function move(uint8 which, QuantityLine line, uint256 a, uint256 b) external pure returns (QuantityLine) {
        if (which == 0) return line.reserve(a);
        if (which == 1) return line.unreserve(a);
        if (which == 2) return line.restore(a);
        if (which == 3) return line.restate(a);
        if (which == 4) return QuantityLines.open(a);
        return line.writeOff(a, b);
    }

    function test_line_neverTakesMoreThanThereIs() public {
        QuantityLine line = QuantityLine.wrap((uint256(3) << 170) | (2 << 85) | 1);
        short(0, line, 4, 0, 3, 4);
        short(1, line, 3, 0, 2, 3);
        short(2, line, 2, 0, 1, 2);
        short(3, line, 2, 0, 3, 0); // restating below what is used
        short(5, line, 3, 1, 2, 3);
        short(5, line, 2, 3, 2, 3);
        vm.expectRevert(abi.encodeWithSelector(QuantityLines.OutOfRange.selector, MAX + 1));
        this.move(4, line, MAX + 1, 0);
    }

    /// @dev No move of a well-formed line gets there; a word that is none does not spread.
    function test_line_noPartOutgrowsItsPlace() public {
        QuantityLine line = QuantityLine.wrap((MAX << 170) | (MAX << 85) | MAX);
        uint8[3] memory moves = [0, 1, 5]; // into reserved, into available, into written off
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(QuantityLines.OutOfRange.selector, MAX + 1));
            this.move(moves[i], line, 1, 1);
        }
    }

    function short(uint8 which, QuantityLine line, uint256 a, uint256 b, uint256 has, uint256 asked) private {
        if (which == 3) (has, asked) = (a, 3);
        vm.expectRevert(abi.encodeWithSelector(QuantityLines.Short.selector, has, asked));
        this.move(which, line, a, b);
    }

    function testFuzz_terms_eachFieldCounts(bytes32 salt, uint64 holder, bytes2 origin, bytes3 unit) public pure {
        bytes32 terms = PermitTerms.commitment(salt, holder, "0806", origin, unit);
        assertTrue(terms != PermitTerms.commitment(~salt, holder, "0806", origin, unit), "salt");
        assertTrue(terms != PermitTerms.commitment(salt, ~holder, "0806", origin, unit), "holder");
        assertTrue(terms != PermitTerms.commitment(salt, holder, "0807", origin, unit), "commodity");
        assertTrue(terms != PermitTerms.commitment(salt, holder, "0806", ~origin, unit), "origin");
        assertTrue(terms != PermitTerms.commitment(salt, holder, "0806", origin, ~unit), "unit");
    }

    /// @dev Each part of a line may hold the largest quantity.
    function test_line_ofTheLargestQuantity_throughItsParts() public pure {
        QuantityLine line = QuantityLines.open(MAX);
        assertEq(line.available(), MAX, "available");
        line = line.reserve(MAX);
        assertEq(line.reserved(), MAX, "reserved");
        line = line.writeOff(MAX, MAX);
        assertEq(line.writtenOff(), MAX, "written off");
    }
}
