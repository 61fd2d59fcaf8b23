"""Sealing a batch straight into a content store, document by document, in constant memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ledger.domain.cid import raw_cid
from ledger.domain.errors import Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.domain.manifest import Manifest, encode_manifest
from ledger.ports.content_store import ContentStore, Pin
from ledger.services.sealing import BatchSealer, DocumentInput


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """A batch that a store holds: what is to be anchored.

    Attributes:
        manifest: SHA-256 of its manifest.
        root: RFC 6962 root of its record ids.
        issuer: Participant that issued it.
        document_type: Type of all its documents.
        size: Number of documents.
    """

    manifest: Digest32
    root: Digest32
    issuer: ParticipantId
    document_type: DocumentType
    size: int


def seal_into(
    store: ContentStore,
    sealer: BatchSealer,
    documents: Iterable[DocumentInput],
    document_type: DocumentType,
    *,
    before_kept: Callable[[StoredBatch], None] = lambda _: None,
) -> StoredBatch:
    """Seal documents and store them as they come; durable when this returns.

    Args:
        store: Where they are kept.
        sealer: A fresh one.
        documents: Read once, as the store takes their blocks.
        document_type: The sealer's.
        before_kept: Told of the batch once all documents were read, before the store makes it durable: what is noted
            here is never missing of a batch that the store holds.

    Raises:
        As `BatchSealer.blocks` and `ContentStore.put_batch`; then nothing of the batch is kept.
    """
    made: list[StoredBatch] = []

    def pins() -> Iterator[Pin]:
        made.append(_stored(sealer.manifest, document_type))
        before_kept(made[0])
        yield from sealer.pins()

    store.put_batch(sealer.blocks(documents), pins())
    return made[0]


def replicas_of(stores: Sequence[ContentStore], manifest: Digest32) -> int:
    """How many stores pin a batch, of those that answer.

    Raises:
        Unavailable: None does, and one that is away may.
    """
    count, away = 0, None
    for store in stores:
        try:
            count += bool(store.pinned([raw_cid(manifest)]))
        except Unavailable as bad:
            away = bad
    if away is not None and not count:
        raise away
    return count


def _stored(manifest: Manifest | None, document_type: DocumentType) -> StoredBatch:
    if manifest is None:
        raise RuntimeError("a store reads all blocks before it asks for pins")
    found = digest(encode_manifest(manifest))
    return StoredBatch(found, manifest.root, manifest.issuer, document_type, manifest.size)
