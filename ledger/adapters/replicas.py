"""Several content stores as one: a batch counts as kept once a required number of them holds it.

Reads go to the first store that gives the right bytes. `repair` brings stores that were away up to date and tells what
was missing. An erasure wins over a store that missed it: a pin that any store holds as direct is direct everywhere.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.domain.cid import DAG_PB, cid_bytes, cid_text
from ledger.domain.dagpb import decode_node
from ledger.domain.errors import NotFound, TamgaError, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.domain.limits import MAX_IPFS_BLOCK_BYTES
from ledger.ports.content_store import ContentStore, Pin

_log = logging.getLogger(__name__)


class Repaired(NamedTuple):
    """One thing that a repair put right.

    Attributes:
        store: Which store, by its place.
        cid: The root.
        how: `copied` (was missing) or `narrowed` (held what was erased elsewhere).
    """

    store: int
    cid: Cid
    how: str


class ReplicatedStore(ContentStore):
    """A content store over several."""

    def __init__(self, stores: Sequence[ContentStore], *, required: int) -> None:
        """Take the stores, preferred ones first, and how many must hold a batch before it counts as kept."""
        if not 1 <= required <= len(stores):
            raise ValueError(f"{required} replicas of {len(stores)} stores")
        self._stores, self._required = list(stores), required

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """See the port. The first store takes the blocks as they come, the others copy from it.

        Raises:
            Unavailable: Fewer stores than required hold it; those that do keep it, and storing it again is safe.
        """
        first = self._stores[0]
        wanted: list[Pin] = []

        def kept_pins() -> Iterator[Pin]:
            wanted.extend(pins)  # known only once the first store has read all blocks
            yield from wanted

        first.put_batch(blocks, kept_pins())
        held, problems = 1, []
        for place, other in enumerate(self._stores[1:], 1):
            try:
                other.put_batch(walk(first, wanted), wanted)
                held += 1
            except TamgaError as bad:
                problems.append(f"store {place}: {bad}")
                _log.warning("a batch has no replica in store %d: %s", place, bad)
        if held < self._required:
            raise Unavailable(f"{held} of {self._required} replicas: {'; '.join(problems)}")

    def has(self, cid: Cid) -> bool:
        """Whether any store that answers has it."""
        problem: TamgaError | None = None
        for store in self._stores:
            try:
                if store.has(cid):
                    return True
            except Unavailable as bad:
                problem = bad
        if problem is not None:
            raise problem
        return False

    def pins(self) -> Mapping[Cid, bool]:
        """Pins of all stores together; direct where any store says so."""
        return _together([store.pins() for store in self._stores])

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """See the port; in every store."""
        added, removed = list(add), list(remove)
        for store in self._stores:
            store.repin(added, removed)

    def collect(self) -> None:
        """See the port; in every store."""
        for store in self._stores:
            store.collect()

    def repair(self) -> list[Repaired]:
        """Copy what a store misses, narrow what it should not hold any more, and tell both.

        What was narrowed is gone after the next `collect`. A batch that was unpinned while a store was away comes back.

        Raises:
            Unavailable: A store is away.
            NotFound, Tampered: No store has a good copy.
        """
        pinned = [dict(store.pins()) for store in self._stores]
        whole = _together(pinned)
        done: list[Repaired] = []
        for place, (store, own) in enumerate(zip(self._stores, pinned, strict=True)):
            missing = [Pin(cid, recursive) for cid, recursive in whole.items() if cid not in own]
            narrowed = [Pin(cid, recursive=False) for cid, recursive in own.items() if recursive and not whole[cid]]
            if missing:
                store.put_batch(walk(self, missing), missing)
            if narrowed:
                store.repin(narrowed, [])
            done += [Repaired(place, pin.cid, "copied") for pin in missing]
            done += [Repaired(place, pin.cid, "narrowed") for pin in narrowed]
        return done

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        """From the first store that gives bytes that hash to the CID; else the gravest of their problems."""
        problems: list[TamgaError] = []
        for store in self._stores:
            try:
                return store.get(cid, max_bytes=max_bytes)
            except (NotFound, Tampered, Unavailable) as bad:
                problems.append(bad)
        for kind in (Tampered, Unavailable):  # a store that is away may have it: not found is the last thing to say
            for problem in problems:
                if isinstance(problem, kind):
                    raise problem
        raise NotFound("block", cid)


def walk(store: ContentStore, pins: Iterable[Pin]) -> Iterator[tuple[Cid, bytes]]:
    """Yield every block that pins keep, read from a store; those below a root before the root itself."""
    for pin in pins:
        yield from _below(store, pin.cid, recursive=pin.recursive)


def _below(store: ContentStore, cid: Cid, *, recursive: bool) -> Iterator[tuple[Cid, bytes]]:
    block = store.get(cid, max_bytes=MAX_IPFS_BLOCK_BYTES)
    if recursive and cid_bytes(cid)[:4] == DAG_PB:
        for link in decode_node(block)[0]:
            yield from _below(store, cid_text(link.cid), recursive=True)
    yield cid, block


def _together(pinned: Sequence[Mapping[Cid, bool]]) -> dict[Cid, bool]:
    whole: dict[Cid, bool] = {}
    for pins in pinned:
        for cid, recursive in pins.items():
            whole[cid] = whole.get(cid, True) and recursive
    return whole
