// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {IDeclarationRegistry} from "../../../contracts/interfaces/IDeclarationRegistry.sol";
import {
    ControlKind,
    DeclarationStatus,
    HeldFor,
    JointKind,
    Lodgement,
    Representation
} from "../../../contracts/types/Declaration.sol";
import {CaseActs} from "./CaseActs.sol";

/// @notice An exit speaks of the goods that were released by then (domain guide 4.1: cleared when goods exited): those
///         released later leave with a confirmation of their own.
contract ExitsTest is CaseActs {
    function setUp() public {
        deployDeclarations();
    }

    /// @dev An export of two items that nothing holds.
    function _export() private returns (uint64 id) {
        Lodgement memory what = lodgement(2);
        what.regime = EXPORT;
        id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.NONE);
        pay(id);
    }

    function _exiting(uint64 id, uint32 revision) private view returns (bytes memory) {
        return abi.encodeCall(registry.confirmExit, (id, revision, REGULAR, EVIDENCE));
    }

    function _exit(uint64 id) private {
        act(carrier, _exiting(id, goodsRev(id)));
        assertEq(stateOf(id).exitedAt, time40(), "gone");
    }

    function _notCleared(uint64 id) private {
        assertEq(stateOf(id).exitedAt, 0, "not all are gone");
        refused(
            officer,
            clearing(id),
            abi.encodeWithSelector(IDeclarationRegistry.ClearanceRefused.selector, 1, one(0, HeldFor.NOT_EXITED)),
            "not all are gone"
        );
    }

    function _cleared(uint64 id) private {
        act(officer, clearing(id));
        assertStatus(id, DeclarationStatus.CLEARED, "all are gone");
    }

    function test_goodsReleasedInPart_leave_andTheRestLeavesLater() public {
        uint64 id = _export();
        release(id, 1, 1);
        _exit(id);
        assertStatus(id, DeclarationStatus.PARTLY_RELEASED, "item 2 is here");
        vm.warp(START + 1 days);
        release(id, 2, 2);
        _notCleared(id);
        _exit(id);
        _cleared(id);
    }

    /// @dev Signed when item 1 alone was released, it says nothing of item 2.
    function test_exitSignedBeforeAFurtherRelease_isOutrun() public {
        uint64 id = _export();
        release(id, 1, 1);
        bytes memory signed = _exiting(id, goodsRev(id));
        release(id, 2, 2);
        refused(
            carrier,
            signed,
            abi.encodeWithSelector(IDeclarationRegistry.WrongVersion.selector, 0, 1),
            "released since"
        );
        _exit(id);
        _cleared(id);
    }

    function test_itemReopenedAfterTheExit_leavesByItself() public {
        uint64 id = _export();
        refuseItems(id, 2, 2);
        appeal(id, 1);
        release(id, 1, 1);
        _exit(id);
        overturn(id, 1);
        act(officer, abi.encodeCall(registry.enterItems, (id, rev(id), 2, 2, noChecks(), noUses())));
        release(id, 2, 2);
        _notCleared(id);
        _exit(id);
        _cleared(id);
    }

    /// @dev Nothing of it will leave: the exit of the rest stands.
    function test_itemReopenedAfterTheExit_andRefusedAgain_doesNotLeave() public {
        uint64 id = _export();
        refuseItems(id, 2, 2);
        appeal(id, 1);
        release(id, 1, 1);
        _exit(id);
        uint32 revision = goodsRev(id);
        overturn(id, 1);
        refuseItems(id, 2, 2);
        assertEq(goodsRev(id), revision, "nothing came to leave");
        _cleared(id);
    }

    /// @dev The goods were at hand and have left with the rest.
    function test_conditionLiftedAfterTheExit_needsNoOther() public {
        uint64 id = _onCondition();
        releaseOnCondition(id, 1, 2);
        _exit(id);
        recordControl(id, true);
        pay(id);
        release(id, 1, 2);
        _cleared(id);
    }

    function test_conditionalGoods_givenBackByALiftedSeizureAfterTheExit_leaveByThemselves() public {
        uint64 id = _onCondition();
        releaseOnCondition(id, 1, 2);
        seize(id, 2, 2);
        _exit(id);
        jointly(officer, officer2, jointAct(id, JointKind.LIFT_SEIZURE, 2, 2));
        recordControl(id, true);
        pay(id);
        release(id, 1, 2);
        _notCleared(id);
        _exit(id);
        _cleared(id);
    }

    /// @dev An export of two items with a sample of each in the laboratory, on security.
    function _onCondition() private returns (uint64 id) {
        Lodgement memory what = lodgement(2);
        what.regime = EXPORT;
        id = lodgeAs(trader, what);
        accept(id, noChecks(), noUses());
        route(id, ControlKind.PHYSICAL);
        startControl(id);
        debts.set(id, 1, FiscalState.SECURED);
    }

    function test_importReleasedInParts_leavesItsGoodsTrackAlone() public {
        Lodgement memory what = lodgement(2);
        what.representation = Representation.DIRECT;
        uint64 id = lodgeAs(broker, what);
        accept(id, noChecks(), noUses());
        ready(id);
        release(id, 1, 1);
        release(id, 2, 2);
        assertEq(goodsRev(id), 1, "the arrival alone");
    }
}
