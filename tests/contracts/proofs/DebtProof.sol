// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtCase} from "../../../contracts/interfaces/IDebtLedger.sol";
import {DebtBook, DebtBooks} from "../../../contracts/libraries/DebtBook.sol";
import {DebtTransitions} from "../../../contracts/libraries/DebtTransitions.sol";

/// @notice Of Halmos.
interface Svm {
    function enableSymbolicStorage(address) external;
}

/// @title DebtProof
/// @notice What is owed and what is paid over are two sides of one difference, and a prepaid account moves by exactly what
///         it is told, for all amounts and all books.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
///      Sums are unchecked, so that none of them is left out because it overflows.
contract DebtProof {
    using DebtTransitions for DebtCase;

    Svm private constant SVM = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    DebtBook private _book;

    function check_owedAndCredit(uint128 assessed, uint128 paid, uint128 refunded, uint112 approved) external pure {
        DebtCase memory debt;
        (debt.assessed, debt.paid, debt.refunded, debt.approved) = (assessed, paid, refunded, approved);
        unchecked {
            uint256 kept = uint256(paid) - refunded - approved;
            assert(debt.owed() + kept == assessed + uint256(debt.credit()));
        }
        assert(debt.owed() == 0 || debt.credit() == 0);
    }

    function check_raisePrepaid(uint64 participant, bytes32 key, address actor, uint128 amount) external {
        SVM.enableSymbolicStorage(address(this));
        uint256 before = _book.prepaid[participant];
        DebtBooks.raisePrepaid(_book, participant, key, actor, amount);
        assert(_book.prepaid[participant] == before + amount);
    }

    function check_lowerPrepaid(uint64 participant, bytes32 key, address actor, uint128 amount) external {
        SVM.enableSymbolicStorage(address(this));
        uint256 before = _book.prepaid[participant];
        DebtBooks.lowerPrepaid(_book, participant, key, actor, amount);
        assert(uint256(_book.prepaid[participant]) + amount == before);
    }
}
