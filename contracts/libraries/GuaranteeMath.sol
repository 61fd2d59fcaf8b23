// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guarantee, GuaranteeState} from "../interfaces/IDebtGuarantees.sol";

/// @title GuaranteeMath
/// @notice The only code that moves amounts of a guarantee, and what a guarantee is worth.
/// @dev Each move but {accept} and {giveBack} keeps `free + reserved + called`. Callers check bounds first, to say what
///      is short; the checked arithmetic here is the last line. Twin: ledger/domain/debt.py.
library GuaranteeMath {
    /// @notice pending → free; the limit grows.
    function accept(Guarantee memory cover) internal pure {
        cover.free += cover.pending;
        cover.pending = 0;
    }

    /// @notice free → reserved.
    function reserve(Guarantee memory cover, uint128 amount) internal pure {
        cover.free -= amount;
        cover.reserved += amount;
    }

    /// @notice reserved → free.
    function unreserve(Guarantee memory cover, uint128 amount) internal pure {
        cover.reserved -= amount;
        cover.free += amount;
    }

    /// @notice reserved → called.
    function call_(Guarantee memory cover, uint128 amount) internal pure {
        cover.reserved -= amount;
        cover.called += amount;
    }

    /// @notice called → free.
    function takeBack(Guarantee memory cover, uint128 amount) internal pure {
        cover.called -= amount;
        cover.free += amount;
    }

    /// @notice Empties free and pending; the limit shrinks by what was free.
    function giveBack(Guarantee memory cover) internal pure returns (uint128 amount) {
        amount = cover.free + cover.pending;
        cover.free = 0;
        cover.pending = 0;
    }

    /// @notice State at `instant` [unix s]: valid to the last second, cancelled from its first. What is wholly called
    ///         stays what it is while a top-up is pending, so that it can be decided or taken back.
    function worth(Guarantee memory cover, uint256 instant) internal pure returns (GuaranteeState) {
        if (cover.state != GuaranteeState.OFFERED && cover.state != GuaranteeState.ACTIVE) return cover.state;
        if (cover.cancelledFrom != 0 && instant >= cover.cancelledFrom) return GuaranteeState.CANCELLED;
        if (instant > cover.validUntil) return GuaranteeState.EXPIRED;
        bool spent = cover.free == 0 && cover.reserved == 0 && cover.pending == 0 && cover.called != 0;
        return spent ? GuaranteeState.CALLED : cover.state;
    }
}
