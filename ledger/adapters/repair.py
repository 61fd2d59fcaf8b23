"""Putting right what one of several content stores misses, keeps too long, or has damaged.

A store that is away keeps no other from being put right: it is named, and what cannot be judged of it is counted. Until
it is back, it alone may know of an erasure or have a good copy, so the repair is to be done again then.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Final, NamedTuple

from ledger.domain.cid import DAG_PB, block_cid, cid_text, is_dag_pb
from ledger.domain.dagpb import Link, decode_node
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, TamgaError, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.domain.limits import MAX_IPFS_BLOCK_BYTES
from ledger.domain.tile import parse_tile
from ledger.ports.content_store import ContentStore, Pin

NOTHING: Final = block_cid(b"")
"""Asked for to learn whether a store answers."""


class Repaired(NamedTuple):
    """One thing that a repair put right.

    Attributes:
        store: Which store, by its place.
        cid: The root; of what was mended, the block.
        how: `copied` (was missing), `narrowed` (held what was erased elsewhere), `unpinned` (erased, still there),
            `mended` (a block was damaged or missing) or `damaged` (it still is: no store that answers has a good copy,
            or this one does not let go of its own).
    """

    store: int
    cid: Cid
    how: str


class Repairs(NamedTuple):
    """What a repair did, and what it could not judge.

    Attributes:
        done: What was put right, or stays damaged.
        trouble: Stores that were away, or failed on the way, by their place; and in what words.
        unjudged: How many roots could not be judged: of such a store, all that those which answer know of.
    """

    done: list[Repaired]
    trouble: Mapping[int, str]
    unjudged: int


class Repair:
    """One repair of several stores; for use once."""

    def __init__(
        self, stores: Sequence[ContentStore], reading: Callable[[Sequence[ContentStore]], ContentStore]
    ) -> None:
        """Take the stores, and what makes one of several that reads from whichever has a good copy."""
        self._stores, self._reading = stores, reading
        self._source = reading(stores)
        self._done: list[Repaired] = []
        self._trouble: dict[int, str] = {}
        self._failed: set[int] = set()
        self._unjudged = 0

    def pins(self, erased: AbstractSet[Cid]) -> Repairs:
        """See `ReplicatedStore.repair`."""
        for place, store in enumerate(self._stores):
            with self._judging(place):
                self._done += [Repaired(place, tile, "narrowed") for tile in _renamed(store)]
        pinned = self._pinned()
        whole = self._without(erased, together(list(pinned.values())))
        for place, own in pinned.items():
            with self._judging(place):
                self._bring_up(place, own, whole, erased)
        return self._told(len(whole))

    def blocks(self) -> Repairs:
        """See `ReplicatedStore.mend`."""
        pinned = self._pinned()
        for place, own in pinned.items():
            with self._judging(place):
                for cid, recursive in own.items():
                    self._mend(place, Pin(cid, recursive))
        return self._told(len(together(list(pinned.values()))))

    @contextmanager
    def _judging(self, place: int) -> Iterator[None]:
        """What is done in one store: if it goes away, the others are gone on with."""
        try:
            yield
        except Unavailable as bad:
            self._failed.add(place)
            self._trouble[place] = str(bad)

    def _pinned(self) -> dict[int, Mapping[Cid, bool]]:
        """Pins of the stores that answer. Raises `Unavailable` if none does."""
        pinned: dict[int, Mapping[Cid, bool]] = {}
        for place, store in enumerate(self._stores):
            if place not in self._failed:
                with self._judging(place):
                    pinned[place] = store.pins()
        if not pinned:
            raise Unavailable(f"none of {len(self._stores)} stores answers: {next(iter(self._trouble.values()))}")
        self._source = self._reading([self._stores[place] for place in pinned])  # who hangs is asked no more
        return pinned

    def _told(self, roots: int) -> Repairs:
        return Repairs(self._done, self._trouble, self._unjudged + roots * len(self._failed))

    def _bring_up(
        self, place: int, own: Mapping[Cid, bool], whole: Mapping[Cid, bool], erased: AbstractSet[Cid]
    ) -> None:
        """Have one store pin what all pin together. Raises `Unavailable` if it goes away."""
        store = self._stores[place]
        envelopes = {
            tile: linked
            for tile, recursive in own.items()
            if recursive and not whole.get(tile, True) and (linked := self._envelopes(tile)) is not None
        }
        lacking = whole.keys() - own.keys()
        kept = [cid for cid in _flat(envelopes.values()) if cid in lacking and store.has(cid)]
        held = own.keys() | set(kept)
        gone = [cid for cid in sorted(erased) if cid in own or store.has(cid)]
        self._copy(place, [Pin(cid, recursive) for cid, recursive in whole.items() if cid not in held])
        wanted = [*(Pin(cid, recursive=True) for cid in kept), *(Pin(tile, recursive=False) for tile in envelopes)]
        try:
            if wanted or gone:
                store.repin(wanted, gone)
        except NotFound as bad:  # a large envelope is not whole here: a deep repair mends that first
            self._trouble.setdefault(place, str(bad))
            self._unjudged += len(envelopes)
        else:
            self._done += [Repaired(place, cid, "narrowed") for cid in envelopes]
            self._done += [Repaired(place, cid, "unpinned") for cid in gone]

    def _copy(self, place: int, missing: Sequence[Pin]) -> None:
        """Copy what pins keep, all at once; where one has no good copy, each by itself. Raises `Unavailable`."""
        if not missing:
            return
        try:
            self._stores[place].put_batch(self._read(missing), missing)
        except _NotReadError as bad:
            if len(missing) > 1:
                for pin in missing:
                    self._copy(place, [pin])
            elif self._failed or isinstance(bad.__cause__, Unavailable):  # a store that is away may have it
                self._unjudged += 1
            elif not isinstance(bad.__cause__, Malformed):  # what others keep on the same node is theirs to copy
                self._done.append(Repaired(place, missing[0].cid, "damaged"))
        else:
            self._done += [Repaired(place, pin.cid, "copied") for pin in missing]

    def _read(self, pins: Sequence[Pin]) -> Iterator[tuple[Cid, bytes]]:
        try:
            yield from walk(self._source, pins)
        except TamgaError as bad:
            raise _NotReadError from bad

    def _mend(self, place: int, root: Pin) -> None:
        """Put anew what is unsound below a root of a store. Raises `Unavailable` if that store is away."""
        store = self._stores[place]
        try:
            unsound = list(dict.fromkeys(self._unsound(store, root.cid, recursive=root.recursive)))
            better = [cid for cid in unsound if sound(self._source, cid) is not None]
            if better:
                blocks = ((cid, self._source.get(cid, max_bytes=MAX_IPFS_BLOCK_BYTES)) for cid in better)
                store.put_batch(blocks, [root])
            for cid in unsound:
                self._done.append(Repaired(place, cid, "damaged" if sound(store, cid) is None else "mended"))
        except Unavailable as bad:
            store.has(NOTHING)
            self._trouble.setdefault(place, str(bad))  # another is away, and may have a good copy; or its disk is full
            self._unjudged += 1

    def _unsound(self, store: ContentStore, cid: Cid, *, recursive: bool) -> Iterator[Cid]:
        """Blocks below a root that a store does not have as they should be."""
        block = sound(store, cid)
        if block is None:
            yield cid
        if recursive and is_dag_pb(cid):
            node = sound(self._source, cid) if block is None else block
            for link in _links(node) if node is not None else []:
                yield from self._unsound(store, cid_text(link.cid), recursive=True)

    def _without(self, erased: AbstractSet[Cid], whole: dict[Cid, bool]) -> dict[Cid, bool]:
        """What is to be pinned when these envelopes are not: their tiles direct, the tiles' other envelopes alone."""
        tiles = [cid for cid, recursive in whole.items() if recursive and is_dag_pb(cid)] if erased else []
        for tile in tiles:
            envelopes = self._envelopes(tile)
            if envelopes is not None and not erased.isdisjoint(envelopes):
                whole |= {tile: False, **dict.fromkeys(envelopes, True)}
        return {cid: recursive for cid, recursive in whole.items() if cid not in erased}

    def _envelopes(self, tile: Cid) -> list[Cid] | None:
        """What a tile links to; None if no store that answers has it sound, which is counted, or if it is not ours."""
        try:
            node = self._source.get(tile, max_bytes=MAX_IPFS_BLOCK_BYTES)
        except TamgaError:
            self._unjudged += 1
            return None
        links = _links(node)
        return [cid_text(link.cid) for link in links] if links else None


