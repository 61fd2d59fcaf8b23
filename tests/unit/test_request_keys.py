"""Idempotency keys: one request each, and of work that would come out differently the first answer.

given a key that stands for a request
  when it comes again               → it is not new; with another request it is a conflict
  when an answer is kept            → it is found again, and a second answer does not take its place
  when its request was refused      → it is free for another one, but not once an answer is kept
  when it comes from somebody else  → it is another key
  when a month has passed           → it is forgotten, and its answer with it; a large answer two days after it was kept
given answers of more bytes than are kept for one → no more work is done for it under a key, others' is, and repeats are
                                                    answered
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from api.deps import answered
from ledger.adapters.clock import SystemClock
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.request_keys import KEPT_S, LARGE_BYTES, LARGE_KEPT_S, SqlRequestKeys
from ledger.bootstrap.facade import Facade
from ledger.domain.errors import Conflict, TooMany
from ledger.domain.ids import Digest32

ONE, OTHER = Digest32(b"\1" * 32), Digest32(b"\2" * 32)
NOW = 1_800_000_000


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[SqlRequestKeys]:
    with closing(Database(f"sqlite:///{tmp_path / 'keys.sqlite'}")) as database:
        yield SqlRequestKeys(database)


def test_a_key_stands_for_one_request(keys: SqlRequestKeys) -> None:
    assert keys.claim("alice", "k", ONE, now=NOW)
    assert not keys.claim("alice", "k", ONE, now=NOW)
    with pytest.raises(Conflict):
        keys.claim("alice", "k", OTHER, now=NOW)
    assert keys.claim("bob", "k", OTHER, now=NOW)


def test_the_first_answer_stands(keys: SqlRequestKeys) -> None:
    keys.claim("alice", "k", ONE, now=NOW)
    assert keys.answer("alice", "k") is None
    assert keys.keep("alice", "k", b"first", now=NOW) == b"first"
    assert keys.keep("alice", "k", b"second", now=NOW) == b"first"
    assert keys.answer("alice", "k") == b"first"
    assert keys.answer("bob", "k") is None


def test_a_key_is_forgotten_after_a_month_with_its_answer(keys: SqlRequestKeys) -> None:
    keys.claim("alice", "k", ONE, now=NOW)
    keys.keep("alice", "k", b"first", now=NOW)
    assert keys.claim("alice", "k", OTHER, now=NOW + KEPT_S)
    assert keys.answer("alice", "k") is None


def test_a_large_answer_is_forgotten_after_two_days(keys: SqlRequestKeys) -> None:
    for key, answer in (("small", bytes(LARGE_BYTES)), ("large", bytes(LARGE_BYTES + 1))):
        keys.claim("alice", key, ONE, now=NOW)
        keys.keep("alice", key, answer, now=NOW)
    keys.claim("bob", "k", ONE, now=NOW + LARGE_KEPT_S - 1)
    assert keys.bytes_of("alice") == 2 * LARGE_BYTES + 1
    keys.claim("bob", "later", ONE, now=NOW + LARGE_KEPT_S)
    assert (keys.bytes_of("alice"), keys.bytes_of("bob")) == (LARGE_BYTES, 0)
    assert keys.answer("alice", "large") is None
    with pytest.raises(Conflict):
        keys.claim("alice", "large", OTHER, now=NOW + LARGE_KEPT_S)


def test_answers_are_bounded_by_their_bytes(keys: SqlRequestKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.deps.MAX_ANSWER_BYTES", 9)
    facade = cast(Facade, SimpleNamespace(request_keys=keys, clock=SystemClock()))
    done: list[str] = []

    def ask(owner: str, key: str) -> bytes:
        def work() -> bytes:
            done.append(key)
            return bytes(10)

        return answered(facade, owner, key, b"request", work)

    ask("alice", "first")
    with pytest.raises(TooMany):
        ask("alice", "second")
    assert ask("alice", "first") == ask("bob", "third") == bytes(10)
    assert done == ["first", "third"]


def test_a_refused_request_frees_its_key(keys: SqlRequestKeys) -> None:
    keys.claim("alice", "k", ONE, now=NOW)
    keys.release("alice", "k", OTHER)
    keys.release("bob", "k", ONE)
    with pytest.raises(Conflict):
        keys.claim("alice", "k", OTHER, now=NOW)
    keys.release("alice", "k", ONE)
    assert keys.claim("alice", "k", OTHER, now=NOW)
    keys.keep("alice", "k", b"done", now=NOW)
    keys.release("alice", "k", OTHER)
    with pytest.raises(Conflict):
        keys.claim("alice", "k", ONE, now=NOW)
