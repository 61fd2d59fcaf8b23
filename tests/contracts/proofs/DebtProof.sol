// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DebtCase, IDebtLedger, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {ChargeCodes} from "../../../contracts/libraries/ChargeCodes.sol";
import {DebtBook, DebtBooks, RevenueMoves} from "../../../contracts/libraries/DebtBook.sol";
import {DebtTransitions} from "../../../contracts/libraries/DebtTransitions.sol";

/// @notice Of Halmos.
interface Svm {
    function enableSymbolicStorage(address) external;
}

/// @title DebtProof
/// @notice What is assessed, owed, paid and settled of a debt adds up, for all amounts and all books.
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

    /// @dev What is assessed is the sum of its charges, and fits the words that are compared with it.
    function check_post(uint64 caseId, uint128[7] calldata totals) external {
        SVM.enableSymbolicStorage(address(this));
        DebtBooks.post(_book, caseId, totals);
        uint256 sum;
        unchecked {
            for (uint256 i = 0; i < 7; ++i) {
                assert(_book.assessed[caseId][i] == totals[i]);
                sum += totals[i];
            }
        }
        assert(_book.cases[caseId].assessed == sum && sum <= type(uint112).max);
    }

    /// @dev A payment is credited or kept as prepaid, to the last unit, and credits no more than is owed.
    function check_credit(bytes32 key, Payment memory offered) external {
        SVM.enableSymbolicStorage(address(this));
        DebtCase memory before = _book.cases[offered.caseId];
        uint128 prepaid = _book.prepaid[before.debtor];
        uint128 amount = offered.amount;
        DebtBooks.credit(_book, key, offered, IDebtLedger.PaymentSource.TOKEN);
        DebtCase memory debt = _book.cases[offered.caseId];
        unchecked {
            uint256 credited = uint256(debt.paid) - before.paid;
            uint256 excess = uint256(_book.prepaid[before.debtor]) - prepaid;
            assert(credited + excess == amount && credited <= amount);
            assert(credited <= before.owed() && _book.payments[key].amount == credited);
        }
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

    /// @dev What moves to or from the accounts is what is settled more or less, charge by charge.
    function check_rebalance(uint64 caseId, bool payOut) external {
        SVM.enableSymbolicStorage(address(this));
        uint128[7] memory settled = _book.settled[caseId];
        uint128[7] memory assessed = _book.assessed[caseId];
        uint256 total = _book.cases[caseId].settled;
        RevenueMoves memory moves = DebtBooks.rebalance(_book, caseId, payOut);
        unchecked {
            for (uint256 i = 0; i < 7; ++i) {
                uint128 now_ = _book.settled[caseId][i];
                assert(now_ == (payOut || assessed[i] < settled[i] ? assessed[i] : settled[i]));
                assert(moves.amounts[i] == int256(uint256(now_)) - int256(uint256(settled[i])));
                total = total + now_ - settled[i];
            }
        }
        assert(_book.cases[caseId].settled == uint128(total));
    }
}
