"""Sealing documents into a batch: records, envelopes, tiles and the manifest, all CIDs computed here.

A batch is sealed while it is read: `BatchSealer.blocks` yields each block once and keeps 64 bytes a tile of 256, so a
million documents and a file of 2 GiB take little memory. The batch's key-encryption keys live as long as the sealer.
"""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain import merkle
from ledger.domain.cid import DAG_PB, RAW, cid_text, raw_cid
from ledger.domain.dagpb import Link
from ledger.domain.envelope import envelope_head
from ledger.domain.errors import LimitExceeded
from ledger.domain.fields import malformed
from ledger.domain.ids import Cid, Digest32, DocumentType, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_BATCH, MAX_RECIPIENTS, MAX_RECORD_PART_BYTES, TILE_LEAVES
from ledger.domain.manifest import Manifest, TileRef, encode_manifest
from ledger.domain.part import KEY_BYTES, Kind, seal_part, sealed_bytes
from ledger.domain.record import CONTENT, Opening, Record
from ledger.domain.recording import Recorded, RecordMaker
from ledger.domain.tile import encode_tile
from ledger.domain.unixfs import LEAF_BYTES, FileBuilder
from ledger.domain.wrap import (
    RECORD_AND_CONTENT,
    DocumentKeys,
    Rights,
    kek_info,
    plain_keys,
    seal_kek,
    wrap_keys,
    wrap_prefix,
)
from ledger.ports.clock import Clock
from ledger.ports.content_store import Pin
from ledger.services.contents import Content, content_of


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who may read a batch.

    Attributes:
        public_key: The X25519 key that it has on chain at a final block, 32 bytes.
        rights: The record alone, or record and content.
    """

    public_key: bytes
    rights: Rights = RECORD_AND_CONTENT


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """One document to be sealed.

    Attributes:
        content: Its bytes, or the file that holds them.
        media_type: Lower-case media type; JSON documents are hashed by value, all others byte by byte.
        claims: Further claims as (name, value): `number`, `ref.ucr`, `field:/items/0/netMass`, …
        valid_from: First second in force [unix s]; None: when it is sealed.
        valid_until: Last second in force [unix s]; None: no end.
        measured: The content as `content_of` found it, where that was asked before: it is not read twice for it.
    """

    content: bytes | Path
    media_type: str
    claims: Sequence[tuple[str, Any]] = ()
    valid_from: int | None = None
    valid_until: int | None = None
    measured: Content | None = None


class SealedDocument(NamedTuple):
    """What sealing one document gave.

    Attributes:
        leaf: Its index in the batch.
        recorded: Its record and openings, as they were written; secret.
        envelope: CID of its envelope.
        content: What was sealed, as it was given: bytes, or the file that holds them.
    """

    leaf: int
    recorded: Recorded
    envelope: Cid
    content: bytes | Path

    @property
    def record_id(self) -> RecordId:
        """Its id."""
        return self.recorded.record_id

    @property
    def record(self) -> Record:
        """Its record."""
        return self.recorded.record

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Openings of all its claims; secret."""
        return self.recorded.openings


