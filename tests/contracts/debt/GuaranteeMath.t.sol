// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guarantee, GuaranteeState} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {GuaranteeMath} from "../../../contracts/libraries/GuaranteeMath.sol";
import {Test} from "../support/Test.sol";

/// @dev What a guarantee is worth, and what giving it back leaves.
contract GuaranteeMathTest is Test {
    using GuaranteeMath for Guarantee;

    function active(uint128 free, uint128 reserved, uint128 called) private pure returns (Guarantee memory cover) {
        (cover.free, cover.reserved, cover.called) = (free, reserved, called);
        (cover.state, cover.validUntil) = (GuaranteeState.ACTIVE, type(uint40).max);
    }

    function test_worth_isCalledOnceNothingElseIsLeft() public pure {
        assertEq(uint8(active(0, 0, 5).worth(1)), uint8(GuaranteeState.CALLED), "all of it called");
        assertEq(uint8(active(0, 1, 5).worth(1)), uint8(GuaranteeState.ACTIVE), "something reserved");
        assertEq(uint8(active(1, 0, 5).worth(1)), uint8(GuaranteeState.ACTIVE), "something free");
        assertEq(uint8(active(0, 0, 0).worth(1)), uint8(GuaranteeState.ACTIVE), "nothing called");
        Guarantee memory cover = active(0, 0, 5);
        cover.pending = 1;
        assertEq(uint8(cover.worth(1)), uint8(GuaranteeState.ACTIVE), "a top-up waits");
    }

    function test_takeBack_givesTheFreeAmountAndTheStateAgain() public pure {
        Guarantee memory cover = active(0, 0, 7);
        cover.takeBack(5);
        assertEq(cover.free, 5, "free again");
        assertEq(cover.called, 2, "the rest stays called");
        assertEq(uint8(cover.worth(1)), uint8(GuaranteeState.ACTIVE), "it can secure again");
    }

    function test_giveBack_emptiesFreeAndPending_andNothingElse() public pure {
        Guarantee memory cover = active(3, 5, 7);
        cover.pending = 11;
        assertEq(cover.giveBack(), 14, "given back");
        assertEq(uint256(cover.free) + cover.pending, 0, "emptied");
        assertEq(cover.reserved, 5, "reserved stays");
        assertEq(cover.called, 7, "called stays");
    }
}
