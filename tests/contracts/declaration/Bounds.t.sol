// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {
    AgencyDecision,
    DeclarationStatus,
    ItemAgency,
    ItemOutcome,
    OpenRequest
} from "../../../contracts/types/Declaration.sol";
import {Declarations} from "./Declarations.sol";

/// @notice Ranges, lists and counts of items at their ends.
contract BoundsTest is Declarations {
    bytes32 private permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _badRange(uint64 id, bytes memory call_, uint16 from, uint16 to, string memory what) private {
        refused(officer, call_, abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, from, to, 2), what);
        assertEq(stateOf(id).openItems, 2, "nothing moved");
    }

    function test_ranges_lieWithinTheItems() public {
        uint64 id = accepted(2);
        _badRange(id, abi.encodeCall(registry.refuseItems, (id, 2, 0, 1, REGULAR, EVIDENCE)), 0, 1, "refusal from 0");
        _badRange(id, abi.encodeCall(registry.refuseItems, (id, 2, 2, 3, REGULAR, EVIDENCE)), 2, 3, "refusal past");
        _badRange(id, abi.encodeCall(registry.seize, (id, 2, 0, 1, false, REGULAR, EVIDENCE)), 0, 1, "seizure from 0");
        _badRange(id, abi.encodeCall(registry.seize, (id, 2, 3, 3, false, REGULAR, EVIDENCE)), 3, 3, "seizure past");
    }

    /// @dev Items 44 and 300 have the same place in two words of marks.
    function test_changedItems_areMarkedEachByItself() public {
        uint64 id = accepted(300);
        act(trader, abi.encodeCall(registry.requestAmendment, (id, rev(id), EVIDENCE, REGULAR, EVIDENCE)));
        uint16[] memory changed = new uint16[](3);
        (changed[0], changed[1], changed[2]) = (44, 45, 300);
        act(officer, abi.encodeCall(registry.grantAmendment, (id, rev(id), changed, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 44, 44, noChecks(), noUses())));
        assertFalse(registry.item(id, 44).pending, "entered");
        assertTrue(registry.item(id, 45).pending, "its neighbour waits");
        assertTrue(registry.item(id, 300).pending, "its double in the next word waits");
        assertEq(stateOf(id).pendingItems, 2, "two wait");
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 300, 300, noChecks(), noUses())));
        assertFalse(registry.item(id, 300).pending, "entered too");
        assertTrue(registry.item(id, 45).pending, "still waits");
    }

    function test_lists_ascendByAgencyThenCode_byPermitThenLine() public {
        uint64 id = lodge(1);
        ItemAgency[] memory agencies = new ItemAgency[](2);
        agencies[0] = ItemAgency(1, veterinary, CHECK);
        agencies[1] = ItemAgency(1, quarantine, CHECK + 1);
        bytes memory badOrder = abi.encodeWithSelector(IDeclarationRegistry.BadOrder.selector, 1);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, agencies, noUses(), REGULAR, EVIDENCE)),
            badOrder,
            "agencies backwards, codes forwards"
        );
        PermitUse[] memory uses = new PermitUse[](2);
        uses[0] = PermitUse(permit, 1, 0, 1, TERMS);
        uses[1] = PermitUse(bytes32(uint256(permit) - 1), 1, 1, 1, TERMS);
        refused(
            officer,
            abi.encodeCall(registry.accept, (id, 1, ruleVersion, noChecks(), uses, REGULAR, EVIDENCE)),
            badOrder,
            "permits backwards, lines forwards"
        );
        agencies = new ItemAgency[](16);
        for (uint16 i = 0; i < 16; ++i) {
            agencies[i] = ItemAgency(1, quarantine, CHECK + i);
        }
        accept(id, agencies, noUses());
        assertEq(registry.checks(id, 1).length, 16, "sixteen of one item");
        assertEq(uint8(registry.checks(id, 1)[15].decision), uint8(AgencyDecision.PENDING), "none is decided");
    }

    function test_refusal_holdsNothingForACourt_andIsCounted() public {
        uint64 id = lodge(1);
        accept(id, noChecks(), usesFor(permit, 1, 1, 100));
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.ItemsSettled(
            id,
            officer,
            1,
            3,
            REGULAR,
            EVIDENCE,
            1,
            1,
            ItemOutcome.REFUSED,
            DeclarationStatus.ACCEPTED
        );
        act(officer, abi.encodeCall(registry.refuseItems, (id, 2, 1, 1, REGULAR, EVIDENCE)));
        assertFalse(registry.item(id, 1).courtHold, "no court");
        act(trader, abi.encodeCall(registry.appeal, ("a", id, 1, 0, REGULAR, EVIDENCE)));
        act(appealOfficer, abi.encodeCall(registry.decideAppeal, (id, 2, 1, true, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 1, 1, noChecks(), usesFor(permit, 1, 1, 100))));
        assertBalance(permit, 900, 100, 0, "a reservation of its own");
        assertEq(registry.item(id, 1).permitVersion, (1 << 16) + 1, "under the next count");
    }

    function test_seizureOfTheLastOpenItem_endsTheRelease() public {
        uint64 id = accepted(2);
        ready(id);
        release(id, 1, 1);
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "one is open");
        seize(id, 2, 2);
        assertStatus(id, DeclarationStatus.RELEASED, "none is open");
    }

    function test_grants_needTheirRequest() public {
        uint64 id = accepted(1);
        refused(
            officer,
            abi.encodeCall(registry.grantCancellation, (id, 2, 0, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(
                IDeclarationRegistry.RequestNotOpen.selector,
                OpenRequest.CANCELLATION,
                OpenRequest.NONE
            ),
            "nobody asked"
        );
        discrepancy(id);
        act(officer, abi.encodeCall(registry.correct, (id, 2, RECORD, noItems(), REGULAR, EVIDENCE)));
        assertEq(rev(id), 3, "the case has moved");
    }

    function test_audit_thatReassesses_isCustomsOwnVersion_andKeepsItsRecord() public {
        uint64 id = released(1);
        uint32 revision = rev(id) + 1;
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.PcaOpened(id, auditor, 1, revision, REGULAR, EVIDENCE);
        act(auditor, abi.encodeCall(registry.openPca, (id, revision - 1, REGULAR, EVIDENCE)));
        act(auditor, abi.encodeCall(registry.closePca, (id, revision, TERMS, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).version, 2, "a version more");
        assertTrue(registry.versionOf(id, 2).byCustoms, "ex officio");
        (uint64 needs, ) = registry.keptUntil(customs, TERMS);
        assertEq(needs, id, "its record is kept");
    }
}