class BatchSealer:
    """Seals one batch, once.

    Attributes:
        size: Documents sealed so far.
        manifest: The manifest; None before all blocks were read.
    """

    def __init__(
        self,
        *,
        ledger: LedgerId,
        issuer: ParticipantId,
        issuer_key: bytes,
        document_type: DocumentType,
        recipients: Sequence[Recipient],
        clock: Clock,
        random: Callable[[int], bytes] = os.urandom,
        on_sealed: Callable[[SealedDocument], None] = lambda _: None,
    ) -> None:
        """Draw the batch's keys and seal them to its recipients.

        Args:
            ledger: Ledger id.
            issuer: Participant that issues.
            issuer_key: The issuer's own X25519 public key: slot 0, with all rights.
            document_type: Type of all documents in the batch.
            recipients: Who else may read, as slots 1, 2, …
            clock: Gives the time of issue.
            random: Source of random bytes; another than `os.urandom` only to make golden vectors.
            on_sealed: Told of each document once its blocks were yielded.

        Raises:
            Malformed: A public key of low order, or too many recipients.
        """
        slots = [Recipient(issuer_key), *recipients]
        if len(slots) > MAX_RECIPIENTS:
            raise malformed("length", "/recipients", f"more than {MAX_RECIPIENTS - 1} recipients")
        self.size = 0
        self.manifest: Manifest | None = None
        self._is_begun = False
        self._ledger, self._issuer = ledger, issuer
        self._maker = RecordMaker(ledger, issuer, document_type, random)
        self._clock, self._random, self._on_sealed = clock, random, on_sealed
        self._batch_id = random(32)
        info = kek_info(ledger, issuer, self._batch_id)
        keks = [random(KEY_BYTES) for _ in slots]
        self._slots = tuple(
            [seal_kek(one.public_key, info, kek, ephemeral=random(32)) for one, kek in zip(slots, keks, strict=True)]
        )
        self._wraps = [
            (AESGCM(kek), wrap_prefix(slot, one.rights), bool(one.rights & Rights.CONTENT))
            for slot, (one, kek) in enumerate(zip(slots, keks, strict=True))
        ]
        self._tile_ids: list[bytes] = []
        self._tile_links: list[Link] = []
        self._tiles: list[TileRef] = []

    def blocks(self, documents: Iterable[DocumentInput]) -> Iterator[tuple[Cid, bytes]]:
        """Yield all blocks of the batch, each envelope before its tile, the manifest last.

        Once only: what is wrapped has its place in the batch as its nonce, and a second document in a place would share
        that nonce with the first.

        Raises:
            Malformed: No document, claims that no reader accepts, or a file that changed while it was read.
            LimitExceeded: Too many documents, or one that is too large.
        """
        if self._is_begun:
            raise RuntimeError("a batch is sealed once; begin another")
        self._is_begun = True
        for document in documents:
            if self.size == MAX_BATCH:
                raise LimitExceeded("batch", MAX_BATCH)
            for cid, block in self._seal(document):
                yield cid_text(cid), block
            if len(self._tile_ids) == TILE_LEAVES:
                yield self._close_tile()
        if self.size == 0:
            raise malformed("length", "/documents", "a batch has at least one document")
        if self._tile_ids:
            yield self._close_tile()
        self.manifest = Manifest(self._ledger, self._issuer, self._batch_id, self.size, self._slots, tuple(self._tiles))
        block = encode_manifest(self.manifest)
        yield raw_cid(sha256(block).digest()), block

    def pins(self) -> Iterator[Pin]:
        """What keeps the batch: manifest and tiles; to be read after `blocks`."""
        if self.manifest is None:
            raise RuntimeError("pins are known once all blocks were read")
        yield Pin(raw_cid(sha256(encode_manifest(self.manifest)).digest()), recursive=True)
        for tile in self.manifest.tiles:
            yield Pin(tile.cid, recursive=True)

    def _seal(self, document: DocumentInput) -> Iterator[tuple[bytes, bytes]]:
        """Yield the envelope's blocks."""
        now = self._clock.now()
        content = document.measured or content_of(document.content, document.media_type)
        made = self._maker.make(
            ((CONTENT, content.claim), *document.claims),
            issued_at=now,
            valid_from=now if document.valid_from is None else document.valid_from,
            valid_until=document.valid_until,
        )
        keys = self._random(2 * KEY_BYTES)
        text = made.part_text
        if len(text) > MAX_RECORD_PART_BYTES:
            raise LimitExceeded("record and openings", MAX_RECORD_PART_BYTES)
        record_part = seal_part(keys[:KEY_BYTES], Kind.RECORD, text)
        head = envelope_head(self._stanzas(made.record_id, keys), record_part)
        if len(head) + sealed_bytes(content.length) <= LEAF_BYTES:
            block = head + b"".join(content.seal(keys[KEY_BYTES:]))
            link = Link(RAW + sha256(block).digest(), len(block))
            yield link.cid, block
        else:
            link = yield from _unixfs(head, content, keys[KEY_BYTES:])
        self._tile_ids.append(made.record_id)
        self._tile_links.append(link)
        self._on_sealed(SealedDocument(self.size, made, cid_text(link.cid), document.content))
        self.size += 1

    def _stanzas(self, identity: RecordId, keys: bytes) -> list[bytes]:
        record_alone = plain_keys(DocumentKeys(keys[:KEY_BYTES], None))
        return [
            wrap_keys(kek, prefix, self.size, identity, keys if whole else record_alone)
            for kek, prefix, whole in self._wraps
        ]

    def _close_tile(self) -> tuple[Cid, bytes]:
        block = encode_tile(len(self._tiles) * TILE_LEAVES, self._tile_ids, self._tile_links)
        digest = Digest32(sha256(block).digest())
        self._tiles.append(TileRef(Digest32(merkle.root(self._tile_ids)), digest))
        self._tile_ids, self._tile_links = [], []
        return cid_text(DAG_PB + digest), block


