"""The read model's folded rows, whatever happens in the trade, on both databases.

given the events of a trade
  when they are applied in steps of any size, with the process started anew between any two
    → the rows should be those of one step, and those that folding in memory gives
  when blocks are undone → the rows should be exactly those before, and another course of events should leave its own
  when any state is written → its word should be one of its kind's, by which lists are filtered
  when a row is asked for as of any block → it should be what folding up to that block gives
  when entities are listed → all that a party sees should come, once each, newest first, page by page, as of that block
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.adapters.sql.codec import from_text, to_text
from ledger.adapters.sql.database import Database, metadata
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.folding import Book, fold
from ledger.domain.folding.words import STATES
from ledger.domain.ids import ParticipantId
from ledger.ports.state_store import Party, Row, Wanted
from tests.support import trade_events
from tests.support.fake_chain import FakeChain
from tests.support.postgres import postgres_url
from tests.support.trade_events import CASES, IMPORTER, QUARANTINE, RIVAL, Told

ALL_KINDS = ("declaration", "permit", "application", "debt", "entry", "account", "key", "participant", "guarantee")
settled = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('index') / 'index.sqlite'}"
    return postgres_url(tmp_path_factory.mktemp("postgres"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def played(script: list[list[Told]]) -> FakeChain:
    chain = FakeChain()
    chain.mine(*trade_events.births())
    for events in script:
        chain.mine(*events)
    return chain


def dump(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as connection:
        return {t.name: sorted(map(tuple, connection.execute(t.select())), key=repr) for t in metadata.sorted_tables}


def in_memory(chain: FakeChain, block: int) -> dict[str, Mapping[str, Any]]:
    """Every entity's state after that block, folded without any store."""
    book = Book(lambda _: None)
    found: dict[str, Mapping[str, Any]] = {}
    for event in chain.events(0, block):
        book.place(event.block.number, event.log_index)
        fold(event, book)
        found |= {entity: from_text(to_text(state)) for entity, _, state in book.close_block()}
    return found


@settings(settled, max_examples=40)
@given(script=trade_events.blocks)
def test_every_word_of_a_state_is_listed(script: list[list[Told]]) -> None:
    chain = played(script)
    for entity, state in in_memory(chain, chain.head().number).items():
        words = {state[name] for name in ("status", "after") if name in state}
        kind = entity.partition(":")[0]
        assert kind not in STATES or words <= {*STATES[kind]}, entity


@settled
@given(script=trade_events.blocks, data=st.data())
def test_steps_and_restarts_leave_no_trace(database: Database, script: list[list[Told]], data: st.DataObject) -> None:
    chain = played(script)
    store, head = SqlIndexStore(database), chain.head().number
    store.clear()
    store.apply(chain.between(0, head), chain.events(0, head))
    at_once = dump(database)
    store.clear()
    first = 0
    while first <= head:
        last = data.draw(st.integers(first, head))
        again = Database(database.url.render_as_string(hide_password=False))  # as a new process opens it
        SqlIndexStore(again).apply(chain.between(first, last), chain.events(first, last))
        again.close()
        first = last + 1
    assert dump(database) == at_once


@settled
@given(kept=trade_events.blocks, undone=trade_events.blocks, other=trade_events.blocks)
def test_undone_is_as_never_done(
    database: Database, kept: list[list[Told]], undone: list[list[Told]], other: list[list[Told]]
) -> None:
    chain, store = played(kept), SqlIndexStore(database)
    top = chain.head().number
    store.clear()
    store.apply(chain.between(0, top), chain.events(0, top))
    before = dump(database)
    for course, fork in ((undone, "a"), (other, "b")):
        for events in course:
            chain.mine(*events, fork=fork)
        head = chain.head().number
        store.apply(chain.between(top + 1, head), chain.events(top + 1, head))
        held = {e: r.state for e, r in SqlStateStore(database).rows(in_memory(chain, head), block=head).items()}
        assert held == in_memory(chain, head)
        store.roll_back(top)
        chain.fork_at(top)
        assert dump(database) == before


