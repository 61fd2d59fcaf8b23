// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState} from "../interfaces/IDebtCases.sol";
import {Guarantee} from "../interfaces/IDebtGuarantees.sol";
import {DebtCase, IDebtLedger, Payment} from "../interfaces/IDebtLedger.sol";
import {Refund} from "../interfaces/IDebtRefunds.sol";
import {IAuthorisationSource} from "../interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "../interfaces/IAuthoritySource.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {AlreadyDone, WrongOffice, WrongVersion} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {ChargeCodes} from "./ChargeCodes.sol";
import {DebtTransitions} from "./DebtTransitions.sol";

/// @notice Storage of the DebtLedger, shared with its linked libraries.
/// @param assessed,settled Per charge, in the order of {ChargeCodes}.
/// @param done Requests that leave no entity of their own.
/// @param covers What a guarantee is to a case.
/// @param unpaidCalls Called of a case's guarantors and neither paid by them nor taken back; guarantor 0 holds the sum.
/// @param claims Refund by `keccak256(abi.encode(payment, ground, basis))`.
struct DebtBook {
    mapping(uint64 caseId => DebtCase) cases;
    mapping(uint64 caseId => uint128[7]) assessed;
    mapping(uint64 caseId => uint128[7]) settled;
    mapping(bytes32 payment => Payment) payments;
    mapping(uint64 participant => uint128) prepaid;
    mapping(bytes32 key => bool) done;
    mapping(bytes3 code => address) revenue;
    mapping(bytes32 guarantee => Guarantee) guarantees;
    mapping(bytes32 guarantee => mapping(uint64 caseId => CaseCover)) covers;
    mapping(bytes17 grn => bytes32 guarantee) grns;
    mapping(bytes32 refund => Refund) refunds;
    mapping(bytes32 claim => bytes32 refund) claims;
    bytes2 country;
    mapping(uint64 caseId => mapping(uint64 guarantor => uint128)) unpaidCalls;
}

/// @notice What a guarantee is to one case [minor units].
/// @param called Called and not taken back; nothing for a cash deposit, which pays at once.
struct CaseCover {
    uint128 reserved;
    uint128 called;
}

/// @notice Tokens to move once everything else is done.
/// @param accounts Revenue account per charge, 0 where nothing moves.
/// @param amounts To the account (positive) or from it (negative) [minor units].
struct RevenueMoves {
    address[7] accounts;
    int256[7] amounts;
}

