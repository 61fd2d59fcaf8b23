// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What secures (domain guide 3.9). WAIVER is for AEOs with the simplified procedure.
enum SecurityType {
    CASH_DEPOSIT,
    BANK_GUARANTEE,
    PLEDGE,
    INSURANCE_POLICY,
    WAIVER
}

/// @notice State of a guarantee (domain guide 4.3). CALLED, CANCELLED and EXPIRED are computed.
enum GuaranteeState {
    NONE,
    OFFERED,
    REFUSED,
    ACTIVE,
    CALLED,
    CANCELLED,
    EXPIRED
}

/// @notice A guarantee as stored.
/// @param guarantor Participant that gave it.
/// @param principal Participant whose debts it secures.
/// @param state OFFERED, REFUSED or ACTIVE; see {IDebtGuarantees.guaranteeStateAt} for what it is worth.
/// @param validUntil Last second for new reservations [unix s], inclusive.
/// @param cancelledFrom First second of cancellation [unix s]; 0 without notice.
/// @param version Counts the acts on the guarantee itself, from 1; reservations do not count.
/// @param grn Guarantee reference number, 17 ASCII characters; 0 until accepted.
/// @param caseId The one case it may secure (INDIVIDUAL); 0 for any of the principal's (COMPREHENSIVE).
/// @param notice Seconds between notice and cancellation [s].
/// @param operatorType As which the principal is an AEO, 0 importer or 1 exporter; of a WAIVER only.
/// @param free,reserved,called Their sum is the limit [minor units].
/// @param pending Offered or topped up and not yet accepted; not part of the limit.
struct Guarantee {
    uint64 guarantor;
    uint64 principal;
    SecurityType securityType;
    GuaranteeState state;
    uint40 validUntil;
    uint40 cancelledFrom;
    uint32 version;
    bytes17 grn;
    uint64 caseId;
    uint32 notice;
    uint8 operatorType;
    uint128 free;
    uint128 reserved;
    uint128 called;
    uint128 pending;
}

