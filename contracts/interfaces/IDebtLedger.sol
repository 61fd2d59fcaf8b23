// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FiscalState, IDebtCases} from "./IDebtCases.sol";

/// @notice Total of one charge code.
/// @param code UNCL 5153 as ASCII: CUD, ADD, EXC, VAT, CAP, OTH, or FEE (customs clearance fee).
/// @param amount Minor units of the settlement token.
struct Charge {
    bytes3 code;
    uint128 amount;
}

/// @notice An EIP-2612 permit of the actor for this ledger.
/// @param value Allowance [minor units].
/// @param deadline Last second [unix s].
struct TokenPermit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice Fiscal case of one declaration, as stored; see {IDebtLedger.stateOf} for what it is worth.
/// @param debtor Participant liable.
/// @param office Customs office whose revenue officers may act.
/// @param declarationVersion Version of the declaration that the case stands at.
/// @param assessedVersion Version that `assessed` was assessed for; 0 before.
/// @param version Counts the officers' and the registry's acts on the case, from 1; payments do not count.
/// @param basis NONE, ASSESSED, DEFERRED, EXEMPT, RECOVERY or SETTLED: what acts made of it. SECURED, PAID and OVERDUE
///        are computed.
/// @param closed Whether its declaration was invalidated.
/// @param bound Whether goods are out under a condition, for which the security stands whatever was paid.
/// @param dueAt Last second of a deferment [unix s], inclusive; 0 without.
/// @param assessed Sum of the totals per charge [minor units].
/// @param paid Credited by payments, ever.
/// @param refunded Paid back or set off, ever.
/// @param settled Passed on to revenue accounts, less what came back from them.
/// @param secured Reserved under guarantees; below 2^112.
/// @param approved Approved refunds not yet paid; below 2^112.
/// @param entries Number of the last journal entry.
struct DebtCase {
    uint64 debtor;
    uint24 office;
    uint32 declarationVersion;
    uint32 assessedVersion;
    uint32 version;
    FiscalState basis;
    bool closed;
    bool bound;
    uint40 dueAt;
    uint128 assessed;
    uint128 paid;
    uint128 refunded;
    uint128 settled;
    uint112 secured;
    uint112 approved;
    uint32 entries;
}

/// @notice One payment as credited to one debt.
/// @param payer Key whose act credited it: the payer's, or the officer's who called a guarantee or set a refund off.
/// @param paidAt [unix s].
/// @param participant Participant that paid, to whose prepaid account refunds go.
/// @param amount Credited to the debt [minor units].
/// @param claimed Claimed back so far and not refused, or under appeal.
struct Payment {
    address payer;
    uint40 paidAt;
    uint64 caseId;
    uint64 participant;
    uint128 amount;
    uint128 claimed;
}

