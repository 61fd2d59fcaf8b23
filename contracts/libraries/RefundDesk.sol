// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorisationSource} from "../interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "../interfaces/IAuthoritySource.sol";
import {DebtCase, IDebtLedger, Payment} from "../interfaces/IDebtLedger.sol";
import {IDebtRefunds, Refund, RefundState} from "../interfaces/IDebtRefunds.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {DebtReasons} from "../types/DebtReasons.sol";
import {AlreadyDone, NotHigherOffice, WrongVersion} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {DebtBook, DebtBooks, RevenueMoves} from "./DebtBook.sol";
import {DebtTransitions} from "./DebtTransitions.sol";
import {RefundAction, RefundTransitions} from "./RefundTransitions.sol";

/// @title RefundDesk
/// @notice The acts of {IDebtRefunds}: a part of the DebtLedger that is linked to keep the contract under its size
///         limit.
/// @dev Runs in the ledger's own context. It never calls the token: what to take back is returned.
library RefundDesk {
    using DebtBooks for DebtBook;
    using DebtTransitions for DebtCase;

    /// @dev Three years, one of them a leap year: from the payment to a claim, and from a refusal to its appeal.
    uint256 private constant CLAIM_PERIOD = 1096 days;
    /// @dev Roles of a reviewer: revenue, or appeals once one has overturned.
    uint32 private constant REVIEWER = Roles.CUSTOMS_REVENUE | Roles.CUSTOMS_APPEAL;
    /// @dev Scope of a power of attorney: claim and appeal.
    uint32 private constant SCOPE_CLAIM = 4;

    /// @notice {IDebtRefunds.claimRefund}; `made` carries what is claimed.
    function claim(
        DebtBook storage book,
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        address actor,
        bytes32 requestId,
        Refund memory made
    ) external returns (bytes32 refund) {
        Payment storage payment = book.payments[made.payment];
        if (payment.paidAt == 0) revert IDebtRefunds.UnknownPayment(made.payment);
        uint64 claimant = _claimant(participants, authorisations, actor, made.payment, payment.participant);
        refund = keccak256(abi.encode(claimant, requestId));
        if (book.refunds[refund].version != 0) revert AlreadyDone(refund);
        DebtReasons.requireGround(made.ground);
        if (made.basis == 0) revert IDebtRefunds.BasisNeeded();
        if (made.claimed == 0) revert IDebtLedger.ZeroAmount();
        _requireInTime(payment.paidAt);
        bytes32 once = keccak256(abi.encode(made.payment, made.ground, made.basis));
        if (book.claims[once] != 0) revert IDebtRefunds.ClaimedBefore(book.claims[once]);
        book.claims[once] = refund;
        _take(payment, made.payment, made.claimed);
        made.caseId = payment.caseId;
        made.state = RefundState.CLAIMED;
        made.version = 1;
        book.refunds[refund] = made;
        emit IDebtRefunds.RefundClaimed(
            refund,
            1,
            actor,
            made.caseId,
            made.payment,
            made.claimed,
            made.ground,
            made.basis,
            made.offsetConsent
        );
    }

    /// @notice {IDebtRefunds.reviewRefund}.
    function review(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion
    ) external {
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.REVIEW);
        _ofOffice(book, participants, actor, asked);
        if (asked.reviewer != address(0) && _mayReview(participants, asked.reviewer)) {
            revert IDebtRefunds.RefundStateForbids(refund, RefundState.IN_REVIEW);
        }
        asked.reviewer = actor;
        _emitDecided(asked, refund, actor, 0, 0, 0);
    }

    /// @notice {IDebtRefunds.approveRefund}.
    function approve(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) external {
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.APPROVE);
        DebtCase storage debt = _ofOffice(book, participants, actor, asked);
        _requireSecond(participants, actor, asked);
        DebtReasons.requireKnown(reason);
        if (amount == 0) revert IDebtLedger.ZeroAmount();
        if (amount > asked.claimed) revert IDebtLedger.AmountTooLarge(amount, asked.claimed);
        uint128 credit = debt.credit();
        if (amount > credit) revert IDebtRefunds.NotEnoughCredit(asked.caseId, credit, amount);
        asked.decider = actor;
        asked.approved = amount;
        book.payments[asked.payment].claimed -= asked.claimed - amount;
        debt.approved += uint112(amount); // at most what was paid on totals below 2^112
        _emitDecided(asked, refund, actor, amount, reason, evidence);
    }

    /// @notice {IDebtRefunds.refuseRefund}.
    function refuse(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.REFUSE);
        DebtCase storage debt = _ofOffice(book, participants, actor, asked);
        _requireSecond(participants, actor, asked);
        DebtReasons.requireKnown(reason);
        asked.decider = actor;
        asked.refusingOffice = debt.office;
        asked.refusedAt = uint40(block.timestamp);
        book.payments[asked.payment].claimed -= asked.claimed;
        _emitDecided(asked, refund, actor, 0, reason, evidence);
    }

    /// @notice {IDebtRefunds.appealRefund}.
    function appeal(
        DebtBook storage book,
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        address actor,
        bytes32 refund,
        uint32 expectedVersion,
        bytes32 evidence
    ) external {
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.APPEAL);
        Payment storage payment = book.payments[asked.payment];
        _claimant(participants, authorisations, actor, asked.payment, payment.participant);
        _requireInTime(asked.refusedAt);
        _take(payment, asked.payment, asked.claimed);
        _emitDecided(asked, refund, actor, 0, 0, evidence);
    }

    /// @notice {IDebtRefunds.decideRefundAppeal}.
    function decideAppeal(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion,
        bool overturn,
        uint16 reason,
        bytes32 evidence
    ) external {
        AuthorityWord authority = participants.authorise(actor, Roles.CUSTOMS_APPEAL);
        Refund storage asked = _step(
            book,
            refund,
            expectedVersion,
            overturn ? RefundAction.OVERTURN : RefundAction.UPHOLD
        );
        if (asked.reviewer == actor || asked.decider == actor) revert IDebtRefunds.SamePerson(actor);
        _requireOthers(book, authority.participant(), asked);
        (uint24 office, uint24 refusing) = (authority.office(), asked.refusingOffice);
        if (!participants.isHigherOffice(office, refusing)) revert NotHigherOffice(office, refusing);
        DebtReasons.requireKnown(reason);
        if (overturn) {
            asked.reviewer = actor;
            asked.decider = address(0);
        } else {
            book.payments[asked.payment].claimed -= asked.claimed;
        }
        _emitDecided(asked, refund, actor, 0, reason, evidence);
    }

    /// @notice {IDebtRefunds.payRefund}.
    /// @return moves Tokens to take back from revenue accounts.
    function pay(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion
    ) external returns (RevenueMoves memory moves) {
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.PAY);
        moves = _payOut(book, participants, actor, refund, 0);
        book.raisePrepaid(book.payments[asked.payment].participant, refund, actor, asked.approved);
    }

    /// @notice {IDebtRefunds.offsetRefund}.
    /// @return moves Tokens to take back from revenue accounts.
    function offset(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint32 expectedVersion,
        uint64 offsetCase
    ) external returns (RevenueMoves memory moves) {
        if (!book.refunds[refund].offsetConsent) revert IDebtRefunds.NoConsent(refund);
        Refund storage asked = _step(book, refund, expectedVersion, RefundAction.SET_OFF);
        moves = _payOut(book, participants, actor, refund, offsetCase);
        uint64 payer = book.payments[asked.payment].participant;
        DebtCase storage arrears = book.known(offsetCase);
        if (arrears.debtor != payer) revert IDebtRefunds.NotDebtor(offsetCase, arrears.debtor, payer);
        // a key of its own: the claim's id is also what a payment under the claim's request id would have
        bytes32 key = keccak256(abi.encode(refund, offsetCase));
        book.credit(key, Payment(actor, 0, offsetCase, payer, asked.approved, 0), IDebtLedger.PaymentSource.OFFSET);
    }

    /// @dev The case, if `actor` is a CUSTOMS_REVENUE officer of its office and of neither its debtor nor its payer.
    function _ofOffice(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        Refund storage asked
    ) private view returns (DebtCase storage debt) {
        debt = book.ofOffice(participants, actor, asked.caseId);
        _requireOthers(book, participants.authorise(actor, Roles.CUSTOMS_REVENUE).participant(), asked);
    }

    /// @dev Tells a step of the claim, which was made and counted.
    function _emitDecided(
        Refund storage asked,
        bytes32 refund,
        address actor,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) private {
        emit IDebtRefunds.RefundDecided(
            refund,
            asked.version,
            actor,
            asked.caseId,
            asked.state,
            amount,
            reason,
            evidence
        );
    }

    /// @dev Reverts {IDebtLedger.OwnDebt} when the money was, or would be, the participant's own.
    function _requireOthers(DebtBook storage book, uint64 participant, Refund storage asked) private view {
        bool own = participant == book.cases[asked.caseId].debtor;
        if (own || participant == book.payments[asked.payment].participant) revert IDebtLedger.OwnDebt(participant);
    }

    /// @dev Takes an approved refund, already moved to its end, out of its debt.
    function _payOut(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 refund,
        uint64 offsetCase
    ) private returns (RevenueMoves memory moves) {
        Refund storage asked = book.refunds[refund];
        DebtCase storage debt = _ofOffice(book, participants, actor, asked);
        uint128 amount = asked.approved;
        if (debt.held() < _leaving(debt, asked, offsetCase)) moves = book.rebalance(asked.caseId, false);
        debt.approved -= uint112(amount);
        debt.refunded += amount;
        uint32 entry = ++debt.entries;
        emit IDebtRefunds.RefundPaid(
            refund,
            asked.version,
            actor,
            asked.caseId,
            entry,
            asked.state,
            amount,
            offsetCase
        );
    }

    /// @dev What of an approved refund leaves its case. Once its accounts hold no more than is assessed, the case holds
    ///      that.
    function _leaving(
        DebtCase memory debt,
        Refund storage asked,
        uint64 offsetCase
    ) private view returns (uint128 amount) {
        amount = asked.approved;
        uint128 owed = debt.owed();
        if (owed == 0) return amount;
        if (offsetCase != asked.caseId) revert IDebtRefunds.StillOwed(asked.caseId, owed);
        return amount > owed ? amount - owed : 0;
    }

    /// @dev Moves the claim by its table, and counts the act.
    function _step(
        DebtBook storage book,
        bytes32 refund,
        uint32 expectedVersion,
        RefundAction action
    ) private returns (Refund storage asked) {
        asked = book.refunds[refund];
        if (asked.version == 0) revert IDebtRefunds.UnknownRefund(refund);
        if (asked.version != expectedVersion) revert WrongVersion(expectedVersion, asked.version);
        (bool allowed, RefundState to) = RefundTransitions.next(asked.state, action);
        if (!allowed) revert IDebtRefunds.RefundStateForbids(refund, asked.state);
        asked.state = to;
        asked.version = expectedVersion + 1;
    }

    /// @dev The actor's participant, if it is the payer or represents it for claims.
    function _claimant(
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        address actor,
        bytes32 payment,
        uint64 payer
    ) private view returns (uint64 claimant) {
        claimant = participants.authorise(actor, DebtBooks.ACCOUNT_HOLDER).participant();
        if (claimant == payer) return claimant;
        if (!authorisations.mayRepresent(claimant, payer, SCOPE_CLAIM, uint40(block.timestamp))) {
            revert IDebtRefunds.NotPayer(payment, payer, claimant);
        }
    }

    /// @dev Reverts {IDebtRefunds.TooLate} after the period that begins at `since`.
    function _requireInTime(uint40 since) private view {
        uint256 latest = since + CLAIM_PERIOD;
        if (block.timestamp > latest) revert IDebtRefunds.TooLate(since, uint40(latest));
    }

    /// @dev Whether the reviewer could review now.
    function _mayReview(IAuthoritySource participants, address reviewer) private view returns (bool) {
        try participants.authorise(reviewer, REVIEWER) returns (AuthorityWord) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev Reverts {IDebtRefunds.SamePerson} for the reviewer itself, and `NotAuthorised` where the reviewer has lost
    ///      its office since: two persons decide, both of them now.
    function _requireSecond(IAuthoritySource participants, address actor, Refund storage asked) private view {
        if (asked.reviewer == actor) revert IDebtRefunds.SamePerson(actor);
        participants.authorise(asked.reviewer, REVIEWER);
    }

    /// @dev Counts `amount` as claimed back from a payment.
    function _take(Payment storage payment, bytes32 key, uint128 amount) private {
        uint128 left = payment.amount - payment.claimed;
        if (amount > left) revert IDebtRefunds.NotEnoughPaid(key, left, amount);
        payment.claimed += amount;
    }
}
