// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorisationSource} from "../interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "../interfaces/IAuthoritySource.sol";
import {FiscalState} from "../interfaces/IDebtCases.sol";
import {DebtCase, IDebtLedger} from "../interfaces/IDebtLedger.sol";
import {DebtReasons} from "../types/DebtReasons.sol";
import {WrongVersion} from "../types/Errors.sol";
import {Roles} from "../types/Roles.sol";
import {ChargeCodes} from "./ChargeCodes.sol";
import {DebtBook, DebtBooks, RevenueMoves} from "./DebtBook.sol";
import {DebtTransitions} from "./DebtTransitions.sol";

/// @notice A revenue officer's act on a case.
struct CaseAct {
    address actor;
    uint64 caseId;
    uint32 expectedVersion;
    uint16 reason;
    bytes32 evidence;
}

/// @title AssessmentDesk
/// @notice Officers' acts of {IDebtLedger}: a part of the DebtLedger that is linked to keep the contract under its size
///         limit.
/// @dev Runs in the ledger's own context. It never calls the token: what to move is returned.
library AssessmentDesk {
    using DebtBooks for DebtBook;
    using DebtTransitions for DebtCase;

    /// @dev Longest deferment from the act on [s].
    uint256 private constant MAX_DEFERMENT = 366 days;

    /// @notice {IDebtLedger.assess} and {IDebtLedger.markExempt}.
    /// @param totals Per charge, in the order of {ChargeCodes}.
    /// @param basis ASSESSED or EXEMPT.
    function assess(
        DebtBook storage book,
        IAuthoritySource participants,
        CaseAct calldata act,
        uint32 declarationVersion,
        uint128[7] memory totals,
        FiscalState basis
    ) external {
        DebtCase storage debt = book.officersAct(participants, act.actor, act.caseId, act.expectedVersion);
        if (debt.declarationVersion != declarationVersion)
            revert WrongVersion(declarationVersion, debt.declarationVersion);
        DebtReasons.requireKnown(act.reason);
        // while something is owed, a new assessment leads neither out of recovery nor back to before a passed due date
        bool pastDue = debt.basis == FiscalState.DEFERRED && block.timestamp > debt.dueAt;
        // but for a recovery that was begun in error: what is so assessed can be secured and deferred again
        bool recovered = debt.basis == FiscalState.RECOVERY && act.reason != DebtReasons.CLERICAL_ERROR;
        bool stays = (pastDue || recovered) && debt.owed() != 0;
        if (stays && basis == FiscalState.ASSESSED) basis = debt.basis;
        if (basis != FiscalState.DEFERRED) debt.dueAt = 0;
        debt.basis = basis;
        book.post(act.caseId, totals);
        debt.assessedVersion = declarationVersion;
        emit IDebtLedger.Assessed(
            act.caseId,
            act.expectedVersion + 1,
            act.actor,
            declarationVersion,
            basis,
            debt.assessed,
            act.reason,
            act.evidence
        );
    }

    /// @notice {IDebtLedger.defer}.
    function defer(
        DebtBook storage book,
        IAuthoritySource participants,
        IAuthorisationSource authorisations,
        CaseAct calldata act,
        uint8 operatorType,
        uint40 dueAt
    ) external {
        DebtCase storage debt = book.officersAct(participants, act.actor, act.caseId, act.expectedVersion);
        DebtCase memory before = debt;
        FiscalState state = before.stateOf(block.timestamp);
        if (state != FiscalState.SECURED) {
            uint128 owed = before.owed();
            if (state != FiscalState.ASSESSED || owed == 0) revert IDebtLedger.FiscalStateForbids(act.caseId, state);
            if (!DebtBooks.isSimplified(authorisations, debt.debtor, operatorType)) {
                revert IDebtLedger.DefermentNotAllowed(act.caseId, before.secured, owed);
            }
        }
        uint256 latest = block.timestamp + MAX_DEFERMENT;
        if (dueAt <= block.timestamp || dueAt > latest) {
            revert IDebtLedger.BadDueDate(dueAt, uint40(block.timestamp + 1), uint40(latest));
        }
        debt.basis = FiscalState.DEFERRED;
        debt.dueAt = dueAt;
        emit IDebtLedger.Deferred(act.caseId, act.expectedVersion + 1, act.actor, operatorType, dueAt, act.evidence);
    }

    /// @notice {IDebtLedger.recover}.
    function recover(
        DebtBook storage book,
        IAuthoritySource participants,
        CaseAct calldata act,
        uint128 interest
    ) external {
        DebtCase storage debt = book.officersAct(participants, act.actor, act.caseId, act.expectedVersion);
        FiscalState state = debt.stateOf(block.timestamp);
        bool due = state == FiscalState.OVERDUE || (state == FiscalState.ASSESSED && debt.owed() != 0);
        if (!due) revert IDebtLedger.FiscalStateForbids(act.caseId, state);
        DebtReasons.requireKnown(act.reason);
        uint128[7] memory totals = book.assessed[act.caseId];
        totals[ChargeCodes.OTHER] += interest;
        book.post(act.caseId, totals);
        debt.basis = FiscalState.RECOVERY;
        emit IDebtLedger.RecoveryStarted(
            act.caseId,
            act.expectedVersion + 1,
            act.actor,
            interest,
            act.reason,
            act.evidence
        );
    }

    /// @notice {IDebtLedger.settle}.
    /// @return moves Tokens to pass on and to take back.
    function settle(
        DebtBook storage book,
        IAuthoritySource participants,
        address actor,
        uint64 caseId,
        uint32 expectedVersion
    ) external returns (RevenueMoves memory moves) {
        DebtCase storage debt = book.known(caseId);
        if (participants.authorise(actor, Roles.CUSTOMS_REVENUE | Roles.TREASURY).roles() & Roles.TREASURY == 0) {
            book.ofOffice(participants, actor, caseId);
        }
        if (debt.version != expectedVersion) revert WrongVersion(expectedVersion, debt.version);
        FiscalState state = debt.stateOf(block.timestamp);
        if (state != FiscalState.PAID && state != FiscalState.EXEMPT) {
            revert IDebtLedger.FiscalStateForbids(caseId, state);
        }
        debt.version = expectedVersion + 1;
        debt.basis = FiscalState.SETTLED;
        moves = book.rebalance(caseId, true);
        emit IDebtLedger.Settled(caseId, expectedVersion + 1, actor, debt.settled);
    }

    /// @notice {IDebtCases.closeCase}.
    function close(DebtBook storage book, uint64 caseId) external {
        DebtCase storage debt = book.known(caseId);
        if (debt.closed) revert IDebtLedger.CaseIsClosed(caseId);
        uint128[7] memory nothing;
        book.post(caseId, nothing);
        debt.closed = true;
        debt.bound = false;
        emit IDebtLedger.CaseClosed(caseId, ++debt.version, msg.sender);
    }

    /// @notice {IDebtCases.bindSecurity}.
    function bind(DebtBook storage book, uint64 caseId, bool bound) external {
        DebtCase storage debt = book.known(caseId);
        if (debt.bound == bound) return;
        debt.bound = bound;
        emit IDebtLedger.SecurityBound(caseId, ++debt.version, msg.sender, bound);
    }
}
