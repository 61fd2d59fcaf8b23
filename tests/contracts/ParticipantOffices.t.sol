// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {WrongVersion} from "../../contracts/types/Errors.sol";
import {ParticipantStatus} from "../../contracts/types/Participant.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev The order of offices, for appeals, and who stands in for a suspended agency.
contract ParticipantOfficesTest is Ledger {
    uint64 private first;
    uint64 private second;

    function setUp() public {
        deployCore();
        first = admit(ALL_ROLES, 0);
        second = admit(ALL_ROLES, 0);
    }

    function put(uint24 office, uint32 version, uint24 higher) private {
        vm.prank(address(governance));
        participants.setOffice(office, version, higher);
    }

    function test_offices_standAboveEachOther_stepByStep() public {
        put(100, 0, 10);
        put(10, 0, 1);
        assertTrue(participants.isHigherOffice(10, 100), "one step");
        assertTrue(participants.isHigherOffice(1, 100), "two steps");
        assertFalse(participants.isHigherOffice(100, 10), "not downwards");
        assertFalse(participants.isHigherOffice(100, 100), "not itself");
        assertFalse(participants.isHigherOffice(20, 100), "not another branch");
        assertTrue(participants.isHigherOffice(0, 100), "headquarters is above all");
        assertTrue(participants.isHigherOffice(0, 7), "also of an office never set");
        assertFalse(participants.isHigherOffice(1, 0), "nothing is above headquarters");
        assertFalse(participants.isHigherOffice(0, 0), "not itself");
    }

    function test_offices_atMostEightSteps() public {
        for (uint24 i = 1; i <= 9; ++i) {
            put(i, 0, i + 1);
        }
        assertTrue(participants.isHigherOffice(9, 1), "eight steps");
        assertFalse(participants.isHigherOffice(10, 1), "nine");
    }

    function test_setOffice_keepsThePast_andTells() public {
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.OfficeSet(100, 1, 10, address(governance));
        put(100, 0, 10);
        vm.warp(START + 100);
        put(100, 1, 20);
        (uint24 higher, uint32 version) = participants.officeAbove(100);
        assertTrue(higher == 20 && version == 2, "now");
        assertEq(participants.officeAboveAt(100, uint40(START + 99)), 10, "then");
        assertEq(participants.officeAboveAt(100, uint40(START - 1)), 0, "before");
    }

    function test_setOffice_refusals() public {
        put(100, 0, 10);
        expectOffice(0, 0, 10);
        expectOffice(10, 0, 10);
        expectOffice(10, 0, 100);
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        participants.setOffice(100, 0, 20);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        participants.setOffice(5, 0, 6);
    }

    function expectOffice(uint24 office, uint32 version, uint24 higher) private {
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadOffice.selector, office, higher));
        participants.setOffice(office, version, higher);
    }

    function setSuccessor(uint64 agency, uint32 version, uint64 successor) private {
        vm.prank(address(governance));
        participants.setSuccessor(agency, version, successor);
    }

    function test_setSuccessor_namesEndsAndTells() public {
        suspendParticipant(first);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.SuccessorSet(first, 1, second, address(governance));
        setSuccessor(first, 0, second);
        assertEq(participants.successorOf(first), second, "named");
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        setSuccessor(first, 0, 0);
        setSuccessor(first, 1, 0);
        assertEq(participants.successorOf(first), 0, "ended");
    }

    /// @dev Domain guide 4.9 knows a successor of a suspended agency alone, and one that cannot act is none.
    function test_setSuccessor_asksForTheEndOfOne_andForAnotherThatActs() public {
        expectStanding(first, second, first, ParticipantStatus.ACTIVE);
        suspendParticipant(first);
        suspendParticipant(second);
        expectStanding(first, second, second, ParticipantStatus.SUSPENDED);
        reinstateParticipant(second);
        decide(address(participants), abi.encodeCall(participants.retire, (first, 2, Reasons.LAW, keccak256("law"))));
        setSuccessor(first, 0, second);
        assertEq(participants.successorOf(first), second, "of a retired one too");
    }

    function expectStanding(uint64 agency, uint64 successor, uint64 whose, ParticipantStatus standing) private {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.WrongStatus.selector, whose, standing));
        setSuccessor(agency, 0, successor);
    }

    /// @dev Reinstated, an agency acts for itself at once; what was said of it may be ended then, not said anew.
    function test_successor_standsInOnlyWhileSuspended_nowAndThen() public {
        uint64 third = admit(ALL_ROLES, 0);
        suspendParticipant(first);
        vm.warp(START + 10);
        setSuccessor(first, 0, second);
        vm.warp(START + 20);
        reinstateParticipant(first);
        assertEq(participants.successorOf(first), 0, "acts for itself");
        vm.warp(START + 30);
        suspendParticipant(first);
        assertEq(participants.successorOf(first), second, "suspended again");
        vm.warp(START + 40);
        setSuccessor(first, 1, third);
        vm.warp(START + 50);
        reinstateParticipant(first);
        setSuccessor(first, 2, 0);
        uint64[6] memory then = [0, second, 0, second, third, 0];
        for (uint40 i = 0; i < 6; ++i) {
            assertEq(participants.successorAt(first, uint40(START) + i * 10), then[i], "from its first second");
            assertEq(participants.successorAt(first, uint40(START) + i * 10 + 9), then[i], "to its last");
        }
    }

    function test_setSuccessor_refusals() public {
        suspendParticipant(first);
        expectSuccessor(first, first);
        expectSuccessor(0, second);
        expectSuccessor(999, second);
        expectSuccessor(first, 999);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        participants.setSuccessor(first, 0, second);
    }

    function expectSuccessor(uint64 agency, uint64 successor) private {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadSuccessor.selector, agency, successor));
        setSuccessor(agency, 0, successor);
    }

    /// @dev An office that ends at the top now was below another then.
    function test_setOffice_toTheTop_keepsThePast() public {
        put(100, 0, 10);
        vm.warp(START + 100);
        put(100, 1, 0);
        assertEq(participants.officeAboveAt(100, uint40(START + 99)), 10, "then");
        assertEq(participants.officeAboveAt(100, uint40(START + 100)), 0, "from its first second");
    }
}
