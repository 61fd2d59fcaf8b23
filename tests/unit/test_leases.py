"""Leases that are lost with their session: whoever had them learns it and stands back.

given a PostgreSQL session with leases that its server ended
  when their holder looks                      → they are not its own any more, and another process may take them
  when it gives them back                      → nothing is taken from who has them now, here or elsewhere
given connections to PostgreSQL                → both sides look within half a minute whether the other is there still
given a process of a facade at work
  when a lease of it is lost                   → its duty ends there, and is taken up again when nobody else has it
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, text

from api import background
from api.background import Background
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.leases import SqlLeases
from ledger.adapters.sql.session_locks import ALIVE_AFTER_S
from ledger.ports.leases import Leases
from tests.support.databases import fresh_url

ENDED = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = :n"
OWN = "SELECT oid FROM pg_database WHERE datname = current_database()"


@pytest.mark.integration
def test_a_lost_session_gives_its_leases_back_once(tmp_path: Path) -> None:
    url = fresh_url("postgresql", tmp_path)
    with closing(Database(url)) as here, closing(Database(url)) as there, ExitStack() as lost, ExitStack() as anew:
        own, other = SqlLeases(here), SqlLeases(there)
        for duty in ("index", "outbox"):
            assert lost.enter_context(own.take(duty))
        assert own.holds("index")
        assert not own.holds("records"), "it was not taken"
        with there.writing() as connection:
            assert connection.scalar(text(ENDED), {"n": connection.scalar(text(OWN))})
        assert not own.holds("index")
        assert anew.enter_context(own.take("index"))
        assert anew.enter_context(other.take("outbox"))
        lost.close()
        assert own.holds("index")
        assert other.holds("outbox")
        with other.take("index") as first, own.take("outbox") as second:
            assert (first, second) == (False, False)


@pytest.mark.integration
def test_a_machine_that_is_gone_keeps_no_lease_for_hours(tmp_path: Path) -> None:
    told: list[str] = []
    with closing(Database(fresh_url("postgresql", tmp_path))) as database:
        assert database.sessions is not None
        event.listen(database.sessions._engine, "before_cursor_execute", lambda *args: told.append(args[2]))
        with SqlLeases(database).take("index"):
            assert told[:3] == [f"SET tcp_keepalives_{name} = {value}" for name, value in ALIVE_AFTER_S.items()]
        for engine in (database.engine, database.sessions._engine):
            with engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                assert driver.info.get_parameters().items() >= {
                    (f"keepalives_{name}", str(value)) for name, value in ALIVE_AFTER_S.items()
                }
    assert ALIVE_AFTER_S["idle"] + ALIVE_AFTER_S["interval"] * ALIVE_AFTER_S["count"] <= 30


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def test_a_lease_is_held_until_it_is_given_back(tmp_path: Path, kind: str) -> None:
    with closing(Database(fresh_url(kind, tmp_path))) as database:
        leases = SqlLeases(database)
        with leases.take("index"):
            assert leases.holds("index")


class Losing(Leases):
    """Leases that are lost at the first look; another process has each once afterwards."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.taken_again = threading.Event()

    @contextmanager
    def take(self, duty: str) -> Iterator[bool]:
        self.taken.append(duty)
        count = self.taken.count(duty)
        if duty == "index" and count == 3:
            self.taken_again.set()
        yield count != 2

    def holds(self, duty: str) -> bool:
        return self.taken.count(duty) > 2


def test_a_duty_ends_where_its_lease_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LEASE_LOOK_S", 0.0)
    monkeypatch.setattr(background, "STANDBY_S", 0.01)
    leases, pause = Losing(), threading.Event()

    def run(stopped: Callable[[], bool], report: Callable[[str], None], *_: Any) -> None:
        report("it is held by another process")
        while not stopped():
            pause.wait(0.01)

    duty, untold = SimpleNamespace(run=run), SimpleNamespace(tell=lambda *_: None)
    facade: Any = SimpleNamespace(
        leases=leases,
        indexer=duty,
        webhooks=duty,
        contradiction_webhooks=duty,
        drafts=duty,
        reading=None,
        sender=None,
        duty_troubles=untold,
    )
    process = Background(facade)
    process.start()
    try:
        assert leases.taken_again.wait(30)
    finally:
        process.stop()
    assert leases.taken.count("index") == 3
    assert process.troubles == {}
