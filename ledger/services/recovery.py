"""Rebuilding a participant's documents and proofs from chain and content store alone, with its key ring.

Chain → manifest → tiles → envelopes: each batch's root is recomputed and compared with the anchored one, and every leaf
is named with what became of it: opened, not ours to open, erased (by a tombstone, or an order on chain) or missing.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ledger.domain.errors import LimitExceeded, Malformed, NotFound, NotOpened, Tampered
from ledger.domain.grant import Granted
from ledger.domain.ids import LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.proof import AnchorRef, Proof
from ledger.domain.reason_codes import word_of
from ledger.domain.tombstone import Tombstone
from ledger.domain.wrap import DocumentKeys, Rights
from ledger.ports.chain import ChainReader, Head
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import REGISTRY, registry_events
from ledger.services.granting import read_grant
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, prove, read_envelope, save_envelope


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
        file: Its content, if opened and wanted as a file.
    """

    leaf: int
    record_id: RecordId
    fate: Fate
    document: OpenedDocument | None = None
    proof: Proof | None = None
    reason: str = ""
    file: Path | None = None


def recover_batch(
    store: ContentStore,
    keyring: KeyRing,
    anchor: AnchorRef,
    tombstones: Mapping[RecordId, Tombstone],
    *,
    ordered: Mapping[RecordId, int] | None = None,
    granted: Mapping[RecordId, Granted] | None = None,
    folder: Path | None = None,
    max_bytes: int = MAX_UPLOAD_BYTES,
) -> Iterator[Recovered]:
    """Yield every document of one anchored batch.

    Args:
        store: Where to look.
        keyring: Every key that the participant ever had.
        anchor: The batch's anchor, as read from the chain.
        tombstones: Of documents erased; their signers were checked by the caller.
        ordered: Reasons of the erasures that this issuer ordered on chain, as `find_orders` gives them.
        granted: What grants give of this issuer's documents.
        folder: Contents are written there, each to a file named by its leaf, instead of being kept in memory.
        max_bytes: Upper bound on one content in memory.

    Raises:
        Tampered: The stored batch is not the one that was anchored.
        NotFound: The manifest or a tile is not to be had, so nothing can be said about its leaves.
        Unavailable: The store is away, which says nothing about what it holds.
        Malformed, LimitExceeded: The manifest or a tile is none.
    """
    batch = BatchReader(store, anchor.manifest)
    batch.require_anchored(anchor)
    gone = {record: _ordered(reason) for record, reason in (ordered or {}).items()}
    gone |= {record: stone.reason.name.lower() for record, stone in tombstones.items()}
    for index in range(batch.manifest.size):
        identity = batch.record_id(index)
        if identity in gone and not store.has(batch.envelope(index)):  # nobody is asked in vain, which takes time
            yield Recovered(index, identity, Fate.ERASED, reason=gone[identity])
            continue
        try:
            keys, rights = _keys(batch, index, keyring, (granted or {}).get(identity))
            envelope = read_envelope(store, batch.envelope(index))
            file = None if folder is None or keys.content is None else folder / str(index)
            if file is None:
                document = open_envelope(envelope, identity, keys, rights, max_bytes=max_bytes)
            else:
                document = save_envelope(envelope, identity, keys, rights, file, batch.manifest)
            proof = prove(batch, index, batch.checked(document), anchor)
        except NotFound as bad:
            fate = Fate.ERASED if identity in gone else Fate.MISSING
            yield Recovered(index, identity, fate, reason=gone.get(identity, str(bad)))
        except NotOpened as bad:
            yield Recovered(index, identity, Fate.SEALED, reason=str(bad))
        except (Tampered, Malformed, LimitExceeded) as bad:
            yield Recovered(index, identity, Fate.DAMAGED, reason=str(bad))
        else:
            yield Recovered(index, identity, Fate.OPENED, document, proof, file=file)


def find_orders(reader: ChainReader, *, until: Head) -> dict[tuple[ParticipantId, RecordId], int]:
    """Erasures ordered on chain up to `until`, and why (a reason code of `Reasons.sol`).

    The contract takes the issuer from the key that orders, so an order about another's document bears another's number
    and says nothing of it. Raises `Unavailable` without a node.
    """
    return {
        (ParticipantId(event.args["issuer"]), RecordId(event.args["recordId"])): event.args["reason"]
        for event in registry_events(reader, "ErasureOrdered", until=until)
    }


def find_grants(
    reader: ChainReader, store: ContentStore, ledger: LedgerId, keyring: KeyRing, *, until: Head
) -> dict[tuple[ParticipantId, RecordId], Granted]:
    """All that grants on chain up to `until` give these keys; the most, if a document was granted more than once.

    A grant whose block is not to be had, or is none, gives nothing: anybody may put a hash on chain.

    Raises:
        Unavailable: Node or store is away.
    """
    found: dict[tuple[ParticipantId, RecordId], Granted] = {}
    for event in registry_events(reader, "AccessGranted", until=until):
        issuer = ParticipantId(event.args["issuer"])
        try:
            given = list(read_grant(store, ledger, issuer, event.args["grant"], keyring))
        except (NotFound, Malformed, LimitExceeded, Tampered):
            continue
        for one in given:
            known = found.get((issuer, one.record_id))
            if known is None or known.rights < one.rights:
                found[issuer, one.record_id] = one
    return found


def _keys(batch: BatchReader, index: int, keyring: KeyRing, granted: Granted | None) -> tuple[DocumentKeys, Rights]:
    """Keys of a document from its batch, or from a grant where that gives more."""
    if granted is None:
        return batch.keys(index, keyring)
    try:
        keys, rights = batch.keys(index, keyring)
    except NotOpened:
        return granted.keys, granted.rights
    return (granted.keys, granted.rights) if granted.rights > rights else (keys, rights)


def _ordered(reason: int) -> str:
    return f"ordered on the chain: {word_of(REGISTRY, reason).lower()}"
