// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IPermitRegistry, PermitState, UseState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev What declaration registries do: only they, only on ACTIVE permits in date, on matching terms, each step once.
contract PermitUsesTest is PermitFixture {
    uint64 private constant OTHER_CASE = (1 << 56) | 8;

    function setUp() public {
        deployPermits();
    }

    function test_uses_onlyByARegistry() public {
        bytes32 permit = issue(10, false);
        PermitUse[] memory uses = one(permit, 1, 1);
        bytes memory refusal = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, officer);
        vm.startPrank(officer);
        vm.expectRevert(refusal);
        permits.reserve(CASE, 1, uses, time40());
        vm.expectRevert(refusal);
        permits.reserve(CASE, 1, uses, time40() - 1); // nor does anybody else name another date
        vm.expectRevert(refusal);
        permits.writeOff(CASE, 1, uses);
        vm.expectRevert(refusal);
        permits.unreserve(CASE, 1, uses);
        vm.expectRevert(refusal);
        permits.restore(CASE, 1, uses);
        vm.stopPrank();
    }

    function test_reserve_movesTellsAndRepeats() public {
        bytes32 permit = issue(10, false);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitUsed(permit, CASE, registry, 1, 3, 0, UseState.RESERVED, 4, 6, 4, 0);
        reserve(permit, CASE, 3, 4);
        assertLine(permit, 6, 4, 0);

        vm.recordLogs();
        reserve(permit, CASE, 3, 4);
        assertEq(vm.getRecordedLogs().length, 0, "a repetition tells nothing");
        assertLine(permit, 6, 4, 0);
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 3, 0, UseState.RESERVED, 5)
        );
        permits.reserve(CASE, 1, one(permit, 3, 5), time40());
        (UseState state, uint96 reserved, uint96 writtenOff) = permits.useOf(permit, 0, CASE, 3, 1);
        assertTrue(state == UseState.RESERVED, "use");
        assertEq(reserved, 4, "reserved by the use");
        assertEq(writtenOff, 0, "written off by the use");
    }

    function test_reserve_refusesOtherTermsLineQuantityPermit() public {
        bytes32 permit = issue(10, false);
        PermitUse[] memory uses = one(permit, 1, 1);
        uses[0].terms = keccak256("another holder");
        expectReserve(
            uses,
            abi.encodeWithSelector(IPermitRegistry.TermsMismatch.selector, permit, 0, TERMS, uses[0].terms)
        );
        uses = one(permit, 1, 1);
        uses[0].line = 1;
        expectReserve(uses, abi.encodeWithSelector(IPermitRegistry.UnknownLine.selector, permit, 1));
        expectReserve(one(permit, 1, 0), abi.encodeWithSelector(IPermitRegistry.BadQuantity.selector, 0, 0));
        expectReserve(
            one("none", 1, 1),
            abi.encodeWithSelector(IPermitRegistry.UnknownPermit.selector, bytes32("none"))
        );
        expectReserve(
            one(permit, 1, 11),
            abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 10, 11)
        );
    }

    function expectReserve(PermitUse[] memory uses, bytes memory refusal) private {
        vm.prank(registry);
        vm.expectRevert(refusal);
        permits.reserve(CASE, 1, uses, time40());
    }

    function test_reserve_lastQuantityGoesToExactlyOne() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 10);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 0, 1));
        permits.reserve(OTHER_CASE, 1, one(permit, 1, 1), time40());
        assertTrue(stateNow(permit) == PermitState.ACTIVE, "a reservation does not exhaust");
    }

    function test_reserve_bothBoundarySeconds() public {
        uint40 start = time40();
        vm.prank(officer);
        bytes32 permit = permits.issue("future", PHYTO, start + 10, start + 20, oneLine(10), false, EVIDENCE, 0);
        vm.warp(start + 9);
        expectReserve(
            one(permit, 1, 1),
            abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, PermitState.ACTIVE)
        );
        vm.warp(start + 10);
        reserve(permit, CASE, 1, 1);
        vm.warp(start + 20);
        reserve(permit, CASE, 2, 1);
        vm.warp(start + 21);
        expectReserve(
            one(permit, 3, 1),
            abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, PermitState.EXPIRED)
        );
        // what was reserved in time survives expiry
        writeOff(permit, CASE, 1, 1);
        assertLine(permit, 8, 1, 1);
    }

    /// @dev A registry asks for the permits of the date of acceptance, which lies behind.
    function test_reserve_asOfAnEarlierInstant_bothBoundarySeconds() public {
        uint40 start = time40();
        vm.prank(officer);
        bytes32 permit = permits.issue("future", PHYTO, start + 10, start + 20, oneLine(10), false, EVIDENCE, 0);
        vm.warp(start + 100);
        _expectReserveAsOf(permit, start + 9, PermitState.ACTIVE);
        _expectReserveAsOf(permit, start + 21, PermitState.EXPIRED);
        vm.startPrank(registry);
        permits.reserve(CASE, 1, one(permit, 1, 1), start + 10);
        permits.reserve(CASE, 1, one(permit, 2, 1), start + 20);
        vm.stopPrank();
        assertLine(permit, 8, 2, 0);
    }

    /// @dev Replaced in the second that is asked about: it stood no more at its end, its successor did.
    function test_reserve_asOfAReplacement_bothSides() public {
        bytes32 permit = issue(10, false);
        uint40 replacedAt = time40() + 10;
        vm.warp(replacedAt);
        bytes32 successor = replace(permit, 1, 10);
        vm.warp(replacedAt + 100);
        _expectReserveAsOf(permit, replacedAt, PermitState.REPLACED);
        vm.startPrank(registry);
        permits.reserve(CASE, 1, one(permit, 1, 1), replacedAt - 1);
        permits.reserve(CASE, 1, one(successor, 2, 1), replacedAt);
        vm.stopPrank();
        assertLine(permit, 8, 2, 0);
    }

    function _expectReserveAsOf(bytes32 permit, uint40 asOf, PermitState state) private {
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, state));
        permits.reserve(CASE, 1, one(permit, 3, 1), asOf);
    }

    function test_writeOff_lessFreesTheRest() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 7);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitUsed(permit, CASE, registry, 1, 1, 0, UseState.WRITTEN_OFF, 5, 5, 0, 5);
        writeOff(permit, CASE, 1, 5);
        assertLine(permit, 5, 0, 5);
        writeOff(permit, CASE, 1, 5);
        assertLine(permit, 5, 0, 5);
        expectWriteOff(
            permit,
            1,
            4,
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 1, 0, UseState.WRITTEN_OFF, 4)
        );
        (UseState state, uint96 reserved, uint96 writtenOff) = permits.useOf(permit, 0, CASE, 1, 1);
        assertTrue(state == UseState.WRITTEN_OFF, "use");
        assertEq(reserved, 0, "reserved by the use");
        assertEq(writtenOff, 5, "written off by the use");
    }

    function test_writeOff_refusesMoreUnreservedAndNothing() public {
        bytes32 permit = issue(10, false);
        expectWriteOff(
            permit,
            1,
            1,
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 1, 0, UseState.NONE, 1)
        );
        reserve(permit, CASE, 1, 7);
        expectWriteOff(
            permit,
            1,
            8,
            abi.encodeWithSelector(IPermitRegistry.NotEnoughReserved.selector, permit, 0, 7, 8)
        );
        expectWriteOff(permit, 1, 0, abi.encodeWithSelector(IPermitRegistry.BadQuantity.selector, 0, 0));
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 1, 0, UseState.NONE, 7)
        );
        permits.writeOff(CASE, 2, one(permit, 1, 7)); // another version is another use
    }

    function expectWriteOff(bytes32 permit, uint16 item, uint96 quantity, bytes memory refusal) private {
        vm.prank(registry);
        vm.expectRevert(refusal);
        permits.writeOff(CASE, 1, one(permit, item, quantity));
    }

    function test_writeOff_notWhileSuspendedNorAfterRevocation() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 7);
        vm.prank(officer);
        permits.suspend(permit, 1, PermitReasons.HAZARD, 0);
        expectWriteOff(
            permit,
            1,
            7,
            abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, PermitState.SUSPENDED)
        );
        assertFalse(usable(permit, 1, 7), "suspended");
        vm.prank(officer);
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, 0);
        assertTrue(usable(permit, 1, 7), "reinstated");
        assertFalse(usable(permit, 1, 8), "more than reserved");
        assertFalse(usable(permit, 2, 1), "not reserved");
        vm.prank(officer);
        permits.revoke(permit, 3, PermitReasons.BREACH, 0);
        expectWriteOff(
            permit,
            1,
            7,
            abi.encodeWithSelector(IPermitRegistry.PermitNotUsable.selector, permit, PermitState.REVOKED)
        );
        assertFalse(usable(permit, 1, 7), "revoked");
        // what is held can still be freed
        unreserve(permit, CASE, 1);
        assertLine(permit, 10, 0, 0);
    }

    function usable(bytes32 permit, uint16 item, uint96 quantity) private view returns (bool) {
        return permits.usable(CASE, 1, one(permit, item, quantity))[0];
    }

    function test_unreserve_freesOnceAndCanBeReservedAgain() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 7);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitUsed(permit, CASE, registry, 1, 1, 0, UseState.FREED, 7, 10, 0, 0);
        unreserve(permit, CASE, 1);
        unreserve(permit, CASE, 1);
        assertLine(permit, 10, 0, 0);
        // an acceptance abandoned and begun again is the same version
        reserve(permit, CASE, 1, 9);
        assertLine(permit, 1, 9, 0);
        writeOff(permit, CASE, 1, 9);
        unreserve(permit, CASE, 1);
        assertLine(permit, 1, 0, 9);
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 2, 0, UseState.NONE, 1)
        );
        permits.unreserve(CASE, 1, one(permit, 2, 1));
    }

    function test_restore_givesBackOnce() public {
        bytes32 permit = issue(10, false);
        reserve(permit, CASE, 1, 10);
        writeOff(permit, CASE, 1, 10);
        assertTrue(stateNow(permit) == PermitState.EXHAUSTED, "nothing left");
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitUsed(permit, CASE, registry, 1, 1, 0, UseState.RESTORED, 10, 10, 0, 0);
        restore(permit, CASE, 1);
        restore(permit, CASE, 1);
        assertLine(permit, 10, 0, 0);
        assertTrue(stateNow(permit) == PermitState.ACTIVE, "active again");
        expectReserve(
            one(permit, 1, 10),
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 1, 0, UseState.RESTORED, 10)
        );
        vm.prank(registry);
        vm.expectRevert(
            abi.encodeWithSelector(IPermitRegistry.UseForbids.selector, permit, CASE, 2, 0, UseState.NONE, 1)
        );
        permits.restore(CASE, 1, one(permit, 2, 1));
    }

    function test_singleUse_servesOneDeclaration() public {
        bytes32 permit = issue(10, true);
        reserve(permit, CASE, 1, 2);
        reserve(permit, CASE, 2, 2);
        expectOther(permit, CASE);
        unreserve(permit, CASE, 1);
        expectOther(permit, CASE);
        unreserve(permit, CASE, 2);
        reserve(permit, OTHER_CASE, 1, 2);
        writeOff(permit, OTHER_CASE, 1, 1);
        assertTrue(stateNow(permit) == PermitState.EXHAUSTED, "consumed with quantity left");
        expectReserve(
            one(permit, 5, 1),
            abi.encodeWithSelector(IPermitRegistry.SingleUseTaken.selector, permit, OTHER_CASE)
        );
        restore(permit, OTHER_CASE, 1);
        assertTrue(stateNow(permit) == PermitState.ACTIVE, "given back");
        reserve(permit, CASE, 5, 1);
    }

    function expectOther(bytes32 permit, uint64 taken) private {
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.SingleUseTaken.selector, permit, taken));
        permits.reserve(OTHER_CASE, 1, one(permit, 1, 1), time40());
    }

    function test_uses_batchIsAllOrNothing() public {
        bytes32 permit = issue(10, false);
        PermitUse[] memory uses = new PermitUse[](2);
        uses[0] = PermitUse(permit, 1, 0, 6, TERMS);
        uses[1] = PermitUse(permit, 2, 0, 5, TERMS);
        expectReserve(uses, abi.encodeWithSelector(IPermitRegistry.NotEnoughAvailable.selector, permit, 0, 4, 5));
        assertLine(permit, 10, 0, 0);
        uses[1].quantity = 4;
        vm.prank(registry);
        permits.reserve(CASE, 1, uses, time40());
        assertLine(permit, 0, 10, 0);
        bool[] memory answers = permits.usable(CASE, 1, uses);
        assertTrue(answers.length == 2 && answers[0] && answers[1], "usable");
    }
}
