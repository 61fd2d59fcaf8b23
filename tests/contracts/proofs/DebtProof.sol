// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../../../contracts/interfaces/IDebtCases.sol";
import {DebtCase, IDebtLedger, Payment} from "../../../contracts/interfaces/IDebtLedger.sol";
import {ChargeCodes} from "../../../contracts/libraries/ChargeCodes.sol";
import {DebtBook, DebtBooks, RevenueMoves} from "../../../contracts/libraries/DebtBook.sol";
import {DebtTransitions} from "../../../contracts/libraries/DebtTransitions.sol";

/// @title DebtProof
/// @notice What is assessed is the sum of its charges; paid − refunded − settled ≥ 0; no unit of a payment or of a split
///         is lost, for all amounts.
/// @dev Halmos proves each `check_`: no input that the move accepts breaks an assertion. `scripts/bench halmos`.
contract DebtProof {
    using DebtBooks for DebtBook;
    using DebtTransitions for DebtCase;

    uint64 private constant CASE = 1;
    uint64 private constant DEBTOR = 2;

    DebtBook private _book;

    function check_post(uint128[7] memory before, uint128[7] memory totals) external {
        for (uint256 i = 0; i < 7; ++i) _book.assessed[CASE][i] = before[i];
        _book.post(CASE, totals);
        uint256 sum = 0;
        for (uint256 i = 0; i < 7; ++i) {
            assert(_book.assessed[CASE][i] == totals[i]);
            sum += totals[i];
        }
        assert(_book.cases[CASE].assessed == sum);
    }

    /// @dev What is owed and what is paid over are two sides of one difference, and never both.
    function check_owedAndCredit(uint128 assessed, uint128 paid, uint128 refunded, uint112 approved) external pure {
        DebtCase memory debt;
        (debt.assessed, debt.paid, debt.refunded, debt.approved) = (assessed, paid, refunded, approved);
        uint256 kept = uint256(paid) - refunded - approved;
        assert(debt.owed() + kept == assessed + uint256(debt.credit()));
        assert(debt.owed() == 0 || debt.credit() == 0);
    }

    /// @dev Of an offered amount at most what is owed is booked, the rest is the debtor's.
    function check_payment(
        uint128 assessed,
        uint128 paid,
        uint128 refunded,
        uint128 settled,
        uint128 prepaid,
        uint128 offered
    ) external {
        DebtCase storage debt = _book.cases[CASE];
        (debt.version, debt.declarationVersion, debt.assessedVersion) = (1, 1, 1);
        (debt.debtor, debt.basis) = (DEBTOR, FiscalState.ASSESSED);
        (debt.assessed, debt.paid, debt.refunded, debt.settled) = (assessed, paid, refunded, settled);
        uint128 held = debt.held(); // reverts below 0: such a case there is not
        uint128 owed = debt.owed();
        _book.prepaid[DEBTOR] = prepaid;
        _book.credit("payment", Payment(address(1), 0, CASE, DEBTOR, offered, 0), IDebtLedger.PaymentSource.TOKEN);
        uint128 booked = _book.payments["payment"].amount;
        assert(debt.paid == uint256(paid) + booked && debt.held() == uint256(held) + booked);
        assert(uint256(booked) + _book.prepaid[DEBTOR] == uint256(offered) + prepaid);
        assert(booked <= owed && debt.owed() == owed - booked);
    }

    /// @dev Any three charges at once, one of each half of the list and its last; each is brought in line by itself.
    function check_rebalance(uint112[3] memory assessed, uint112[3] memory settled, bool payOut) external {
        uint8[3] memory places = [1, 4, 6];
        uint256 before = 0;
        for (uint256 k = 0; k < 3; ++k) {
            _book.assessed[CASE][places[k]] = assessed[k];
            _book.settled[CASE][places[k]] = settled[k];
            _book.revenue[ChargeCodes.code(places[k])] = address(uint160(k + 1));
            before += settled[k];
        }
        _book.cases[CASE].settled = uint128(before);
        RevenueMoves memory moves = _book.rebalance(CASE, payOut);
        int256 moved = 0;
        uint256 sum = 0;
        for (uint256 k = 0; k < 3; ++k) {
            uint128 now_ = _book.settled[CASE][places[k]];
            assert(now_ == assessed[k] || (!payOut && assessed[k] > settled[k] && now_ == settled[k]));
            moved += moves.amounts[places[k]];
            sum += now_;
        }
        assert(_book.cases[CASE].settled == sum);
        assert(moved == int256(sum) - int256(before));
    }
}
