// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "../types/Document.sol";

/// @notice State of an escrow. Anything that {ITradeEscrow} does not list reverts.
enum EscrowState {
    NONE,
    FUNDED,
    PRESENTED,
    DISPUTED,
    PAID,
    REFUNDED,
    RESOLVED,
    CANCELLED
}

/// @notice What the price waits for.
enum EscrowCondition {
    RELEASE,
    DOCUMENTS
}

/// @notice A document that the seller must present.
/// @param issuer Participant that anchored it.
/// @param docType UNCL 1001 code × 1000 + national subtype.
struct RequiredDocument {
    uint64 issuer;
    uint24 docType;
}

/// @notice An escrow as stored.
/// @param buyer,seller,arbiter Participants; arbiter 0 if none was named (RELEASE only).
/// @param state As in {EscrowState}.
/// @param condition RELEASE of `mrn`, or DOCUMENTS.
/// @param timeout Last second at which the seller may fulfil the condition against the buyer's refund [unix s].
/// @param version Counts acts but proposals, from 1.
/// @param required Number of required documents; `presented` one bit for each.
/// @param amount Still held [minor units].
/// @param paid Paid to the seller so far.
/// @param proposedToSeller Share of `amount` in the open proposal; `proposer` 0: none is open.
struct Escrow {
    uint64 buyer;
    uint64 seller;
    uint64 arbiter;
    EscrowState state;
    EscrowCondition condition;
    uint40 timeout;
    uint32 version;
    uint8 required;
    uint16 presented;
    uint128 amount;
    uint128 paid;
    uint64 proposer;
    uint128 proposedToSeller;
    address registry;
    bytes18 mrn;
}

/// @title ITradeEscrow
/// @notice Price of the goods between buyer and seller, held until goods are released or documents presented.
/// @dev Parties and arbiter are active participants at opening; that each has a key with a role to act, then and later,
///      is theirs to see to. Where an arbiter does not decide any more, both parties still can, by a split. Funds leave
///      only by this table, each time into the balance of a participant, who withdraws it. An open proposal lapses with
///      every other act that moves money or state. Reason codes: {EscrowReasons}.
///
///      | From | Act [who] {guard} | To |
///      |---|---|---|
///      | – | openEscrow [buyer] {tokens in} | FUNDED |
///      | FUNDED, PRESENTED | payPart [buyer] | same, PAID when nothing is left |
///      | FUNDED | claimRelease [seller] {RELEASE; the MRN is released by a listed registry} | PAID |
///      | FUNDED | present [seller] {DOCUMENTS; in time; anchored as asked, in force} | same, PRESENTED with the last |
///      | PRESENTED | acceptDocuments [buyer] | PAID |
///      | FUNDED, PRESENTED | dispute [buyer, seller] {arbiter named} | DISPUTED |
///      | DISPUTED | arbitrate [arbiter] {a split of all} | RESOLVED |
///      | FUNDED | refundAfterTimeout [buyer] {past timeout; MRN not released} | REFUNDED |
///      | FUNDED, PRESENTED, DISPUTED | proposeSplit [buyer, seller] then acceptSplit [the other] | CANCELLED |
///
///      The price is public on the chain: the stated exception of the trust model. Tokens are called last and under a
///      guard; a token that takes a fee on transfer is refused. Only the buyer funds, so nobody can fill an escrow with
///      dust.
interface ITradeEscrow {
    /// @notice The buyer opened and funded an escrow; `terms` is it as stored.
    event EscrowOpened(
        bytes32 indexed escrow,
        uint32 version,
        address actor,
        uint64 indexed buyer,
        uint64 indexed seller,
        Escrow terms,
        bytes32 evidence
    );
    /// @notice The documents that the escrow just opened waits for.
    event DocumentsRequired(bytes32 indexed escrow, RequiredDocument[] required);
    /// @notice The seller presented required document number `requirement`.
    event DocumentPresented(
        bytes32 indexed escrow,
        uint32 version,
        address actor,
        uint8 requirement,
        bytes32 indexed recordId,
        EscrowState state
    );
    /// @notice The escrow moved to `state`; `toSeller` and `toBuyer` left it in this step.
    event EscrowMoved(
        bytes32 indexed escrow,
        uint32 version,
        address actor,
        EscrowState state,
        uint128 toSeller,
        uint128 toBuyer,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice One party proposed to end the escrow with `toSeller` for the seller and the rest for the buyer.
    event SplitProposed(
        bytes32 indexed escrow,
        uint32 version,
        address actor,
        uint64 indexed proposer,
        uint128 toSeller
    );
    /// @notice A participant took money out.
    event Withdrawn(uint64 indexed participant, bytes32 indexed key, address actor, address to, uint128 amount);

    error UnknownEscrow(bytes32 escrow);
    error EscrowStateForbids(bytes32 escrow, EscrowState state);
    error WrongCondition(bytes32 escrow, EscrowCondition condition);
    error NotParty(bytes32 escrow, uint64 actor);
    error BadParties(uint64 buyer, uint64 seller, uint64 arbiter);
    error BadTimeout(uint40 timeout, uint256 now_);
    error ArbiterNeeded();
    error BadRequirements(uint256 count, uint256 limit);
    error ZeroAmount();
    error AmountTooLarge(uint256 amount, uint256 limit);
    error RegistryNotListed(address registry);
    error NotReleased(bytes18 mrn);
    error ReleasedAlready(bytes18 mrn);
    error UnknownRequirement(uint8 requirement);
    error PresentedBefore(uint8 requirement);
    /// @notice Thrown for a record that fulfilled another requirement of this escrow.
    error RecordPresented(bytes32 recordId);
    error WrongDocument(uint64 issuer, uint24 docType);
    error NotAnchored(bytes32 recordId);
    error NotInForce(bytes32 recordId);
    error TooLate(uint40 timeout);
    error TooEarly(uint40 timeout);
    error NoProposal(bytes32 escrow);
    /// @notice Thrown when the party's own open proposal says the same.
    error ProposedBefore(uint128 toSeller);
    error OtherProposal(uint128 proposed, uint128 accepted);
    error TokenTookFee(uint256 asked, uint256 received);
    error TokenRefused(address token);

    /// @notice Opens an escrow and deposits `amount` of the actor's tokens. By a DECLARANT or BROKER key of the buyer.
    /// @param arbiter Participant that decides a dispute; needed with DOCUMENTS.
    /// @param registry Declaration registry whose release counts, with RELEASE; else 0.
    /// @param mrn MRN whose release counts, with RELEASE; else 0.
    /// @param required 1 to 16 documents with DOCUMENTS; else none.
    /// @param evidence Record id of the contract of sale, or 0.
    /// @return escrow `keccak256(abi.encode(participant, requestId))`.
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
    ) external returns (bytes32 escrow);

