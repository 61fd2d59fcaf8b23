"""Two ways to the header of a declaration's version that this participant can read: its index, or its content store.

A machine without a facade has no index. There the batches of those who may have sealed the header are looked through,
the newest first: the version in force was anchored not long ago.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from ledger.domain.cid import raw_cid
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, NotOpened, Tampered
from ledger.domain.ids import Cid, Digest32, ParticipantId, RecordId
from ledger.domain.limits import FIND_RANGE_BLOCKS, MAX_XML_BYTES, TILE_LEAVES
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import Opening, Record
from ledger.domain.wrap import DocumentKeys
from ledger.ports.chain import ChainReader
from ledger.ports.content_store import ContentStore
from ledger.ports.index_store import RecordStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import REGISTRY
from ledger.services.opening import BatchReader, open_envelope, read_envelope
from ledger.services.seeking import Waiting, seek, unsaid


class Header(NamedTuple):
    """A record, and those of its claims that are open."""

    record: Record
    openings: tuple[Opening, ...]


Headers = Callable[[RecordId, Collection[ParticipantId]], Header | None]
"""The header of that record id, sealed by one of these; None if it cannot be read. Raises `Unavailable`."""


def header_in(proof: bytes) -> Header:
    """What a proof file tells. Raises as `parse_proof`."""
    found = parse_proof(proof)
    return Header(found.record, found.openings)


def no_headers(_record: RecordId, _issuers: Collection[ParticipantId]) -> None:
    """Nothing is read here."""


def either(first: Headers, second: Headers) -> Headers:
    """Of the first that has it."""

    def find(record: RecordId, issuers: Collection[ParticipantId]) -> Header | None:
        found = first(record, issuers)
        return second(record, issuers) if found is None else found

    return find


def indexed_headers(records: RecordStore) -> Headers:
    """Of a facade."""

    def find(record: RecordId, _issuers: Collection[ParticipantId]) -> Header | None:
        known = records.by_id(record)
        return None if known is None else header_in(known.proof)

    return find


class StoredHeaders:
    """Of a machine that has its key ring and a content store; for one command.

    Batches that are here are looked through first. Only if none has the header are peers asked for what is not here,
    for all of it at once, and for nothing twice. Anybody may anchor anything: what is wrong with one batch hides no
    other.
    """

    def __init__(self, reader: ChainReader, contents: ContentStore, keys: KeyRing, waiting: Waiting = unsaid) -> None:
        """Nothing is read yet; `waiting` is entered around each wait for peers."""
        self._reader, self._contents, self._keys, self._waiting = reader, contents, keys, waiting
        self._lost: set[Cid] = set()

    def __call__(self, record: RecordId, issuers: Collection[ParticipantId]) -> Header | None:
        """See `Headers`."""
        manifests: list[Digest32] = []
        for manifest in _manifests(self._reader, issuers):
            manifests.append(manifest)
            found = self._header(manifest, record, self._contents.has)
            if found is not None:
                return found
        self._seek(map(raw_cid, manifests))
        self._seek(tile for manifest in manifests for tile in self._tiles(manifest))
        given = (self._header(manifest, record, self._may_be_had) for manifest in manifests)
        return next((header for header in given if header is not None), None)

    def _header(self, manifest: Digest32, record: RecordId, is_there: Callable[[Cid], bool]) -> Header | None:
        """The header, if it is in this batch, as far as its blocks are there."""
        if not is_there(raw_cid(manifest)):
            return None
        with suppress(NotFound, NotOpened, Tampered, Malformed, LimitExceeded):
            batch = BatchReader(self._contents, manifest)
            for number, tile in enumerate(batch.manifest.tiles):
                first = number * TILE_LEAVES
                if is_there(tile.cid) and record in (records := batch.tile(first).record_ids):
                    return self._opened(batch, first + records.index(record))
        return None

    def _opened(self, batch: BatchReader, leaf: int) -> Header:
        cid = batch.envelope(leaf)
        self._seek([cid])
        if not self._may_be_had(cid):
            raise NotFound("block", cid)
        envelope = read_envelope(self._contents, cid)
        keys, rights = batch.keys_in(envelope, leaf, self._keys)
        alone = DocumentKeys(keys.record, None)
        opened = open_envelope(envelope, batch.record_id(leaf), alone, rights, max_bytes=MAX_XML_BYTES)
        return Header(batch.checked(opened).record, opened.openings)

    def _tiles(self, manifest: Digest32) -> Sequence[Cid]:
        if self._may_be_had(raw_cid(manifest)):
            with suppress(NotFound, Tampered, Malformed, LimitExceeded):
                return [tile.cid for tile in BatchReader(self._contents, manifest).manifest.tiles]
        return []

    def _seek(self, cids: Iterable[Cid]) -> None:
        self._lost |= seek(self._contents, (cid for cid in cids if self._may_be_had(cid)), self._waiting)

    def _may_be_had(self, cid: Cid) -> bool:
        """Whether nobody was asked for it in vain."""
        return cid not in self._lost


def _manifests(reader: ChainReader, issuers: Collection[ParticipantId]) -> Iterator[Digest32]:
    """Of the issuers' anchors, the newest first."""
    top = reader.final_head().number
    for last in range(top, -1, -FIND_RANGE_BLOCKS):
        first = max(0, last - FIND_RANGE_BLOCKS + 1)
        found = [
            event
            for issuer in issuers
            for event in reader.find_events(REGISTRY, "Anchored", {"issuer": issuer}, first, last)
        ]
        found.sort(key=lambda event: (event.block.number, event.log_index), reverse=True)
        yield from (Digest32(event.args["manifest"]) for event in found)
