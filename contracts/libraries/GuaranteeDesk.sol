// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorisationSource} from "../interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "../interfaces/IAuthoritySource.sol";
import {FiscalState} from "../interfaces/IDebtCases.sol";
import {Guarantee, GuaranteeState, IDebtGuarantees, SecurityType} from "../interfaces/IDebtGuarantees.sol";
import {DebtCase, IDebtLedger, Payment} from "../interfaces/IDebtLedger.sol";
import {AuthorityWord} from "../types/Authority.sol";
import {DebtReasons} from "../types/DebtReasons.sol";
import {AlreadyDone, WrongVersion} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {DebtBook, DebtBooks} from "./DebtBook.sol";
import {DebtTransitions} from "./DebtTransitions.sol";
import {GuaranteeMath} from "./GuaranteeMath.sol";
import {GuaranteeReference} from "./GuaranteeReference.sol";

/// @notice An act that moves a guarantee's cover of a case.
/// @param expectedVersion The case's.
/// @param reason 0 but for a call.
struct CoverAct {
    address actor;
    uint64 caseId;
    uint32 expectedVersion;
    bytes32 guarantee;
    uint128 amount;
    uint16 reason;
    bytes32 evidence;
}

/// @title GuaranteeDesk
/// @notice The acts of {IDebtGuarantees}: a part of the DebtLedger that is linked to keep the contract under its size
///         limit.
/// @dev Runs in the ledger's own context. It never calls the token: what to take is returned.
library GuaranteeDesk {
    using DebtBooks for DebtBook;
    using DebtTransitions for DebtCase;
    using GuaranteeMath for Guarantee;

    /// @notice {IDebtGuarantees.offerGuarantee}; `made` carries its terms.
    function offer(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 requestId,
        Guarantee memory made,
        bytes32 evidence
    ) external returns (bytes32 guarantee) {
        made.guarantor = participants.authorise(actor, Roles.GUARANTOR | Roles.DECLARANT).participant();
        guarantee = keccak256(abi.encode(made.guarantor, requestId));
        if (book.guarantees[guarantee].version != 0) revert AlreadyDone(guarantee);
        if (made.pending == 0) revert IDebtLedger.ZeroAmount();
        if (made.validUntil < block.timestamp) revert IDebtGuarantees.BadGuaranteeEnd(made.validUntil, block.timestamp);
        made.state = GuaranteeState.OFFERED;
        made.version = 1;
        book.guarantees[guarantee] = made;
        emit IDebtGuarantees.GuaranteeOffered(
            guarantee,
            1,
            actor,
            made.guarantor,
            made.principal,
            made.securityType,
            made.caseId,
            made.pending,
            made.validUntil,
            made.notice,
            evidence
        );
    }

    /// @notice {IDebtGuarantees.topUpGuarantee}.
    /// @return cash Whether the amount is to be taken in tokens.
    function topUp(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 requestId,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external returns (bool cash) {
        Guarantee storage cover = _guarantors(book, participants, actor, guarantee);
        bytes32 request = book.once(cover.guarantor, requestId);
        GuaranteeState state = cover.worth(block.timestamp);
        if (state != GuaranteeState.OFFERED && state != GuaranteeState.ACTIVE) {
            revert IDebtGuarantees.GuaranteeStateForbids(guarantee, state);
        }
        if (amount == 0) revert IDebtLedger.ZeroAmount();
        cover.pending += amount;
        uint32 version = ++cover.version;
        emit IDebtGuarantees.GuaranteeToppedUp(guarantee, version, actor, request, amount, evidence);
        return cover.securityType == SecurityType.CASH_DEPOSIT;
    }

    /// @notice {IDebtGuarantees.acceptGuarantee}.
    function accept(
        DebtBook storage book,
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        address actor,
        bytes32 guarantee,
        uint32 expectedVersion,
        uint8 operatorType,
        bytes32 evidence
    ) external {
        Guarantee memory cover = _pending(book, participants, actor, guarantee, expectedVersion);
        if (cover.securityType == SecurityType.WAIVER) {
            cover.operatorType = operatorType;
            _requireWaivable(authorisations, cover);
        }
        if (cover.grn == 0) {
            if (book.country == 0) revert IDebtGuarantees.CountryNotSet();
            uint256 seed = uint256(keccak256(abi.encode(address(this), guarantee)));
            cover.grn = GuaranteeReference.make(book.country, block.timestamp, seed);
            if (book.grns[cover.grn] != 0) revert IDebtGuarantees.GrnTaken(cover.grn);
            book.grns[cover.grn] = guarantee;
        }
        uint128 amount = cover.pending;
        cover.accept();
        cover.state = GuaranteeState.ACTIVE;
        cover.version = expectedVersion + 1;
        book.guarantees[guarantee] = cover;
        emit IDebtGuarantees.GuaranteeAccepted(
            guarantee,
            expectedVersion + 1,
            actor,
            cover.grn,
            cover.operatorType,
            amount,
            cover.free,
            evidence
        );
    }

    /// @notice {IDebtGuarantees.refuseGuarantee}.
    function refuse(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 guarantee,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        Guarantee memory cover = _pending(book, participants, actor, guarantee, expectedVersion);
        DebtReasons.requireAgainstSecurity(reason);
        uint128 amount = cover.pending;
        cover.pending = 0;
        if (cover.state == GuaranteeState.OFFERED) cover.state = GuaranteeState.REFUSED;
        cover.version = expectedVersion + 1;
        book.guarantees[guarantee] = cover;
        emit IDebtGuarantees.GuaranteeRefused(
            guarantee,
            expectedVersion + 1,
            actor,
            cover.state,
            amount,
            reason,
            evidence
        );
        if (cover.securityType == SecurityType.CASH_DEPOSIT)
            book.raisePrepaid(cover.guarantor, guarantee, actor, amount);
    }

    /// @notice {IDebtGuarantees.cancelGuarantee}.
    function cancel(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 guarantee,
        uint32 expectedVersion,
        uint16 reason
    ) external {
        Guarantee storage cover = _guarantors(book, participants, actor, guarantee);
        if (cover.version != expectedVersion) revert WrongVersion(expectedVersion, cover.version);
        GuaranteeState state = cover.worth(block.timestamp);
        bool running = state == GuaranteeState.OFFERED || state == GuaranteeState.ACTIVE;
        if (!running || cover.cancelledFrom != 0) revert IDebtGuarantees.GuaranteeStateForbids(guarantee, state);
        DebtReasons.requireKnown(reason);
        uint256 from = state == GuaranteeState.OFFERED ? block.timestamp : block.timestamp + cover.notice;
        cover.cancelledFrom = uint40(from);
        cover.version = expectedVersion + 1;
        emit IDebtGuarantees.GuaranteeCancelled(guarantee, expectedVersion + 1, actor, uint40(from), reason);
    }

    /// @notice {IDebtGuarantees.returnDeposit}.
    function giveBack(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 guarantee,
        uint32 expectedVersion
    ) external {
        Guarantee memory cover = _guarantors(book, participants, actor, guarantee);
        if (cover.version != expectedVersion) revert WrongVersion(expectedVersion, cover.version);
        GuaranteeState state = cover.worth(block.timestamp);
        bool ended = state == GuaranteeState.CANCELLED || state == GuaranteeState.EXPIRED;
        if (!ended || cover.securityType != SecurityType.CASH_DEPOSIT) {
            revert IDebtGuarantees.GuaranteeStateForbids(guarantee, state);
        }
        uint128 amount = cover.giveBack();
        if (amount == 0) revert IDebtLedger.ZeroAmount();
        cover.version = expectedVersion + 1;
        book.guarantees[guarantee] = cover;
        emit IDebtGuarantees.DepositReturned(guarantee, expectedVersion + 1, actor, amount);
        book.raisePrepaid(cover.guarantor, guarantee, actor, amount);
    }

    /// @notice {IDebtGuarantees.secure}.
    function secure(
        DebtBook storage book,
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        CoverAct calldata act
    ) external {
        DebtCase storage debt = book.officersAct(participants, act.actor, act.caseId, act.expectedVersion);
        if (act.amount == 0) revert IDebtLedger.ZeroAmount();
        DebtCase memory before = debt;
        if (before.stateOf(block.timestamp) == FiscalState.NONE || before.owed() == 0)
            revert IDebtLedger.NothingOwed(act.caseId);
        Guarantee memory cover = _known(book, act.guarantee);
        _requireOthers(participants, act.actor, cover);
        GuaranteeState state = cover.worth(block.timestamp);
        if (state != GuaranteeState.ACTIVE) revert IDebtGuarantees.GuaranteeStateForbids(act.guarantee, state);
        if (cover.principal != debt.debtor || (cover.caseId != 0 && cover.caseId != act.caseId)) {
            revert IDebtGuarantees.NotSecuredBy(act.guarantee, act.caseId);
        }
        // suspended or ended since it was accepted, the authorisation waives no further debt
        if (cover.securityType == SecurityType.WAIVER) _requireWaivable(authorisations, cover);
        if (cover.free < act.amount) revert IDebtGuarantees.NotEnoughFree(act.guarantee, cover.free, act.amount);
        uint256 secured = uint256(debt.secured) + act.amount;
        if (secured > type(uint112).max) revert IDebtLedger.AmountTooLarge(secured, type(uint112).max);
        cover.reserve(act.amount);
        debt.secured = uint112(secured);
        book.covers[act.guarantee][act.caseId].reserved += act.amount;
        _store(book, act.guarantee, cover);
        _emitMoved(act, act.expectedVersion + 1, cover, int256(uint256(act.amount)));
    }

    /// @notice {IDebtGuarantees.freeSecurity}.
    function free(DebtBook storage book, IAuthoritySource participants, CoverAct calldata act) external {
        (DebtCase storage debt, bool byDebtor) = _officerOrDebtor(book, participants, act.actor, act.caseId);
        if (debt.version != act.expectedVersion) revert WrongVersion(act.expectedVersion, debt.version);
        if (act.amount == 0) revert IDebtLedger.ZeroAmount();
        Guarantee memory cover = _known(book, act.guarantee);
        // paid or not: what the analysis finds may be owed as well
        if (byDebtor && debt.bound) revert IDebtGuarantees.ConditionOpen(act.caseId);
        DebtCase memory before = debt;
        uint128 amount = byDebtor ? _allSpare(book, before, act) : act.amount;
        _lowerReservation(book, act, amount);
        if (!byDebtor) {
            _requireOthers(participants, act.actor, cover);
            // cover that does not suffice lets nothing pass now, but goods may be out on it: its end is customs'
            // decision
            uint128 owed = before.owed();
            bool mayFallShort = before.stateOf(block.timestamp) == FiscalState.ASSESSED;
            if (!mayFallShort && before.secured < owed + amount) revert IDebtGuarantees.StillNeeded(act.caseId, owed);
            debt.version = act.expectedVersion + 1;
        }
        cover.unreserve(amount);
        debt.secured -= uint112(amount);
        _store(book, act.guarantee, cover);
        _emitMoved(act, debt.version, cover, -int256(uint256(amount)));
    }

    /// @dev What a debtor frees: all that the guarantee holds and the debt does not need, so that the act, which counts
    ///      as none of the case's, cannot be done again unit by unit.
    function _allSpare(
        DebtBook storage book,
        DebtCase memory debt,
        CoverAct calldata act
    ) private view returns (uint128 spare) {
        uint128 owed = debt.owed();
        spare = debt.secured > owed ? debt.secured - owed : 0;
        if (spare == 0) revert IDebtGuarantees.StillNeeded(act.caseId, owed);
        uint128 reserved = book.covers[act.guarantee][act.caseId].reserved;
        if (reserved < spare) spare = reserved;
        if (act.amount < spare) revert IDebtGuarantees.NotAllSpare(act.caseId, spare);
        if (act.amount > reserved) {
            revert IDebtGuarantees.NotEnoughSecured(act.guarantee, act.caseId, reserved, act.amount);
        }
    }

    /// @notice {IDebtGuarantees.callGuarantee}.
    function call_(DebtBook storage book, IAuthoritySource participants, CoverAct calldata act) external {
        DebtCase storage debt = book.officersAct(participants, act.actor, act.caseId, act.expectedVersion);
        DebtReasons.requireKnown(act.reason);
        if (act.amount == 0) revert IDebtLedger.ZeroAmount();
        Guarantee memory cover = _known(book, act.guarantee);
        _requireOthers(participants, act.actor, cover);
        uint128 amount = _callable(book, debt, act);
        cover.call_(amount);
        debt.secured -= uint112(amount);
        debt.basis = FiscalState.RECOVERY;
        _store(book, act.guarantee, cover);
        emit IDebtGuarantees.GuaranteeCalled(
            act.guarantee,
            act.caseId,
            act.expectedVersion + 1,
            act.actor,
            amount,
            cover.called,
            act.reason,
            act.evidence
        );
        if (cover.securityType == SecurityType.CASH_DEPOSIT) {
            bytes32 key = keccak256(abi.encode(act.guarantee, act.caseId, act.expectedVersion));
            Payment memory payment = Payment(act.actor, 0, act.caseId, cover.guarantor, amount, 0);
            book.credit(key, payment, IDebtLedger.PaymentSource.GUARANTEE);
        } else {
            book.covers[act.guarantee][act.caseId].called += amount;
            book.unpaidCalls[act.caseId][cover.guarantor] += amount;
            book.unpaidCalls[act.caseId][0] += amount;
        }
    }

    /// @notice {IDebtGuarantees.takeBackCall}.
    function takeBack(DebtBook storage book, IAuthoritySource participants, CoverAct calldata act) external {
        DebtCase storage debt = book.ofOffice(participants, act.actor, act.caseId);
        if (debt.version != act.expectedVersion) revert WrongVersion(act.expectedVersion, debt.version);
        if (act.amount == 0) revert IDebtLedger.ZeroAmount();
        Guarantee memory cover = _known(book, act.guarantee);
        _requireOthers(participants, act.actor, cover);
        uint128 most = _notOwedAnyMore(book, debt, act, cover.guarantor);
        if (act.amount > most) {
            revert IDebtGuarantees.NotEnoughCalled(act.guarantee, act.caseId, most, act.amount);
        }
        cover.takeBack(act.amount);
        book.covers[act.guarantee][act.caseId].called -= act.amount;
        book.answerCall(act.caseId, cover.guarantor, act.amount);
        debt.version = act.expectedVersion + 1;
        _store(book, act.guarantee, cover);
        emit IDebtGuarantees.CallTakenBack(
            act.guarantee,
            act.caseId,
            act.expectedVersion + 1,
            act.actor,
            act.amount,
            cover.free,
            cover.called,
            act.evidence
        );
    }

    /// @dev What of the guarantee's call is neither paid by its guarantor nor needed for what is still owed.
    function _notOwedAnyMore(
        DebtBook storage book,
        DebtCase memory debt,
        CoverAct calldata act,
        uint64 guarantor
    ) private view returns (uint128 most) {
        mapping(uint64 guarantor => uint128) storage unpaid = book.unpaidCalls[act.caseId];
        uint128 owed = debt.owed();
        most = unpaid[0] > owed ? unpaid[0] - owed : 0;
        if (unpaid[guarantor] < most) most = unpaid[guarantor];
        uint128 called = book.covers[act.guarantee][act.caseId].called;
        if (called < most) most = called;
    }

    function _lowerReservation(DebtBook storage book, CoverAct calldata act, uint128 amount) private {
        uint128 reserved = book.covers[act.guarantee][act.caseId].reserved;
        if (reserved < amount) revert IDebtGuarantees.NotEnoughSecured(act.guarantee, act.caseId, reserved, amount);
        book.covers[act.guarantee][act.caseId].reserved = reserved - amount;
    }

    function _emitMoved(CoverAct calldata act, uint32 version, Guarantee memory cover, int256 amount) private {
        emit IDebtGuarantees.SecurityMoved(
            act.guarantee,
            act.caseId,
            version,
            act.actor,
            amount,
            cover.free,
            cover.reserved,
            act.evidence
        );
    }

    /// @dev Takes out of the reservation what of `act.amount` may be called: at most what is owed, less what is called
    ///      and not paid yet. What somebody paid in between makes a call smaller instead of refusing it.
    function _callable(
        DebtBook storage book,
        DebtCase memory debt,
        CoverAct calldata act
    ) private returns (uint128 amount) {
        FiscalState state = debt.stateOf(block.timestamp);
        uint128 owed = debt.owed();
        bool due = state == FiscalState.ASSESSED || state == FiscalState.SECURED;
        due = due || state == FiscalState.OVERDUE || state == FiscalState.RECOVERY;
        if (!due || owed == 0) revert IDebtLedger.FiscalStateForbids(act.caseId, state);
        uint128 called = book.unpaidCalls[act.caseId][0];
        if (called >= owed) revert IDebtLedger.AmountTooLarge(act.amount, 0);
        uint128 reserved = book.covers[act.guarantee][act.caseId].reserved;
        if (reserved == 0) revert IDebtGuarantees.NotEnoughSecured(act.guarantee, act.caseId, 0, act.amount);
        amount = act.amount;
        if (amount > owed - called) amount = owed - called;
        if (amount > reserved) amount = reserved;
        _lowerReservation(book, act, amount);
    }

    /// @dev Reverts {IDebtLedger.OwnDebt} for an officer of who gives the security.
    function _requireOthers(IAuthoritySource participants, address actor, Guarantee memory cover) private view {
        uint64 participant = participants.authorise(actor, Roles.CUSTOMS_REVENUE).participant();
        if (participant == cover.guarantor) revert IDebtLedger.OwnDebt(participant);
    }

    function _officerOrDebtor(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        uint64 caseId
    ) private view returns (DebtCase storage debt, bool byDebtor) {
        AuthorityWord authority = participants.authorise(actor, Roles.CUSTOMS_REVENUE | Roles.DECLARANT);
        debt = book.known(caseId);
        byDebtor = authority.roles() & Roles.DECLARANT != 0 && authority.participant() == debt.debtor;
        if (!byDebtor) book.ofOffice(participants, actor, caseId);
    }

    /// @dev Reverts {IDebtGuarantees.WaiverNotAllowed} unless the principal has the simplification now.
    function _requireWaivable(IAuthorisationSource authorisations, Guarantee memory cover) private view {
        if (!DebtBooks.isSimplified(authorisations, cover.principal, cover.operatorType)) {
            revert IDebtGuarantees.WaiverNotAllowed(cover.principal);
        }
    }

    /// @dev The guarantee, for a decision of a revenue officer on what is pending.
    function _pending(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 guarantee,
        uint32 expectedVersion
    ) private view returns (Guarantee memory cover) {
        uint64 participant = participants.authorise(actor, Roles.CUSTOMS_REVENUE).participant();
        cover = _known(book, guarantee);
        bool own = participant == cover.guarantor || participant == cover.principal;
        if (own) revert IDebtLedger.OwnDebt(participant);
        if (cover.version != expectedVersion) revert WrongVersion(expectedVersion, cover.version);
        GuaranteeState state = cover.worth(block.timestamp);
        if (state != GuaranteeState.OFFERED && state != GuaranteeState.ACTIVE) {
            revert IDebtGuarantees.GuaranteeStateForbids(guarantee, state);
        }
        if (cover.pending == 0) revert IDebtGuarantees.NothingPending(guarantee);
    }

    /// @dev The guarantee, for an act of its guarantor.
    function _guarantors(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        bytes32 guarantee
    ) private view returns (Guarantee storage cover) {
        uint64 participant = participants.authorise(actor, Roles.GUARANTOR | Roles.DECLARANT).participant();
        cover = _known(book, guarantee);
        if (cover.guarantor != participant)
            revert IDebtGuarantees.NotGuarantor(guarantee, cover.guarantor, participant);
    }

    function _known(DebtBook storage book, bytes32 guarantee) private view returns (Guarantee storage cover) {
        cover = book.guarantees[guarantee];
        if (cover.version == 0) revert IDebtGuarantees.UnknownGuarantee(guarantee);
    }

    /// @dev Only the amounts that a reservation moves: one word and, when called, one more.
    function _store(DebtBook storage book, bytes32 guarantee, Guarantee memory cover) private {
        Guarantee storage stored = book.guarantees[guarantee];
        stored.free = cover.free;
        stored.reserved = cover.reserved;
        if (stored.called != cover.called) stored.called = cover.called;
    }
}
