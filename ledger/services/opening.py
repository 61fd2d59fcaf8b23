"""Opening documents of a batch: manifest → tile → envelope → record and content.

Each step is checked against the one before: the manifest by its digest on chain, a tile by the manifest, an envelope by
its CID, a record by its id, a content by its claim. Proofs need the manifest and one tile, and no key.
"""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from ledger.domain.cid import cid_bytes, cid_text, raw_cid
from ledger.domain.envelope import MAX_ENVELOPE_BYTES, EnvelopeReader, parse_record_part
from ledger.domain.errors import LimitExceeded, NotFound, NotOpened, Tampered, Unavailable
from ledger.domain.ids import Cid, Digest32, RecordId
from ledger.domain.integrity import matches
from ledger.domain.limits import (
    MAX_DOCUMENT_BYTES,
    MAX_IPFS_BLOCK_BYTES,
    MAX_RECORD_PART_BYTES,
    MAX_UPLOAD_BYTES,
    TILE_LEAVES,
)
from ledger.domain.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from ledger.domain.part import Kind, open_part, open_stream, sealed_bytes
from ledger.domain.proof import AnchorRef, Proof
from ledger.domain.proof import Path as InclusionPath
from ledger.domain.record import CONTENT, Opening, Record, is_json, record_id
from ledger.domain.tile import MAX_TILE_BYTES, Tile, parse_tile
from ledger.domain.unixfs import file_bytes, read_file
from ledger.domain.wrap import DocumentKeys, Rights, kek_info, open_kek, unwrap_keys
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """One document, opened and checked.

    Attributes:
        record_id: Its id.
        record: Its record.
        openings: Openings of all its claims.
        rights: What the key at hand may see.
        content: The document's bytes; None without the right, or if they were written to a file instead.
    """

    record_id: RecordId
    record: Record
    openings: tuple[Opening, ...]
    rights: Rights
    content: bytes | None


class BatchReader:
    """Reads one batch from a content store; keeps its manifest, one tile and the key-encryption key in memory.

    Attributes:
        manifest: The batch's manifest.
    """

    def __init__(self, store: ContentStore, manifest_digest: Digest32) -> None:
        """Fetch the manifest whose digest is on chain; raises as `read_block`, or `Malformed`."""
        self._store = store
        self.manifest = parse_manifest(read_block(store, raw_cid(manifest_digest), max_bytes=MAX_MANIFEST_BYTES))
        self._tile: tuple[int, Tile] | None = None
        self._kek: tuple[KeyRing, int, bytes] | None = None

    def record_id(self, index: int) -> RecordId:
        """Record id of a leaf."""
        tile = self.tile(index)
        return tile.record_ids[index - tile.first]

    def envelope(self, index: int) -> Cid:
        """CID of a leaf's envelope."""
        tile = self.tile(index)
        return cid_text(tile.envelopes[index - tile.first].cid)

    def path(self, index: int) -> InclusionPath:
        """Inclusion path of a leaf, from the manifest and one tile."""
        return self.manifest.path(index, self.tile(index))

    def tile(self, index: int) -> Tile:
        """The tile that holds a leaf, checked against the manifest. Raises `NotFound` past the batch's end."""
        if not 0 <= index < self.manifest.size:
            raise NotFound("leaf", f"{index} in a batch of {self.manifest.size}")
        number = index // TILE_LEAVES
        if self._tile is None or self._tile[0] != number:
            tile = parse_tile(read_block(self._store, self.manifest.tiles[number].cid, max_bytes=MAX_TILE_BYTES))
            self.manifest.check_tile(number, tile)
            self._tile = (number, tile)
        return self._tile[1]

    def keys(self, index: int, keyring: KeyRing) -> tuple[DocumentKeys, Rights]:
        """Keys of a document, for opening it or granting it.

        Raises:
            NotOpened: No key of the ring is a recipient of the batch, or the stanza is not of this document.
        """
        return self.keys_in(self._read_envelope(self.envelope(index)), index, keyring)

    def keys_in(self, envelope: EnvelopeReader, index: int, keyring: KeyRing) -> tuple[DocumentKeys, Rights]:
        """`keys`, from an envelope that was just begun to be read and that can be opened afterwards."""
        slot, kek = self._find_kek(keyring)
        if slot not in envelope.stanzas:
            raise NotOpened(f"the document has no stanza for slot {slot}")
        return unwrap_keys(kek, index, self.record_id(index), envelope.stanzas[slot])

    def open(self, index: int, keyring: KeyRing, *, max_bytes: int = MAX_UPLOAD_BYTES) -> OpenedDocument:
        """Open a document into memory; `max_bytes` bounds its content.

        Raises:
            NotOpened: These keys do not open it.
            Tampered: What was sealed is not what record id and claims say.
            LimitExceeded, Malformed, NotFound, Unavailable: As the store and the formats say.
        """
        envelope = self._read_envelope(self.envelope(index))
        keys, rights = self.keys_in(envelope, index, keyring)
        return self.checked(open_envelope(envelope, self.record_id(index), keys, rights, max_bytes=max_bytes))

    def open_to_file(self, index: int, keyring: KeyRing, target: Path) -> OpenedDocument:
        """Open a document of any size into a file, in constant memory; raises as `open` and `save_envelope`."""
        envelope = self._read_envelope(self.envelope(index))
        keys, rights = self.keys_in(envelope, index, keyring)
        return save_envelope(envelope, self.record_id(index), keys, rights, target, self.manifest)

    def require_anchored(self, anchor: AnchorRef) -> None:
        """Return if this is the batch that the anchor is of, by the issuer that it names. Raises `Tampered` if not.

        Anybody may put the root and the manifest of another's batch on chain, in its own name.
        """
        if (self.manifest.root, self.manifest.issuer) != (anchor.root, anchor.issuer):
            raise Tampered("the manifest is not of the batch that was anchored")

    def require_recipient(self, keyring: KeyRing) -> None:
        """Return if a key of the ring is a recipient of the batch. Raises `NotOpened` if none is."""
        self._find_kek(keyring)

    def checked(self, opened: OpenedDocument) -> OpenedDocument:
        """The same document. Raises `Tampered` if its record names another ledger or issuer than this batch."""
        _require_of(self.manifest, opened.record)
        return opened

    def _read_envelope(self, cid: Cid) -> EnvelopeReader:
        return read_envelope(self._store, cid)

    def _find_kek(self, keyring: KeyRing) -> tuple[int, bytes]:
        """The first slot that any key of the ring opens, newest key first."""
        if self._kek is None or self._kek[0] is not keyring:
            self._kek = (keyring, *find_kek(self.manifest, keyring))
        return self._kek[1], self._kek[2]


