// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IPermitRegistry, PermitState} from "../../../contracts/interfaces/IPermitRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {UnknownReason, WrongVersion} from "../../../contracts/types/Errors.sol";
import {PermitReasons} from "../../../contracts/types/PermitReasons.sol";
import {PermitFixture} from "./PermitFixture.sol";

/// @dev A permit passes to another holder only where its type says so, and then with what is left of it.
contract PermitTransferTest is PermitFixture {
    bytes32 private constant NEW_HOLDER = keccak256("terms of the new holder");
    uint16 private constant WHY = PermitReasons.HOLDER_REQUEST;

    bytes32 private permit;

    function setUp() public {
        deployPermits();
        permit = issue(100, false);
        vm.prank(address(governance));
        permits.setTransferable(PHYTO, 0, true);
    }

    function terms() private pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = NEW_HOLDER;
    }

    function expectTransfer(address actor, uint32 version, bytes memory refusal) private {
        vm.prank(actor);
        vm.expectRevert(refusal);
        permits.transfer(permit, version, terms(), WHY, EVIDENCE);
    }

    function transfer(uint32 version) private {
        vm.prank(officer);
        permits.transfer(permit, version, terms(), WHY, EVIDENCE);
    }

    function use(bytes32 of_, uint16 item) private view returns (PermitUse[] memory uses) {
        uses = one(permit, item, 10);
        uses[0].terms = of_;
    }

    function test_transfer_passesWhatIsLeft() public {
        reserve(permit, CASE, 1, 30);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitChanged(permit, 2, officer, PermitState.ACTIVE, WHY, EVIDENCE);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitTransferred(permit, terms());
        transfer(1);
        vm.prank(registry);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.TermsMismatch.selector, permit, 0, NEW_HOLDER, TERMS));
        permits.reserve(CASE + 1, 1, use(TERMS, 1), time40());
        vm.startPrank(registry);
        permits.reserve(CASE + 1, 1, use(NEW_HOLDER, 1), time40());
        vm.stopPrank();
        writeOff(permit, CASE, 1, 30);
        assertLine(permit, 60, 10, 30);
    }

    function test_transfer_endsTheOldHoldersUnits() public {
        vm.prank(officer);
        permits.declareUnit(permit, 1, 0, "in tonnes", 1000, 1, WHY, EVIDENCE);
        transfer(2);
        (uint8 unit, , ) = permits.unitOf(permit, 0, "in tonnes");
        assertEq(unit, 0, "ended");
    }

    function test_transfer_onlyIfItsTypeSaysSo() public {
        vm.prank(address(governance));
        permits.setTransferable(PHYTO, 1, false);
        assertFalse(permits.isTransferable(PHYTO), "told");
        expectTransfer(officer, 1, abi.encodeWithSelector(IPermitRegistry.NotTransferable.selector, permit, PHYTO));
    }

    function test_transfer_refusals() public {
        expectTransfer(
            otherOfficer,
            1,
            abi.encodeWithSelector(IPermitRegistry.NotIssuer.selector, permit, agency, otherAgency)
        );
        expectTransfer(officer, 2, abi.encodeWithSelector(WrongVersion.selector, 2, 1));
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IPermitRegistry.BadLineCount.selector, 0, 1));
        permits.transfer(permit, 1, new bytes32[](0), WHY, EVIDENCE);
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        permits.transfer(permit, 1, terms(), 0, EVIDENCE);
        transfer(1);
        expectTransfer(officer, 1, abi.encodeWithSelector(WrongVersion.selector, 1, 2));
    }

    function test_transfer_notOfWhatIsNotUsable() public {
        vm.prank(officer);
        permits.suspend(permit, 1, PermitReasons.BREACH, EVIDENCE);
        expectTransfer(
            officer,
            2,
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.SUSPENDED)
        );
        vm.prank(officer);
        permits.reinstate(permit, 2, PermitReasons.CAUSE_REMOVED, EVIDENCE);
        vm.warp(block.timestamp + 2 days);
        expectTransfer(
            officer,
            3,
            abi.encodeWithSelector(IPermitRegistry.PermitStateForbids.selector, permit, PermitState.EXPIRED)
        );
    }

    function setVeterinary(uint32 version, bool transferable) private {
        vm.prank(address(governance));
        permits.setTransferable(VETERINARY, version, transferable);
    }

    function test_setTransferable_isGovernancesAndTells() public {
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, officer));
        permits.setTransferable(VETERINARY, 0, true);
        vm.expectEmit(address(permits));
        emit IPermitRegistry.PermitTypeTransferable(VETERINARY, 1, address(governance), true);
        setVeterinary(0, true);
        assertTrue(permits.isTransferable(VETERINARY), "told");
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        setVeterinary(0, false);
    }

    function test_isTransferableAt_keepsThePast() public {
        uint40 set = time40();
        setVeterinary(0, true);
        vm.warp(set + 10);
        setVeterinary(1, false);
        vm.warp(set + 20);
        setVeterinary(2, true);
        assertFalse(permits.isTransferableAt(VETERINARY, set - 1), "before");
        assertTrue(permits.isTransferableAt(VETERINARY, set), "from its first second");
        assertTrue(permits.isTransferableAt(VETERINARY, set + 9), "to its last");
        assertFalse(permits.isTransferableAt(VETERINARY, set + 10), "ended");
        assertTrue(permits.isTransferableAt(VETERINARY, set + 20), "given anew");
        assertFalse(permits.isTransferableAt(VETERINARY + 1, set + 20), "of this type alone");
    }
}
