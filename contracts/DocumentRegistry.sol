// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActTarget} from "./ActTarget.sol";
import {IAuthoritySource} from "./interfaces/IAuthoritySource.sol";
import {IDirectory, Listing} from "./interfaces/IDirectory.sol";
import {IDocumentRegistry} from "./interfaces/IDocumentRegistry.sol";
import {IRecordKeeping} from "./interfaces/IRecordKeeping.sol";
import {Acts} from "./libraries/Acts.sol";
import {DocumentLifecycle} from "./libraries/DocumentLifecycle.sol";
import {MerkleTree} from "./libraries/MerkleTree.sol";
import {StatusPages} from "./libraries/StatusPages.sol";
import {Anchor, DocumentAction, DocumentStatus} from "./types/Document.sol";
import {AlreadyDone} from "./types/Errors.sol";
import {Reasons} from "./types/Reasons.sol";
import {Roles} from "./types/Roles.sol";

/// @title DocumentRegistry
/// @notice See {IDocumentRegistry}.
/// @dev Storage slots are frozen: see the interface.
contract DocumentRegistry is IDocumentRegistry, ActTarget {
    using StatusPages for mapping(uint256 => StatusPages.Page);

    /// @dev One member: a pointer to the word is worked out once for its read and its write.
    struct Word {
        bytes32 value;
    }

    /// @dev Personal roles of those who issue documents, or supervise who does. Service keys are not among them.
    uint32 private constant ANY_STATUS =
        Roles.ISSUER |
            Roles.OGA |
            Roles.CHAMBER |
            Roles.CARRIER_ISSUER |
            Roles.DECLARANT |
            Roles.CUSTOMS_OFFICER |
            Roles.CUSTOMS_APPEAL;
    bytes32 private constant DECLARATIONS = "DeclarationRegistry";
    uint256 private constant MAX_BATCH = 1 << 20;

    mapping(uint256 issuer => mapping(uint256 seq => Word)) private _anchors;
    mapping(uint256 issuer => mapping(bytes32 recordId => mapping(uint256 page => StatusPages.Page))) private _pages;
    mapping(bytes32 key => bool) private _granted;
    mapping(bytes32 key => uint40 instant) private _erased;

    IAuthoritySource private immutable PARTICIPANTS;
    IDirectory private immutable DIRECTORY;

    constructor(address forwarder, IAuthoritySource participants, IDirectory directory) ActTarget(forwarder) {
        PARTICIPANTS = participants;
        DIRECTORY = directory;
    }

    /// @inheritdoc IDocumentRegistry
    function anchor(uint256 head, bytes32 root, bytes32 manifest) external {
        unchecked {
            // A size of 0 wraps round and is too large.
            if (uint256(uint32(head)) - 1 >= MAX_BATCH || head >> 96 != 0) revert BadHead(head);
        }
        if (root == 0 || manifest == 0) revert BadDigest();
        address key = _actor();
        uint256 issuer = PARTICIPANTS.authoriseAnchor(key, uint24(head >> 32));
        uint256 h = (uint256(uint160(key)) << 96) | head;
        uint256 seq = head >> 56;

        mapping(uint256 => Word) storage anchors = _anchors[issuer];
        unchecked {
            // Before 0 stands the largest number, which no anchor has: 0 is a gap too.
            if (seq != 1 && anchors[seq - 1].value == 0) revert SequenceGap(uint64(issuer), uint40(seq));
        }
        Word storage word = anchors[seq];
        if (word.value != 0) revert SequenceTaken(uint64(issuer), uint40(seq));
        word.value = keccak256(abi.encode(issuer, h, root, manifest, block.timestamp));
        emit Anchored(issuer, h, root, manifest);
    }

    /// @inheritdoc IDocumentRegistry
    function suspend(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        _change(issuer, recordId, expectedVersion, DocumentAction.SUSPEND, reason, evidence);
    }

    /// @inheritdoc IDocumentRegistry
    function reinstate(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 evidence
    ) external {
        _change(issuer, recordId, expectedVersion, DocumentAction.REINSTATE, reason, evidence);
    }

    /// @inheritdoc IDocumentRegistry
    function revoke(uint64 issuer, bytes32 recordId, uint32 expectedVersion, uint16 reason, bytes32 evidence) external {
        _change(issuer, recordId, expectedVersion, DocumentAction.REVOKE, reason, evidence);
    }

    /// @inheritdoc IDocumentRegistry
    function supersede(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        uint16 reason,
        bytes32 byRecord
    ) external {
        if (byRecord == 0 || byRecord == recordId) revert BadSuccessor(recordId, byRecord);
        _change(issuer, recordId, expectedVersion, DocumentAction.SUPERSEDE, reason, byRecord);
    }

    /// @inheritdoc IDocumentRegistry
    function grantAccess(bytes32 grant) external {
        if (grant == 0) revert BadDigest();
        uint64 issuer = PARTICIPANTS.authorise(_actor(), ANY_STATUS).participant();
        bytes32 key = Acts.key(issuer, grant);
        if (_granted[key]) revert AlreadyDone(key);
        _granted[key] = true;
        emit AccessGranted(issuer, grant);
    }

    /// @inheritdoc IDocumentRegistry
    function orderErasure(bytes32 recordId, uint16 reason, bytes32 evidence) external {
        Reasons.requireKnown(reason);
        address actor = _actor();
        uint64 issuer = PARTICIPANTS.authorise(actor, ANY_STATUS).participant();
        bytes32 key = Acts.key(issuer, recordId);
        if (_erased[key] != 0) revert AlreadyDone(key);
        _requireUnneeded(issuer, recordId);
        _erased[key] = uint40(block.timestamp);
        emit ErasureOrdered(issuer, recordId, actor, reason, evidence);
    }

    /// @inheritdoc IDocumentRegistry
    function anchorWord(uint64 issuer, uint40 sequence) external view returns (bytes32) {
        return _anchors[issuer][sequence].value;
    }

    /// @inheritdoc IDocumentRegistry
    function statusPage(uint64 issuer, bytes32 recordId, uint256 page) external view returns (uint256) {
        return _pages[issuer][recordId][page].word;
    }

    /// @inheritdoc IDocumentRegistry
    function status(
        uint64 issuer,
        bytes32 recordId
    ) external view returns (DocumentStatus state, uint40 since, uint32 version) {
        mapping(uint256 => StatusPages.Page) storage pages = _pages[issuer][recordId];
        version = uint32(pages.count());
        if (version != 0) (state, since) = pages.change(version - 1);
    }

    /// @inheritdoc IDocumentRegistry
    function statusAt(
        uint64 issuer,
        bytes32 recordId,
        uint40 instant
    ) external view returns (DocumentStatus state, uint40 since) {
        return _pages[issuer][recordId].statusAt(instant);
    }

    /// @inheritdoc IDocumentRegistry
    function statusesAt(
        uint64 issuer,
        bytes32[] calldata recordIds,
        uint40 instant
    ) external view returns (uint48[] memory changes) {
        mapping(bytes32 => mapping(uint256 => StatusPages.Page)) storage records = _pages[issuer];
        changes = new uint48[](recordIds.length);
        for (uint256 i = 0; i < recordIds.length; ++i) {
            (DocumentStatus state, uint40 since) = records[recordIds[i]].statusAt(instant);
            changes[i] = (uint48(since) << 8) | uint8(state);
        }
    }

    /// @inheritdoc IDocumentRegistry
    function isAnchored(Anchor calldata anchor_) external view returns (bool) {
        return _isAnchored(anchor_);
    }

    /// @inheritdoc IDocumentRegistry
    function includes(
        Anchor calldata anchor_,
        bytes32 recordId,
        uint32 index,
        bytes32[] calldata path
    ) external view returns (bool) {
        return _isAnchored(anchor_) && MerkleTree.includes(anchor_.root, recordId, index, uint32(anchor_.h), path);
    }

    /// @inheritdoc IDocumentRegistry
    function isGranted(uint64 issuer, bytes32 grant) external view returns (bool) {
        return _granted[Acts.key(issuer, grant)];
    }

    /// @inheritdoc IDocumentRegistry
    function erasureOrderedAt(uint64 issuer, bytes32 recordId) external view returns (uint40) {
        return _erased[Acts.key(issuer, recordId)];
    }

    /// @dev Asks every registry of declarations that there is or was: a retired one keeps its cases' documents.
    function _requireUnneeded(uint64 issuer, bytes32 recordId) private view {
        uint256 count = DIRECTORY.versionCount(DECLARATIONS);
        Listing[] memory registries = DIRECTORY.versions(DECLARATIONS, 0, count);
        for (uint256 i = 0; i < registries.length; ++i) {
            address registry = registries[i].contract_;
            (uint64 caseId, uint40 until) = IRecordKeeping(registry).keptUntil(issuer, recordId);
            if (until >= block.timestamp) revert RecordNeeded(recordId, registry, caseId, until);
        }
    }

    function _isAnchored(Anchor calldata a) private view returns (bool) {
        return
            _anchors[a.issuer][uint40(a.h >> 56)].value ==
            keccak256(abi.encode(uint256(a.issuer), a.h, a.root, a.manifest, a.time));
    }

    /// @dev Checks who, what is expected, and the table; then appends and tells.
    function _change(
        uint64 issuer,
        bytes32 recordId,
        uint32 expectedVersion,
        DocumentAction action,
        uint16 reason,
        bytes32 evidence
    ) private {
        Reasons.requireKnown(reason);
        address actor = _actor();
        bool byAuthority = _requireIssuer(actor, issuer);

        mapping(uint256 => StatusPages.Page) storage pages = _pages[issuer][recordId];
        StatusPages.Page storage first = pages[0];
        uint256 word = first.word;
        Acts.requireVersion(expectedVersion, word >> 240);
        if (expectedVersion == StatusPages.MAX_CHANGES) revert StatusFull(recordId);
        DocumentStatus from = DocumentStatus.ACTIVE;
        if (expectedVersion != 0) (from, ) = pages.change(expectedVersion - 1);
        (bool found, DocumentStatus to) = DocumentLifecycle.next(from, action, byAuthority);
        if (!found) revert NoTransition(from, action);

        pages.append(first, word, to);
        unchecked {
            emit StatusChanged(issuer, recordId, expectedVersion + 1, to, actor, reason, evidence);
        }
    }

    /// @dev Whether the actor acts as the issuer's supervising authority; reverts {NotIssuer} if as neither.
    function _requireIssuer(address actor, uint64 issuer) private view returns (bool byAuthority) {
        uint64 participant = PARTICIPANTS.authorise(actor, ANY_STATUS).participant();
        byAuthority = participant != issuer;
        if (byAuthority && PARTICIPANTS.supervisorOf(issuer) != participant) revert NotIssuer(participant, issuer);
    }
}