/// @title IDebtGuarantees
/// @notice Guarantees of the DebtLedger: offered, accepted, reserved for debts, freed, called, cancelled with notice.
/// @dev No officer of the guarantor's own participant, nor of the debtor's, acts on its security:
///      {IDebtLedger.OwnDebt}. `limit = free + reserved + called`, always. The end of a guarantee, by expiry, notice or
///      call, stops new reservations; what is reserved stays covered. A guarantee is CALLED once nothing is free,
///      reserved or pending; taking a call back gives it its free amount, and its state, again. A CASH_DEPOSIT holds
///      its tokens in this ledger; other types are a word of the guarantor's, who pays a called amount by
///      {IDebtLedger.pay}. Errors shared with debts: {IDebtLedger}.
interface IDebtGuarantees {
    /// @notice A guarantor offered `amount` for the debts of `principal`, or for its one case `caseId`.
    event GuaranteeOffered(
        bytes32 indexed guarantee,
        uint32 version,
        address actor,
        uint64 indexed guarantor,
        uint64 indexed principal,
        SecurityType securityType,
        uint64 caseId,
        uint128 amount,
        uint40 validUntil,
        uint32 notice,
        bytes32 evidence
    );
    /// @notice The guarantor offered more; `request` is the key of this act.
    event GuaranteeToppedUp(
        bytes32 indexed guarantee,
        uint32 version,
        address actor,
        bytes32 request,
        uint128 amount,
        bytes32 evidence
    );
    /// @notice Customs accepted what was pending; `free` is the new free amount, `operatorType` as stored.
    event GuaranteeAccepted(
        bytes32 indexed guarantee,
        uint32 version,
        address actor,
        bytes17 grn,
        uint8 operatorType,
        uint128 amount,
        uint128 free,
        bytes32 evidence
    );
    /// @notice Customs refused what was pending; `state` is REFUSED, or ACTIVE when only a top-up was refused.
    event GuaranteeRefused(
        bytes32 indexed guarantee,
        uint32 version,
        address actor,
        GuaranteeState state,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice The guarantor gave notice; no new reservation from `cancelledFrom` on.
    event GuaranteeCancelled(
        bytes32 indexed guarantee,
        uint32 version,
        address actor,
        uint40 cancelledFrom,
        uint16 reason
    );
    /// @notice A reservation for a case grew (positive) or was freed (negative); the last three are the guarantee's
    ///         amounts after it.
    event SecurityMoved(
        bytes32 indexed guarantee,
        uint64 indexed caseId,
        uint32 caseVersion,
        address actor,
        int256 amount,
        uint128 free,
        uint128 reserved,
        bytes32 evidence
    );
    /// @notice A reserved amount was called for a case.
    event GuaranteeCalled(
        bytes32 indexed guarantee,
        uint64 indexed caseId,
        uint32 caseVersion,
        address actor,
        uint128 amount,
        uint128 called,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice Customs took back `amount` of a call that is not owed any more; the last two are the guarantee's amounts
    ///         after it.
    event CallTakenBack(
        bytes32 indexed guarantee,
        uint64 indexed caseId,
        uint32 caseVersion,
        address actor,
        uint128 amount,
        uint128 free,
        uint128 called,
        bytes32 evidence
    );
    /// @notice Free cash of an ended deposit went to the guarantor's prepaid account.
    event DepositReturned(bytes32 indexed guarantee, uint32 version, address actor, uint128 amount);

    error UnknownGuarantee(bytes32 guarantee);
    /// @notice Thrown when the state, as of this second, does not allow the act.
    error GuaranteeStateForbids(bytes32 guarantee, GuaranteeState state);
    error NotGuarantor(bytes32 guarantee, uint64 guarantor, uint64 actor);
    /// @notice Thrown when the guarantee is another principal's, or another case's.
    error NotSecuredBy(bytes32 guarantee, uint64 caseId);
    /// @notice Response 14: the guarantee has not enough free balance.
    error NotEnoughFree(bytes32 guarantee, uint256 free, uint256 asked);
    /// @notice Thrown when a debtor would free less than all that its debt does not need of the guarantee.
    error NotAllSpare(uint64 caseId, uint256 spare);
    error NotEnoughSecured(bytes32 guarantee, uint64 caseId, uint256 reserved, uint256 asked);
    /// @notice Thrown when less than `asked` is called, unpaid by the guarantor and not owed any more.
    error NotEnoughCalled(bytes32 guarantee, uint64 caseId, uint256 called, uint256 asked);
    /// @notice Thrown when freeing would leave `secured < owed`; an officer may do so for an ASSESSED debt.
    error StillNeeded(uint64 caseId, uint128 owed);
    /// @notice Thrown when the debtor would free security while goods are out under a condition.
    error ConditionOpen(uint64 caseId);
    error NothingPending(bytes32 guarantee);
    /// @notice Thrown when the principal has no simplified procedure in force, as importer or exporter, for the waiver.
    error WaiverNotAllowed(uint64 principal);
    error CountryNotSet();
    error BadGuaranteeEnd(uint40 validUntil, uint256 now_);
    error GrnTaken(bytes17 grn);

    /// @notice Offers a guarantee. By a GUARANTOR or DECLARANT key. A CASH_DEPOSIT takes `amount` of the actor's tokens
    ///         now.
    /// @param caseId The one case to secure, or 0.
    /// @param validUntil Last second for new reservations [unix s].
    /// @param notice Seconds from notice to cancellation.
    /// @return guarantee `keccak256(abi.encode(participant, requestId))`.
    function offerGuarantee(
        bytes32 requestId,
        uint64 principal,
        SecurityType securityType,
        uint64 caseId,
        uint128 amount,
        uint40 validUntil,
        uint32 notice,
        bytes32 evidence
    ) external returns (bytes32 guarantee);

    /// @notice Offers more on an OFFERED or ACTIVE guarantee. By its guarantor.
    function topUpGuarantee(bytes32 requestId, bytes32 guarantee, uint128 amount, bytes32 evidence) external;

    /// @notice Accepts what is pending; the first time gives the GRN. By a CUSTOMS_REVENUE key.
    /// @param operatorType As which the principal is an AEO with the simplified procedure (bit 3): 0 importer or
    ///        1 exporter, whichever it is on its declarations. Kept and asked again by {secure}; read for WAIVER only.
    function acceptGuarantee(bytes32 guarantee, uint32 expectedVersion, uint8 operatorType, bytes32 evidence) external;

    /// @notice Refuses what is pending; cash goes to the guarantor's prepaid account. By a CUSTOMS_REVENUE key.
    /// @param reason ARREARS, DEFECT or FALSITY of {DebtReasons} (domain guide 3.9), nothing else.
    function refuseGuarantee(bytes32 guarantee, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Gives notice; an offer not yet accepted ends at once. By the guarantor.
    function cancelGuarantee(bytes32 guarantee, uint32 expectedVersion, uint16 reason) external;

    /// @notice Free and pending cash of a CANCELLED or EXPIRED deposit goes to the guarantor's prepaid account. By the
    ///         guarantor.
    function returnDeposit(bytes32 guarantee, uint32 expectedVersion) external;

    /// @notice Reserves `amount` for a case of the principal's; the case becomes SECURED once `secured >= owed`.
    /// @dev By a CUSTOMS_REVENUE key of the case's office. `expectedVersion` is the case's. A WAIVER secures only while
    ///      the principal's authorisation is in force; what it has secured before stays so.
    function secure(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external;

    /// @notice Frees a reservation that the debt no longer needs. By a CUSTOMS_REVENUE key of the case's office or the
    ///         debtor.
    /// @dev What stays has to suffice, `secured >= owed`, whatever the state: goods may be out on cover that a later
    ///      assessment outgrew. Only an officer frees cover of an ASSESSED debt that does not suffice, and only an
    ///      officer frees any while goods are out under a condition (domain guide 4.4), be the debt paid or not. A
    ///      debtor frees all that is spare at once, the least of what is reserved and `secured − owed`; `amount` is at
    ///      least that and at most what is reserved. As this counts as no act on the case, no debtor outruns an officer
    ///      with it.
    function freeSecurity(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external;

    /// @notice Calls a reserved amount for an ASSESSED, SECURED, OVERDUE or RECOVERY debt; the debt goes into RECOVERY.
    ///         By a CUSTOMS_REVENUE key of the case's office. A cash deposit pays the debt at once.
    /// @dev Calls `amount`, or as much of it as is reserved and is owed beyond what is called already and unpaid. Only
    ///      the guarantor's own payments answer a call: what others pay lowers what is owed, and what is called beyond
    ///      that can be taken back.
    function callGuarantee(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice called → free, of a call that is not owed any more because another paid, the assessment was lowered or
    ///         the declaration invalidated. By a CUSTOMS_REVENUE key of the case's office.
    /// @dev At most the least of what is called of the guarantee for the case, what its guarantor has not paid of its
    ///      calls for the case, and what all unpaid calls for the case are above what is owed.
    function takeBackCall(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external;

    /// @notice Calls for a case [minor units], none of which a cash deposit has.
    /// @return called Of this guarantee, and not taken back.
    /// @return unpaidByGuarantor Of all guarantees of its guarantor, and neither paid by it nor taken back.
    /// @return unpaidOnCase The same of all guarantors.
    function callsOf(
        bytes32 guarantee,
        uint64 caseId
    ) external view returns (uint128 called, uint128 unpaidByGuarantor, uint128 unpaidOnCase);

    /// @notice A guarantee as stored. `version` 0: unknown.
    function guaranteeOf(bytes32 guarantee) external view returns (Guarantee memory);

    /// @notice What the guarantee is worth at `instant` [unix s]; the last valid second is inclusive.
    function guaranteeStateAt(bytes32 guarantee, uint40 instant) external view returns (GuaranteeState);

    /// @notice Amount that the guarantee has reserved for a case [minor units].
    function reservedFor(bytes32 guarantee, uint64 caseId) external view returns (uint128);

    /// @notice Guarantee with this reference number; 0 if none.
    function guaranteeByGrn(bytes17 grn) external view returns (bytes32);
}
