// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guarantee} from "../../../contracts/interfaces/IDebtGuarantees.sol";
import {GuaranteeMath} from "../../../contracts/libraries/GuaranteeMath.sol";

/// @title GuaranteeProof
/// @notice limit = free + reserved + called, through every move of a guarantee, for all amounts.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
///      Sums of the proof have more bits than what they add, so that none is left out because it overflows.
contract GuaranteeProof {
    using GuaranteeMath for Guarantee;

    function check_accept(uint128[4] calldata amounts) external pure {
        Guarantee memory cover = made(amounts);
        cover.accept();
        assert(cover.free == uint256(amounts[0]) + amounts[3] && cover.pending == 0);
        assert(cover.reserved == amounts[1] && cover.called == amounts[2]);
    }

    function check_reserve(uint128[4] calldata amounts, uint128 amount) external pure {
        Guarantee memory cover = made(amounts);
        cover.reserve(amount);
        assert(cover.reserved == uint256(amounts[1]) + amount && cover.called == amounts[2]);
        keepsLimit(cover, amounts);
    }

    function check_unreserve(uint128[4] calldata amounts, uint128 amount) external pure {
        Guarantee memory cover = made(amounts);
        cover.unreserve(amount);
        assert(cover.free == uint256(amounts[0]) + amount && cover.called == amounts[2]);
        keepsLimit(cover, amounts);
    }

    function check_call(uint128[4] calldata amounts, uint128 amount) external pure {
        Guarantee memory cover = made(amounts);
        cover.call_(amount);
        assert(cover.called == uint256(amounts[2]) + amount && cover.free == amounts[0]);
        keepsLimit(cover, amounts);
    }

    function check_takeBack(uint128[4] calldata amounts, uint128 amount) external pure {
        Guarantee memory cover = made(amounts);
        cover.takeBack(amount);
        assert(cover.free == uint256(amounts[0]) + amount && cover.reserved == amounts[1]);
        keepsLimit(cover, amounts);
    }

    /// @dev The limit shrinks by what was free; nothing reserved or called is given back.
    function check_giveBack(uint128[4] calldata amounts) external pure {
        Guarantee memory cover = made(amounts);
        uint128 given = cover.giveBack();
        assert(given == uint256(amounts[0]) + amounts[3] && cover.free == 0 && cover.pending == 0);
        assert(cover.reserved == amounts[1] && cover.called == amounts[2]);
    }

    function made(uint128[4] calldata amounts) private pure returns (Guarantee memory cover) {
        (cover.free, cover.reserved, cover.called, cover.pending) = (amounts[0], amounts[1], amounts[2], amounts[3]);
    }

    function keepsLimit(Guarantee memory cover, uint128[4] calldata amounts) private pure {
        uint256 limit = uint256(cover.free) + cover.reserved + cover.called;
        assert(limit == uint256(amounts[0]) + amounts[1] + amounts[2] && cover.pending == amounts[3]);
    }
}
