"""A trader's declarations, and a declaration's timeline, in an index of 10^4 and of 10^6 declarations.

Timed, on SQLite and on PostgreSQL, in one process, both indexes in turns: for SQLite in this process's own time, as it
works in it, so that others on the machine do not count; for PostgreSQL, which does not, by the clock, after `ANALYZE`,
which its own daemon runs a minute later. `Queries.page` for a random trader (its 100 declarations, with their states),
and `History.of_declaration` for a random declaration (every act with its actor). Not timed: filling. Both indexes are
filled by the store's own `apply`, from events as the contracts tell them, each trader with 100 declarations, each
lodged and accepted. The goal is that the larger index takes at most 1.5 times as long: the cost is of what is asked
for, not of what there is.

    scripts/bench query [--json] [--runs 5]
"""

import hashlib
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from eth_utils.address import to_checksum_address
from sqlalchemy import text

from ledger.adapters.clock import SystemClock
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.ids import Address, BlockHash, CaseId, ParticipantId, TxHash
from ledger.ports.chain import Event, Head
from ledger.ports.state_store import OWN, Party
from ledger.services.history import History
from ledger.services.queries import Asked, Queries
from scripts.measure.figures import Figure, less, medians, show, tell
from scripts.measure.postgres import own_server, server_url

NAME: Final = "query"
UNIT: Final = "ms"
FEW: Final = 10_000
MANY: Final = 1_000_000
OF_ONE_TRADER: Final = 100
ASKED: Final = 100
"""Questions of each kind in one run."""
PER_BLOCK: Final = 500
"""Declarations lodged and accepted in one block."""
BLOCKS_AT_ONCE: Final = 20
GOAL_TIMES_AS_LONG: Final = 1.5
START: Final = 1_700_000_000
REGISTRY: Final = Address("0x" + "d1" * 20)
FIRST_CASE: Final = 1 << 56


@dataclass(frozen=True)
class Index:
    """A filled index.

    Attributes:
        count: Declarations in it.
        queries: Reads its rows.
        history: Reads its events.
    """

    count: int
    queries: Queries
    history: History

    def list_of_a_trader(self, chosen: random.Random) -> None:
        """Ask for all declarations of a random trader."""
        trader = ParticipantId(1 + chosen.randrange(self.count // OF_ONE_TRADER))
        page = self.queries.page(Asked("declaration", Party(trader, OWN)), limit=OF_ONE_TRADER)
        if len(page.rows) != OF_ONE_TRADER:
            raise AssertionError(f"trader {trader} has {len(page.rows)} declarations")

    def timeline(self, chosen: random.Random) -> None:
        """Ask for the timeline of a random declaration."""
        case = CaseId(FIRST_CASE + 1 + chosen.randrange(self.count))
        if len(self.history.of_declaration(case).acts) != 2:
            raise AssertionError(f"declaration {case} has another history")


def measure(runs: int) -> Iterator[Figure]:
    """Two figures for each database."""
    with tempfile.TemporaryDirectory() as folder:
        urls = {count: f"sqlite:///{Path(folder) / f'{count}.sqlite'}" for count in (FEW, MANY)}
        yield from compared(runs, "SQLite", urls, time.process_time)
    with own_server() as server:
        urls = {count: server_url(server, f"declarations_{count}") for count in (FEW, MANY)}
        yield from compared(runs, "PostgreSQL", urls, time.perf_counter)


def compared(runs: int, database: str, urls: Mapping[int, str], clock: Callable[[], float]) -> Iterator[Figure]:
    """Fill both indexes, and ask them in turns."""
    with closing(Database(urls[FEW])) as few, closing(Database(urls[MANY])) as many:
        small, large = filled(few, FEW), filled(many, MANY)
        for what, question in (("a trader's list", Index.list_of_a_trader), ("a timeline", Index.timeline)):
            found = medians(runs, UNIT, few=timed(small, question, clock), many=timed(large, question, clock))
            against = f"{database}, {what}, the same among {FEW:,}"
            yield less(NAME, found["many"], UNIT, against, found["few"], goal=1 / GOAL_TIMES_AS_LONG)


def timed(
    index: Index, question: Callable[[Index, random.Random], None], clock: Callable[[], float]
) -> Callable[[], float]:
    """What asks a hundred others each time, so that no cache knows them; returns the mean time of a question [ms]."""
    chosen = random.Random(index.count)  # noqa: S311 - the same questions each time that this is run

    def once() -> float:
        question(index, chosen)  # opens the connection
        began = clock()
        for _ in range(ASKED):
            question(index, chosen)
        return (clock() - began) / ASKED * 1_000

    return once


def filled(database: Database, count: int) -> Index:
    """An index with so many declarations."""
    store, states = SqlIndexStore(database), SqlStateStore(database)
    began = time.monotonic()
    parent = BlockHash(bytes(32))
    number = 0
    while number * PER_BLOCK < count:
        blocks: list[Head] = []
        events: list[Event] = []
        for _ in range(min(BLOCKS_AT_ONCE, -(-count // PER_BLOCK) - number)):
            block = Head(number, BlockHash(hashlib.sha256(parent).digest()), parent, START + number)
            events += told(block, range(number * PER_BLOCK, min((number + 1) * PER_BLOCK, count)), count)
            blocks.append(block)
            parent, number = block.hash, number + 1
        store.apply(blocks, events)
        if number % 200 == 0:
            tell(f"{number * PER_BLOCK:,} of {count:,} declarations, {time.monotonic() - began:.0f} s")
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.execute(text("ANALYZE"))
    return Index(count, Queries(store, states, SystemClock()), History(store, states))


def told(block: Head, serials: Sequence[int], count: int) -> Iterator[Event]:
    """Events of declarations, each lodged by its trader and accepted by an officer."""
    traders = count // OF_ONE_TRADER
    for place, serial in enumerate(serials):
        case, trader = FIRST_CASE + 1 + serial, 1 + serial % traders
        record = hashlib.sha256(case.to_bytes(8)).digest()
        lodgement = {
            "lrnMac": bytes(32),
            "dataRecord": record,
            "importer": trader,
            "carrier": 0,
            "office": 1701 + serial % 50,
            "regime": 4000,
            "itemCount": 3,
            "representation": 0,
        }
        transaction = TxHash(record)
        lodged = {"caseId": case, "actor": key_of(trader), "declarant": trader, "lodgement": lodgement}
        accepted = {"caseId": case, "actor": key_of(0), "version": 1, "mrn": b"26UZ%014d" % serial}
        for log, (name, args) in enumerate((("Lodged", lodged), ("Accepted", accepted))):
            yield Event(REGISTRY, name, args, block, transaction, 2 * place + log, "DeclarationRegistry")


@cache
def key_of(participant: int) -> Address:
    """A key of the participant; 0 stands for customs."""
    return Address(to_checksum_address(hashlib.sha256(participant.to_bytes(8)).digest()[:20]))


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
