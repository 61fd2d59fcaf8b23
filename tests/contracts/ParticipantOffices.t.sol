// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {WrongVersion} from "../../contracts/types/Errors.sol";
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

    function test_setSuccessor_namesEndsAndTells() public {
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.SuccessorSet(first, 1, second, address(governance));
        vm.prank(address(governance));
        participants.setSuccessor(first, 0, second);
        assertEq(participants.successorOf(first), second, "named");
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        participants.setSuccessor(first, 0, 0);
        vm.prank(address(governance));
        participants.setSuccessor(first, 1, 0);
        assertEq(participants.successorOf(first), 0, "ended");
    }

    function test_setSuccessor_refusals() public {
        expectSuccessor(first, first);
        expectSuccessor(0, second);
        expectSuccessor(999, second);
        expectSuccessor(first, 999);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        participants.setSuccessor(first, 0, second);
    }

    function expectSuccessor(uint64 agency, uint64 successor) private {
        vm.prank(address(governance));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.BadSuccessor.selector, agency, successor));
        participants.setSuccessor(agency, 0, successor);
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
