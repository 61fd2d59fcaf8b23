"""Rebuilding a participant's documents and proofs from chain and content store alone, with its key ring.

Chain → manifest → tiles → envelopes: each batch's root is recomputed and compared with the anchored one, and every leaf
is named with what became of it: opened, not ours to open, erased (with a tombstone) or missing.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.errors import NotFound, NotOpened, Tampered
from ledger.domain.ids import RecordId
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.proof import AnchorRef, Proof
from ledger.domain.tombstone import Tombstone
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing
from ledger.services.opening import BatchReader, OpenedDocument, prove


class Fate(StrEnum):
    """What became of a document."""

    OPENED = "opened"
    SEALED = "sealed"
    ERASED = "erased"
    MISSING = "missing"
    DAMAGED = "damaged"


class Recovered(NamedTuple):
    """One leaf of an anchored batch.

    Attributes:
        leaf: Its index in the batch.
        record_id: Its id.
        fate: What became of it; `sealed`: there, but not for these keys.
        document: The document, if opened.
        proof: Its proof file, if opened.
        reason: Why not, in words.
    """

    leaf: int
    record_id: RecordId
    fate: Fate
    document: OpenedDocument | None = None
    proof: Proof | None = None
    reason: str = ""


def recover_batch(
    store: ContentStore,
    keyring: KeyRing,
    anchor: AnchorRef,
    tombstones: Mapping[RecordId, Tombstone],
    *,
    max_bytes: int = MAX_UPLOAD_BYTES,
) -> Iterator[Recovered]:
    """Yield every document of one anchored batch.

    Args:
        store: Where to look.
        keyring: Every key that the participant ever had.
        anchor: The batch's anchor, as read from the chain.
        tombstones: Of documents erased; their signers were checked by the caller.
        max_bytes: Upper bound on one content.

    Raises:
        Tampered: The stored batch is not the one that was anchored.
        NotFound, Unavailable: The manifest or a tile is not to be had, so nothing can be said about its leaves.
    """
    batch = BatchReader(store, anchor.manifest)
    if (batch.manifest.root, batch.manifest.issuer) != (anchor.root, anchor.issuer):
        raise Tampered("the manifest is not of the batch that was anchored")
    for index in range(batch.manifest.size):
        identity = batch.record_id(index)
        try:
            document = batch.open(index, keyring, max_bytes=max_bytes)
        except NotFound as bad:
            fate = Fate.ERASED if identity in tombstones else Fate.MISSING
            yield Recovered(index, identity, fate, reason=str(bad))
        except NotOpened as bad:
            yield Recovered(index, identity, Fate.SEALED, reason=str(bad))
        except Tampered as bad:
            yield Recovered(index, identity, Fate.DAMAGED, reason=str(bad))
        else:
            yield Recovered(index, identity, Fate.OPENED, document, prove(batch, index, document, anchor))
