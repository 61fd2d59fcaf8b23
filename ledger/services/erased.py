"""Which envelopes were erased, as the chain tells it: for a repair on a machine that did not erase them itself.

Where a tile was narrowed, nothing in the stores tells an envelope that was erased from one that a store has lost.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from ledger.domain.cid import cid_text, is_dag_pb, raw_cid
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid, Digest32, ParticipantId, RecordId
from ledger.domain.limits import TILE_LEAVES
from ledger.ports.chain import ChainReader, Head
from ledger.ports.content_store import ContentStore
from ledger.services.anchoring import registry_events
from ledger.services.opening import BatchReader
from ledger.services.recovery import find_orders


def pins_of(stores: Sequence[ContentStore]) -> dict[Cid, bool]:
    """What the stores that answer pin, direct where any says so."""
    pinned: dict[Cid, bool] = {}
    for store in stores:
        try:
            for cid, recursive in store.pins().items():
                pinned[cid] = pinned.get(cid, True) and recursive
        except Unavailable:
            continue
    return pinned


def narrowed_in(pinned: Mapping[Cid, bool]) -> frozenset[Cid]:
    """Tiles of which some envelopes are kept by themselves."""
    return frozenset(cid for cid, recursive in pinned.items() if not recursive and is_dag_pb(cid))


def ordered_envelopes(
    reader: ChainReader, store: ContentStore, pinned: Mapping[Cid, bool], *, until: Head
) -> frozenset[Cid]:
    """Envelopes in narrowed tiles that their issuers ordered to be erased, up to `until`.

    A batch counts that its issuer anchored and whose manifest is pinned: anybody may make one that names the tiles of
    another's, anchor it in its own name and order what it likes, but not have it kept here.

    Args:
        reader: The chain.
        store: Where manifests and tiles are read.
        pinned: As `pins_of` gives it.
        until: A final block.

    Raises:
        Unavailable: No node, or the store is away.
    """
    orders = find_orders(reader, until=until)
    issuers, tiles = {issuer for issuer, _ in orders}, narrowed_in(pinned)
    anchored = dict.fromkeys(
        (ParticipantId(event.args["issuer"]), Digest32(event.args["manifest"]), Digest32(event.args["root"]))
        for event in registry_events(reader, "Anchored", until=until)
        if event.args["issuer"] in issuers and raw_cid(Digest32(event.args["manifest"])) in pinned
    )
    return frozenset(
        envelope
        for issuer, manifest, root in anchored
        for record, envelope in _envelopes(store, (issuer, manifest, root), tiles)
        if (issuer, record) in orders
    )


def _envelopes(
    store: ContentStore, anchored: tuple[ParticipantId, Digest32, Digest32], tiles: AbstractSet[Cid]
) -> Iterator[tuple[RecordId, Cid]]:
    """Records and envelopes of a batch in these tiles; none of one that is not sound, which a repair mends or tells."""
    issuer, manifest, root = anchored
    try:
        batch = BatchReader(store, manifest)
        if (batch.manifest.issuer, batch.manifest.root) != (issuer, root):
            return
        for number, ref in enumerate(batch.manifest.tiles):
            if ref.cid in tiles:
                tile = batch.tile(number * TILE_LEAVES)
                yield from zip(tile.record_ids, (cid_text(link.cid) for link in tile.envelopes), strict=True)
    except (NotFound, Tampered, Malformed, LimitExceeded):
        return
