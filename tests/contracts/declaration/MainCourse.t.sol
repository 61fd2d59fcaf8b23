// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    AgencyDecision,
    ControlKind,
    DeclarationState,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    Lodgement,
    Reason,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {Declarations} from "./Declarations.sol";

/// @notice The normal course of an import by a broker, with a permit, two agencies' checks and a control.
contract MainCourseTest is Declarations {
    function setUp() public {
        deployDeclarations();
    }

    function test_importByBroker_fromLodgingToClearance() public {
        bytes32 permit = issuePermit(1_000);
        Lodgement memory what = lodgement(3);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(broker, what);
        assertEq(id, (uint64(1) << 56) | 1, "first id");
        accept(id, checksFor(1, 2), usesFor(permit, 1, 3, 100));
        assertBalance(permit, 700, 300, 0, "accepted");
        DeclarationState memory s = stateOf(id);
        assertEq(uint8(s.status), uint8(DeclarationStatus.ACCEPTED), "accepted");
        assertEq(s.version, 1, "version");
        assertEq(s.declarant, brokerage, "declarant");
        // START lies in January 2027; registry 1, counter 1, procedure letter A.
        assertEq(bytes32(s.mrn), bytes32(bytes18("27UZ100000000001A3")), "mrn");
        assertEq(registry.caseOf(s.mrn), id, "case of mrn");

        Reason[] memory held = registry.missing(id, 1, 3);
        assertEq(held.length, 5, "held for five reasons");
        assertEq(uint8(held[0].code), uint8(HeldFor.CONTROL_UNROUTED), "control");
        assertEq(uint8(held[1].code), uint8(HeldFor.DEBT_NOT_ASSESSED), "debt");
        assertEq(uint8(held[2].code), uint8(HeldFor.NOT_ARRIVED), "arrival");
        assertEq(held[3].item, 1, "item 1");
        assertEq(held[3].agency, quarantine, "agency");
        assertEq(held[3].checkCode, CHECK, "check");
        assertEq(uint8(held[4].code), uint8(HeldFor.AGENCY_PENDING), "item 2 pending");
        vm.prank(officer);
        vm.expectRevert(abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 5, held));
        registry.release(id, s.revision, 1, 3, REGULAR, EVIDENCE);

        route(id, ControlKind.PHYSICAL);
        startControl(id);
        recordControl(id, true);
        decideAs(phyto, id, decisionsFor(1, 2, AgencyDecision.RELEASE, time40() + 1 days));
        pay(id);
        arrive(id);
        assertEq(registry.missing(id, 1, 3).length, 0, "nothing is missing");
        release(id, 1, 3);
        assertBalance(permit, 700, 0, 300, "released");
        assertStatus(id, DeclarationStatus.RELEASED, "released");
        assertEq(registry.releasedAt(s.mrn), time40(), "released at");
        assertEq(uint8(registry.item(id, 2).outcome), uint8(ItemOutcome.RELEASED), "item");
        uint32 revision = rev(id);
        vm.prank(officer);
        registry.clear(id, revision, REGULAR, EVIDENCE);
        assertStatus(id, DeclarationStatus.CLEARED, "cleared");
    }
}
