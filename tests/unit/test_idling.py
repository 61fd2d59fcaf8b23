"""Pauses of a duty that finds nothing to do.

given work of late     → it looks for a sign often; else less often
when the sign comes    → it looks at everything at once
when none comes        → it looks at everything now and then all the same
when asking fails      → the same at once: who looks at everything tells of the outage
when it is to stop     → it waits no longer
given a follower of a chain that stands still
  → it asks for the newest block and nothing else; a new one is looked at at once
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.domain.errors import Unavailable
from ledger.services import indexing
from ledger.services.idling import LATELY_S, WHOLE_S, Idling
from ledger.services.indexing import POLL_S, Indexer
from tests.support.documents import world

OFTEN_S, RARELY_S = POLL_S


class Paused:
    """A clock that moves by the pauses alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.idling = Idling(OFTEN_S, RARELY_S, now=lambda: self.now, pause=self.pause)

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def wait(self, has_come: Callable[[], bool]) -> list[float]:
        self.pauses.clear()
        self.idling.wait(lambda: False, has_come)
        return self.pauses


def never() -> bool:
    return False


def test_it_looks_often_only_after_work() -> None:
    clock = Paused()
    assert set(clock.wait(never)) == {OFTEN_S}
    assert set(clock.wait(never)[1:]) == {RARELY_S}
    clock.idling.worked()
    assert clock.wait(lambda: True) == [OFTEN_S]
    clock.now += LATELY_S
    assert clock.wait(lambda: True) == [RARELY_S]


def test_a_whole_look_is_due_now_and_then() -> None:
    clock = Paused()
    assert WHOLE_S <= sum(clock.wait(never)) < WHOLE_S + RARELY_S


def test_an_outage_is_for_the_whole_look_to_tell() -> None:
    def away() -> bool:
        raise Unavailable("gone")

    assert Paused().wait(away) == [OFTEN_S]


def test_who_is_to_stop_waits_no_longer() -> None:
    clock = Paused()
    clock.idling.wait(lambda: bool(clock.pauses), never)
    assert clock.pauses == [OFTEN_S]


def test_a_follower_asks_one_thing_while_no_block_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, paused = world().chain, 0
    database = Database(f"sqlite:///{tmp_path / 'index.sqlite'}")
    store = SqlIndexStore(database)
    asked_by_pause: list[list[str]] = []

    def pause(_: float) -> None:
        nonlocal paused
        paused += 1
        asked_by_pause.append(list(chain.calls))
        chain.calls.clear()
        if paused in (5, 10):
            chain.mine()

    monkeypatch.setattr(indexing, "Idling", lambda *seconds: Idling(*seconds, now=lambda: 0.0, pause=pause))
    Indexer(chain, store).run(lambda: paused >= 15, lambda trouble: None)
    cursor = store.cursor()
    assert cursor is not None
    assert cursor == chain.head()
    assert asked_by_pause[1:5] == [["head"]] * 4
    assert asked_by_pause[5][:2] == ["head", "head"]  # the sign, and the whole look at once
    database.close()
