// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IDirectory, Listing, Predecessor} from "../../contracts/interfaces/IDirectory.sol";
import {UnknownReason, WrongVersion} from "../../contracts/types/Errors.sol";
import {Reasons} from "../../contracts/types/Reasons.sol";
import {Ledger} from "./support/Ledger.sol";

/// @dev What was ever listed stays listed; at each instant a name has at most one current contract.
contract DirectoryTest is Ledger {
    bytes32 internal constant NAME = "DocumentRegistry";

    function setUp() public {
        deployCore();
        vm.startPrank(address(governance));
    }

    function test_announce_succeedsAndKeepsThePast() public {
        address first = address(documents);
        address second = address(authorisations);
        assertEq(directory.current(NAME), address(0), "none yet");
        vm.expectEmit(address(directory));
        emit IDirectory.Announced(NAME, first, 1, address(governance));
        directory.announce(NAME, first);
        assertEq(directory.current(NAME), first, "current");

        vm.warp(START + 10);
        vm.expectEmit(address(directory));
        emit IDirectory.Retired(NAME, first, 1, address(governance), Reasons.REPLACED);
        vm.expectEmit(address(directory));
        emit IDirectory.Announced(NAME, second, 2, address(governance));
        directory.announce(NAME, second);

        (bool listed, uint40 since) = directory.wasListed(NAME, first);
        assertTrue(listed, "still listed");
        assertEq(since, START, "since");
        (listed, ) = directory.wasListed("PermitRegistry", first);
        assertFalse(listed, "not under another name");
        assertEq(directory.currentAt(NAME, uint40(START - 1)), address(0), "before");
        assertEq(directory.currentAt(NAME, uint40(START + 9)), first, "then");
        assertEq(directory.currentAt(NAME, uint40(START + 10)), second, "after");
        assertEq(directory.versionCount(NAME), 2, "count");
        Listing[] memory all = directory.versions(NAME, 0, 10);
        assertEq(all.length, 2, "both");
        assertEq(all[0].retiredAt, START + 10, "retired");
        assertEq(all[1].retiredAt, 0, "current");
        assertEq(directory.versions(NAME, 1, 1)[0].contract_, second, "page");
        assertEq(directory.versions(NAME, 0, 1).length, 1, "no more than asked for");
        assertEq(directory.versions(NAME, 2, 5).length, 0, "past the end");
        assertEq(directory.names().length, 1, "one name");
    }

    function test_announce_refusals() public {
        vm.expectRevert(abi.encodeWithSelector(IDirectory.BadName.selector, bytes32(0)));
        directory.announce(0, address(documents));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.NoCode.selector, signerA));
        directory.announce(NAME, signerA);
        directory.announce(NAME, address(documents));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.AlreadyListed.selector, NAME, address(documents)));
        directory.announce(NAME, address(documents));
    }

    function test_retire_leavesNoCurrentOne() public {
        directory.announce(NAME, address(documents));
        vm.expectRevert(abi.encodeWithSelector(UnknownReason.selector, 0));
        directory.retire(NAME, address(documents), 0);
        vm.warp(START + 5);
        vm.expectEmit(address(directory));
        emit IDirectory.Retired(NAME, address(documents), 1, address(governance), Reasons.LAW);
        directory.retire(NAME, address(documents), Reasons.LAW);
        assertEq(directory.current(NAME), address(0), "none");
        assertEq(directory.currentAt(NAME, uint40(START + 5)), address(0), "none from then");
        assertEq(directory.currentAt(NAME, uint40(START + 4)), address(documents), "before");
        vm.expectRevert(abi.encodeWithSelector(IDirectory.NotListed.selector, NAME, address(documents)));
        directory.retire(NAME, address(documents), Reasons.LAW);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.NotListed.selector, NAME, address(0)));
        directory.retire(NAME, address(0), Reasons.LAW);
        directory.announce(NAME, address(rules));
        assertEq(directory.current(NAME), address(rules), "a successor");
    }

    function test_parameters_andLedgerId() public {
        assertEq(directory.ledgerId(), keccak256("ledger"), "ledger id");
        vm.expectEmit(address(directory));
        emit IDirectory.ParameterSet("maxClockDrift", 1, bytes32(uint256(15)), address(governance));
        directory.setParameter("maxClockDrift", 0, bytes32(uint256(15)));
        vm.expectRevert(abi.encodeWithSelector(WrongVersion.selector, 0, 1));
        directory.setParameter("maxClockDrift", 0, bytes32(uint256(15)));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.BadName.selector, bytes32(0)));
        directory.setParameter(0, 0, 0);
        (bytes32 value, uint32 version) = directory.parameter("maxClockDrift");
        assertEq(uint256(value), 15, "value");
        assertEq(version, 1, "version");
    }

    function test_predecessor_isNamedOnce() public {
        Predecessor memory p = Predecessor(7, "genesis", 99, "block", "state");
        vm.expectRevert(abi.encodeWithSelector(IDirectory.BadPredecessor.selector));
        directory.setPredecessor(Predecessor(7, "genesis", 99, 0, "state"));
        vm.expectEmit(address(directory));
        emit IDirectory.PredecessorSet(p, address(governance));
        directory.setPredecessor(p);
        assertEq(abi.encode(directory.predecessor()), abi.encode(p), "kept");
        vm.expectRevert(abi.encodeWithSelector(IDirectory.BadPredecessor.selector));
        directory.setPredecessor(p);
    }

    function test_acts_areGovernancesAlone() public {
        vm.stopPrank();
        bytes[4] memory acts = [
            abi.encodeCall(directory.announce, (NAME, address(documents))),
            abi.encodeCall(directory.retire, (NAME, address(documents), Reasons.LAW)),
            abi.encodeCall(directory.setParameter, (NAME, 0, 0)),
            abi.encodeCall(directory.setPredecessor, (Predecessor(1, "g", 1, "b", "s")))
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.prank(signerA);
            (bool ok, bytes memory reason) = address(directory).call(acts[i]);
            assertFalse(ok, "refused");
            assertEq(reason, abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, signerA), "who");
        }
    }
}
