// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {PermitUse} from "../../../contracts/interfaces/IPermitUse.sol";
import {
    AgencyDecision,
    Check,
    ControlKind,
    DeclarationState,
    DeclarationVersion,
    ItemState,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {Declarations} from "./Declarations.sol";

/// @notice What a declaration registry tells its readers, as the acts leave it.
contract ViewsTest is Declarations {
    bytes32 private constant AMENDED = keccak256("amended declaration");

    function setUp() public {
        deployDeclarations();
    }

    function test_instantsAndRevisionOfTheGoods() public {
        Lodgement memory what = lodgement(1);
        what.regime = EXPORT;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        DeclarationState memory s = stateOf(id);
        assertTrue(s.goodsRevision == 0 && s.releasedAt == 0 && s.exitedAt == 0, "nothing has happened to them");
        vm.warp(START + 10);
        arrive(id);
        vm.warp(START + 20);
        route(id, ControlKind.NONE);
        pay(id);
        release(id, 1, 1);
        vm.warp(START + 30);
        act(carrier, abi.encodeCall(registry.confirmExit, (id, 1, REGULAR, EVIDENCE)));
        s = stateOf(id);
        assertEq(s.arrivedAt, START + 10, "arrived");
        assertEq(s.releasedAt, START + 20, "released");
        assertEq(s.exitedAt, START + 30, "gone");
        assertEq(s.goodsRevision, 2, "two confirmations");
    }

    /// @dev How the importer is represented says nothing of the data.
    function test_aBrokersLodgement_isComplete() public {
        Representation[2] memory kinds = [Representation.DIRECT, Representation.INDIRECT];
        for (uint256 i = 0; i < kinds.length; ++i) {
            Lodgement memory what = lodgement(1);
            what.representation = kinds[i];
            DeclarationState memory s = stateOf(lodgeAs(broker, what));
            assertEq(uint8(s.representation), uint8(kinds[i]), "represented");
            assertFalse(s.dataIncomplete, "complete");
        }
    }

    /// @dev An item entered without checks and uses is entered all the same, one that waits is not.
    function test_items_asTheyAreEntered() public {
        uint64 id = lodge(3);
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.enterItems, (id, 2, 1, 2, checksFor(2, 2), noUses())));
        assertEq(stateOf(id).entered, 2, "two of three");
        ItemState memory plain = registry.item(id, 1);
        assertTrue(plain.enteredVersion == 1 && plain.checks == 0 && plain.permitVersion == 0, "nothing to check");
        ItemState memory checked = registry.item(id, 2);
        assertTrue(checked.enteredVersion == 1 && checked.checks == 1 && checked.permitVersion == 1, "one check");
        assertEq(registry.item(id, 3).enteredVersion, 0, "still to come");
        act(officer, abi.encodeCall(registry.enterItems, (id, 3, 3, 3, noChecks(), noUses())));
        assertEq(registry.item(id, 3).enteredVersion, 1, "the last");
        act(officer, abi.encodeCall(registry.sealAcceptance, (id, 4, REGULAR, EVIDENCE)));
        assertEq(stateOf(id).entered, 3, "all");
        act(trader, abi.encodeCall(registry.requestAmendment, (id, 5, AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, 6, onlyItem(2), REGULAR, EVIDENCE)));
        assertTrue(registry.item(id, 2).pending, "waits for version 2");
        act(officer, abi.encodeCall(registry.enterItems, (id, 7, 2, 2, checksFor(2, 2), noUses())));
        assertEq(registry.item(id, 2).enteredVersion, 2, "entered for version 2");
        assertEq(registry.item(id, 1).enteredVersion, 1, "as it was");
    }

    /// @dev What was entered and taken out again is nobody's check any more.
    function test_checksTakenOut_areNotDecided() public {
        uint64 id = lodge(1);
        act(officer, abi.encodeCall(registry.beginAcceptance, (id, 1, ruleVersion, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.enterItems, (id, 2, 1, 1, checksFor(1, 1), noUses())));
        act(officer, abi.encodeCall(registry.abandon, (id, 3, 0, REGULAR, EVIDENCE)));
        accept(id, noChecks(), noUses());
        assertEq(registry.checks(id, 1).length, 0, "none");
        refused(
            phyto,
            abi.encodeCall(
                registry.decideItems,
                (id, 0, 1, decisionsFor(1, 1, AgencyDecision.RELEASE, FOREVER), REGULAR, EVIDENCE)
            ),
            abi.encodeWithSelector(IDeclarationRegistry.NotRequired.selector, 1, quarantine, CHECK),
            "taken out"
        );
    }

    function test_itemsOutsideTheDeclaration_areRefused() public {
        uint64 id = lodge(2);
        bytes32 permit = issuePermit(100);
        accept(id, checksFor(1, 2), usesFor(permit, 1, 2, 10));
        uint16[2] memory outside = [uint16(0), 3];
        for (uint256 i = 0; i < outside.length; ++i) {
            uint16 number = outside[i];
            bytes memory reason = abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, number, number, 2);
            vm.expectRevert(reason);
            registry.item(id, number);
            vm.expectRevert(reason);
            registry.checks(id, number);
            vm.expectRevert(reason);
            registry.permitUses(id, number);
        }
        Check[] memory checks = registry.checks(id, 2);
        assertTrue(checks.length == 1 && checks[0].agency == quarantine && checks[0].version == 0, "undecided");
        PermitUse[] memory uses = registry.permitUses(id, 2);
        assertTrue(uses.length == 1 && uses[0].permit == permit && uses[0].quantity == 10, "use");
    }

    function test_versions_whoMadeThemAndWhen() public {
        uint64 id = lodge(1);
        vm.warp(START + 10);
        accept(id, noChecks(), noUses());
        DeclarationVersion memory first = registry.versionOf(id, 1);
        assertTrue(first.dataRecord == RECORD && first.madeAt == START + 10, "as lodged, from acceptance on");
        assertFalse(first.byCustoms, "the declarant's");
        act(trader, abi.encodeCall(registry.requestAmendment, (id, 2, AMENDED, REGULAR, EVIDENCE)));
        vm.warp(START + 20);
        act(officer, abi.encodeCall(registry.grantAmendment, (id, 3, noItems(), REGULAR, EVIDENCE)));
        DeclarationVersion memory second = registry.versionOf(id, 2);
        assertTrue(second.dataRecord == AMENDED && second.madeAt == START + 20, "as amended");
        assertFalse(second.byCustoms, "the declarant's too");
    }
}
