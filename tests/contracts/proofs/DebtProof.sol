// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtCase} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtTransitions} from "../../../contracts/libraries/DebtTransitions.sol";

/// @title DebtProof
/// @notice What is owed and what is paid over are two sides of one difference, for all amounts.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
contract DebtProof {
    using DebtTransitions for DebtCase;

    function check_owedAndCredit(uint128 assessed, uint128 paid, uint128 refunded, uint112 approved) external pure {
        DebtCase memory debt;
        (debt.assessed, debt.paid, debt.refunded, debt.approved) = (assessed, paid, refunded, approved);
        uint256 kept = uint256(paid) - refunded - approved;
        assert(debt.owed() + kept == assessed + uint256(debt.credit()));
        assert(debt.owed() == 0 || debt.credit() == 0);
    }
}
