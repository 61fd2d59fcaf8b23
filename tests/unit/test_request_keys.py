"""Idempotency keys: one request each, and of work that would come out differently the first answer.

given a key that stands for a request
  when it comes again               → it is not new; with another request it is a conflict
  when an answer is kept            → it is found again, and a second answer does not take its place
  when its request was refused      → it is free for another one, but not once an answer is kept
  when it comes from somebody else  → it is another key
  when a month has passed           → it is forgotten, and its answer with it
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.request_keys import KEPT_S, SqlRequestKeys
from ledger.domain.errors import Conflict
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
