"""Erasing one document: its envelope leaves every replica, every other document of its tile stays.

The tile's pin becomes direct and the other envelopes are pinned themselves, then garbage is collected. Proof files
given out earlier still verify; the issuer's tombstone tells erased from lost. A recipient who kept a copy keeps it.

Two machines of one issuer may erase from one tile at the same time. No step takes away what the other's keeps, and who
pins an envelope that the other is to erase finds the other's order on the chain, which comes before its first step.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ledger.domain.cid import cid_text
from ledger.domain.errors import NotFound, TamgaError, Unavailable
from ledger.domain.ids import Cid, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import TILE_LEAVES
from ledger.domain.tombstone import ErasureReason, Tombstone, typed_data
from ledger.domain.tombstone import signer as signer_of
from ledger.ports.chain import ChainReader, Head
from ledger.ports.content_store import ContentStore, Pin
from ledger.ports.signer import Signer
from ledger.services.opening import BatchReader

Ordered = Callable[[Sequence[RecordId]], AbstractSet[RecordId]]
"""Which of these records of the issuer's are to be erased, as the chain knows it now."""


def none_ordered(_: Sequence[RecordId]) -> AbstractSet[RecordId]:
    """For who knows that nobody else erases."""
    return frozenset()


def erase(stores: Sequence[ContentStore], batch: BatchReader, index: int, *, ordered: Ordered = none_ordered) -> None:
    """Erase one document from every store; doing it again changes nothing.

    A store that is away or damaged does not keep the others from being done.

    Args:
        stores: Where it may be.
        batch: Its batch.
        index: Its leaf.
        ordered: Asked before and after anything is pinned: what others erase from the same tile is not pinned by us.

    Raises:
        NotFound: A neighbour is missing from a store, so that it could not be kept; that store was left as it was.
        Tampered: A store is damaged where the erasure needs it.
        Unavailable: A store is away, or still has the envelope; erase again.
    """
    tile = batch.tile(index)
    tile_cid = batch.manifest.tiles[tile.first // TILE_LEAVES].cid
    envelope = batch.envelope(index)
    envelopes = dict(zip(tile.record_ids, (cid_text(link.cid) for link in tile.envelopes), strict=True))
    others = set(envelopes.values()) - {envelope}

    def going() -> set[Cid]:
        return {envelopes[record] for record in ordered(tile.record_ids)} & others

    problems: list[TamgaError] = []
    for store in stores:
        try:
            _erase_from(store, tile_cid, envelope, others, going)
        except TamgaError as bad:
            problems.append(bad)
    for problem in problems:
        if not isinstance(problem, Unavailable):  # erasing again would not help
            raise problem
    if problems:
        told = "; ".join(str(one) for one in problems)
        raise Unavailable(f"not erased from {len(problems)} of {len(stores)} stores: {told}") from problems[0]


def _erase_from(
    store: ContentStore, tile: Cid, envelope: Cid, others: AbstractSet[Cid], going: Callable[[], AbstractSet[Cid]]
) -> None:
    pins = store.pins()
    if pins.get(tile):
        _pin_each(store, others, going)
        store.repin([Pin(tile, recursive=False)], [envelope, *sorted(going())])
    elif tile in pins or _was_narrowed(store, tile, others, pins):
        store.repin([Pin(tile, recursive=False)], [envelope])
    else:  # this store never kept the tile
        store.repin([], [envelope])
    store.collect()
    if store.has(envelope):
        raise Unavailable(f"{envelope} is still there after the collection: something else keeps it")


def _pin_each(store: ContentStore, others: AbstractSet[Cid], going: Callable[[], AbstractSet[Cid]]) -> None:
    """Pin a tile's envelopes that stay. Raises `NotFound` for one that is missing, and that nobody is to erase."""
    staying = others - going()
    while True:
        try:
            store.repin([Pin(cid, recursive=True) for cid in sorted(staying)], [])
        except NotFound:  # perhaps it was erased by another since
            before, staying = staying, staying - going()
            if staying == before:
                raise
        else:
            return


def _was_narrowed(store: ContentStore, tile: Cid, others: AbstractSet[Cid], pins: Mapping[Cid, bool]) -> bool:
    """Whether an erasure died when it had pinned the other envelopes, and the tile was pinned neither way.

    A tile that merely is here, as a node has what it read for us from a peer, is not to be pinned direct: a repair
    would take that for an erasure and narrow the tile in the stores that keep its envelopes by it.
    """
    return (not others or any(cid in pins for cid in others)) and store.has(tile)


def sign_tombstone(
    signer: Signer, ledger: LedgerId, issuer: ParticipantId, record_id: RecordId, reason: ErasureReason, time: int
) -> Tombstone:
    """The issuer's signed word that a document was erased; `time` in [unix s]."""
    signature = signer.sign_typed_data(typed_data(ledger, issuer, record_id, reason, time))
    return Tombstone(ledger, issuer, record_id, reason, time, signature)


def is_of_issuer(reader: ChainReader, tombstone: Tombstone, *, at: Head) -> bool:
    """Whether the key that signed was entitled to speak for the tombstone's issuer at its time, as known at `at`.

    Raises:
        Malformed: No key made the signature.
        Unavailable: No node.
    """
    found = reader.call("ParticipantRegistry", "authorityAt", (signer_of(tombstone), tombstone.time), at=at)
    return bool(found["participant"] == tombstone.issuer)