/// @title IDebtLedger
/// @notice Debts of declarations, one total per charge; payments, prepaid accounts, deferment, settlement.
/// @dev With `owed = assessed − (paid − refunded − approved)` and at least 0, a case that is assessed for its
///      declaration's version is PAID when nothing is owed, SECURED when `secured >= owed`, DEFERRED until `dueAt`
///      inclusive and OVERDUE after. A new assessment ends a deferment that runs; what is OVERDUE or in RECOVERY stays
///      so while something is owed, but for a recovery begun in error (reason CLERICAL_ERROR). `paid − refunded −
///      settled` is never negative. Amounts are integers; nothing is ever rounded here. Every change is an event with
///      the case's `entry`, gap-free from 1: the append-only journal. As double entry: {ChargePosted} d: trader −d,
///      treasury +d · {Paid} p: trader +p, suspense −p · {RevenueMoved} m: suspense +m, treasury −m ·
///      {IDebtRefunds.RefundPaid} r: trader −r, suspense +r. The three accounts of a case always sum to 0. The token is
///      called last and under a guard; a token that takes a fee on transfer is refused. Beside its own errors it throws
///      the shared ones of `types/Errors.sol`. Guarantees: {IDebtGuarantees}; refunds: {IDebtRefunds}; reason codes:
///      {DebtReasons}.
interface IDebtLedger is IDebtCases {
    /// @notice The case was opened, moved to another declaration version, or to another office.
    event CaseOpened(
        uint64 indexed caseId,
        uint32 version,
        address registry,
        uint32 declarationVersion,
        uint64 indexed debtor,
        uint24 office
    );
    /// @notice The declaration was invalidated; what was paid is refundable.
    event CaseClosed(uint64 indexed caseId, uint32 version, address registry);
    /// @notice Goods went out under a condition (`bound`), or none is open any more.
    event SecurityBound(uint64 indexed caseId, uint32 version, address registry, bool bound);
    /// @notice The total of one charge moved by `difference`, to `total`.
    event ChargePosted(uint64 indexed caseId, uint32 entry, bytes3 indexed code, int256 difference, uint128 total);
    /// @notice An officer assessed the case; what changed is in the {ChargePosted} entries of the same transaction.
    event Assessed(
        uint64 indexed caseId,
        uint32 version,
        address actor,
        uint32 declarationVersion,
        FiscalState basis,
        uint128 assessed,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice A payment was credited. `payment` is its key; `excess` went to the debtor's prepaid account.
    event Paid(
        uint64 indexed caseId,
        uint32 entry,
        bytes32 indexed payment,
        address actor,
        uint64 indexed participant,
        uint128 amount,
        uint128 excess,
        PaymentSource source
    );
    /// @notice An officer granted deferment until `dueAt`; `operatorType` as in the act: the debtor is an AEO as that,
    ///         if that is what allowed it.
    event Deferred(
        uint64 indexed caseId,
        uint32 version,
        address actor,
        uint8 operatorType,
        uint40 dueAt,
        bytes32 evidence
    );
    /// @notice Recovery began; `interest` was added to OTH.
    event RecoveryStarted(
        uint64 indexed caseId,
        uint32 version,
        address actor,
        uint128 interest,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice Money of the case went to the revenue account of `code` (positive) or came back from it (negative).
    event RevenueMoved(uint64 indexed caseId, uint32 entry, bytes3 indexed code, address account, int256 amount);
    /// @notice All revenue of the case is with its accounts.
    event Settled(uint64 indexed caseId, uint32 version, address actor, uint128 settled);
    /// @notice A prepaid account moved. `key` is the request, payment, refund or guarantee that moved it.
    event PrepaidMoved(uint64 indexed participant, bytes32 indexed key, address actor, int256 amount, uint128 balance);
    /// @notice Governance set where the revenue of `code` goes.
    event RevenueAccountSet(bytes3 indexed code, address account);
    /// @notice Governance set the country of guarantee reference numbers.
    event CountrySet(bytes2 country);

    /// @notice Thrown when an officer would decide on money that its own participant owes, paid, secures or is secured
    ///         by.
    error OwnDebt(uint64 participant);
    error UnknownCase(uint64 caseId);
    error CaseIsClosed(uint64 caseId);
    /// @notice Thrown when the fiscal state, as of this second, does not allow the act.
    error FiscalStateForbids(uint64 caseId, FiscalState state);
    error UnknownCharge(bytes3 code);
    error DuplicateCharge(bytes3 code);
    error AmountTooLarge(uint256 amount, uint256 limit);
    error ZeroAmount();
    /// @notice Thrown when nothing is owed on the case: it is not assessed, paid, exempt or settled.
    error NothingOwed(uint64 caseId);
    error BadDueDate(uint40 dueAt, uint40 earliest, uint40 latest);
    /// @notice Thrown when the debtor has neither the AEO's simplification nor enough security for deferment.
    error DefermentNotAllowed(uint64 caseId, uint128 secured, uint128 owed);
    /// @notice Thrown for a prepaid account of a participant that is not admitted, or is suspended.
    error AccountNotActive(uint64 account);
    error NotRepresented(uint64 broker, uint64 client, uint32 scope);
    error NotEnoughPrepaid(uint64 participant, uint256 balance, uint256 asked);
    error NoRevenueAccount(bytes3 code);
    /// @notice Thrown when the token moved another amount than asked.
    error TokenTookFee(uint256 asked, uint256 received);
    /// @notice Thrown when the allowance is short even after the permit.
    error NotEnoughAllowance(address owner, uint256 allowance, uint256 asked);
    /// @notice Thrown by the constructor for a token without decimals.
    error TokenRefused(address token);

    /// @notice How a payment came.
    enum PaymentSource {
        TOKEN,
        PREPAID,
        GUARANTEE,
        OFFSET
    }

    /// @notice Assesses, or assesses anew by difference, the declaration's current version.
    /// @dev By a CUSTOMS_REVENUE key of the case's office. `charges` are the new totals; a code left out is 0. A total
    ///      above 0 makes the basis ASSESSED. With nothing to pay use {markExempt}: an assessment of 0 does not
    ///      release.
    /// @param reason Not 0.
    /// @param evidence Record id of the sealed assessment.
    function assess(
        uint64 caseId,
        uint32 declarationVersion,
        uint32 expectedVersion,
        Charge[] calldata charges,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Assesses the declaration's current version at 0, as EXEMPT. Same authority as {assess}.
    function markExempt(
        uint64 caseId,
        uint32 declarationVersion,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Pays a debt from the actor's tokens, on whoever's behalf. DECLARANT, BROKER, CARRIER or GUARANTOR key;
    ///         allowance to this ledger needed.
    /// @dev Credits at most what is owed; the rest goes to the debtor's prepaid account.
    /// @return payment `keccak256(abi.encode(participant, requestId))`.
    function pay(bytes32 requestId, uint64 caseId, uint128 amount) external returns (bytes32 payment);

    /// @notice {pay} with the actor's own EIP-2612 permit. A permit that somebody else already presented does no harm.
    /// @dev The owner is always the actor: a permit does not name a debt, the signed act does.
    function payWithPermit(
        bytes32 requestId,
        uint64 caseId,
        uint128 amount,
        TokenPermit calldata permit
    ) external returns (bytes32 payment);

    /// @notice Pays tokens of the actor into the prepaid account of `account`, an active participant. Keys as for
    ///         {pay}.
    function depositPrepaid(bytes32 requestId, uint64 account, uint128 amount) external;

    /// @notice Pays a debt from the prepaid account of `account`: the actor's own, or a client's within a power of
    ///         attorney (scope 2), and then a debt of that client's alone, else {IDebtRefunds.NotDebtor}.
    /// @dev Pays at most what is owed: what somebody else paid in between makes the payment smaller. Keys as for {pay}.
    function payFromPrepaid(
        bytes32 requestId,
        uint64 caseId,
        uint64 account,
        uint128 amount
    ) external returns (bytes32 payment);

    /// @notice Takes tokens out of the prepaid account of the actor's own participant. Keys as for {pay}.
    function withdrawPrepaid(bytes32 requestId, uint128 amount, address to) external;

    /// @notice ASSESSED or SECURED → DEFERRED until `dueAt`, inclusive. By a CUSTOMS_REVENUE key of the case's office.
    /// @dev The debtor is an AEO with the simplified procedure (bit 3) as `operatorType`, 0 importer or 1 exporter,
    ///      whichever it is on the declaration; or `secured >= owed`. `dueAt` lies in the future, at most 366 days.
    ///      Instalments are partial payments within it.
    function defer(uint64 caseId, uint32 expectedVersion, uint8 operatorType, uint40 dueAt, bytes32 evidence) external;

    /// @notice OVERDUE, or ASSESSED with something owed → RECOVERY; adds `interest` to OTH. By a CUSTOMS_REVENUE key of
    ///         the case's office.
    /// @dev A debt assessed after release (audit, finding) has no deferment and so no due date here: the officer's
    ///      evidence is the demand whose term has passed.
    function recover(uint64 caseId, uint32 expectedVersion, uint128 interest, uint16 reason, bytes32 evidence) external;

    /// @notice PAID or EXEMPT → SETTLED: passes each charge's total to its revenue account, or takes back what a
    ///         re-assessment lowered.
    /// @dev By a CUSTOMS_REVENUE key of the case's office or a TREASURY key. Taking back needs the account's allowance
    ///      to this ledger.
    function settle(uint64 caseId, uint32 expectedVersion) external;

    /// @notice Governance sets the account that receives the revenue of `code`.
    function setRevenueAccount(bytes3 code, address account) external;

    /// @notice Governance sets the ISO 3166-1 alpha-2 country of guarantee reference numbers.
    function setCountry(bytes2 country) external;

    /// @notice The case as stored. `version` 0: unknown.
    function caseOf(uint64 caseId) external view returns (DebtCase memory);

    /// @notice Fiscal state of the case's current declaration version at `instant` [unix s], by the balances of the
    ///         block asked.
    function stateOf(uint64 caseId, uint40 instant) external view returns (FiscalState);

    /// @notice What is still to pay [minor units].
    function owedOn(uint64 caseId) external view returns (uint128);

    /// @notice What was paid over the assessed total and is not yet approved for refund [minor units].
    function creditOn(uint64 caseId) external view returns (uint128);

    /// @notice Totals per charge, in the order CUD, VAT, EXC, FEE, ADD, CAP, OTH; zeros included.
    function chargesOf(uint64 caseId) external view returns (Charge[] memory);

    /// @notice A payment by its key. `paidAt` 0: unknown.
    function paymentOf(bytes32 payment) external view returns (Payment memory);

    /// @notice Balance of a prepaid account [minor units].
    function prepaidOf(uint64 participant) external view returns (uint128);

    /// @notice Account that receives the revenue of `code`; 0 if none is set.
    function revenueAccountOf(bytes3 code) external view returns (address);
}
