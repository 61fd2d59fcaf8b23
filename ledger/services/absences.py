"""Which documents of a batch are not to be had, learnt of a tile's at once: else each would cost a wait for peers."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from ledger.domain.errors import NotFound
from ledger.domain.ids import Cid
from ledger.domain.limits import TILE_LEAVES
from ledger.ports.content_store import ContentStore
from ledger.services.opening import BatchReader
from ledger.services.seeking import Waiting, seek, unsaid


class Absences:
    """Asks for what is not here as far as it is needed: all tiles first, then the envelopes of one after the other."""

    def __init__(
        self,
        store: ContentStore,
        batch: BatchReader,
        wanted: range,
        erased: AbstractSet[Cid] = frozenset(),
        waiting: Waiting = unsaid,
    ) -> None:
        """Name the leaves that will be asked about; envelopes in `erased` are sought from nobody."""
        self._store, self._batch, self._wanted = store, batch, wanted
        self._erased, self._waiting = erased, waiting
        self._lost_tiles: AbstractSet[Cid] | None = None
        self._tile = -1
        self._reasons: Mapping[int, str] = {}

    def require(self, leaf: int) -> None:
        """Return if the envelope of a leaf, one of those wanted, is to be had.

        Raises:
            NotFound: It is not, and why.
            Unavailable: The store is away, which says nothing about what it holds.
        """
        number = leaf // TILE_LEAVES
        if number != self._tile:
            self._reasons, self._tile = self._look(number), number
        if leaf in self._reasons:
            raise NotFound("document", f"at leaf {leaf}: {self._reasons[leaf]}")

    def _look(self, number: int) -> Mapping[int, str]:
        """Why leaves of a tile are not to be had; those that are left out."""
        tiles = self._batch.manifest.tiles
        if self._lost_tiles is None:
            of_wanted = range(self._wanted.start // TILE_LEAVES, (self._wanted.stop - 1) // TILE_LEAVES + 1)
            self._lost_tiles = seek(self._store, (tiles[each].cid for each in of_wanted), self._waiting)
        first = max(number * TILE_LEAVES, self._wanted.start)
        leaves = range(first, min((number + 1) * TILE_LEAVES, self._wanted.stop))
        if tiles[number].cid in self._lost_tiles:
            return dict.fromkeys(leaves, f"no peer gave its tile in time ({tiles[number].cid})")
        envelopes = {leaf: self._batch.envelope(leaf) for leaf in leaves}
        gone = {cid for cid in envelopes.values() if cid in self._erased and not self._store.has(cid)}
        lost = seek(self._store, (cid for cid in envelopes.values() if cid not in gone), self._waiting)
        reasons = {**dict.fromkeys(lost, "no peer gave it in time"), **dict.fromkeys(gone, "it was erased")}
        return {leaf: f"{reasons[cid]} ({cid})" for leaf, cid in envelopes.items() if cid in reasons}
