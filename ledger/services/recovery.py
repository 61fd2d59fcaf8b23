"""Rebuilding a participant's documents and proofs from chain and content store alone, with its key ring.

Chain → manifest → tiles → envelopes: each batch's root is recomputed and compared with the anchored one, and every leaf
is named with what became of it: opened, not ours to open, erased (by a tombstone, or an order on chain) or missing.
Anybody may put hashes of nothing on chain, so blocks are sought many at once: what no node has is waited for together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ledger.domain.anchor import unpack_h
from ledger.domain.cid import raw_cid
from ledger.domain.envelope import EnvelopeReader
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, NotOpened, Refused, Tampered
from ledger.domain.grant import Granted
from ledger.domain.ids import Cid, Digest32, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_UPLOAD_BYTES, TILE_LEAVES
from ledger.domain.proof import AnchorRef, Proof
from ledger.domain.reason_codes import word_of
from ledger.domain.tombstone import Tombstone
from ledger.domain.wrap import DocumentKeys, Rights
from ledger.ports.chain import ChainReader, Event, Head
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import REGISTRY, registry_events
from ledger.services.granting import read_grant
from ledger.services.opening import BatchReader, OpenedDocument, open_envelope, prove, read_envelope, save_envelope
from ledger.services.seeking import Waiting, seek, unsaid


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
        record_id: Its id; None: its tile is not to be had.
        fate: What became of it; `sealed`: not for these keys, and nobody was asked whether it is there.
        document: The document, if opened.
        proof: Its proof file, if opened.
        reason: Why not, in words.
        file: Its content, if opened and wanted as a file.
        is_ours: Whether these keys open it, or would if it were there; None: its tile is not to be had, and it may be
            one that was granted.
    """

    leaf: int
    record_id: RecordId | None
    fate: Fate
    document: OpenedDocument | None = None
    proof: Proof | None = None
    reason: str = ""
    file: Path | None = None
    is_ours: bool | None = True


def newest_of_its_issuer(store: ContentStore, manifest: Digest32, anchored: Iterable[Event]) -> Event:
    """Of the `Anchored` events of a manifest, oldest first, the last that anchors its batch in its issuer's name.

    Anybody may put anybody's manifest on chain, and an issuer its own more than once.

    Raises:
        Refused: None does.
        NotFound, Tampered, Unavailable, Malformed, LimitExceeded: As reading the manifest does.
    """
    made = BatchReader(store, manifest).manifest
    for event in reversed(list(anchored)):
        told = (event.args["root"], event.args["issuer"], unpack_h(event.args["h"]).size)
        if told == (made.root, made.issuer, made.size):
            return event
    raise Refused(f"no anchor of this manifest is of the batch that participant {made.issuer} sealed")


