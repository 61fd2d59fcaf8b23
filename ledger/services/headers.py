"""Two ways to the header of a declaration's version that this participant can read: its index, or its content store.

A machine without a facade has no index. There the batches of those who may have sealed the header are looked through,
the newest first: the version in force was anchored not long ago.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import NamedTuple

from ledger.domain.errors import NotFound, NotOpened, Unavailable
from ledger.domain.ids import Digest32, ParticipantId, RecordId
from ledger.domain.limits import FIND_RANGE_BLOCKS, MAX_XML_BYTES
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import Opening, Record
from ledger.domain.wrap import DocumentKeys
from ledger.ports.chain import ChainReader
from ledger.ports.content_store import ContentStore
from ledger.ports.index_store import RecordStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import REGISTRY
from ledger.services.opening import BatchReader, open_envelope, read_envelope


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


def stored_headers(reader: ChainReader, contents: ContentStore, keys: KeyRing) -> Headers:
    """Of a machine that has its key ring and a content store."""

    def find(record: RecordId, issuers: Collection[ParticipantId]) -> Header | None:
        for manifest in _manifests(reader, issuers):
            with suppress(NotFound, NotOpened, Unavailable):  # one lost batch hides no other
                batch = BatchReader(contents, manifest)
                leaf = next((leaf for leaf in range(batch.manifest.size) if batch.record_id(leaf) == record), None)
                if leaf is not None:
                    own, rights = batch.keys(leaf, keys)
                    envelope = read_envelope(contents, batch.envelope(leaf))
                    alone = DocumentKeys(own.record, None)
                    opened = batch.checked(open_envelope(envelope, record, alone, rights, max_bytes=MAX_XML_BYTES))
                    return Header(opened.record, opened.openings)
        return None

    return find


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
