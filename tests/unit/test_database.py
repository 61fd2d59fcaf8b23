"""A database of another version of the program, and values that none can hold.

given one that an older program wrote → its index should be made anew, and what is kept should be kept
given one that a newer program wrote  → it should be refused
given a value that it cannot hold     → that should be the value's fault, not told as an outage
given what is read in several queries → they should see one state, whatever is written meanwhile
"""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from ledger.adapters.sql.database import SCHEMA_VERSION, Database, schema
from ledger.adapters.sql.drafts import SqlDraftStore, drafts
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.sessions import SqlSessionStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.errors import Malformed, Unavailable
from ledger.domain.ids import Address, Cid, Digest32, ParticipantId
from ledger.ports.draft_store import Draft
from ledger.ports.session_store import StoredSession
from ledger.ports.state_store import Party, Wanted
from tests.support import trade_events
from tests.support.fake_chain import FakeChain
from tests.support.postgres import postgres_url

SESSION = StoredSession(Digest32(b"\x01" * 32), Address("0x" + "ab" * 20), 2_000_000_000)


def written_by(version: int, folder: Path) -> str:
    """A database with an index and a session, as a program of that version left it."""
    url = f"sqlite:///{folder / 'ledger.sqlite'}"
    database, chain = Database(url), FakeChain()
    chain.mine(*trade_events.births())
    SqlIndexStore(database).apply(chain.blocks_, chain.events(0, 1))
    sessions = SqlSessionStore(database)
    sessions.add_nonce("n", expires_at=2_000_000_000, now=1)
    assert sessions.open("n", SESSION, now=1)
    with database.writing() as connection:
        connection.execute(update(schema).values(version=version))
    database.close()
    return url


def test_an_older_ones_index_is_made_anew(tmp_path: Path) -> None:
    database = Database(written_by(SCHEMA_VERSION - 1, tmp_path))
    assert SqlIndexStore(database).cursor() is None
    assert SqlIndexStore(database).changes(1) == []
    assert SqlSessionStore(database).find(SESSION.token_hash, now=2) == SESSION
    database.close()


def test_a_newer_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=f"needs {SCHEMA_VERSION}"):
        Database(written_by(SCHEMA_VERSION + 1, tmp_path))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
@pytest.mark.parametrize("value", [1 << 63, "\ud800"])
def test_what_it_cannot_hold_is_no_outage(tmp_path: Path, kind: str, value: int | str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite'}" if kind == "sqlite" else postgres_url(tmp_path))
    party = Party(ParticipantId(value)) if isinstance(value, int) else Party(ParticipantId(1), value)
    with pytest.raises(Malformed, match="not_storable"):
        SqlStateStore(database).listed(Wanted("declaration", 0, [party]), block=1)
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def test_queries_of_one_reading_see_one_state(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'one.sqlite'}" if kind == "sqlite" else postgres_url(tmp_path)
    with closing(Database(url)) as database, closing(Database(url)) as other:
        count = select(func.count()).select_from(drafts)
        with database.reading() as connection:
            before = connection.scalar(count)
            SqlDraftStore(other).add(Draft(Cid(tmp_path.name), (), SESSION.key, 1, 1, 1))
            assert connection.scalar(count) == before
        with database.reading() as connection:
            assert connection.scalar(count) == (before or 0) + 1