@settled
@given(script=trade_events.blocks)
def test_the_past_stays_as_it_was(database: Database, script: list[list[Told]]) -> None:
    chain, store, states = played(script), SqlIndexStore(database), SqlStateStore(database)
    head = chain.head().number
    store.clear()
    store.apply(chain.between(0, head), chain.events(0, head))
    for block in range(head + 1):
        expected = in_memory(chain, block)
        assert {e: r.state for e, r in states.rows(in_memory(chain, head), block=block).items()} == expected
    for entity in in_memory(chain, head):
        versions = states.versions(entity, block=head)
        assert [v.end_block for v in versions] == [*(v.first_block for v in versions[1:]), None]
        assert all(states.row(entity, block=v.first_block) == v for v in versions)


def pages(states: SqlStateStore, wanted: Wanted, block: int, limit: int) -> list[Row]:
    found: list[Row] = []
    while page := states.listed(wanted, block=block, before=found[-1].born if found else None, limit=limit):
        assert len(page) <= limit
        found += page
    return found


@settled
@given(
    script=trade_events.blocks,
    party=st.sampled_from([IMPORTER, QUARANTINE, RIVAL]),
    kind=st.sampled_from(ALL_KINDS),
    limit=st.integers(1, 5),
    data=st.data(),
)
def test_a_party_sees_all_of_its_own_and_nothing_else(
    database: Database, script: list[list[Told]], party: int, kind: str, limit: int, data: st.DataObject
) -> None:
    chain, store, states = played(script), SqlIndexStore(database), SqlStateStore(database)
    head = chain.head()
    store.clear()
    store.apply(chain.between(0, head.number), chain.events(0, head.number))
    block = data.draw(st.integers(1, head.number))
    own = Party(ParticipantId(party))
    expected = {
        e for e, s in in_memory(chain, block).items() if e.startswith(f"{kind}:") and str(party) in s["parties"]
    }
    rows = pages(states, Wanted(kind, head.time, [own]), block, limit)
    assert [row.born for row in rows] == sorted({row.born for row in rows}, reverse=True)
    assert {row.entity for row in rows} == expected
    assert all(states.is_party(row.entity, own.participant, block=block) for row in rows)
    everything = pages(states, Wanted(kind, head.time), block, limit)
    assert {row.entity for row in everything} == {e for e in in_memory(chain, block) if e.startswith(f"{kind}:")}
    for status in {row.status(head.time) for row in everything} - {""}:
        chosen = pages(states, Wanted(kind, head.time, [own], statuses=[status]), block, limit)
        assert [row.entity for row in chosen] == [row.entity for row in rows if row.status(head.time) == status]
    for role in ("importer", "agency", "debtor"):
        both = [own, Party(ParticipantId(IMPORTER), role)]
        chosen = pages(states, Wanted(kind, head.time, both), block, limit)
        assert [r.entity for r in chosen] == [
            r.entity for r in rows if role in r.state["parties"].get(str(IMPORTER), ())
        ]


def test_expiry_is_read_not_written(database: Database) -> None:
    chain, store, states = played([]), SqlIndexStore(database), SqlStateStore(database)
    store.clear()
    store.apply(chain.between(0, 1), chain.events(0, 1))
    last_second = 1_700_000_500
    for at, word in ((last_second, "ACTIVE"), (last_second + 1, "EXPIRED")):
        found = states.listed(Wanted("permit", at, statuses=[word]), block=1)
        assert len(found) == len(trade_events.PERMITS)
        assert all(row.status(at) == word for row in found)
        assert states.listed(Wanted("permit", at, statuses=["ACTIVE", "EXPIRED"]), block=1) == found


def test_an_office_and_a_type_can_be_asked_for(database: Database) -> None:
    chain, store, states = (
        played([[("DeclarationRegistry", "Reassigned", {"caseId": CASES[0], "office": 9})]]),
        SqlIndexStore(database),
        SqlStateStore(database),
    )
    store.clear()
    store.apply(chain.between(0, 2), chain.events(0, 2))
    entities = [row.entity for row in states.listed(Wanted("declaration", chain.head().time, office=9), block=2)]
    assert entities == [f"declaration:{CASES[0]}"]
    assert states.listed(Wanted("declaration", chain.head().time, office=9), block=1) == []
    assert len(states.listed(Wanted("permit", 0, document_type=851001), block=2)) == len(trade_events.PERMITS)
    assert states.listed(Wanted("permit", 0, document_type=1), block=2) == []