def find_kek(manifest: Manifest, keyring: KeyRing) -> tuple[int, bytes]:
    """Slot and key-encryption key of the first slot that a key of the ring opens, newest key first.

    Raises:
        NotOpened: None does.
    """
    info = kek_info(manifest.ledger, manifest.issuer, manifest.batch_id)
    for own in keyring.public_keys():
        exchange_with = partial(keyring.exchange, own)
        for slot, sealed in enumerate(manifest.slots):
            with suppress(NotOpened):
                return slot, open_kek(own, exchange_with, info, sealed)
    raise NotOpened("no key of this key ring is a recipient of this batch")


def open_document(
    store: ContentStore,
    keyring: KeyRing,
    manifest_digest: Digest32,
    index: int,
    *,
    max_bytes: int = MAX_UPLOAD_BYTES,
) -> OpenedDocument:
    """Open one document of a batch into memory; errors as `BatchReader.open`."""
    return BatchReader(store, manifest_digest).open(index, keyring, max_bytes=max_bytes)


def read_block(store: ContentStore, cid: Cid, *, max_bytes: int) -> bytes:
    """Fetch a block that may have been erased.

    Raises:
        NotFound: Nobody has it: a store that answers for itself and has asked its peers in vain counts as well.
        Unavailable: The store is away, which says nothing about what it holds.
        Tampered, LimitExceeded: As `ContentStore.get`.
    """
    try:
        return store.get(cid, max_bytes=max_bytes)
    except Unavailable as silence:
        if store.has(cid):
            raise
        raise NotFound("block", f"{cid}: no peer gave it in time") from silence


def read_envelope(store: ContentStore, cid: Cid) -> EnvelopeReader:
    """Fetch an envelope; a large one is read leaf by leaf as its content is. Raises as `read_block`."""

    def get(part: bytes) -> bytes:
        return read_block(store, cid_text(part), max_bytes=MAX_IPFS_BLOCK_BYTES)

    raw = cid_bytes(cid)
    first = get(raw)
    total = file_bytes(raw, first)
    return EnvelopeReader(
        read_file(lambda at: first if at == raw else get(at), raw, max_bytes=MAX_ENVELOPE_BYTES), total
    )