def _unixfs(head: bytes, content: Content, key: bytes) -> Generator[tuple[bytes, bytes], None, Link]:
    """Yield the blocks of a large envelope; return the link to it."""
    builder = FileBuilder()
    waiting = bytearray(head)
    for piece in content.seal(key):
        waiting += piece
        while len(waiting) >= LEAF_BYTES:
            leaf = bytes(waiting[:LEAF_BYTES])
            del waiting[:LEAF_BYTES]
            yield builder.add(leaf), leaf
    if waiting:
        yield builder.add(bytes(waiting)), bytes(waiting)
    link, nodes = builder.finish()
    yield from nodes
    return link


@dataclass(frozen=True)
class SealedBatch:
    """A batch sealed in memory.

    Attributes:
        documents: What sealing each document gave, by leaf.
        manifest: The manifest.
        manifest_digest: SHA-256 of its block: what is anchored.
        root: RFC 6962 root: what is anchored.
        ipfs_blocks: All blocks, each envelope before its tile, the manifest last.
        roots: What keeps them.
    """

    documents: list[SealedDocument]
    manifest: Manifest
    manifest_digest: Digest32
    root: Digest32
    ipfs_blocks: list[tuple[Cid, bytes]] = field(repr=False)
    roots: list[Pin] = field(repr=False)

    def blocks(self) -> list[tuple[Cid, bytes]]:
        """All blocks, for `ContentStore.put_batch`."""
        return self.ipfs_blocks

    def pins(self) -> list[Pin]:
        """Its roots, for `ContentStore.put_batch`."""
        return self.roots


def seal_batch(
    documents: Iterable[DocumentInput],
    *,
    ledger: LedgerId,
    issuer: ParticipantId,
    issuer_key: bytes,
    document_type: DocumentType,
    recipients: Sequence[Recipient],
    clock: Clock,
    random: Callable[[int], bytes] = os.urandom,
) -> SealedBatch:
    """Seal a batch that fits in memory; arguments and errors as `BatchSealer`."""
    sealed: list[SealedDocument] = []
    sealer = BatchSealer(
        ledger=ledger,
        issuer=issuer,
        issuer_key=issuer_key,
        document_type=document_type,
        recipients=recipients,
        clock=clock,
        random=random,
        on_sealed=sealed.append,
    )
    blocks = list(sealer.blocks(documents))
    manifest = sealer.manifest
    if manifest is None:
        raise RuntimeError("all blocks were read, so there is a manifest")
    digest = Digest32(sha256(blocks[-1][1]).digest())
    return SealedBatch(sealed, manifest, digest, manifest.root, blocks, list(sealer.pins()))
