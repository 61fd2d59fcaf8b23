"""Work that leaves something behind, asked for twice at once under one idempotency key: done once, answered alike."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api import deps
from api.deps import answered, in_turn
from ledger.domain.errors import Unavailable
from tests.support.documents import world
from tests.support.facades import facade_over


def test_two_at_once_are_one(tmp_path: Path) -> None:
    facade = facade_over(world(), tmp_path)
    done: list[int] = []

    def work() -> bytes:
        done.append(len(done))
        time.sleep(0.1)  # long enough for the other to come meanwhile
        return b"%d" % len(done)

    def ask(key: str | None) -> bytes:
        with in_turn(facade, "0xowner", key):
            return answered(facade, "0xowner", key, b"request", work)

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(ask, ["one"] * 6)) == {b"1"}
        assert len(done) == 1
        list(threads.map(ask, [None] * 2))
    assert len(done) == 3, "without a key each request is its own"
    facade.close()


def test_who_waits_too_long_comes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facade = facade_over(world(), tmp_path)
    monkeypatch.setattr(deps, "TURN_S", 0.01)
    with in_turn(facade, "0xowner", "one"), pytest.raises(Unavailable), in_turn(facade, "0xowner", "one"):
        pass
    with in_turn(facade, "0xowner", "one"):
        pass
    facade.close()
