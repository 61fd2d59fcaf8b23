"""The read model: applying and rolling back are exact inverses, whatever the blocks and events.

given a store after any sequence of applied blocks
  when more blocks are applied and rolled back → it should hold exactly what it held before
  when blocks do not link to its cursor        → it should refuse them and hold what it held
  when a block is final                        → it should refuse to undo it
  when another follower undoes blocks while one is applied → one of the two should wait for the other: no gap
"""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.adapters.sql.database import Database, metadata
from ledger.adapters.sql.index import SqlIndexStore
from ledger.domain.chainview import NOTHING
from ledger.domain.errors import Conflict
from ledger.domain.ids import Address
from tests.support.fake_chain import FakeChain
from tests.support.postgres import postgres_url

values = st.one_of(
    st.integers(-(2**255), 2**256 - 1),
    st.binary(max_size=40),
    st.booleans(),
    st.text(max_size=8),
    st.none(),
)
arguments = st.dictionaries(
    st.sampled_from(["caseId", "permit", "actor", "evidence", "note", "uses"]),
    st.one_of(values, st.lists(values, max_size=3), st.dictionaries(st.sampled_from(["permit", "x"]), values)),
    max_size=4,
)
block_events = st.lists(
    st.tuples(st.sampled_from(["DebtLedger", "PermitRegistry"]), st.just("Did"), arguments), max_size=3
)
chains = st.lists(block_events, min_size=1, max_size=6)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path_factory.mktemp('index') / 'index.sqlite'}")
    else:
        database = Database(postgres_url(tmp_path_factory.mktemp("postgres")))
    yield database
    database.close()


def dump(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {t.name: sorted(map(tuple, connection.execute(t.select())), key=repr) for t in metadata.sorted_tables}


def mined(chain: FakeChain, script: list[list[tuple[str, str, dict[str, Any]]]]) -> None:
    for events in script:
        chain.mine(*events)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=chains, undone=chains)
def test_rolling_back_undoes_exactly_what_was_applied(database: Database, kept: Any, undone: Any) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    store.clear()
    mined(chain, kept)
    top = chain.head().number
    store.apply(chain.between(0, top), chain.events(0, top))
    before = dump(database)
    mined(chain, undone)
    store.apply(chain.between(top + 1, chain.head().number), chain.events(top + 1, chain.head().number))
    assert dump(database) != before
    assert store.events(limit=10_000) == chain.events(0, chain.head().number)
    store.roll_back(top)
    assert dump(database) == before
    store.roll_back(NOTHING)
    assert store.cursor() is None
    assert store.events() == []


def test_blocks_that_do_not_link_are_refused(database: Database) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    store.clear()
    mined(chain, [[], []])
    store.apply(chain.between(0, 1), [])
    before = dump(database)
    chain.fork_at(0)
    chain.mine(fork="other")
    chain.mine()
    with pytest.raises(Conflict):
        store.apply(chain.between(2, 2), [])
    with pytest.raises(Conflict):
        store.apply(chain.between(1, 1), [])
    assert dump(database) == before


def test_two_followers_leave_no_gap(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    store.clear()
    mined(chain, [[], []])
    store.apply(chain.between(0, 1), [])
    others: list[Thread] = []

    def meanwhile(*_: Any) -> None:
        """The other follower rolls back, while this one has looked at the cursor and not committed yet."""
        other = Thread(target=SqlIndexStore(database).roll_back, args=(0,))
        others.append(other)
        other.start()
        while other.is_alive() and not waits_for_a_lock(database):
            other.join(0.01)

    monkeypatch.setattr("ledger.adapters.sql.states.write", meanwhile)
    store.apply(chain.between(2, 2), [])
    others[0].join()
    cursor = store.cursor()
    assert cursor is not None
    assert [n for n in range(cursor.number) if store.block(n) is None] == []


def waits_for_a_lock(database: Database) -> bool:
    """Whether somebody waits in PostgreSQL. In SQLite a second writer always does, from its first word."""
    if database.is_sqlite:
        return True
    with database.reading() as connection:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(connection.exec_driver_sql(waiting).scalar())


def test_final_blocks_stay(database: Database) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    store.clear()
    mined(chain, [[], []])
    store.apply(chain.between(0, 2), [])
    store.finalize(1)
    with pytest.raises(Conflict):
        store.roll_back(0)
    with pytest.raises(Conflict):
        store.finalize(0)
    store.roll_back(1)
    assert store.cursor() == chain.block(1)
    assert store.finalized() == 1


def test_events_are_found_by_entity_name_position_and_time(database: Database) -> None:
    store, chain = SqlIndexStore(database), FakeChain()
    store.clear()
    permit, other = b"\x01" * 32, b"\x02" * 32
    actor = Address("0x" + "ab" * 20)
    chain.mine(
        ("PermitRegistry", "PermitUsed", {"permit": permit, "caseId": 7}),
        ("DeclarationRegistry", "Accepted", {"caseId": 7, "actor": actor, "uses": [{"permit": other}]}),
    )
    chain.mine(("DebtLedger", "Assessed", {"caseId": 7, "actor": actor}), seconds=10)
    store.apply(chain.between(0, 2), chain.events(0, 2))
    assert [e.name for e in store.events(entities=["declaration:7"])] == ["PermitUsed", "Accepted", "Assessed"]
    assert [e.name for e in store.events(entities=["declaration:7"], limit=1, after=(1, 0))] == ["Accepted"]
    assert [e.name for e in store.events(entities=["declaration:7"], until_time=chain.blocks_[1].time)] == [
        "PermitUsed",
        "Accepted",
    ]
    assert [e.name for e in store.events(entities=["debt:7"])] == ["Assessed"]
    assert [e.name for e in store.events(entities=[f"key:{actor}"], name="Accepted")] == ["Accepted"]
    assert store.linked("declaration:7", ["permit"]) == {f"permit:0x{permit.hex()}", f"permit:0x{other.hex()}"}
    newest = store.last_event(entity="declaration:7", name="Assessed")
    assert newest is not None
    assert newest.block == chain.head()
    assert store.block_at(chain.head().time - 1) == chain.block(1)
