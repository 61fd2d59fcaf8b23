// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice State of a refund claim (domain guide 4.3).
enum RefundState {
    NONE,
    CLAIMED,
    IN_REVIEW,
    APPROVED,
    REFUSED,
    APPEALED,
    UPHELD,
    OFFSET,
    PAID
}

/// @notice A refund claim as stored.
/// @param caseId Debt that was paid.
/// @param state Table of 4.3; UPHELD is a refusal upheld on appeal.
/// @param ground 201 to 206 of {DebtReasons}.
/// @param version Counts the acts on the claim, from 1.
/// @param offsetConsent Whether the claimant lets it be set off against arrears.
/// @param payment Payment claimed back.
/// @param basis Record id of the basis document.
/// @param claimed [minor units].
/// @param approved [minor units]; 0 before approval.
/// @param reviewer Key that reviews.
/// @param decider Key that decided; never the reviewer.
/// @param refusingOffice Office that refused, above which an appeal is heard, wherever the case is by then.
/// @param refusedAt [unix s]; 0 before.
struct Refund {
    uint64 caseId;
    RefundState state;
    uint16 ground;
    uint32 version;
    bool offsetConsent;
    bytes32 payment;
    bytes32 basis;
    uint128 claimed;
    uint128 approved;
    address reviewer;
    address decider;
    uint24 refusingOffice;
    uint40 refusedAt;
}

/// @title IDebtRefunds
/// @notice Refunds of the DebtLedger: claimed by the payer, reviewed and decided by two officers, paid or set off.
/// @dev No officer of the debtor's or the payer's own participant reviews, decides or hears an appeal:
///      {IDebtLedger.OwnDebt}. A refund is approved only from the case's credit, `paid − refunded − approved −
///      assessed`: lower the assessment first (drawback, preference, correction). While a later assessment makes the
///      case owe again, what was approved is not paid out: no refund ever leaves a debt unpaid. Refunds go to the
///      payer's prepaid account. Errors shared with debts: {IDebtLedger}.
interface IDebtRefunds {
    /// @notice The payer claimed `amount` of a payment back.
    event RefundClaimed(
        bytes32 indexed refund,
        uint32 version,
        address actor,
        uint64 indexed caseId,
        bytes32 indexed payment,
        uint128 amount,
        uint16 ground,
        bytes32 basis,
        bool offsetConsent
    );
    /// @notice The claim moved to IN_REVIEW, APPROVED (`amount` of it), REFUSED, APPEALED or UPHELD.
    event RefundDecided(
        bytes32 indexed refund,
        uint32 version,
        address actor,
        uint64 indexed caseId,
        RefundState state,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice The money left the debt: to the payer's prepaid account (PAID), or to `offsetCase` (OFFSET).
    event RefundPaid(
        bytes32 indexed refund,
        uint32 version,
        address actor,
        uint64 indexed caseId,
        uint32 entry,
        RefundState state,
        uint128 amount,
        uint64 offsetCase
    );

    error UnknownRefund(bytes32 refund);
    error RefundStateForbids(bytes32 refund, RefundState state);
    error UnknownPayment(bytes32 payment);
    /// @notice Thrown when the payment was not made by the actor's participant, nor by a client that it represents for
    ///         claims.
    error NotPayer(bytes32 payment, uint64 payer, uint64 actor);
    /// @notice Thrown after the period that began with the payment, or with the refusal.
    error TooLate(uint40 since, uint40 latest);
    /// @notice Thrown when a claim of the same payment with the same ground and basis exists.
    error ClaimedBefore(bytes32 refund);
    error NotEnoughPaid(bytes32 payment, uint256 left, uint256 asked);
    error NotEnoughCredit(uint64 caseId, uint256 credit, uint256 asked);
    /// @notice Thrown when one officer would review and decide, or decide and hear the appeal.
    error SamePerson(address actor);
    /// @notice Thrown when the case whose payment was approved for refund owes again.
    error StillOwed(uint64 caseId, uint128 owed);
    error BasisNeeded();
    error NoConsent(bytes32 refund);
    /// @notice Thrown when money of `payer`'s would go, by another's act, to a debt that is not its own.
    error NotDebtor(uint64 caseId, uint64 debtor, uint64 payer);

    /// @notice Claims back `amount` of a payment, within 3 years (1,096 days) of it. By a DECLARANT, BROKER,
    ///         CARRIER or GUARANTOR key of the payer, or of a broker with a power of attorney (scope 4).
    /// @param ground 201 to 206 of {DebtReasons}.
    /// @param basis Record id of the basis document, not 0; one claim per (payment, ground, basis).
    /// @return refund `keccak256(abi.encode(participant, requestId))`.
    function claimRefund(
        bytes32 requestId,
        bytes32 payment,
        uint128 amount,
        uint16 ground,
        bytes32 basis,
        bool offsetConsent
    ) external returns (bytes32 refund);

    /// @notice CLAIMED → IN_REVIEW. By a CUSTOMS_REVENUE key of the case's office, which becomes the reviewer.
    /// @dev From IN_REVIEW too, once the reviewer's key has lost its roles: another takes its place.
    function reviewRefund(bytes32 refund, uint32 expectedVersion) external;

    /// @notice IN_REVIEW → APPROVED, in full or in part. By a CUSTOMS_REVENUE key of the case's office other than the
    ///         reviewer, whose key still has its roles.
    function approveRefund(
        bytes32 refund,
        uint32 expectedVersion,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice IN_REVIEW → REFUSED. Same authority as {approveRefund}; `reason` is not 0.
    function refuseRefund(bytes32 refund, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice REFUSED → APPEALED, by whoever could claim, within 3 years (1,096 days) of the refusal.
    /// @dev What was claimed counts as claimed again, so that the appeal can be granted whatever is claimed meanwhile.
    function appealRefund(bytes32 refund, uint32 expectedVersion, bytes32 evidence) external;

    /// @notice APPEALED → UPHELD, or back to IN_REVIEW under a new reviewer: the officer who overturned. By a
    ///         CUSTOMS_APPEAL key of a higher office than the one that refused, that neither reviewed nor decided.
    function decideRefundAppeal(
        bytes32 refund,
        uint32 expectedVersion,
        bool overturn,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice APPROVED → PAID into the payer's prepaid account. By a CUSTOMS_REVENUE key of the case's office.
    /// @dev Not while the case owes ({StillOwed}). Takes money back from revenue accounts that hold more than is
    ///      assessed, by their allowance, where the case's own is short.
    function payRefund(bytes32 refund, uint32 expectedVersion) external;

    /// @notice APPROVED → OFFSET against what the payer owes on `offsetCase`, with the consent given in the claim.
    ///         While the refunded case itself owes, only against that one.
    /// @dev The payment that it makes there is `keccak256(abi.encode(refund, offsetCase))`.
    function offsetRefund(bytes32 refund, uint32 expectedVersion, uint64 offsetCase) external;

    /// @notice A claim as stored. `version` 0: unknown.
    function refundOf(bytes32 refund) external view returns (Refund memory);
}
