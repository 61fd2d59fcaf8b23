"""Entity tags on what is read again and again.

given every route that reads the ledger            → it is one that tags its answers
given an answer's tag
  when a block comes that changes nothing          → 304, without a body
  when the answer changes                          → the new one, with another tag
  when the reader has no right any more            → told so, never 304
  when the stream of the same routes is asked for  → it streams
given a statement without an end                   → its tag holds although its end is now
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.access import declared_routes
from api.app import create
from api.tagged import Tagged, tag_of
from ledger.bootstrap.facade import Facade
from ledger.domain.roles import Role
from tests.support.documents import World
from tests.support.facades import facade_over, serving, signed_in
from tests.unit import test_push
from tests.unit.test_push import CASE, KEY, STRANGER, as_role

made = test_push.made
UNTAGGED = {"/health/live", "/health/ready", "/metrics", "/v1/session", "/v1/contradictions/events"}
HISTORY = f"/v1/declarations/{CASE}/history"


@pytest.fixture
def facade(made: World, tmp_path: Path) -> Facade:
    return facade_over(made, tmp_path)


@pytest.fixture
def client(facade: Facade, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr("api.background.Background.start", lambda _: None)  # the test indexes when it wants
    monkeypatch.setattr("api.background.Background.stop", lambda _: None)
    with serving(facade) as client:
        index(facade)
        yield signed_in(client, KEY)


def index(facade: Facade) -> None:
    for _ in facade.indexer.catch_up():
        pass


def test_every_read_of_the_ledger_is_tagged() -> None:
    routes = declared_routes(create())
    reads = {route.path: route.original_route for route in routes if "GET" in (route.methods or ())}
    untagged = {path for path, route in reads.items() if not isinstance(route, Tagged)}
    assert untagged == UNTAGGED
    assert {HISTORY.replace(str(CASE), "{case}"), "/v1/acts/{act_id}", "/v1/contradictions"} < reads.keys()


def test_a_tag_is_no_right(made: World, client: httpx.Client) -> None:
    first = client.get(HISTORY)
    tag = {"If-None-Match": first.headers["etag"]}
    same = client.get(HISTORY, headers=tag)
    assert (first.status_code, same.status_code, same.content) == (200, 304, b"")
    as_role(made, STRANGER, Role.DECLARANT)
    assert client.get(HISTORY, headers=tag).status_code == 404
    made.authority["roles"] = 0
    assert client.get(HISTORY, headers=tag).status_code == 403
    del client.headers["Authorization"]
    assert client.get(HISTORY, headers=tag).status_code == 401


def test_an_empty_block_leaves_it_and_an_act_does_not(made: World, facade: Facade, client: httpx.Client) -> None:
    tag = {"If-None-Match": client.get(HISTORY).headers["etag"]}
    made.chain.mine()
    index(facade)
    assert client.get(HISTORY, headers=tag).status_code == 304
    made.chain.mine(("DeclarationRegistry", "Cleared", {"caseId": CASE, "actor": KEY.address}))
    index(facade)
    changed = client.get(HISTORY, headers=tag)
    assert (changed.status_code, changed.headers["etag"] == tag["If-None-Match"]) == (200, False)
    with client.stream("GET", "/v1/events", headers=tag) as stream:
        assert (stream.status_code, next(stream.iter_lines())) == (200, "event: seen")


def test_the_end_of_a_period_that_nobody_named_moves() -> None:
    now, later = (b'{"until":"2026-11-26T16:00:0%dZ","entries":[]}' % second for second in (0, 1))
    assert tag_of(now, ()) == tag_of(later, ())
    assert tag_of(now, ("until",)) != tag_of(later, ("until",))
