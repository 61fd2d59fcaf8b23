// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlKind,
    DeclarationStatus,
    HeldFor,
    ItemState,
    Lodgement,
    Reason,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {Declarations} from "./Declarations.sol";

/// @notice What the release guard (domain guide 4.4) asks for, and of whom, where facts lie close together.
contract GuardTest is Declarations {
    bytes32 private constant AMENDED = keccak256("amended declaration");

    function setUp() public {
        deployDeclarations();
    }

    /// @dev A regime that asks neither for arrival nor for a debt asks for neither, whoever lodged.
    function test_freeRegime_ofABroker_waitsForNothing() public {
        Representation[2] memory kinds = [Representation.DIRECT, Representation.INDIRECT];
        for (uint256 i = 0; i < kinds.length; ++i) {
            Lodgement memory what = lodgement(1);
            (what.regime, what.representation) = (FREE, kinds[i]);
            uint64 id = lodgeAs(broker, what);
            accept(id, noChecks(), noUses());
            route(id, ControlKind.NONE);
            assertEq(registry.missing(id, 1, 1).length, 0, "nothing is missing");
            release(id, 1, 1);
            act(officer, abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE)));
            assertStatus(id, DeclarationStatus.CLEARED, "cleared");
        }
    }

    /// @dev What was assessed all the same has to be settled before clearance.
    function test_freeRegime_withADebt_isClearedOnlyWhenItIsSettled() public {
        Lodgement memory what = lodgement(1);
        what.regime = FREE;
        uint64 id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        debts.set(id, 1, FiscalState.DEFERRED);
        release(id, 1, 1);
        bytes memory clears = abi.encodeCall(registry.clear, (id, rev(id), REGULAR, EVIDENCE));
        refused(
            officer,
            clears,
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.DEBT_UNSETTLED)),
            "deferred"
        );
        pay(id);
        act(officer, clears);
    }

    function test_refusedItem_hasItsOutcome() public {
        uint64 id = accepted(2);
        ready(id);
        act(officer, abi.encodeCall(registry.refuseItems, (id, rev(id), 2, 2, REGULAR, EVIDENCE)));
        Reason[] memory found = registry.missing(id, 1, 2);
        assertTrue(found.length == 1 && found[0].item == 2, "of the second alone");
        assertEq(uint8(found[0].code), uint8(HeldFor.HAS_OUTCOME), "refused");
        refused(
            officer,
            abi.encodeCall(registry.release, (id, rev(id), 2, 2, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ReleaseRefused.selector, 1, one(2, HeldFor.HAS_OUTCOME)),
            "released after all"
        );
    }

    /// @dev `missing` asks as for an officer: a satisfactory control is no reason.
    function test_missing_isWhatAnOfficerWouldBeRefusedFor() public {
        uint64 id = accepted(1);
        route(id, ControlKind.DOCUMENTARY);
        startControl(id);
        recordControl(id, true);
        arrive(id);
        Reason[] memory found = registry.missing(id, 1, 1);
        assertTrue(found.length == 1 && found[0].code == HeldFor.DEBT_NOT_ASSESSED, "the debt alone");
        pay(id);
        assertEq(registry.missing(id, 1, 1).length, 0, "nothing");
    }

    // ---------------------------------------------------------------- entry and assignment

    /// @dev What an amendment takes off an item is off: the entry of nothing takes the place of the entry before.
    function test_amendedItem_enteredWithNothing_keepsNothing() public {
        bytes32 permit = issuePermit(100);
        uint64 id = lodge(1);
        accept(id, checksFor(1, 1), usesFor(permit, 1, 1, 10));
        act(trader, abi.encodeCall(registry.requestAmendment, (id, 2, AMENDED, REGULAR, EVIDENCE)));
        act(officer, abi.encodeCall(registry.grantAmendment, (id, 3, onlyItem(1), REGULAR, EVIDENCE)));
        bytes memory none = abi.encodeCall(registry.enterItems, (id, 4, 2, 1, noChecks(), noUses()));
        refused(
            officer,
            none,
            abi.encodeWithSelector(IDeclarationRegistry.BadRange.selector, 2, 1, 1),
            "from the second to the first"
        );
        act(officer, abi.encodeCall(registry.enterItems, (id, 4, 1, 1, noChecks(), noUses())));
        ItemState memory item = registry.item(id, 1);
        assertTrue(item.checks == 0 && item.uses == 0 && !item.pending, "nothing is asked for any more");
        assertEq(item.enteredVersion, 2, "entered for version 2");
        assertBalance(permit, 100, 0, 0, "freed");
    }

    function test_assignment_saysNothingOfTheRepresentation() public {
        uint64 id = lodge(1);
        act(
            officer,
            abi.encodeCall(registry.reassign, (id, 1, OFFICE, officer2, DeclarationReasons.COMPETENCE, EVIDENCE))
        );
        assertEq(stateOf(id).officer, officer2, "assigned");
        assertEq(uint8(stateOf(id).representation), uint8(Representation.SELF), "the trader's own all the same");
        act(
            officer2,
            abi.encodeCall(registry.reassign, (id, 2, OFFICE, address(0), DeclarationReasons.COMPETENCE, EVIDENCE))
        );
        assertEq(uint8(stateOf(id).representation), uint8(Representation.SELF), "and after");
    }
}