/// @title DebtBooks
/// @notice What every desk of the DebtLedger does to its book.
library DebtBooks {
    using DebtTransitions for DebtCase;

    /// @dev Roles whose keys pay, hold a prepaid account and claim refunds: who pays can have it back.
    uint32 internal constant ACCOUNT_HOLDER = Roles.DECLARANT | Roles.BROKER | Roles.CARRIER | Roles.GUARANTOR;
    /// @dev AEO category of domain guide 3.10 that allows deferment and waiver.
    uint8 private constant SIMPLIFIED = 1 << 3;
    /// @dev Highest operator type that a declaration knows: importer 0, exporter 1.
    uint8 private constant LAST_OPERATOR_TYPE = 1;

    /// @notice Whether `debtor`, as importer or exporter, is an AEO with the simplified procedure now.
    function isSimplified(
        IAuthorisationSource authorisations,
        uint64 debtor,
        uint8 operatorType
    ) internal view returns (bool) {
        if (operatorType > LAST_OPERATOR_TYPE) return false;
        return authorisations.aeoCategories(debtor, operatorType, uint40(block.timestamp)) & SIMPLIFIED != 0;
    }

    /// @notice The case, for an act of a CUSTOMS_REVENUE officer of its office; counts the act.
    /// @dev Reverts `NotAuthorised`, {IDebtLedger.UnknownCase}, {WrongOffice}, {IDebtLedger.OwnDebt},
    ///      {IDebtLedger.CaseIsClosed}, {WrongVersion}.
    function officersAct(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        uint64 caseId,
        uint32 expectedVersion
    ) internal returns (DebtCase storage debt) {
        debt = ofOffice(book, participants, actor, caseId);
        if (debt.closed) revert IDebtLedger.CaseIsClosed(caseId);
        if (debt.version != expectedVersion) revert WrongVersion(expectedVersion, debt.version);
        debt.version = expectedVersion + 1;
    }

    /// @notice The case, if `actor` is a CUSTOMS_REVENUE officer of its office and not of the debtor itself.
    function ofOffice(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        uint64 caseId
    ) internal view returns (DebtCase storage debt) {
        AuthorityWord authority = participants.authorise(actor, Roles.CUSTOMS_REVENUE);
        debt = known(book, caseId);
        if (debt.office != authority.office()) revert WrongOffice(authority.office(), debt.office);
        if (debt.debtor == authority.participant()) revert IDebtLedger.OwnDebt(debt.debtor);
    }

    /// @notice The case. Reverts {IDebtLedger.UnknownCase}.
    function known(DebtBook storage book, uint64 caseId) internal view returns (DebtCase storage debt) {
        debt = book.cases[caseId];
        if (debt.version == 0) revert IDebtLedger.UnknownCase(caseId);
    }

    /// @notice Posts new totals by difference, each as a journal entry.
    function post(DebtBook storage book, uint64 caseId, uint128[7] memory totals) internal {
        DebtCase storage debt = book.cases[caseId];
        uint128[7] storage assessed = book.assessed[caseId];
        uint256 sum;
        uint32 entry = debt.entries;
        for (uint256 i = 0; i < ChargeCodes.COUNT; ++i) {
            sum += totals[i];
            uint128 before = assessed[i];
            if (totals[i] == before) continue;
            assessed[i] = totals[i];
            int256 difference = int256(uint256(totals[i])) - int256(uint256(before));
            emit IDebtLedger.ChargePosted(caseId, ++entry, ChargeCodes.code(i), difference, totals[i]);
        }
        // so that what is secured and approved, never above it, fits its 112 bits
        if (sum > type(uint112).max) revert IDebtLedger.AmountTooLarge(sum, type(uint112).max);
        debt.assessed = uint128(sum);
        debt.entries = entry;
    }

    /// @notice Credits at most what is owed; the excess goes to the debtor's prepaid account.
    /// @dev Reverts {AlreadyDone} and {IDebtLedger.NothingOwed}.
    /// @param offered Who pays how much for which case; the rest is filled in here.
    function credit(
        DebtBook storage book,
        bytes32 key,
        Payment memory offered,
        IDebtLedger.PaymentSource source
    ) internal {
        if (book.payments[key].paidAt != 0) revert AlreadyDone(key);
        DebtCase storage debt = known(book, offered.caseId);
        DebtCase memory before = debt;
        uint128 owed = before.stateOf(block.timestamp) == FiscalState.NONE ? 0 : before.owed();
        if (owed == 0) revert IDebtLedger.NothingOwed(offered.caseId);
        uint128 excess = offered.amount > owed ? offered.amount - owed : 0;
        offered.amount -= excess;
        offered.paidAt = uint40(block.timestamp);
        book.payments[key] = offered;
        debt.paid += offered.amount;
        answerCall(book, offered.caseId, offered.participant, offered.amount);
        uint32 entry = ++debt.entries;
        emit IDebtLedger.Paid(
            offered.caseId,
            entry,
            key,
            offered.payer,
            offered.participant,
            offered.amount,
            excess,
            source
        );
        if (excess != 0) raisePrepaid(book, debt.debtor, key, offered.payer, excess);
    }

    /// @notice Counts what `guarantor` paid, or what of its call was taken back, as called no more; anybody else's
    ///         payment answers no call.
    function answerCall(DebtBook storage book, uint64 caseId, uint64 guarantor, uint128 amount) internal {
        mapping(uint64 guarantor => uint128) storage unpaid = book.unpaidCalls[caseId];
        uint128 called = unpaid[guarantor];
        if (called == 0) return;
        if (amount > called) amount = called;
        unpaid[guarantor] = called - amount;
        unpaid[0] -= amount;
    }

    /// @notice Adds to a prepaid account.
    function raisePrepaid(
        DebtBook storage book,
        uint64 participant,
        bytes32 key,
        address actor,
        uint128 amount
    ) internal {
        uint128 balance = book.prepaid[participant] + amount;
        book.prepaid[participant] = balance;
        emit IDebtLedger.PrepaidMoved(participant, key, actor, int256(uint256(amount)), balance);
    }

    /// @notice Takes from a prepaid account. Reverts {IDebtLedger.NotEnoughPrepaid}.
    function lowerPrepaid(
        DebtBook storage book,
        uint64 participant,
        bytes32 key,
        address actor,
        uint128 amount
    ) internal {
        uint128 balance = book.prepaid[participant];
        if (balance < amount) revert IDebtLedger.NotEnoughPrepaid(participant, balance, amount);
        balance -= amount;
        book.prepaid[participant] = balance;
        emit IDebtLedger.PrepaidMoved(participant, key, actor, -int256(uint256(amount)), balance);
    }

    /// @notice Brings what revenue accounts hold of a case in line with its totals.
    /// @param payOut False: only take back what a re-assessment lowered.
    function rebalance(DebtBook storage book, uint64 caseId, bool payOut) internal returns (RevenueMoves memory moves) {
        DebtCase storage debt = book.cases[caseId];
        uint128[7] storage assessed = book.assessed[caseId];
        uint128[7] storage settled = book.settled[caseId];
        uint256 total = debt.settled;
        uint32 entry = debt.entries;
        for (uint256 i = 0; i < ChargeCodes.COUNT; ++i) {
            uint128 want = assessed[i];
            uint128 has = settled[i];
            if (want == has || (want > has && !payOut)) continue;
            bytes3 code = ChargeCodes.code(i);
            address account = book.revenue[code];
            if (account == address(0)) revert IDebtLedger.NoRevenueAccount(code);
            settled[i] = want;
            total = total + want - has;
            moves.accounts[i] = account;
            moves.amounts[i] = int256(uint256(want)) - int256(uint256(has));
            emit IDebtLedger.RevenueMoved(caseId, ++entry, code, account, moves.amounts[i]);
        }
        debt.settled = uint128(total);
        debt.entries = entry;
    }

    /// @notice Marks a request that leaves no entity. Reverts {AlreadyDone}.
    function once(DebtBook storage book, uint64 participant, bytes32 requestId) internal returns (bytes32 key) {
        key = keccak256(abi.encode(participant, requestId));
        if (book.done[key]) revert AlreadyDone(key);
        book.done[key] = true;
    }
}
