"""Keeping the read model up with the chain.

given an indexer
  when the node has blocks             → it should apply them in steps, then finalize
  when the chain forks                 → it should end where a fresh indexer ends
  when the node dies at any call       → it should change nothing, and go on once it is back
  when the chain moves under the read  → it should change nothing
  when another follower is faster      → it should change nothing, and say so
  when an anchor is left out           → it should raise an alarm, however the blocks are cut into steps
  when a block's events are not those of its receipts → it should raise an alarm, and keep nothing of it
  when blocks hold many events         → it should take fewer of them a step, and more again when they hold few
  when a read is refused for its size  → it should say so, and go on once it is not
  when fsck compares                   → it should find a changed or missing event, and a state that does not follow
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.chainview import Blocks, Finalize, Reorg
from ledger.domain.errors import Conflict, LimitExceeded, Tampered, Unavailable
from ledger.ports.chain import Event
from ledger.services import indexing
from ledger.services.indexing import Difference, Indexer, fsck
from tests.support.fake_chain import FakeChain


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[Database]]:
    found = [Database(f"sqlite:///{tmp_path / name}.sqlite") for name in ("one", "two")]
    yield found
    for database in found:
        database.close()


@pytest.fixture
def store(databases: list[Database]) -> SqlIndexStore:
    return SqlIndexStore(databases[0])


@pytest.fixture
def fresh(databases: list[Database]) -> SqlIndexStore:
    return SqlIndexStore(databases[1])


def anchored(sequence: int, issuer: int = 17) -> tuple[str, str, dict[str, object]]:
    h = pack_h(bytes(20), pack_head(sequence, 851001, 1))
    return "DocumentRegistry", "Anchored", {"issuer": issuer, "h": h, "root": b"\1" * 32, "manifest": b"\2" * 32}


def busy(chain: FakeChain, blocks: int, fork: str = "") -> FakeChain:
    for number in range(blocks):
        chain.mine(("DeclarationRegistry", "Arrived", {"caseId": number + 1, "fork": fork}), fork=fork)
    return chain


def test_it_takes_one_step_at_a_time(store: SqlIndexStore) -> None:
    chain = busy(FakeChain(), 5)
    chain.final_depth = 1
    indexer = Indexer(chain, store, most=4)
    assert list(indexer.catch_up()) == [Blocks(0, 3), Blocks(4, 5), Finalize(4)]
    assert indexer.step() is None
    assert indexer.lag().blocks == 0
    busy(chain, 1)
    assert indexer.lag().blocks == 1


def test_steps_follow_the_number_of_events(store: SqlIndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "FIRST_BLOCKS", 2)
    monkeypatch.setattr(indexing, "STEP_EVENTS", 10)
    chain = FakeChain()
    for _ in range(9):
        chain.mine()
    for number in range(4):
        chain.mine(*(("DeclarationRegistry", "Arrived", {"caseId": 9 * number + n}) for n in range(9)))
    for _ in range(5):
        chain.mine()
    steps = [step.last - step.first + 1 for step in Indexer(chain, store).catch_up() if isinstance(step, Blocks)]
    assert steps == [2, 4, 8, 2, 3]


def test_a_refused_read_is_told_and_tried_again(store: SqlIndexStore) -> None:
    chain = busy(FakeChain(), 3)
    chain.fail("events", LimitExceeded("answer of the node", 1))
    told: list[str] = []
    Indexer(chain, store).run(lambda: store.cursor() is not None, told.append)
    assert told == ["answer of the node is over the limit of 1", ""]


def test_a_fork_ends_where_a_fresh_index_ends(store: SqlIndexStore, fresh: SqlIndexStore) -> None:
    chain = busy(FakeChain(), 6)
    chain.final_depth = 4
    indexer = Indexer(chain, store)
    list(indexer.catch_up())
    chain.fork_at(3)
    busy(chain, 5, fork="b")
    assert Reorg(3) in list(indexer.catch_up())
    assert fsck(chain, store, fresh) is None
    assert store.events(limit=100) == fresh.events(limit=100) == chain.events(0, chain.head().number)


def test_a_fork_below_what_is_final_is_an_alarm(store: SqlIndexStore) -> None:
    chain = busy(FakeChain(), 6)
    indexer = Indexer(chain, store)
    list(indexer.catch_up())
    chain.fork_at(3)
    busy(chain, 5, fork="b")
    kept = store.events(limit=100)
    with pytest.raises(Tampered):
        indexer.step()
    assert store.events(limit=100) == kept


@pytest.mark.parametrize("method", ["head", "final_head", "blocks", "events", "transactions", "receipts"])
def test_a_node_that_dies_changes_nothing(store: SqlIndexStore, method: str) -> None:
    chain = busy(FakeChain(), 3)
    indexer = Indexer(chain, store)
    list(indexer.catch_up())
    busy(chain, 2)
    before = store.cursor()
    chain.fail(method, Unavailable("gone"))
    with pytest.raises(Unavailable):
        indexer.step()
    assert store.cursor() == before
    list(indexer.catch_up())
    assert store.cursor() == chain.head()


def test_a_chain_that_moves_under_the_read_changes_nothing(
    store: SqlIndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, other = busy(FakeChain(), 3), busy(FakeChain(), 3, fork="b")

    def moved(first: int, last: int, **_: object) -> list[Event]:
        return other.events(first, last)

    monkeypatch.setattr(chain, "events", moved)
    with pytest.raises(Unavailable):
        Indexer(chain, store).step()
    assert store.cursor() is None


@pytest.mark.parametrize("most", [1, 2, 100])
def test_a_gap_in_an_issuers_sequence_is_an_alarm(store: SqlIndexStore, most: int) -> None:
    chain = FakeChain()
    chain.mine(anchored(1), anchored(2))
    chain.mine(anchored(1, issuer=18))
    chain.mine(anchored(3))
    indexer = Indexer(chain, store, most=most)
    list(indexer.catch_up())
    chain.mine(anchored(5))
    with pytest.raises(Tampered, match="anchored 5 where 4"):
        list(indexer.catch_up())


def test_a_second_follower_is_no_alarm(databases: list[Database], monkeypatch: pytest.MonkeyPatch) -> None:
    store, chain = SqlIndexStore(databases[0]), FakeChain()
    chain.mine(anchored(1))
    told = chain.events

    def meanwhile(first: int, last: int, **_: object) -> list[Event]:
        monkeypatch.setattr(chain, "events", told)
        list(Indexer(chain, store).catch_up())  # another process, between our reads
        return told(first, last)

    monkeypatch.setattr(chain, "events", meanwhile)
    with pytest.raises(Conflict):
        Indexer(chain, store).step()
    assert store.cursor() == chain.head()


def test_fsck_finds_an_event_that_the_index_lacks(store: SqlIndexStore, fresh: SqlIndexStore) -> None:
    chain = busy(FakeChain(), 3)
    store.apply(chain.between(0, 3), chain.events(0, 2))
    assert fsck(chain, store, fresh) == Difference(3, "other events")


def test_fsck_finds_a_changed_event(store: SqlIndexStore, fresh: SqlIndexStore) -> None:
    chain, other = busy(FakeChain(), 3), busy(FakeChain(), 3)
    other.events_[2] = busy(FakeChain(), 2, fork="b").events_[2]
    store.apply(chain.between(0, 3), [e for n in range(4) for e in other.events_[n]])
    assert fsck(chain, store, fresh) == Difference(2, "other events")


def test_fsck_finds_what_differs_behind_the_first_page_of_a_block(
    store: SqlIndexStore, fresh: SqlIndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "PAGE", 2)
    chain = FakeChain()
    chain.mine(*(("DeclarationRegistry", "Arrived", {"caseId": number}) for number in range(1, 6)))
    whole = chain.events(0, 1)
    store.apply(chain.between(0, 1), whole[:4])
    assert fsck(chain, store, fresh) == Difference(1, "other events")


def test_logs_that_the_node_leaves_out_are_an_alarm(
    store: SqlIndexStore, fresh: SqlIndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = busy(FakeChain(), 3)
    told = chain.events
    monkeypatch.setattr(chain, "events", lambda first, last, **_: [e for e in told(first, last) if e.block.number != 2])
    with pytest.raises(Tampered, match="block 2 was told with 0 events, its receipts hold 1"):
        Indexer(chain, store).step()
    assert store.cursor() is None
    store.apply(chain.between(0, 3), chain.events(0, 3))  # as it may have been taken from another node
    with pytest.raises(Tampered, match="block 2"):
        fsck(chain, store, fresh)


@pytest.mark.parametrize("most", [1, 100])
def test_a_block_with_an_event_too_many_is_an_alarm(
    store: SqlIndexStore, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    chain = busy(FakeChain(), 3)
    told = chain.receipts
    monkeypatch.setattr(chain, "receipts", lambda hashes: [replace(r, events=()) for r in told(hashes) if r])
    with pytest.raises(Tampered, match="its receipts hold 0"):
        list(Indexer(chain, store, most=most).catch_up())
    assert store.cursor() == (chain.block(0) if most == 1 else None)


def test_fsck_finds_a_state_that_does_not_follow_from_the_events(
    databases: list[Database], fresh: SqlIndexStore
) -> None:
    chain, store = busy(FakeChain(), 3), SqlIndexStore(databases[0])
    list(Indexer(chain, store).catch_up())
    assert fsck(chain, store, fresh) is None
    with databases[0].writing() as connection:
        connection.exec_driver_sql("UPDATE index_states SET status = 'BETTER' WHERE first_block = 2")
    fresh.clear()
    assert fsck(chain, store, fresh) == Difference(2, "other states")
