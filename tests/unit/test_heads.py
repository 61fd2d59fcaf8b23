"""HEAD wherever GET is (RFC 9110 §9.3.2).

given every route that answers GET
  when HEAD is asked of it → what GET is answered: status and headers, but no body
  when its tag is brought  → 304, as to GET
given a stream
  when HEAD is asked of it → its head at once, and it counts as a stream no longer
given a path without GET
  when HEAD is asked of it → 405, and HEAD is not among what it takes
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.access import declared_routes
from api.app import create
from api.streams import MAX_OF_ONE
from tests.support.facades import facade_over, serving, signed_in
from tests.unit import test_push
from tests.unit.test_push import CASE, KEY, eventually

made = test_push.made
PLACES = {
    "{case}": str(CASE + 7), "{issuer}": "5", "{record}": "0x" + "ab" * 32, "{permit}": "none",
    "{act_id}": "ab" * 32, "{participant}": "5",
}  # fmt: skip
DIFFERING = {"date", "x-request-id"}
STREAMS = ("/v1/events", "/v1/contradictions/events")


@pytest.fixture
def client(made: test_push.World, tmp_path: Path) -> Iterator[httpx.Client]:
    made.chain.answer("RuleRegistry", "versionAt", lambda *_: 1)
    with serving(facade_over(made, tmp_path)) as client:
        eventually(lambda: client.get("/health/ready").json()["behind"] == 0)
        yield signed_in(client, KEY)


def readable() -> list[str]:
    """A path of each route that answers GET."""
    paths = [route.path for route in declared_routes(create()) if "GET" in (route.methods or ())]
    for place, value in PLACES.items():
        paths = [path.replace(place, value) for path in paths]
    return [*paths, "/openapi.json"]


def test_every_path_that_takes_get_takes_head(client: httpx.Client) -> None:
    paths = [path for path in readable() if path not in STREAMS]
    statuses = set()
    for path in paths:
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers.keys() == got.headers.keys(), path
        if path not in ("/metrics", "/v1/session") and "etag" in got.headers:  # those that do not change by themselves
            assert head.headers["etag"] == got.headers["etag"], path
        statuses.add(got.status_code)
    assert statuses == {200, 404, 422}
    assert len(paths) > 30


def test_the_head_tells_the_length_and_the_tag(client: httpx.Client) -> None:
    path = f"/v1/declarations/{CASE}/history"
    got, head = client.get(path), client.head(path)
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]
    kept = client.head(path, headers={"If-None-Match": head.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")


@pytest.mark.parametrize("path", STREAMS)
def test_a_streams_head_is_told_at_once(client: httpx.Client, path: str) -> None:
    for _ in range(MAX_OF_ONE + 1):
        head = client.head(path, timeout=10)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"].startswith("text/event-stream")
    del client.headers["Authorization"]
    assert client.head(path).status_code == 401


def test_where_there_is_no_get_there_is_no_head(client: httpx.Client) -> None:
    refused = client.head("/v1/verify")
    assert (refused.status_code, refused.headers["allow"], refused.content) == (405, "POST", b"")
    assert client.put("/v1/session").headers["allow"] == "DELETE, GET, HEAD, POST"
    assert "GET" in client.post("/v1/events").json()["detail"]


def test_figures_tell_heads_by_their_route(client: httpx.Client) -> None:
    client.head(f"/v1/declarations/{CASE}/history")
    route = "/v1/declarations/{case}/history"
    assert f'tamga_http_requests_total{{method="HEAD",route="{route}",status="200",' in client.get("/metrics").text
