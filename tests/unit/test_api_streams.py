"""Streams of server-sent events: how many, and for whom how long.

given a key that has as many streams open as one may have
  when it asks for one more → 429 with Retry-After, and the others go on
  when it leaves one        → it may have another
given as many streams open as a worker serves
  when somebody else asks → 503 with Retry-After
given an act on its way, followed by an officer of its actor's participant
  when the officer's key is revoked     → the stream ends
  when its participant is another's now → the stream ends
  when the officer signs out            → the stream ends
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import api.streams
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.ids import Digest32
from ledger.domain.roles import Role
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services.effects import ActEffect, to_json
from tests.support.documents import REGISTRY, World, world
from tests.support.facades import facade_over, serving, signed_in
from tests.support.ledgers import key

KEY = key("importer")
IMPORTER, ANOTHER = 5, 9
ACT = "ab" * 32
LEFT_S = 30
"""Within which a stream that its client left is closed, on the slowest machine."""


@pytest.fixture
def made() -> World:
    made = world()
    made.key["participant"] = made.authority["participant"] = IMPORTER
    made.authority["roles"] = int(Role.DECLARANT)
    return made


@pytest.fixture
def client(made: World, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(made, tmp_path)) as client:
        _on_its_way(tmp_path)
        yield signed_in(client, KEY)


def _on_its_way(folder: Path) -> None:
    """An act of the importer's, accepted and not carried."""
    effect = ActEffect(REGISTRY, Digest32(bytes.fromhex(ACT)), KEY.address, 1, since=0)
    row = OutboxRow(
        f"act:{ACT}", Digest32(bytes(32)), REGISTRY, REGISTRY, b"", 1, OutboxState.ACCEPTED, effect=to_json(effect)
    )
    database = Database(f"sqlite:///{folder / 'ledger.sqlite'}")
    SqlOutbox(database).accept(row)
    database.close()


def test_a_key_has_so_many_streams(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.streams, "MAX_OF_ONE", 2)
    with ExitStack() as opened:
        opened.enter_context(client.stream("GET", "/v1/events", params={"after": "0.0"}))
        second = opened.enter_context(client.stream("GET", f"/v1/acts/0x{ACT}/events"))
        refused = client.get("/v1/events")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) > 0
        assert client.get(f"/v1/acts/0x{ACT}/events").status_code == 429
        assert next(second.iter_lines()).startswith("event: state")
    # The server learns that a client left when it next writes to it.
    deadline = time.monotonic() + LEFT_S
    while (status := _opened(client)) == 429 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 200


def _opened(client: httpx.Client) -> int:
    with client.stream("GET", f"/v1/acts/0x{ACT}/events") as answer:
        return answer.status_code


def test_a_worker_has_so_many_streams(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.streams, "MAX_IN_ALL", 1)
    with client.stream("GET", "/v1/events"), httpx.Client(base_url=client.base_url) as other:
        refused = signed_in(other, key("another")).get("/v1/events")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["retry-after"]) > 0


def revoked(made: World, _: httpx.Client) -> None:
    made.authority["roles"] = 0


def moved(made: World, _: httpx.Client) -> None:
    """The key that signed is no longer the follower's participant's; the follower is an officer of another."""
    made.key["participant"] = ANOTHER


def signed_out(_: World, client: httpx.Client) -> None:
    client.delete("/v1/session").raise_for_status()


@pytest.mark.parametrize(
    ("ends", "code"), [(revoked, "not_entitled"), (moved, "not_found"), (signed_out, "not_signed_in")]
)
def test_an_act_is_followed_while_there_is_a_right_to(
    made: World, client: httpx.Client, ends: Callable[[World, httpx.Client], None], code: str
) -> None:
    with httpx.Client(base_url=client.base_url, timeout=20) as colleague:
        signed_in(colleague, key("colleague"))
        with colleague.stream("GET", f"/v1/acts/0x{ACT}/events") as answer:
            lines = (line for line in answer.iter_lines() if line and not line.startswith(":"))
            assert next(lines) == "event: state"
            next(lines)
            ends(made, colleague)
            assert next(lines) == "event: ended"
            assert json.loads(next(lines).removeprefix("data: ")) == {"code": code}
            assert list(lines) == []
