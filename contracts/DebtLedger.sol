// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ActTarget} from "./ActTarget.sol";
import {IAuthorisationSource} from "./interfaces/IAuthorisationSource.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {FiscalState, IDebtCases} from "./interfaces/IDebtCases.sol";
import {Guarantee, GuaranteeState, IDebtGuarantees, SecurityType} from "./interfaces/IDebtGuarantees.sol";
import {Charge, DebtCase, IDebtLedger, Payment, TokenPermit} from "./interfaces/IDebtLedger.sol";
import {IDebtRefunds, Refund} from "./interfaces/IDebtRefunds.sol";
import {AssessmentDesk, CaseAct} from "./libraries/AssessmentDesk.sol";
import {ChargeCodes} from "./libraries/ChargeCodes.sol";
import {DebtBook, DebtBooks, RevenueMoves} from "./libraries/DebtBook.sol";
import {DebtTransitions} from "./libraries/DebtTransitions.sol";
import {CoverAct, GuaranteeDesk} from "./libraries/GuaranteeDesk.sol";
import {GuaranteeMath} from "./libraries/GuaranteeMath.sol";
import {RefundDesk} from "./libraries/RefundDesk.sol";
import {WrongVersion} from "./types/Errors.sol";

/// @title DebtLedger
/// @notice Debts, guarantees and refunds: {IDebtLedger}, {IDebtGuarantees}, {IDebtRefunds}.
/// @dev Cases, payments and every call of the token are here; the rest is in the linked libraries {AssessmentDesk},
///      {GuaranteeDesk} and {RefundDesk}, all on one book.
contract DebtLedger is IDebtLedger, IDebtGuarantees, IDebtRefunds, ActTarget, AccessManaged, ReentrancyGuard {
    using DebtBooks for DebtBook;
    using DebtTransitions for DebtCase;
    using GuaranteeMath for Guarantee;
    using SafeERC20 for IERC20;

    /// @dev Scope of a power of attorney: pay.
    uint32 private constant SCOPE_PAY = 2;

    /// @notice Token in which everything here is counted.
    IERC20 public immutable TOKEN;
    IAuthoritySource private immutable PARTICIPANTS;
    IAuthorisationSource private immutable AUTHORISATIONS;

    DebtBook private _book;

    constructor(
        address accessManager,
        address forwarder,
        address participants,
        address authorisations,
        address token
    ) ActTarget(forwarder) AccessManaged(accessManager) {
        if (IERC20Metadata(token).decimals() == 0) revert TokenRefused(token);
        TOKEN = IERC20(token);
        PARTICIPANTS = IAuthoritySource(participants);
        AUTHORISATIONS = IAuthorisationSource(authorisations);
    }

    // ----- cases: acts of declaration registries

    /// @inheritdoc IDebtCases
    function openCase(uint64 caseId, uint32 version, uint64 debtor, uint24 office) external restricted {
        DebtCase storage debt = _book.cases[caseId];
        bool same = debt.declarationVersion == version && debt.debtor == debtor;
        if (debt.closed && !same) revert CaseIsClosed(caseId);
        if (version == 0 || version < debt.declarationVersion) revert WrongVersion(version, debt.declarationVersion);
        if (same && debt.office == office) return;
        debt.debtor = debtor;
        debt.office = office;
        debt.declarationVersion = version;
        emit CaseOpened(caseId, ++debt.version, msg.sender, version, debtor, office);
    }

    /// @inheritdoc IDebtCases
    function closeCase(uint64 caseId) external restricted {
        AssessmentDesk.close(_book, caseId);
    }

    /// @inheritdoc IDebtCases
    function bindSecurity(uint64 caseId, bool bound) external restricted {
        AssessmentDesk.bind(_book, caseId, bound);
    }

    // ----- assessment: acts of revenue officers

    /// @inheritdoc IDebtLedger
    function assess(
        uint64 caseId,
        uint32 declarationVersion,
        uint32 expectedVersion,
        Charge[] calldata charges,
        uint16 reason,
        bytes32 evidence
    ) external {
        CaseAct memory act = CaseAct(_actor(), caseId, expectedVersion, reason, evidence);
        AssessmentDesk.assess(
            _book,
            PARTICIPANTS,
            act,
            declarationVersion,
            ChargeCodes.totals(charges),
            FiscalState.ASSESSED
        );
    }

    /// @inheritdoc IDebtLedger
    function markExempt(
        uint64 caseId,
        uint32 declarationVersion,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        uint128[7] memory nothing;
        CaseAct memory act = CaseAct(_actor(), caseId, expectedVersion, reason, evidence);
        AssessmentDesk.assess(_book, PARTICIPANTS, act, declarationVersion, nothing, FiscalState.EXEMPT);
    }

    /// @inheritdoc IDebtLedger
    function defer(uint64 caseId, uint32 expectedVersion, uint8 operatorType, uint40 dueAt, bytes32 evidence) external {
        CaseAct memory act = CaseAct(_actor(), caseId, expectedVersion, 0, evidence);
        AssessmentDesk.defer(_book, PARTICIPANTS, AUTHORISATIONS, act, operatorType, dueAt);
    }

    /// @inheritdoc IDebtLedger
    function recover(
        uint64 caseId,
        uint32 expectedVersion,
        uint128 interest,
        uint16 reason,
        bytes32 evidence
    ) external {
        CaseAct memory act = CaseAct(_actor(), caseId, expectedVersion, reason, evidence);
        AssessmentDesk.recover(_book, PARTICIPANTS, act, interest);
    }

    // ----- payment

    /// @inheritdoc IDebtLedger
    function pay(bytes32 requestId, uint64 caseId, uint128 amount) external nonReentrant returns (bytes32 payment) {
        address actor = _actor();
        payment = _credit(actor, requestId, caseId, amount);
        _pull(actor, amount);
    }

    /// @inheritdoc IDebtLedger
    function payWithPermit(
        bytes32 requestId,
        uint64 caseId,
        uint128 amount,
        TokenPermit calldata permit
    ) external nonReentrant returns (bytes32 payment) {
        address actor = _actor();
        payment = _credit(actor, requestId, caseId, amount);
        // somebody may have presented the permit first: what counts is the allowance that _pull finds
        try
            IERC20Permit(address(TOKEN)).permit(
                actor,
                address(this),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {}
        _pull(actor, amount);
    }

    /// @inheritdoc IDebtLedger
    function depositPrepaid(bytes32 requestId, uint64 account, uint128 amount) external nonReentrant {
        address actor = _actor();
        bytes32 key = _book.once(_payer(actor), requestId);
        if (amount == 0) revert ZeroAmount();
        if (!PARTICIPANTS.activeAt(account, uint40(block.timestamp))) revert AccountNotActive(account);
        _book.raisePrepaid(account, key, actor, amount);
        _pull(actor, amount);
    }

    /// @inheritdoc IDebtLedger
    function payFromPrepaid(
        bytes32 requestId,
        uint64 caseId,
        uint64 account,
        uint128 amount
    ) external returns (bytes32 payment) {
        address actor = _actor();
        uint64 participant = _payer(actor);
        DebtCase storage debt = _book.known(caseId);
        if (participant != account) {
            if (!AUTHORISATIONS.mayRepresent(participant, account, SCOPE_PAY, uint40(block.timestamp))) {
                revert NotRepresented(participant, account, SCOPE_PAY);
            }
            if (debt.debtor != account) revert NotDebtor(caseId, debt.debtor, account);
        }
        if (amount == 0) revert ZeroAmount();
        payment = keccak256(abi.encode(participant, requestId));
        uint128 owed = debt.owed();
        if (amount > owed) amount = owed;
        // refunds go back to the account that paid, not to its representative
        _book.credit(payment, Payment(actor, 0, caseId, account, amount, 0), PaymentSource.PREPAID);
        _book.lowerPrepaid(account, payment, actor, amount);
    }

    /// @inheritdoc IDebtLedger
    function withdrawPrepaid(bytes32 requestId, uint128 amount, address to) external nonReentrant {
        address actor = _actor();
        uint64 participant = _payer(actor);
        bytes32 key = _book.once(participant, requestId);
        if (amount == 0) revert ZeroAmount();
        _book.lowerPrepaid(participant, key, actor, amount);
        _push(to, amount);
    }

    // ----- settlement

    /// @inheritdoc IDebtLedger
    function settle(uint64 caseId, uint32 expectedVersion) external nonReentrant {
        _move(AssessmentDesk.settle(_book, PARTICIPANTS, _actor(), caseId, expectedVersion));
    }

    /// @inheritdoc IDebtLedger
    function setRevenueAccount(bytes3 code, address account) external restricted {
        ChargeCodes.indexOf(code);
        _book.revenue[code] = account;
        emit RevenueAccountSet(code, account);
    }

    /// @inheritdoc IDebtLedger
    function setCountry(bytes2 country) external restricted {
        _book.country = country;
        emit CountrySet(country);
    }

    // ----- guarantees

    /// @inheritdoc IDebtGuarantees
    function offerGuarantee(
        bytes32 requestId,
        uint64 principal,
        SecurityType securityType,
        uint64 caseId,
        uint128 amount,
        uint40 validUntil,
        uint32 notice,
        bytes32 evidence
    ) external nonReentrant returns (bytes32 guarantee) {
        Guarantee memory made;
        made.principal = principal;
        made.securityType = securityType;
        made.caseId = caseId;
        made.pending = amount;
        made.validUntil = validUntil;
        made.notice = notice;
        guarantee = GuaranteeDesk.offer(_book, PARTICIPANTS, _actor(), requestId, made, evidence);
        if (securityType == SecurityType.CASH_DEPOSIT) _pull(_actor(), amount);
    }

    /// @inheritdoc IDebtGuarantees
    function topUpGuarantee(
        bytes32 requestId,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external nonReentrant {
        address actor = _actor();
        bool cash = GuaranteeDesk.topUp(_book, PARTICIPANTS, actor, requestId, guarantee, amount, evidence);
        if (cash) _pull(actor, amount);
    }

    /// @inheritdoc IDebtGuarantees
    function acceptGuarantee(bytes32 guarantee, uint32 expectedVersion, uint8 operatorType, bytes32 evidence) external {
        GuaranteeDesk.accept(
            _book,
            PARTICIPANTS,
            AUTHORISATIONS,
            _actor(),
            guarantee,
            expectedVersion,
            operatorType,
            evidence
        );
    }

    /// @inheritdoc IDebtGuarantees
    function refuseGuarantee(bytes32 guarantee, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        GuaranteeDesk.refuse(_book, PARTICIPANTS, _actor(), guarantee, expectedVersion, reason, evidence);
    }

    /// @inheritdoc IDebtGuarantees
    function cancelGuarantee(bytes32 guarantee, uint32 expectedVersion, uint16 reason) external {
        GuaranteeDesk.cancel(_book, PARTICIPANTS, _actor(), guarantee, expectedVersion, reason);
    }

    /// @inheritdoc IDebtGuarantees
    function returnDeposit(bytes32 guarantee, uint32 expectedVersion) external {
        GuaranteeDesk.giveBack(_book, PARTICIPANTS, _actor(), guarantee, expectedVersion);
    }

    /// @inheritdoc IDebtGuarantees
    function secure(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external {
        GuaranteeDesk.secure(
            _book,
            PARTICIPANTS,
            AUTHORISATIONS,
            CoverAct(_actor(), caseId, expectedVersion, guarantee, amount, 0, evidence)
        );
    }

    /// @inheritdoc IDebtGuarantees
    function freeSecurity(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external {
        GuaranteeDesk.free(
            _book,
            PARTICIPANTS,
            CoverAct(_actor(), caseId, expectedVersion, guarantee, amount, 0, evidence)
        );
    }

    /// @inheritdoc IDebtGuarantees
    function callGuarantee(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) external {
        GuaranteeDesk.call_(
            _book,
            PARTICIPANTS,
            CoverAct(_actor(), caseId, expectedVersion, guarantee, amount, reason, evidence)
        );
    }

    /// @inheritdoc IDebtGuarantees
    function takeBackCall(
        uint64 caseId,
        uint32 expectedVersion,
        bytes32 guarantee,
        uint128 amount,
        bytes32 evidence
    ) external {
        GuaranteeDesk.takeBack(
            _book,
            PARTICIPANTS,
            CoverAct(_actor(), caseId, expectedVersion, guarantee, amount, 0, evidence)
        );
    }

    // ----- refunds

    /// @inheritdoc IDebtRefunds
    function claimRefund(
        bytes32 requestId,
        bytes32 payment,
        uint128 amount,
        uint16 ground,
        bytes32 basis,
        bool offsetConsent
    ) external returns (bytes32 refund) {
        Refund memory made;
        made.payment = payment;
        made.claimed = amount;
        made.ground = ground;
        made.basis = basis;
        made.offsetConsent = offsetConsent;
        return RefundDesk.claim(_book, PARTICIPANTS, AUTHORISATIONS, _actor(), requestId, made);
    }

    /// @inheritdoc IDebtRefunds
    function reviewRefund(bytes32 refund, uint32 expectedVersion) external {
        RefundDesk.review(_book, PARTICIPANTS, _actor(), refund, expectedVersion);
    }

    /// @inheritdoc IDebtRefunds
    function approveRefund(
        bytes32 refund,
        uint32 expectedVersion,
        uint128 amount,
        uint16 reason,
        bytes32 evidence
    ) external {
        RefundDesk.approve(_book, PARTICIPANTS, _actor(), refund, expectedVersion, amount, reason, evidence);
    }

    /// @inheritdoc IDebtRefunds
    function refuseRefund(bytes32 refund, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        RefundDesk.refuse(_book, PARTICIPANTS, _actor(), refund, expectedVersion, reason, evidence);
    }

    /// @inheritdoc IDebtRefunds
    function appealRefund(bytes32 refund, uint32 expectedVersion, bytes32 evidence) external {
        RefundDesk.appeal(_book, PARTICIPANTS, AUTHORISATIONS, _actor(), refund, expectedVersion, evidence);
    }

    /// @inheritdoc IDebtRefunds
    function decideRefundAppeal(
        bytes32 refund,
        uint32 expectedVersion,
        bool overturn,
        uint16 reason,
        bytes32 evidence
    ) external {
        RefundDesk.decideAppeal(_book, PARTICIPANTS, _actor(), refund, expectedVersion, overturn, reason, evidence);
    }

    /// @inheritdoc IDebtRefunds
    function payRefund(bytes32 refund, uint32 expectedVersion) external nonReentrant {
        _move(RefundDesk.pay(_book, PARTICIPANTS, _actor(), refund, expectedVersion));
    }

    /// @inheritdoc IDebtRefunds
    function offsetRefund(bytes32 refund, uint32 expectedVersion, uint64 offsetCase) external nonReentrant {
        _move(RefundDesk.offset(_book, PARTICIPANTS, _actor(), refund, expectedVersion, offsetCase));
    }

    // ----- reading

    /// @inheritdoc IDebtCases
    function fiscalState(uint64 caseId, uint32 version) external view returns (FiscalState) {
        DebtCase memory debt = _book.cases[caseId];
        if (debt.declarationVersion != version) return FiscalState.NONE;
        return debt.stateOf(block.timestamp);
    }

    /// @inheritdoc IDebtLedger
    function stateOf(uint64 caseId, uint40 instant) external view returns (FiscalState) {
        return _book.cases[caseId].stateOf(instant);
    }

    /// @inheritdoc IDebtLedger
    function caseOf(uint64 caseId) external view returns (DebtCase memory) {
        return _book.cases[caseId];
    }

    /// @inheritdoc IDebtLedger
    function owedOn(uint64 caseId) external view returns (uint128) {
        return _book.cases[caseId].owed();
    }

    /// @inheritdoc IDebtLedger
    function creditOn(uint64 caseId) external view returns (uint128) {
        return _book.cases[caseId].credit();
    }

    /// @inheritdoc IDebtLedger
    function chargesOf(uint64 caseId) external view returns (Charge[] memory charges) {
        charges = new Charge[](ChargeCodes.COUNT);
        for (uint256 i = 0; i < ChargeCodes.COUNT; ++i) {
            charges[i] = Charge(ChargeCodes.code(i), _book.assessed[caseId][i]);
        }
    }

    /// @inheritdoc IDebtLedger
    function paymentOf(bytes32 payment) external view returns (Payment memory) {
        return _book.payments[payment];
    }

    /// @inheritdoc IDebtLedger
    function prepaidOf(uint64 participant) external view returns (uint128) {
        return _book.prepaid[participant];
    }

    /// @inheritdoc IDebtLedger
    function revenueAccountOf(bytes3 code) external view returns (address) {
        return _book.revenue[code];
    }

    /// @inheritdoc IDebtGuarantees
    function guaranteeOf(bytes32 guarantee) external view returns (Guarantee memory) {
        return _book.guarantees[guarantee];
    }

    /// @inheritdoc IDebtGuarantees
    function guaranteeStateAt(bytes32 guarantee, uint40 instant) external view returns (GuaranteeState) {
        return _book.guarantees[guarantee].worth(instant);
    }

    /// @inheritdoc IDebtGuarantees
    function reservedFor(bytes32 guarantee, uint64 caseId) external view returns (uint128) {
        return _book.covers[guarantee][caseId].reserved;
    }

    /// @inheritdoc IDebtGuarantees
    function callsOf(
        bytes32 guarantee,
        uint64 caseId
    ) external view returns (uint128 called, uint128 unpaidByGuarantor, uint128 unpaidOnCase) {
        called = _book.covers[guarantee][caseId].called;
        unpaidByGuarantor = _book.unpaidCalls[caseId][_book.guarantees[guarantee].guarantor];
        unpaidOnCase = _book.unpaidCalls[caseId][0];
    }

    /// @inheritdoc IDebtGuarantees
    function guaranteeByGrn(bytes17 grn) external view returns (bytes32) {
        return _book.grns[grn];
    }

    /// @inheritdoc IDebtRefunds
    function refundOf(bytes32 refund) external view returns (Refund memory) {
        return _book.refunds[refund];
    }

    // ----- internals

    /// @dev Credits a payment in the name of the actor's participant; the tokens follow.
    function _credit(
        address actor,
        bytes32 requestId,
        uint64 caseId,
        uint128 amount
    ) private returns (bytes32 payment) {
        uint64 participant = _payer(actor);
        if (amount == 0) revert ZeroAmount();
        payment = keccak256(abi.encode(participant, requestId));
        _book.credit(payment, Payment(actor, 0, caseId, participant, amount, 0), PaymentSource.TOKEN);
    }

    /// @dev The participant for which `actor` pays, or takes out of its account.
    function _payer(address actor) private view returns (uint64) {
        return PARTICIPANTS.authorise(actor, DebtBooks.ACCOUNT_HOLDER).participant();
    }

    /// @dev Carries out what a settlement or a refund moves; takes first, so that other cases' money is never lent.
    function _move(RevenueMoves memory moves) private {
        for (uint256 i = 0; i < ChargeCodes.COUNT; ++i) {
            if (moves.amounts[i] < 0) _pull(moves.accounts[i], uint256(-moves.amounts[i]));
        }
        for (uint256 i = 0; i < ChargeCodes.COUNT; ++i) {
            if (moves.amounts[i] > 0) _push(moves.accounts[i], uint256(moves.amounts[i]));
        }
    }

    /// @dev Takes exactly `amount` by allowance, or reverts.
    function _pull(address from, uint256 amount) private {
        uint256 allowance = TOKEN.allowance(from, address(this));
        if (allowance < amount) revert NotEnoughAllowance(from, allowance, amount);
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(from, address(this), amount);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        if (received != amount) revert TokenTookFee(amount, received);
    }

    /// @dev Gives exactly `amount`, or reverts.
    function _push(address to, uint256 amount) private {
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransfer(to, amount);
        uint256 given = before - TOKEN.balanceOf(address(this));
        if (given != amount) revert TokenTookFee(amount, given);
    }
}
