"""Which envelopes were erased, as the chain tells it: for a repair on a machine that did not erase them itself.

Where a tile was narrowed, nothing in the stores tells an envelope that was erased from one that a store has lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress

from ledger.domain.cid import cid_text, is_dag_pb, raw_cid
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid, Digest32, ParticipantId, RecordId
from ledger.domain.limits import TILE_LEAVES
from ledger.ports.chain import ChainReader, Head
from ledger.ports.content_store import ContentStore
from ledger.services.anchoring import registry_events
from ledger.services.opening import BatchReader
from ledger.services.recovery import find_orders

Pinned = Sequence[tuple[ContentStore, Mapping[Cid, bool]]]
"""Stores, each with its pins and whether recursively."""


def pins_of(stores: Sequence[ContentStore]) -> Pinned:
    """The stores that answer, with what they pin."""
    answering: list[tuple[ContentStore, Mapping[Cid, bool]]] = []
    for store in stores:
        with suppress(Unavailable):
            answering.append((store, store.pins()))
    return answering


def narrowed_in(pinned: Pinned) -> frozenset[Cid]:
    """Tiles of which some store keeps envelopes by themselves."""
    return frozenset(cid for _, pins in pinned for cid, recursive in pins.items() if not recursive and is_dag_pb(cid))


def ordered_envelopes(reader: ChainReader, pinned: Pinned, *, until: Head) -> frozenset[Cid]:
    """Envelopes in narrowed tiles that their issuers ordered to be erased, up to `until`.

    A batch counts that its issuer anchored and whose manifest is pinned: anybody may make one that names the tiles of
    another's, anchor it in its own name and order what it likes, but not have it kept here.

    Args:
        reader: The chain.
        pinned: As `pins_of` gives it: manifests and tiles are read where they are pinned.
        until: A final block.

    Raises:
        Unavailable: No node.
    """
    orders = find_orders(reader, until=until)
    issuers, tiles = {issuer for issuer, _ in orders}, narrowed_in(pinned)
    anchored = dict.fromkeys(
        (ParticipantId(event.args["issuer"]), Digest32(event.args["manifest"]), Digest32(event.args["root"]))
        for event in registry_events(reader, "Anchored", until=until)
        if event.args["issuer"] in issuers
    )
    return frozenset(
        envelope
        for issuer, manifest, root in anchored
        for store, pins in pinned
        if raw_cid(manifest) in pins
        for record, envelope in _envelopes(store, (issuer, manifest, root), tiles)
        if (issuer, record) in orders
    )


def _envelopes(
    store: ContentStore, anchored: tuple[ParticipantId, Digest32, Digest32], tiles: AbstractSet[Cid]
) -> Iterator[tuple[RecordId, Cid]]:
    """Records and envelopes of a batch in these tiles; none of what is not sound here, or whose store went away."""
    issuer, manifest, root = anchored
    try:
        batch = BatchReader(store, manifest)
        if (batch.manifest.issuer, batch.manifest.root) != (issuer, root):
            return
        for number, ref in enumerate(batch.manifest.tiles):
            if ref.cid in tiles and store.has(ref.cid):
                tile = batch.tile(number * TILE_LEAVES)
                yield from zip(tile.record_ids, (cid_text(link.cid) for link in tile.envelopes), strict=True)
    except (NotFound, Tampered, Malformed, LimitExceeded, Unavailable):
        return
