// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AgencyDecision, ControlKind, DeclarationStatus, JointKind} from "../../../contracts/types/Declaration.sol";
import {Declarations} from "./Declarations.sol";

/// @notice A declaration of 999 items, each with a check and a permit use, passes in ranges under 30 million gas.
contract LargeTest is Declarations {
    uint256 internal constant BLOCK_GAS = 30_000_000;
    /// @notice Items of one act, and acts for 999: what a facade plans with.
    uint16 internal constant ENTER = 111;
    uint16 internal constant DECIDE = 333;
    uint16 internal constant RELEASE = 333;

    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000_000);
    }

    /// @dev Does the act and checks what it took, with 21,000 and the calldata's price on top.
    function _measured(address actor, bytes memory call_, string memory what) private {
        uint256 floor = 21_000;
        for (uint256 i = 0; i < call_.length; ++i) {
            floor += call_[i] == 0 ? 4 : 16;
        }
        vm.prank(actor);
        uint256 before = gasleft();
        (bool done, bytes memory answer) = address(registry).call(call_);
        uint256 used = before - gasleft() + floor;
        if (!done) revert(string(answer));
        assertLe(used, BLOCK_GAS, what);
    }

    function test_999Items_fromAcceptanceToInvalidation() public {
        uint64 id = lodge(999);
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, REGULAR, EVIDENCE)));
        for (uint16 from = 1; from <= 999; from += ENTER) {
            uint16 to = from + ENTER - 1;
            _measured(
                officer,
                abi.encodeCall(
                    registry.enterItems,
                    (id, rev(id), from, to, checksFor(from, to), usesFor(permit, from, to, 10))
                ),
                "enterItems"
            );
        }
        act(officer, abi.encodeCall(registry.sealAcceptance, (id, rev(id), REGULAR, EVIDENCE)));
        assertEq(stateOf(id).openItems, 999, "accepted");
        for (uint16 from = 1; from <= 999; from += DECIDE) {
            uint32 revision = registry.agencyRevision(id, quarantine);
            _measured(
                phyto,
                abi.encodeCall(
                    registry.decideItems,
                    (
                        id,
                        revision,
                        1,
                        decisionsFor(from, from + DECIDE - 1, AgencyDecision.RELEASE, FOREVER),
                        REGULAR,
                        EVIDENCE
                    )
                ),
                "decideItems"
            );
        }
        ready(id);
        for (uint16 from = 1; from <= 999; from += RELEASE) {
            _measured(
                officer,
                abi.encodeCall(registry.release, (id, rev(id), from, from + RELEASE - 1, REGULAR, EVIDENCE)),
                "release"
            );
        }
        assertStatus(id, DeclarationStatus.RELEASED, "released");
        assertBalance(permit, 990_010, 0, 9_990, "written off");
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 0));
        for (uint16 to = 333; to <= 999; to += 333) {
            _measured(officer, abi.encodeCall(registry.returnPermits, (id, rev(id), to)), "returnPermits");
        }
        assertBalance(permit, 1_000_000, 0, 0, "restored");
    }

    function test_999ItemsWithoutPermits_areAcceptedAndRefusedInOneActEach() public {
        uint64 id = lodge(999);
        _measured(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), noUses(), REGULAR, EVIDENCE)),
            "accept"
        );
        _measured(officer2, abi.encodeCall(registry.seize, (id, rev(id), 1, 999, false, REGULAR, EVIDENCE)), "seize");
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 999));
        _measured(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 999, REGULAR, EVIDENCE)),
            "refuseItems"
        );
        act(trader, abi.encodeCall(registry.appeal, ("a", id, 1, 0, REGULAR, EVIDENCE)));
        _measured(
            appealOfficer,
            abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)),
            "decideAppeal of all items"
        );
        assertEq(stateOf(id).pendingItems, 999, "all wait for entry");
        route(id, ControlKind.NONE);
        assertEq(registry.missing(id, 1, 999).length, 1_001, "missing reads them all");
    }
}