class _NotReadError(Exception):
    """A root of which no store has a good copy: told apart from a fault of the store that it is copied to."""


def walk(store: ContentStore, pins: Iterable[Pin]) -> Iterator[tuple[Cid, bytes]]:
    """Yield every block that pins keep, read from a store; those below a root before the root itself."""
    for pin in pins:
        yield from _below(store, pin.cid, recursive=pin.recursive)


def together(pinned: Sequence[Mapping[Cid, bool]]) -> dict[Cid, bool]:
    """Pins of several stores: direct where any says so."""
    whole: dict[Cid, bool] = {}
    for pins in pinned:
        for cid, recursive in pins.items():
            whole[cid] = whole.get(cid, True) and recursive
    return whole


def sound(store: ContentStore, cid: Cid) -> bytes | None:
    """A block that a store has itself and that is as it should be."""
    try:
        return store.get(cid, max_bytes=MAX_IPFS_BLOCK_BYTES) if store.has(cid) else None
    except (LimitExceeded, NotFound, Tampered):
        return None


def _below(store: ContentStore, cid: Cid, *, recursive: bool) -> Iterator[tuple[Cid, bytes]]:
    block = store.get(cid, max_bytes=MAX_IPFS_BLOCK_BYTES)
    if recursive and is_dag_pb(cid):
        for link in decode_node(block)[0]:
            yield from _below(store, cid_text(link.cid), recursive=True)
    yield cid, block


def _links(node: bytes) -> list[Link]:
    """What a node links to; nothing that others keep on the same Kubo node in a way that is not ours."""
    try:
        return decode_node(node)[0]
    except Malformed:
        return []


def _flat(lists: Iterable[Iterable[Cid]]) -> Iterator[Cid]:
    yield from dict.fromkeys(cid for each in lists for cid in each)


def _renamed(store: ContentStore) -> list[Cid]:
    """Pin by their own names the tiles that an erasure left under that of a raw block, in a Kubo node; return them."""
    lone = [cid for cid, recursive in store.pins().items() if not recursive and not is_dag_pb(cid)]
    tiles = {
        cid: block_cid(block, DAG_PB) for cid in lone if (block := sound(store, cid)) is not None and _is_tile(block)
    }
    if tiles:
        store.repin([Pin(tile, recursive=False) for tile in tiles.values()], [])
        store.repin([], store.pins().keys() & tiles.keys())  # a Kubo node goes on keeping the block by both names
    return list(tiles.values())


def _is_tile(block: bytes) -> bool:
    try:
        parse_tile(block)
    except Malformed:
        return False
    return True