def recover_batch(
    store: ContentStore,
    keyring: KeyRing,
    anchor: AnchorRef,
    tombstones: Mapping[RecordId, Tombstone],
    *,
    ordered: Mapping[RecordId, int] | None = None,
    granted: Mapping[RecordId, Sequence[Granted]] | None = None,
    folder: Path | None = None,
    max_bytes: int = MAX_UPLOAD_BYTES,
    waiting: Waiting = unsaid,
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
        waiting: Around each wait for peers.

    Raises:
        Tampered: The stored batch is not the one that was anchored.
        NotFound: The manifest is not to be had, so nothing can be said about its leaves.
        Unavailable: The store is away, which says nothing about what it holds.
        Malformed, LimitExceeded: The manifest is none.
    """
    batch = BatchReader(store, anchor.manifest)
    batch.require_anchored(anchor)
    gone = {record: _ordered(reason) for record, reason in (ordered or {}).items()}
    gone |= {record: stone.reason.name.lower() for record, stone in tombstones.items()}
    of_batch = _Recovery(store, keyring, anchor, gone, granted or {}, folder, max_bytes, waiting)
    is_recipient = _is_recipient(batch, keyring)
    lost = seek(store, (tile.cid for tile in batch.manifest.tiles), waiting)
    for first in range(0, batch.manifest.size, TILE_LEAVES):
        leaves = range(first, min(first + TILE_LEAVES, batch.manifest.size))
        trouble = _trouble(batch, first, lost)
        if trouble is None:
            yield from of_batch.tile(batch, leaves, is_recipient=is_recipient)
        else:
            fate, reason = trouble
            ours = True if is_recipient else None
            yield from (Recovered(leaf, None, fate, reason=reason, is_ours=ours) for leaf in leaves)


class _Recovery(NamedTuple):
    """What is the same for all leaves of a batch; `gone`: records erased, and why, in words."""

    store: ContentStore
    keyring: KeyRing
    anchor: AnchorRef
    gone: Mapping[RecordId, str]
    granted: Mapping[RecordId, Sequence[Granted]]
    folder: Path | None
    max_bytes: int
    waiting: Waiting

    def tile(self, batch: BatchReader, leaves: range, *, is_recipient: bool) -> Iterator[Recovered]:
        """Every leaf of one tile; what nobody has of ours is waited for once, and what is not ours is not fetched."""
        ours = [leaf for leaf in leaves if is_recipient or batch.record_id(leaf) in self.granted]
        wanted = (batch.envelope(leaf) for leaf in ours if batch.record_id(leaf) not in self.gone)
        lost, readable = seek(self.store, wanted, self.waiting), frozenset(ours)
        for leaf in leaves:
            identity, envelope = batch.record_id(leaf), batch.envelope(leaf)
            if identity in self.gone and not self.store.has(envelope):  # nobody is asked in vain, which takes time
                yield Recovered(leaf, identity, Fate.ERASED, reason=self.gone[identity])
            elif leaf not in readable:
                yield Recovered(leaf, identity, Fate.SEALED, reason="no key of this key ring opens it", is_ours=False)
            elif envelope in lost:
                reason = f"no block {envelope}: no peer gave it in time"
                yield Recovered(leaf, identity, Fate.MISSING, reason=reason)
            else:
                yield self._opened(batch, leaf, identity)

    def _opened(self, batch: BatchReader, leaf: int, identity: RecordId) -> Recovered:
        try:
            document, file = self._open(batch, leaf, identity)
            proof = prove(batch, leaf, batch.checked(document), self.anchor)
        except NotFound as bad:
            fate = Fate.ERASED if identity in self.gone else Fate.MISSING
            return Recovered(leaf, identity, fate, reason=self.gone.get(identity, str(bad)))
        except NotOpened as bad:
            return Recovered(leaf, identity, Fate.SEALED, reason=str(bad), is_ours=False)
        except (Tampered, Malformed, LimitExceeded) as bad:
            return Recovered(leaf, identity, Fate.DAMAGED, reason=str(bad))
        return Recovered(leaf, identity, Fate.OPENED, document, proof, file=file)

    def _open(self, batch: BatchReader, leaf: int, identity: RecordId) -> tuple[OpenedDocument, Path | None]:
        """The document, and its content as a file if that is wanted, by the first of its keys that open it."""
        envelope, refused = read_envelope(self.store, batch.envelope(leaf)), list[NotOpened]()
        for keys, rights in _keys(batch, leaf, envelope, self.keyring, self.granted.get(identity, ())):
            if refused:  # it was read to its end
                envelope = read_envelope(self.store, batch.envelope(leaf))
            file = None if self.folder is None or keys.content is None else self.folder / str(leaf)
            try:
                if file is None:
                    return open_envelope(envelope, identity, keys, rights, max_bytes=self.max_bytes), None
                return save_envelope(envelope, identity, keys, rights, file, batch.manifest), file
            except NotOpened as bad:  # another grant may be right: its issuer may have mended this one by it
                refused.append(bad)
        raise refused[0]


def find_orders(reader: ChainReader, *, until: Head) -> dict[tuple[ParticipantId, RecordId], int]:
    """Erasures ordered on chain up to `until`, and why (a reason code of `Reasons.sol`).

    The contract takes the issuer from the key that orders, so an order about another's document bears another's number
    and says nothing of it. Raises `Unavailable` without a node.
    """
    return {
        (ParticipantId(event.args["issuer"]), RecordId(event.args["recordId"])): event.args["reason"]
        for event in registry_events(reader, "ErasureOrdered", until=until)
    }


class Grants(NamedTuple):
    """What grants on chain give.

    Attributes:
        given: By issuer and record all that these keys may try; a document may be granted more than once.
        unread: Grants of which no store gives a good block, by issuer and hash: nobody can tell whom they let in.
    """

    given: Mapping[tuple[ParticipantId, RecordId], Sequence[Granted]]
    unread: Sequence[tuple[ParticipantId, Digest32]]


def find_grants(
    reader: ChainReader,
    store: ContentStore,
    ledger: LedgerId,
    keyring: KeyRing,
    *,
    until: Head,
    waiting: Waiting = unsaid,
) -> Grants:
    """All that grants on chain up to `until` give these keys. What is no grant gives nothing.

    Raises:
        Unavailable: Node or store is away.
    """
    noted = dict.fromkeys(
        (ParticipantId(event.args["issuer"]), Digest32(event.args["grant"]))
        for event in registry_events(reader, "AccessGranted", until=until)
    )
    lost = seek(store, (raw_cid(grant) for _, grant in noted), waiting)
    found: dict[tuple[ParticipantId, RecordId], dict[Granted, None]] = {}
    unread: list[tuple[ParticipantId, Digest32]] = []
    for issuer, grant in noted:
        if raw_cid(grant) in lost:
            unread.append((issuer, grant))
            continue
        try:
            given = list(read_grant(store, ledger, issuer, grant, keyring))
        except (NotFound, Tampered):
            unread.append((issuer, grant))
            continue
        except (Malformed, LimitExceeded):
            continue
        for one in given:
            found.setdefault((issuer, one.record_id), {})[one] = None
    return Grants({of: list(given) for of, given in found.items()}, unread)


def _is_recipient(batch: BatchReader, keyring: KeyRing) -> bool:
    try:
        batch.require_recipient(keyring)
    except NotOpened:
        return False
    return True


def _trouble(batch: BatchReader, first: int, lost: AbstractSet[Cid]) -> tuple[Fate, str] | None:
    """What became of the tile that begins with a leaf, if nothing can be said of its leaves; the other tiles stand."""
    cid = batch.manifest.tiles[first // TILE_LEAVES].cid
    if cid in lost:
        return Fate.MISSING, f"no tile {cid}: no peer gave it in time"
    try:
        batch.tile(first)
    except NotFound as bad:
        return Fate.MISSING, str(bad)
    except (Tampered, Malformed, LimitExceeded) as bad:
        return Fate.DAMAGED, str(bad)
    return None


def _keys(
    batch: BatchReader, index: int, envelope: EnvelopeReader, keyring: KeyRing, granted: Sequence[Granted]
) -> list[tuple[DocumentKeys, Rights]]:
    """Keys of a document from its batch and from grants, those first that give most. Raises `NotOpened` without any."""
    found = [(one.keys, one.rights) for one in granted]
    try:
        found.insert(0, batch.keys_in(envelope, index, keyring))
    except NotOpened:
        if not found:
            raise
    return sorted(found, key=lambda one: -one[1])


def _ordered(reason: int) -> str:
    return f"ordered on the chain: {word_of(REGISTRY, reason).lower()}"
