"""Several content stores as one: a batch counts as kept once a required number of them holds it.

Reads go to the first store that gives the right bytes. `repair` brings stores that were away up to date and tells what
was missing. An erasure wins over a store that missed it: a pin that any store holds as direct is direct everywhere.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from ledger.adapters.repair import NOTHING, Repair, Repairs, together, walk
from ledger.domain.errors import NotFound, TamgaError, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.ports.content_store import ContentStore, Pin

_log = logging.getLogger(__name__)


@runtime_checkable
class Closing(Protocol):
    """What holds something open."""

    def close(self) -> None:
        """Give it back."""


class ReplicatedStore(ContentStore):
    """A content store over several."""

    def __init__(self, stores: Sequence[ContentStore], *, required: int) -> None:
        """Take the stores, preferred ones first, and how many must hold a batch before it counts as kept."""
        if not 1 <= required <= len(stores):
            raise ValueError(f"{required} replicas of {len(stores)} stores")
        self._stores, self._required = list(stores), required

    @property
    def stores(self) -> Sequence[ContentStore]:
        """Each of them, for what must happen in every one."""
        return tuple(self._stores)

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """See the port. The first store that answers takes the blocks as they come, the others copy from it.

        Raises:
            Unavailable: Fewer stores than required took it; those that did have unpinned it again, or are named.
        """
        first = self._first_that_answers()
        wanted: list[Pin] = []
        before: dict[int, Mapping[Cid, bool]] = {}

        def kept_pins() -> Iterator[Pin]:
            wanted.extend(pins)  # known only once the first store has read all blocks
            before[first] = self._stores[first].pinned([pin.cid for pin in wanted])
            yield from wanted

        try:
            self._stores[first].put_batch(blocks, kept_pins())
            self._copy(first, wanted, before)
        except BaseException as bad:  # Ctrl-C too: nobody will count on this batch, so nobody would ever unpin it
            left = self._take_back(wanted, before)
            if left and isinstance(bad, Unavailable):
                raise Unavailable(f"{bad}; it may stay pinned in store {', '.join(map(str, left))}") from bad
            raise

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

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        """See the port. What no store holds is asked of one, whose peers the others are.

        Raises:
            Unavailable: One is away, and may have what nobody else gives.
        """
        left = list(cids)
        asked: ContentStore | None = None
        away: Unavailable | None = None
        for store in self._stores:
            try:
                left = [cid for cid in left if not store.has(cid)]
                asked = asked or store
            except Unavailable as bad:
                away = bad
        nobodys = asked.absent(left) if asked is not None else frozenset(left)
        if nobodys and away is not None:
            raise away
        return nobodys

    def pins(self) -> Mapping[Cid, bool]:
        """Pins of all stores together; direct where any store says so."""
        return together([store.pins() for store in self._stores])

    def pinned(self, cids: Collection[Cid]) -> Mapping[Cid, bool]:
        """See the port; pinned is what the required number of stores pins, so that one may be away."""
        found: list[Mapping[Cid, bool]] = []
        away: Unavailable | None = None
        for store in self._stores:
            try:
                found.append(store.pinned(cids))
            except Unavailable as bad:
                away = bad
        holders = Counter(cid for pins in found for cid in pins)
        if away is not None and any(holders[cid] < self._required for cid in cids):
            raise away
        return {cid: recursive for cid, recursive in together(found).items() if holders[cid] >= self._required}

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """See the port; in every store.

        Raises:
            Unavailable: Stores are away, which are named; the others are done, so do it again when they are back.
        """
        added, removed = list(add), list(remove)
        self._in_each(lambda store: store.repin(added, removed), "not pinned anew")

    def collect(self) -> None:
        """See the port; in every store. Raises as `repin` does."""
        self._in_each(lambda store: store.collect(), "not collected")

    def repair(self, erased: Collection[Cid] = ()) -> Repairs:
        """Copy what a store misses, narrow or unpin what it should not hold any more, and tell all of it.

        What was narrowed or unpinned is gone after the next `collect`. A batch that was unpinned while a store was away
        comes back, unless it is named in `erased`.

        An erasure that died on its way is so finished, wherever it died.

        Args:
            erased: Envelopes of erased documents: they are copied nowhere and unpinned everywhere, also where a tile is
                still pinned with all its envelopes.

        Raises:
            Unavailable: No store answers. One that is away is named in what is returned, and the others are done.
        """
        return self._repair().pins(frozenset(erased))

    def mend(self) -> Repairs:
        """Read all that pins keep in every store, and put anew what a store has damaged or not at all.

        Raises:
            Unavailable: As `repair`.
        """
        return self._repair().blocks()

    def _repair(self) -> Repair:
        return Repair(self._stores, lambda answering: ReplicatedStore(answering, required=1))

    def _in_each(self, act: Callable[[ContentStore], None], failed: str) -> None:
        """Do it in every store, whatever becomes of it in another; then raise the gravest of their problems."""
        problems: list[tuple[int, TamgaError]] = []
        for place, store in enumerate(self._stores):
            try:
                act(store)
            except TamgaError as bad:
                problems.append((place, bad))
        for _, problem in problems:
            if not isinstance(problem, Unavailable):  # doing it again would not help
                raise problem
        if problems:
            told = "; ".join(f"store {place}: {problem}" for place, problem in problems)
            raise Unavailable(f"{failed}: {told}") from problems[0][1]

    def close(self) -> None:
        """Close every store that can be closed."""
        for store in self._stores:
            if isinstance(store, Closing):
                store.close()

    def _copy(self, first: int, wanted: Sequence[Pin], before: dict[int, Mapping[Cid, bool]]) -> None:
        """Copy a batch from the store that took it to all others, and note how they pinned its roots before.

        Raises:
            Unavailable: Fewer than required hold it.
        """
        problems = []
        for place, other in enumerate(self._stores):
            if place == first:
                continue
            try:
                before[place] = other.pinned([pin.cid for pin in wanted])
                other.put_batch(walk(self._stores[first], wanted), wanted)
            except TamgaError as bad:
                problems.append(f"store {place}: {bad}")
                _log.warning("a batch has no replica in store %d: %s", place, bad)
        held = len(self._stores) - len(problems)
        if held < self._required:
            raise Unavailable(f"{held} of {self._required} replicas: {'; '.join(problems)}")

    def _take_back(self, wanted: Sequence[Pin], before: Mapping[int, Mapping[Cid, bool]]) -> list[int]:
        """Pin a batch's roots as each store had them before; returns the stores that do not answer any more."""
        left = []
        for place, pinned in before.items():
            try:
                old = [Pin(cid, recursive) for cid, recursive in pinned.items()]
                self._stores[place].repin(old, [pin.cid for pin in wanted if pin.cid not in pinned])
            except TamgaError as bad:
                left.append(place)
                _log.error("store %d may keep a batch that was not taken: %s", place, bad)
        return left

    def _first_that_answers(self) -> int:
        """A store that is there now: a batch is read once, so it cannot be offered to one after the other."""
        problem: Unavailable | None = None
        for place, store in enumerate(self._stores):
            try:
                store.has(NOTHING)
            except Unavailable as bad:
                problem = bad
            else:
                return place
        raise Unavailable(f"none of {len(self._stores)} stores answers: {problem}") from problem

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        """From the first store that gives bytes that hash to the CID; else the gravest of their problems.

        Stores that hold it themselves come first. If none does, one is asked to fetch it: a node asks all its peers.
        """
        problems: list[TamgaError] = []
        for store in self._sources(cid, problems):
            try:
                return store.get(cid, max_bytes=max_bytes)
            except (NotFound, Tampered, Unavailable) as bad:
                problems.append(bad)
        for kind in (Tampered, Unavailable):  # a store that is away may have it: not found is the last thing to say
            for problem in problems:
                if isinstance(problem, kind):
                    raise problem
        raise NotFound("block", cid)

    def _sources(self, cid: Cid, problems: list[TamgaError]) -> Iterator[ContentStore]:
        """Stores to read a block from, each asked only once those before it did not do."""
        if len(self._stores) == 1:
            yield self._stores[0]
            return
        other: ContentStore | None = None
        for store in self._stores:
            try:
                is_here = store.has(cid)
            except Unavailable as bad:
                problems.append(bad)
                continue
            if is_here:
                yield store
            elif other is None:
                other = store
        if other is not None:
            yield other