def open_envelope(
    envelope: EnvelopeReader, identity: RecordId, keys: DocumentKeys, rights: Rights, *, max_bytes: int
) -> OpenedDocument:
    """Open an envelope with its document's keys (from a stanza or a grant) and check it against the record id.

    Raises:
        NotOpened: Not the keys of this envelope, or it was changed.
        Tampered: The record is another, or the content is not the one it claims.
        LimitExceeded: The content is larger than `max_bytes`.
    """
    record, openings = _open_record(envelope, identity, keys)
    content = None
    if keys.content is not None:
        content = _open_content(envelope, keys.content, _content_opening(openings), max_bytes=max_bytes)
    return OpenedDocument(identity, record, openings, rights, content)


def save_envelope(
    envelope: EnvelopeReader, identity: RecordId, keys: DocumentKeys, rights: Rights, target: Path, of: Manifest
) -> OpenedDocument:
    """Open an envelope into a file: as `open_envelope`, but in constant memory and for any size.

    The file appears under its name, in place of an older one, only once all of it was checked, and that its record is
    of the ledger and issuer of its batch. It is not synced, as what is sealed stays in its store: who promises more,
    for one file or for thousands at once, syncs it.

    Raises:
        NotOpened: Also without the right to the content.
        Tampered: Also if the record names another ledger or issuer than the manifest `of` its batch.
        LimitExceeded: A content that is hashed by value, and larger than is read for that.
    """
    if keys.content is None:
        raise NotOpened("these keys open the record only")
    record, openings = _open_record(envelope, identity, keys)
    _require_of(of, record)
    descriptor, waiting = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            _copy_checked(envelope, keys.content, openings, file)
        os.replace(waiting, target)
    except BaseException:
        os.unlink(waiting)
        raise
    return OpenedDocument(identity, record, openings, rights, None)


def prove(batch: BatchReader, index: int, document: OpenedDocument, anchor: AnchorRef) -> Proof:
    """The proof file of a document whose batch was anchored, with all its openings; `record.redact` leaves some out.

    Raises:
        Tampered: Batch, document and anchor do not belong together.
    """
    path = batch.path(index)
    if batch.record_id(index) != document.record_id or batch.manifest.root != anchor.root:
        raise Tampered("the document or its batch is not what was anchored")
    return Proof(document.record, document.openings, path, anchor)


def _open_record(
    envelope: EnvelopeReader, identity: RecordId, keys: DocumentKeys
) -> tuple[Record, tuple[Opening, ...]]:
    text = open_part(keys.record, Kind.RECORD, envelope.record_part, max_bytes=MAX_RECORD_PART_BYTES)
    record, openings = parse_record_part(text)
    if record_id(record) != identity:
        raise Tampered("the record is not the one whose id stands in the tile")
    return record, openings


def _require_of(manifest: Manifest, record: Record) -> None:
    if (record.ledger, record.issuer) != (manifest.ledger, manifest.issuer):
        raise Tampered("the record names another ledger or issuer than its batch")


def _content_opening(openings: tuple[Opening, ...]) -> Opening:
    for opening in openings:
        if opening.name == CONTENT:
            return opening
    raise Tampered("the record part does not open the claim on its content")


def _open_content(envelope: EnvelopeReader, key: bytes, opening: Opening, *, max_bytes: int) -> bytes:
    """The content in memory, as its record claims it."""
    if envelope.content_part_bytes > sealed_bytes(max_bytes):
        raise LimitExceeded("content", max_bytes)
    sealed = envelope.content_part.read(envelope.content_part_bytes)
    envelope.content_part.expect_end()
    content = open_part(key, Kind.CONTENT, sealed, max_bytes=max_bytes)
    _require_claimed(matches(opening, content))
    return content


def _copy_checked(envelope: EnvelopeReader, key: bytes, openings: tuple[Opening, ...], file: BinaryIO) -> None:
    """Write the content to a file; raises unless all of it is the one that its record claims."""
    opening = _content_opening(openings)
    if is_json(opening.value["media_type"]):  # hashed by value, so it has to be in memory
        file.write(_open_content(envelope, key, opening, max_bytes=MAX_UPLOAD_BYTES))
        return
    seen, length = sha256(), 0
    for piece in open_stream(
        key, Kind.CONTENT, envelope.content_part, envelope.content_part_bytes, max_bytes=MAX_DOCUMENT_BYTES
    ):
        seen.update(piece)
        length += len(piece)
        file.write(piece)
    envelope.content_part.expect_end()
    is_same = matches(opening, None, digest=Digest32(seen.digest()))
    _require_claimed(is_same and length == opening.value["bytes"])


def _require_claimed(is_claimed: bool) -> None:
    if not is_claimed:
        raise Tampered("the content is not the one that its record claims")