    /// @notice The buyer pays part of the price out at once.
    function payPart(bytes32 escrow, uint32 expectedVersion, uint128 amount, uint16 reason, bytes32 evidence) external;

    /// @notice The seller takes the price, as the goods are released.
    function claimRelease(bytes32 escrow, uint32 expectedVersion) external;

    /// @notice The seller presents a required document by its place in an anchored batch.
    /// @param requirement Number of the required document, from 0; one record fulfils one.
    /// @param anchor Preimage of the batch's anchor.
    /// @param index Place of the record in its batch, from 0.
    /// @param path RFC 6962 inclusion path, at most 20 hashes.
    function present(
        bytes32 escrow,
        uint32 expectedVersion,
        uint8 requirement,
        bytes32 recordId,
        Anchor calldata anchor,
        uint32 index,
        bytes32[] calldata path
    ) external;

    /// @notice The buyer accepts the documents presented; the seller is paid.
    function acceptDocuments(bytes32 escrow, uint32 expectedVersion) external;

    /// @notice Either party puts the matter to the arbiter.
    function dispute(bytes32 escrow, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice The arbiter splits what is held: `toSeller`, and the rest to the buyer.
    function arbitrate(
        bytes32 escrow,
        uint32 expectedVersion,
        uint128 toSeller,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice The buyer takes the rest back after the timeout.
    function refundAfterTimeout(bytes32 escrow, uint32 expectedVersion) external;

    /// @notice Either party proposes to end the escrow; a later proposal replaces it.
    /// @dev An offer, which leaves the version as it is: nobody keeps another act off by proposing. {acceptSplit} names
    ///      the share that it agrees to.
    function proposeSplit(bytes32 escrow, uint32 expectedVersion, uint128 toSeller) external;

    /// @notice The other party agrees to exactly `toSeller`.
    function acceptSplit(bytes32 escrow, uint32 expectedVersion, uint128 toSeller) external;

    /// @notice Takes tokens out of the balance of the actor's participant. DECLARANT or BROKER key.
    function withdraw(bytes32 requestId, uint128 amount, address to) external;

    /// @notice An escrow as stored. `version` 0: unknown.
    function escrowOf(bytes32 escrow) external view returns (Escrow memory);

    /// @notice The documents asked for.
    function requiredOf(bytes32 escrow) external view returns (RequiredDocument[] memory);

    /// @notice What a participant may withdraw [minor units].
    function balanceOf(uint64 participant) external view returns (uint128);
}
