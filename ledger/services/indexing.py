"""Keeps the read model up with the chain, one step at a time: blocks, reorg or finalize.

What a node says is checked before it is kept: headers link, events lie in those headers, each block holds as many as
its receipts, no issuer's sequence has a gap. A lagging or lying node is an error, never a rollback. `fsck` replays the
chain into a fresh store and compares.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.anchor import unpack_h
from ledger.domain.chainview import NOTHING, Blocks, Finalize, Reorg, Step, check_links, next_step
from ledger.domain.errors import Conflict, Refused, Tampered, Unavailable
from ledger.domain.events import ANCHORED, anchors_entity
from ledger.domain.ids import Address, BlockHash
from ledger.domain.limits import LOG_RANGE_BLOCKS, RPC_BATCH
from ledger.ports.chain import ChainReader, Event, Head
from ledger.ports.index_store import IndexStore, Position
from ledger.services.idling import Idling

PAGE: Final = 1_000
"""Events of one block that are compared at a time."""
FIRST_BLOCKS: Final = 64
"""Blocks of a first step; while they hold few events, each step takes twice as many as the one before."""
STEP_EVENTS: Final = 20_000
"""Events of a step, about: they are in memory together, some 2 KB each."""
POLL_S: Final = (0.1, 0.25)
"""Between two looks for a new block, when there was one of late and when not [s]."""


@dataclass(frozen=True)
class Lag:
    """How far the index is behind the chain.

    Attributes:
        indexed: Height of the last applied block; `chainview.NOTHING` for none.
        finalized: Height of the last block known to be final.
        head: Height of the node's newest block.
    """

    indexed: int
    finalized: int
    head: int

    @property
    def blocks(self) -> int:
        """Blocks not yet applied."""
        return self.head - self.indexed


class Indexer:
    """Follows one chain into one store. One at a time per store; a second one gets `Conflict` and stops."""

    def __init__(self, reader: ChainReader, store: IndexStore, *, most: int = LOG_RANGE_BLOCKS) -> None:
        self._reader, self._store, self._most = reader, store, most
        self._wanted = min(FIRST_BLOCKS, most)
        self._seen: Head | None = None

    def step(self) -> Step | None:
        """Take the one step that comes next; None when there is nothing to do.

        Raises:
            Unavailable: The node is away, lags, or the chain moved while it was read; call again.
            Tampered: The node contradicts what is final, or leaves something out. Raise an alarm.
            Conflict: Another indexer moved the store.
        """
        head, final = self._reader.head(), self._reader.final_head()
        self._seen = head
        cursor = self._store.cursor()
        step = next_step(
            cursor,
            self._store.finalized(),
            head,
            final,
            stored=self._stored_hash,
            theirs=self._their_hash,
            most=self._wanted,
        )
        match step:
            case Blocks(first, last):
                blocks, events = self._read(cursor, first, last)
                self._store.apply(blocks, events)
                self._wanted = self._next_blocks(len(blocks), len(events))
            case Reorg(to):
                self._store.roll_back(to)
            case Finalize(to):
                self._store.finalize(to)
        return step

    def catch_up(self) -> Iterator[Step]:
        """Step until there is nothing to do; gives each step after it was taken."""
        while (step := self.step()) is not None:
            yield step

    def run(self, stopped: Callable[[], bool], report: Callable[[str], None]) -> None:
        """Follow the chain until `stopped()`; for a thread of the facade.

        Args:
            stopped: Asked between two steps.
            report: Told of each new trouble in one line, and of its end with "".
        """
        trouble, idling = "", Idling(*POLL_S)
        while not stopped():
            try:
                idle = self.step() is None
                found = ""
            except Conflict:  # another process follows for this database
                idle, found = True, ""
            except Tampered as error:
                idle, found = True, f"ALARM, {error}"
            except (Unavailable, Refused) as error:
                idle, found = True, str(error)
            if found != trouble:
                trouble = found
                report(trouble)
            if found:
                idling.again()
            elif idle:
                idling.wait(stopped, lambda: self._reader.head() != self._seen)
            else:
                idling.worked()

    def lag(self) -> Lag:
        """How far the index is behind. Raises `Unavailable` without a node."""
        cursor = self._store.cursor()
        indexed = NOTHING if cursor is None else cursor.number
        return Lag(indexed, self._store.finalized(), self._reader.head().number)

    def _next_blocks(self, blocks: int, events: int) -> int:
        """Blocks that the next step may take: about `STEP_EVENTS` if they are like these."""
        fitting = blocks * STEP_EVENTS // max(events, 1)
        return max(1, min(fitting, 2 * max(blocks, self._wanted), self._most))

    def _read(self, cursor: Head | None, first: int, last: int) -> tuple[Sequence[Head], Sequence[Event]]:
        blocks = self._blocks(first, last)
        check_links(cursor, blocks)
        events = self._reader.events(first, last)
        by_number = {block.number: block for block in blocks}
        for event in events:
            if by_number.get(event.block.number) != event.block:
                raise Unavailable(f"the chain moved at block {event.block.number} while it was read")
        self._check_counts(by_number, events)
        self._check_sequences(events, cursor)
        return blocks, events

    def _check_counts(self, blocks: Mapping[int, Head], events: Sequence[Event]) -> None:
        """Each block holds as many events as its receipts: `eth_getLogs` left none out, and added none."""
        held = Counter(event.block.number for event in events)
        told: Counter[int] = Counter()
        by_block = self._reader.transactions(list(blocks))
        pairs = [(n, tx_hash) for n, hashes in zip(blocks, by_block, strict=True) for tx_hash in hashes]
        for start in range(0, len(pairs), RPC_BATCH):
            some = pairs[start : start + RPC_BATCH]
            receipts = self._reader.receipts([tx_hash for _, tx_hash in some])
            for (number, _), receipt in zip(some, receipts, strict=True):
                if receipt is None or receipt.block != blocks[number]:
                    raise Unavailable(f"the chain moved at block {number} while it was read")
                told[number] += len(receipt.events)
        for number in blocks:
            if held[number] != told[number]:
                text = f"block {number} was told with {held[number]} events, its receipts hold {told[number]}"
                raise Tampered(f"{text}: the node leaves something out")

    def _blocks(self, first: int, last: int) -> list[Head]:
        found = self._reader.blocks(range(first, last + 1))
        blocks = [block for block in found if block is not None]
        if len(blocks) != len(found):
            raise Unavailable(f"the node does not give every block up to {last} yet")
        return blocks

    def _check_sequences(self, events: Sequence[Event], cursor: Head | None) -> None:
        last: dict[tuple[int, Address], int] = {}
        for event in events:
            if event.name != ANCHORED:
                continue
            issuer, sequence = event.args["issuer"], unpack_h(event.args["h"]).seq
            key = (issuer, event.contract)
            if key not in last:
                last[key] = self._last_sequence(*key)
            if sequence != last[key] + 1:
                if self._store.cursor() != cursor:  # then what was stored is not what comes before these events
                    raise Conflict("another follower moved the index")
                missing = last[key] + 1
                raise Tampered(f"issuer {issuer} anchored {sequence} where {missing} comes next: the node left one out")
            last[key] = sequence

    def _last_sequence(self, issuer: int, contract: Address) -> int:
        found = self._store.last_event(entity=anchors_entity(issuer, contract), name=ANCHORED)
        return 0 if found is None else unpack_h(found.args["h"]).seq

    def _stored_hash(self, number: int) -> BlockHash:
        block = self._store.block(number)
        if block is None:
            raise Tampered(f"the index has lost block {number}; rebuild it")
        return block.hash

    def _their_hash(self, number: int) -> BlockHash | None:
        block = self._reader.block(number)
        return None if block is None else block.hash


@dataclass(frozen=True)
class Difference:
    """Where the index and a fresh replay of the chain part ways.

    Attributes:
        number: Height of the first block that differs.
        text: What differs.
    """

    number: int
    text: str


def fsck(reader: ChainReader, store: IndexStore, fresh: IndexStore) -> Difference | None:
    """Replay the chain into the empty store `fresh`, up to where `store` is, and compare.

    Returns:
        The first difference; None if there is none.

    Raises:
        Unavailable: The node lags behind the index, or is away.
        Tampered: The node leaves something out, as the replay finds.
    """
    cursor = store.cursor()
    if cursor is None:
        return None
    replay = Indexer(reader, fresh)
    while (reached := fresh.cursor()) is None or reached.number < cursor.number:
        if replay.step() is None:
            raise Unavailable(f"the node ends before block {cursor.number}")
    for number in range(cursor.number + 1):
        ours, theirs = store.block(number), fresh.block(number)
        if ours != theirs:
            return Difference(number, "another block, or none")
        if not _same_events(store, fresh, number):
            return Difference(number, "other events")
        if store.changes(number) != fresh.changes(number):
            return Difference(number, "other states")
    return None


def _same_events(store: IndexStore, fresh: IndexStore, number: int) -> bool:
    """Whether both hold the same events of a block, compared a page at a time."""
    after: Position | None = None
    while True:
        ours, theirs = (
            one.events(first_block=number, last_block=number, after=after, limit=PAGE) for one in (store, fresh)
        )
        if ours != theirs or not ours:
            return ours == theirs
        after = (number, ours[-1].log_index)
