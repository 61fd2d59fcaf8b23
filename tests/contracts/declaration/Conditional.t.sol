// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlState,
    DeclarationStatus,
    HeldFor,
    ItemOutcome,
    JointAct,
    JointKind
} from "../../../contracts/types/Declaration.sol";
import {DeclarationReasons} from "../../../contracts/types/DeclarationReasons.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice Goods released under a condition (domain guide 4.4): what a bad result does to them, and for how long the
///         security that they are out on is bound.
contract ConditionalTest is CaseActs {
    bytes32 internal permit;

    function setUp() public {
        deployDeclarations();
        permit = issuePermit(1_000);
    }

    function _onCondition(uint16 count) private returns (uint64 id) {
        id = inLaboratory(permit, count);
        releaseOnCondition(id, 1, count);
    }

    // ---------------------------------------------------------------- a bad result

    function test_conditionalGoods_withABadResult_areSeized_andKeepTheirWriteOff() public {
        uint64 id = _onCondition(2);
        recordControl(id, false);
        uint16 finding = DeclarationReasons.CONTROL_FINDING;
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.Seized(id, officer2, 1, 4, finding, EVIDENCE, 1, 1, DeclarationStatus.RELEASED);
        act(officer2, abi.encodeCall(registry.seize, (id, rev(id), 1, 1, true, finding, EVIDENCE)));
        assertEq(uint8(stateOf(id).control), uint8(ControlState.SATISFACTORY), "answered");
        assertEq(stateOf(id).conditionalItems, 1, "item 2");
        assertEq(stateOf(id).deniedItems, 1, "item 1");
        assertTrue(registry.item(id, 1).conditional && registry.item(id, 2).conditional, "both were let go");
        assertBalance(permit, 800, 0, 200, "as they were");
        pay(id);
        release(id, 2, 2);
        assertFalse(registry.item(id, 2).conditional, "no condition any more");
        JointAct memory lift = jointAct(id, JointKind.LIFT_SEIZURE, 1, 1);
        vm.prank(officer);
        bytes32 key = registry.propose("lift", lift);
        vm.expectEmit(address(registry));
        emit IDeclarationRegistry.SeizureLifted(
            id,
            officer2,
            1,
            6,
            lift.reason,
            EVIDENCE,
            1,
            1,
            officer,
            DeclarationStatus.RELEASED
        );
        act(officer2, abi.encodeCall(registry.countersign, (key, 5, lift)));
        assertEq(uint8(registry.item(id, 1).outcome), uint8(ItemOutcome.CONDITIONALLY_RELEASED), "as before");
        assertEq(stateOf(id).openItems, 0, "none is open");
        assertEq(uint8(stateOf(id).control), uint8(ControlState.DISCREPANCY), "the finding is open again");
        assertBalance(permit, 800, 0, 200, "never written off twice");
    }

    /// @dev The condition is open again, and a full release takes it away for good.
    function test_conditionalGoods_seizedAndGivenBack_areReleasedInFull() public {
        uint64 id = _onCondition(1);
        recordControl(id, true);
        pay(id);
        seize(id, 1, 1);
        assertEq(stateOf(id).conditionalItems, 0, "seized");
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertEq(stateOf(id).conditionalItems, 1, "counted again");
        assertTrue(registry.item(id, 1).conditional, "conditional again");
        assertEq(stateOf(id).releasedAt, 0, "not in full");
        refused(
            officer,
            clearing(id),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.CONDITION_OPEN)),
            "on condition"
        );
        release(id, 1, 1);
        assertFalse(registry.item(id, 1).conditional, "no condition any more");
        assertEq(stateOf(id).conditionalItems, 0, "none");
        assertEq(stateOf(id).releasedAt, time40(), "in full");
        assertBalance(permit, 900, 0, 100, "written off once");
        act(officer, clearing(id));
    }

    function test_conditionalGoods_withABadResult_areRefused_andGiveTheirWriteOffBack() public {
        uint64 id = _onCondition(2);
        recordControl(id, false);
        refuseItems(id, 1, 2);
        assertStatus(id, DeclarationStatus.ACCEPTED, "nothing is released");
        assertBalance(permit, 1_000, 0, 0, "restored");
        assertEq(stateOf(id).conditionalItems, 0, "none");
        act(officer, abi.encodeCall(registry.correct, (id, rev(id), RECORD, noItems(), REGULAR, EVIDENCE)));
        assertEq(stateOf(id).version, 2, "corrected");
    }

    function test_conditionalAndHeldItems_areDeniedInOneRange_releasedOnesNever() public {
        uint64 id = inLaboratory(permit, 3);
        releaseOnCondition(id, 1, 2);
        recordControl(id, true);
        release(id, 1, 1);
        refused(
            officer,
            abi.encodeCall(registry.refuseItems, (id, rev(id), 1, 3, REGULAR, EVIDENCE)),
            abi.encodeWithSelector(IDeclarationRegistry.ItemHasOutcome.selector, 1, ItemOutcome.RELEASED),
            "released"
        );
        refuseItems(id, 2, 3);
        assertBalance(permit, 900, 0, 100, "one restored, one freed");
        assertEq(stateOf(id).openItems, 0, "none open");
        assertEq(stateOf(id).deniedItems, 2, "two denied");
    }

    /// @dev What was seized after a conditional release is restored, what was seized before it is freed.
    function test_seizedGoods_ofAnAnnulledCase_giveBackWhatTheyHold() public {
        uint64 id = inLaboratory(permit, 3);
        releaseOnCondition(id, 1, 2);
        seize(id, 2, 3);
        assertBalance(permit, 700, 100, 200, "one reserved, two written off");
        jointly(officer, officer2, jointAct(id, JointKind.INVALIDATE, 0, 3));
        assertBalance(permit, 1_000, 0, 0, "all given back");
    }

    // ---------------------------------------------------------------- security

    function test_security_isBoundUntilTheLastConditionIsLifted() public {
        uint64 id = inLaboratory(permit, 3);
        assertFalse(debts.isBound(id), "nothing is out");
        releaseOnCondition(id, 1, 1);
        assertTrue(debts.isBound(id), "item 1 is out");
        releaseOnCondition(id, 2, 2);
        recordControl(id, true);
        release(id, 3, 3);
        assertTrue(debts.isBound(id), "an item released in full opens and ends no condition");
        release(id, 1, 1);
        assertTrue(debts.isBound(id), "item 2 is out");
        release(id, 2, 2);
        assertFalse(debts.isBound(id), "all are released in full");
    }

    function test_security_isFreedByTheRefusalOfTheLast() public {
        uint64 id = _onCondition(2);
        recordControl(id, false);
        refuseItems(id, 1, 1);
        assertTrue(debts.isBound(id), "item 2 is out");
        refuseItems(id, 2, 2);
        assertFalse(debts.isBound(id), "none is out");
    }

    /// @dev A lifted seizure gives the condition back, and the security is still there for it.
    function test_security_staysBoundWhileConditionalGoodsAreSeized() public {
        uint64 id = _onCondition(2);
        recordControl(id, true);
        seize(id, 1, 1);
        release(id, 2, 2);
        assertTrue(debts.isBound(id), "item 1 may come back");
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 1, 1));
        assertTrue(debts.isBound(id), "it did");
        release(id, 1, 1);
        assertFalse(debts.isBound(id), "released in full");
    }

    /// @dev The ledger is told of conditions alone: of when one opens, and of when the last ends.
    function test_security_isNoMatterOfGoodsWithoutCondition() public {
        uint64 id = inLaboratory(permit, 3);
        recordControl(id, true);
        refuseItems(id, 1, 1);
        release(id, 2, 3);
        assertEq(debts.bindings(id), 0, "none opened, none ended");
        id = inLaboratory(permit, 2);
        releaseOnCondition(id, 1, 1);
        assertEq(debts.bindings(id), 1, "opened");
        recordControl(id, true);
        release(id, 1, 1);
        release(id, 2, 2);
        assertEq(debts.bindings(id), 2, "ended, once");
    }

    /// @dev Goods that were never let go bind nothing, however they end.
    function test_security_isNotBoundBySeizedGoodsThatWereHeld() public {
        uint64 id = inLaboratory(permit, 2);
        seize(id, 2, 2);
        releaseOnCondition(id, 1, 1);
        recordControl(id, true);
        release(id, 1, 1);
        assertFalse(debts.isBound(id), "item 2 was never out");
    }
}
