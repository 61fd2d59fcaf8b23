// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {IDirectory} from "./interfaces/IDirectory.sol";
import {IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {IReleaseSource} from "./interfaces/IReleaseSource.sol";
import {Escrow, EscrowCondition, EscrowState, ITradeEscrow, RequiredDocument} from "./interfaces/ITradeEscrow.sol";
import {EscrowAction, EscrowTransitions} from "./libraries/EscrowTransitions.sol";
import {Anchor, DocumentStatus} from "./types/Document.sol";
import {AlreadyDone, WrongVersion} from "./types/Errors.sol";
import {EscrowReasons} from "./types/EscrowReasons.sol";
import {Roles} from "./types/Roles.sol";

/// @title TradeEscrow
/// @notice Price of the goods between buyer and seller: {ITradeEscrow}.
contract TradeEscrow is ITradeEscrow, ActTarget, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @notice Upper bound of required documents: bits of `presented`.
    uint256 public constant MAX_DOCUMENTS = 16;
    /// @dev A batch has at most 2^20 records.
    uint256 private constant MAX_PATH = 20;
    bytes32 private constant REGISTRY_NAME = "DeclarationRegistry";
    uint32 private constant PARTY = Roles.DECLARANT | Roles.BROKER;
    uint32 private constant ARBITER = Roles.DECLARANT | Roles.BROKER | Roles.CHAMBER | Roles.GUARANTOR | Roles.CARRIER;

    /// @notice Token in which prices are held.
    IERC20 public immutable TOKEN;
    IAuthoritySource private immutable PARTICIPANTS;
    IDocumentRegistry private immutable DOCUMENTS;
    IDirectory private immutable DIRECTORY;

    mapping(bytes32 escrow => Escrow) private _escrows;
    mapping(bytes32 escrow => RequiredDocument[]) private _required;
    mapping(bytes32 escrow => mapping(bytes32 recordId => bool)) private _presented;
    mapping(bytes32 key => bool) private _withdrawn;

    /// @inheritdoc ITradeEscrow
    mapping(uint64 participant => uint128) public balanceOf;

    constructor(
        address forwarder,
        address participants,
        address documents,
        address directory,
        address token
    ) ActTarget(forwarder) {
        if (IERC20Metadata(token).decimals() == 0) revert TokenRefused(token);
        TOKEN = IERC20(token);
        PARTICIPANTS = IAuthoritySource(participants);
        DOCUMENTS = IDocumentRegistry(documents);
        DIRECTORY = IDirectory(directory);
    }

    // ----- opening

    /// @inheritdoc ITradeEscrow
    function openEscrow(
        bytes32 requestId,
        uint64 seller,
        uint64 arbiter,
        EscrowCondition condition,
        uint128 amount,
        uint40 timeout,
        address registry,
        bytes18 mrn,
        RequiredDocument[] calldata required,
        bytes32 evidence
    ) external nonReentrant returns (bytes32 escrow) {
        Escrow memory made;
        made.seller = seller;
        made.arbiter = arbiter;
        made.condition = condition;
        made.amount = amount;
        made.timeout = timeout;
        made.registry = registry;
        made.mrn = mrn;
        escrow = _open(requestId, made, required, evidence);
        _pull(_actor(), amount);
    }

    // ----- paying the seller

    /// @inheritdoc ITradeEscrow
    function payPart(bytes32 escrow, uint32 expectedVersion, uint128 amount, uint16 reason, bytes32 evidence) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.PAY_PART);
        EscrowReasons.requireKnown(reason);
        if (amount == 0) revert ZeroAmount();
        if (amount > held.amount) revert AmountTooLarge(amount, held.amount);
        if (amount == held.amount) held.state = EscrowState.PAID;
        _pay(escrow, held, actor, amount, 0, reason, evidence);
    }

    /// @inheritdoc ITradeEscrow
    function claimRelease(bytes32 escrow, uint32 expectedVersion) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.CLAIM_RELEASE);
        if (held.condition != EscrowCondition.RELEASE) revert WrongCondition(escrow, held.condition);
        if (!_isReleased(held)) revert NotReleased(held.mrn);
        _pay(escrow, held, actor, held.amount, 0, 0, 0);
    }

    /// @inheritdoc ITradeEscrow
    function present(
        bytes32 escrow,
        uint32 expectedVersion,
        uint8 requirement,
        bytes32 recordId,
        Anchor calldata anchor,
        uint32 index,
        bytes32[] calldata path
    ) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.PRESENT);
        if (held.condition != EscrowCondition.DOCUMENTS) revert WrongCondition(escrow, held.condition);
        if (block.timestamp > held.timeout) revert TooLate(held.timeout);
        if (requirement >= held.required) revert UnknownRequirement(requirement);
        uint256 bit = 1 << requirement;
        if (held.presented & bit != 0) revert PresentedBefore(requirement);
        if (_presented[escrow][recordId]) revert RecordPresented(recordId);
        _requireDocument(_required[escrow][requirement], recordId, anchor, index, path);
        _presented[escrow][recordId] = true;
        held.presented |= uint16(bit);
        (held.proposer, held.proposedToSeller) = (0, 0);
        if (held.presented == (1 << held.required) - 1) held.state = EscrowState.PRESENTED;
        emit DocumentPresented(escrow, expectedVersion + 1, actor, requirement, recordId, held.state);
    }

    /// @inheritdoc ITradeEscrow
    function acceptDocuments(bytes32 escrow, uint32 expectedVersion) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.ACCEPT);
        _pay(escrow, held, actor, held.amount, 0, 0, 0);
    }

    // ----- dispute

    /// @inheritdoc ITradeEscrow
    function dispute(bytes32 escrow, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.DISPUTE);
        EscrowReasons.requireKnown(reason);
        if (held.arbiter == 0) revert ArbiterNeeded();
        _pay(escrow, held, actor, 0, 0, reason, evidence);
    }

    /// @inheritdoc ITradeEscrow
    function arbitrate(
        bytes32 escrow,
        uint32 expectedVersion,
        uint128 toSeller,
        uint16 reason,
        bytes32 evidence
    ) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.ARBITRATE);
        EscrowReasons.requireKnown(reason);
        _split(escrow, held, actor, toSeller, reason, evidence);
    }

    // ----- taking it back

    /// @inheritdoc ITradeEscrow
    function refundAfterTimeout(bytes32 escrow, uint32 expectedVersion) external {
        (address actor, Escrow storage held, ) = _step(escrow, expectedVersion, EscrowAction.REFUND);
        if (block.timestamp <= held.timeout) revert TooEarly(held.timeout);
        if (held.condition == EscrowCondition.RELEASE && _isReleased(held)) revert ReleasedAlready(held.mrn);
        _pay(escrow, held, actor, 0, held.amount, 0, 0);
    }

    /// @inheritdoc ITradeEscrow
    function proposeSplit(bytes32 escrow, uint32 expectedVersion, uint128 toSeller) external {
        (address actor, Escrow storage held, uint64 participant) = _step(escrow, expectedVersion, EscrowAction.PROPOSE);
        // an offer is no act on the escrow: else each would outrun the act by which the other gets the price
        held.version = expectedVersion;
        if (held.proposer == participant && held.proposedToSeller == toSeller) revert ProposedBefore(toSeller);
        if (toSeller > held.amount) revert AmountTooLarge(toSeller, held.amount);
        held.proposer = participant;
        held.proposedToSeller = toSeller;
        emit SplitProposed(escrow, expectedVersion, actor, participant, toSeller);
    }

    /// @inheritdoc ITradeEscrow
    function acceptSplit(bytes32 escrow, uint32 expectedVersion, uint128 toSeller) external {
        (address actor, Escrow storage held, uint64 participant) = _step(escrow, expectedVersion, EscrowAction.SPLIT);
        if (held.proposer == 0) revert NoProposal(escrow);
        if (held.proposer == participant) revert NotParty(escrow, participant);
        if (held.proposedToSeller != toSeller) revert OtherProposal(held.proposedToSeller, toSeller);
        _split(escrow, held, actor, toSeller, 0, 0);
    }

    /// @inheritdoc ITradeEscrow
    function withdraw(bytes32 requestId, uint128 amount, address to) external nonReentrant {
        address actor = _actor();
        uint64 participant = PARTICIPANTS.authorise(actor, PARTY).participant();
        bytes32 key = keccak256(abi.encode(participant, requestId));
        if (_withdrawn[key]) revert AlreadyDone(key);
        if (amount == 0) revert ZeroAmount();
        uint128 balance = balanceOf[participant];
        if (amount > balance) revert AmountTooLarge(amount, balance);
        _withdrawn[key] = true;
        balanceOf[participant] = balance - amount;
        emit Withdrawn(participant, key, actor, to, amount);
        _push(to, amount);
    }

    // ----- reading

    /// @inheritdoc ITradeEscrow
    function escrowOf(bytes32 escrow) external view returns (Escrow memory) {
        return _escrows[escrow];
    }

    /// @inheritdoc ITradeEscrow
    function requiredOf(bytes32 escrow) external view returns (RequiredDocument[] memory) {
        return _required[escrow];
    }

    // ----- internals

    function _open(
        bytes32 requestId,
        Escrow memory made,
        RequiredDocument[] calldata required,
        bytes32 evidence
    ) private returns (bytes32 escrow) {
        address actor = _actor();
        made.buyer = PARTICIPANTS.authorise(actor, PARTY).participant();
        escrow = keccak256(abi.encode(made.buyer, requestId));
        if (_escrows[escrow].version != 0) revert AlreadyDone(escrow);
        if (made.amount == 0) revert ZeroAmount();
        if (made.timeout <= block.timestamp) revert BadTimeout(made.timeout, block.timestamp);
        _requireParties(made);
        _requireCondition(made, required.length);
        made.state = EscrowState.FUNDED;
        made.version = 1;
        made.required = uint8(required.length);
        _escrows[escrow] = made;
        for (uint256 i = 0; i < required.length; ++i) {
            _required[escrow].push(required[i]);
        }
        emit EscrowOpened(escrow, 1, actor, made.buyer, made.seller, made, evidence);
        if (required.length != 0) emit DocumentsRequired(escrow, required);
    }

    function _requireParties(Escrow memory made) private view {
        uint40 now_ = uint40(block.timestamp);
        bool distinct = made.seller != made.buyer && made.arbiter != made.buyer && made.arbiter != made.seller;
        bool active =
            PARTICIPANTS.activeAt(made.seller, now_) &&
                (made.arbiter == 0 || PARTICIPANTS.activeAt(made.arbiter, now_));
        if (!distinct || !active) revert BadParties(made.buyer, made.seller, made.arbiter);
    }

    function _requireCondition(Escrow memory made, uint256 documents) private view {
        if (made.condition == EscrowCondition.RELEASE) {
            (bool listed, ) = DIRECTORY.wasListed(REGISTRY_NAME, made.registry);
            if (!listed) revert RegistryNotListed(made.registry);
            if (documents != 0) revert BadRequirements(documents, 0);
        } else {
            if (made.arbiter == 0) revert ArbiterNeeded();
            if (documents == 0 || documents > MAX_DOCUMENTS) revert BadRequirements(documents, MAX_DOCUMENTS);
            if (made.registry != address(0)) revert RegistryNotListed(made.registry);
        }
    }

    /// @dev The escrow, for an act of one who may do it, moved by its table; counts the act.
    function _step(
        bytes32 escrow,
        uint32 expectedVersion,
        EscrowAction action
    ) private returns (address actor, Escrow storage held, uint64 participant) {
        actor = _actor();
        participant = PARTICIPANTS.authorise(actor, action == EscrowAction.ARBITRATE ? ARBITER : PARTY).participant();
        held = _escrows[escrow];
        if (held.version == 0) revert UnknownEscrow(escrow);
        if (!_may(action, held, participant)) revert NotParty(escrow, participant);
        if (held.version != expectedVersion) revert WrongVersion(expectedVersion, held.version);
        (bool allowed, EscrowState to) = EscrowTransitions.next(held.state, action);
        if (!allowed) revert EscrowStateForbids(escrow, held.state);
        held.state = to;
        held.version = expectedVersion + 1;
    }

    function _may(EscrowAction action, Escrow storage held, uint64 participant) private view returns (bool) {
        if (action == EscrowAction.ARBITRATE) return participant == held.arbiter;
        bool buyers = action == EscrowAction.PAY_PART || action == EscrowAction.ACCEPT || action == EscrowAction.REFUND;
        bool sellers = action == EscrowAction.CLAIM_RELEASE || action == EscrowAction.PRESENT;
        return (!sellers && participant == held.buyer) || (!buyers && participant == held.seller);
    }

    function _requireDocument(
        RequiredDocument memory asked,
        bytes32 recordId,
        Anchor calldata anchor,
        uint32 index,
        bytes32[] calldata path
    ) private view {
        uint24 docType = uint24(anchor.h >> 32);
        if (anchor.issuer != asked.issuer || docType != asked.docType) revert WrongDocument(anchor.issuer, docType);
        bool placed = path.length <= MAX_PATH && DOCUMENTS.includes(anchor, recordId, index, path);
        if (!placed) revert NotAnchored(recordId);
        (DocumentStatus status, , ) = DOCUMENTS.status(anchor.issuer, recordId);
        if (status != DocumentStatus.ACTIVE) revert NotInForce(recordId);
    }

    function _isReleased(Escrow storage held) private view returns (bool) {
        return IReleaseSource(held.registry).releasedAt(held.mrn) != 0;
    }

    /// @dev Divides all that is held.
    function _split(
        bytes32 escrow,
        Escrow storage held,
        address actor,
        uint128 toSeller,
        uint16 reason,
        bytes32 evidence
    ) private {
        uint128 amount = held.amount;
        if (toSeller > amount) revert AmountTooLarge(toSeller, amount);
        _pay(escrow, held, actor, toSeller, amount - toSeller, reason, evidence);
    }

    /// @dev The only code by which money leaves an escrow: into the parties' balances. An open proposal lapses.
    function _pay(
        bytes32 escrow,
        Escrow storage held,
        address actor,
        uint128 toSeller,
        uint128 toBuyer,
        uint16 reason,
        bytes32 evidence
    ) private {
        held.amount -= toSeller + toBuyer;
        held.paid += toSeller;
        held.proposer = 0;
        held.proposedToSeller = 0;
        if (toSeller != 0) balanceOf[held.seller] += toSeller;
        if (toBuyer != 0) balanceOf[held.buyer] += toBuyer;
        emit EscrowMoved(escrow, held.version, actor, held.state, toSeller, toBuyer, reason, evidence);
    }

    /// @dev Takes exactly `amount` by allowance, or reverts.
    function _pull(address from, uint256 amount) private {
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
