// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor, DocumentAction, DocumentStatus} from "../types/Document.sol";

/// @title IDocumentRegistry
/// @notice Which batches of trade documents were anchored, by whom and when, and which records are in force.
/// @dev Warning: anchoring proves that bytes existed and who presented them, not that they are true.
///      Assumes: validators keep `block.timestamp` within the bound given in SECURITY.md.
///      Frozen storage: slot 0 `mapping(uint256 issuer => mapping(uint256 seq => bytes32 anchor))`,
///      slot 1 `mapping(uint256 issuer => mapping(bytes32 recordId => mapping(uint256 page => uint256 word)))`.
///      Status word of a page: `count u16 << 240`, then five changes of `time u40 ‖ state u8` at bit 48n, the state in
///      the low 8 bits. `count` of page 0 is the record's number of changes; of a later page it is 0.
interface IDocumentRegistry {
    /// @notice Emitted once per batch. `h` as in {Anchor}; the time is the block's.
    event Anchored(uint256 indexed issuer, uint256 h, bytes32 root, bytes32 manifest);
    /// @notice A record's status changed. `evidence` of SUPERSEDED is the id of the record that takes its place.
    event StatusChanged(
        uint256 indexed issuer,
        bytes32 indexed recordId,
        uint32 version,
        DocumentStatus status,
        address actor,
        uint16 reason,
        bytes32 evidence
    );
    /// @notice The issuer let somebody in: `grant` is the SHA-256 of a block of sealed stanzas.
    event AccessGranted(uint256 indexed issuer, bytes32 grant);

    /// @notice The issuer ordered the document behind a record to be erased on every replica. The record id stays, and
    ///         whoever holds a proof can still check it.
    event ErasureOrdered(
        uint256 indexed issuer,
        bytes32 indexed recordId,
        address actor,
        uint16 reason,
        bytes32 evidence
    );

    /// @notice `sequence` is 0, or its predecessor is missing.
    error SequenceGap(uint64 issuer, uint40 sequence);
    /// @notice The issuer has anchored under `sequence` before.
    error SequenceTaken(uint64 issuer, uint40 sequence);
    /// @notice A batch holds 1 to 2^20 records, and a head has 96 bits.
    error BadHead(uint256 head);
    /// @notice A root or manifest of zero.
    error BadDigest();
    /// @notice The actor belongs neither to the issuer nor, where allowed, to its supervising authority.
    error NotIssuer(uint64 participant, uint64 issuer);
    /// @notice The table of domain guide 4.8 has no such transition.
    error NoTransition(DocumentStatus from, DocumentAction action);
    /// @notice A record cannot be replaced by itself or by nothing.
    error BadSuccessor(bytes32 recordId, bytes32 byRecord);
    /// @notice Declaration `caseId` of `registry` needs the record until `until` [unix s]: it is open, appealed against
    ///         or audited (the largest instant), or its retention period has not passed.
    error RecordNeeded(bytes32 recordId, address registry, uint64 caseId, uint40 until);
    /// @notice A record keeps at most 65,535 changes.
    error StatusFull(bytes32 recordId);

    // ----- acts

    /// @notice Anchors a batch in the name of the actor's participant, which must be accredited for its document type.
    ///         [ISSUER, SERVICE_ANCHOR]
    /// @dev The first sequence number is 1. Type 0 needs no accreditation. Reverts {SequenceGap}, {SequenceTaken},
    ///      {BadHead}, {BadDigest}, `NotAuthorised`, `NotAccredited`.
    /// @param head `seq u40 << 56 | docType u24 << 32 | size u32`.
    /// @param root RFC 6962 root over the batch's record ids.
    /// @param manifest SHA-256 of the batch's manifest.
    function anchor(uint256 head, bytes32 root, bytes32 manifest) external;

    /// @notice Suspends a record. [issuer or its supervising authority]
    /// @param issuer Participant that issued the record.
    /// @param expectedVersion Number of changes so far.
    /// @param reason One of {Reasons}.
    /// @param evidence Record id of the decision's document, or 0.
    function suspend(uint64 issuer, bytes32 recordId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Ends a suspension. One made by the supervising authority only that authority ends.
    function reinstate(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external;

    /// @notice Revokes a record for ever. [issuer or its supervising authority]
    function revoke(uint64 issuer, bytes32 recordId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external;

    /// @notice Puts `byRecord` in a record's place. [issuer]
    function supersede(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 byRecord
    ) external;

    /// @notice Tells that the grant block with this SHA-256 lets somebody in to the actor's participant's documents.
    ///         [issuer] The hash is its own request id: a repeat reverts {AlreadyDone}.
    function grantAccess(bytes32 grant) external;

    /// @notice Orders the erasure of the document behind a record of the actor's participant. [issuer]
    /// @dev Refused while a declaration that cites the record needs it, see {IRecordKeeping}; asked of every
    ///      declaration registry that the Directory ever listed. Once for each record: a repeat reverts {AlreadyDone}.
    ///      The status of the record is another matter: see {revoke}.
    /// @param reason One of {Reasons}: DATA_SUBJECT, OWN_REQUEST, LAW, …
    function orderErasure(bytes32 recordId, uint16 reason, bytes32 evidence) external;

    // ----- reading

    /// @notice The stored word of an anchor; zero if there is none.
    function anchorWord(uint64 issuer, uint40 sequence) external view returns (bytes32);

    /// @notice A status page, packed as above.
    function statusPage(uint64 issuer, bytes32 recordId, uint256 page) external view returns (uint256);

    /// @notice Status now, since when (0: as issued), and the number of changes.
    function status(
        uint64 issuer,
        bytes32 recordId
    ) external view returns (DocumentStatus state, uint40 since, uint32 version);

    /// @notice Status at `instant`: that of the last change with time ≤ `instant`.
    function statusAt(
        uint64 issuer,
        bytes32 recordId,
        uint40 instant
    ) external view returns (DocumentStatus state, uint40 since);

    /// @notice {statusAt} of many records of one issuer, in their order; each as in a status page.
    /// @return changes `since u40 << 8 | state u8` of each.
    function statusesAt(
        uint64 issuer,
        bytes32[] calldata recordIds,
        uint40 instant
    ) external view returns (uint48[] memory changes);

    /// @notice Whether the ledger holds exactly this anchor.
    function isAnchored(Anchor calldata anchor_) external view returns (bool);

    /// @notice Whether the ledger holds `anchor_` and its batch holds `recordId` at `index`.
    /// @param path RFC 6962 inclusion path, leaf to root.
    function includes(
        Anchor calldata anchor_,
        bytes32 recordId,
        uint32 index,
        bytes32[] calldata path
    ) external view returns (bool);

    /// @notice When the issuer ordered a record's document to be erased [unix s]; 0: it did not.
    function erasureOrderedAt(uint64 issuer, bytes32 recordId) external view returns (uint40);

    /// @notice Whether this grant was told by `issuer`.
    function isGranted(uint64 issuer, bytes32 grant) external view returns (bool);
}
