"""The Python clients.

given the synchronous client   → each of its calls should be one of the asynchronous client, with the same parameters
given a facade and a key       → both should sign in by themselves, read, and say who they are; concurrently too
given the name of no list      → what can be listed is told
given no key                   → what needs a sign-in is `NotSignedIn`, and nothing else
given a facade that asks to sign in somewhere else → nothing is signed
given a session that has ended meanwhile           → the client signs in again: many documents, and streams, go on
given a facade that breaks off a stream            → it is asked for what came since, if its caller waits; else told
given a problem that passes by itself, or a bound  → the error says so
given writes that may be sent twice                → each takes the caller's Idempotency-Key
"""

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ledger.async_client import AsyncClient
from ledger.client import AT_ONCE, Client
from ledger.client_connection import error_of
from ledger.domain.errors import (
    Conflict,
    LimitExceeded,
    Malformed,
    NotEntitled,
    NotFound,
    NotSignedIn,
    Refused,
    TooMany,
    Unavailable,
)
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving
from tests.support.ledgers import key
from tests.support.streams import ENDED, Streams, told

KEY = key("officer")
KEY_HEADER = "Idempotency-Key"


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def url(made: World, tmp_path: Path) -> Iterator[str]:
    with serving(facade_over(made, tmp_path)) as client:
        yield str(client.base_url).rstrip("/")


def calls(of: type) -> dict[str, list[str]]:
    members = inspect.getmembers(of, inspect.isfunction)
    found = {name: list(inspect.signature(call).parameters) for name, call in members if not name.startswith("_")}
    found.pop("signed_in_as", None)  # shares connections, which an asynchronous client does not
    return found


def test_both_have_the_same_calls() -> None:
    assert calls(Client) == calls(AsyncClient)


def test_the_synchronous_one_signs_in_by_itself(url: str, made: World) -> None:
    with Client(url, signer=KEY) as facade:
        assert facade.who()["key"] == KEY.address
        with pytest.raises(NotFound, match=f"^no act 0x{'0' * 64}$"):
            facade.act(bytes(32))
        made.authority["participant"] = 0
        with pytest.raises(NotEntitled):
            facade.who()


@pytest.mark.parametrize("wrong", ["declaration", "participants/x/keys", "../health/live"])
def test_an_unknown_list_is_told_with_all_that_there_are(url: str, wrong: str) -> None:
    with Client(url, signer=KEY) as facade, pytest.raises(Malformed, match=r"one of participants, powers, .*ID/keys"):
        list(facade.listed(wrong))


def test_the_asynchronous_one_signs_in_by_itself(url: str) -> None:
    async def ask() -> None:
        async with AsyncClient(url, signer=KEY) as facade:
            told = await asyncio.gather(*(facade.who() for _ in range(5)))
            assert {each["key"] for each in told} == {KEY.address}
            with pytest.raises(NotFound):
                await facade.act(bytes(32))
            with pytest.raises(NotFound):
                async for _ in facade.follow(bytes(32)):
                    pass
            assert [c async for c in facade.contradictions()] == []
            assert (await facade.ready())["head"] == 0

    asyncio.run(ask())


def test_without_a_key_only_what_is_open(url: str) -> None:
    with Client(url) as facade:
        assert facade.verify(proof=b"{}")["overall"] == "INVALID"
        with pytest.raises(NotSignedIn):
            facade.who()


def test_nothing_is_signed_for_another_facade(url: str) -> None:
    """A facade in the middle passes on the challenge of the one that it wants to enter."""
    sent: list[httpx.Request] = []

    def between(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.url.path == "/v1/session/nonce":
            return httpx.post(f"{url}/v1/session/nonce", json=json.loads(request.content))
        return httpx.Response(401, json={"code": "not_signed_in", "detail": "sign in"})

    elsewhere = "http://evil.example"
    http = httpx.Client(base_url=elsewhere, transport=httpx.MockTransport(between))
    with Client(elsewhere, signer=KEY, http=http) as facade, pytest.raises(Refused, match="to sign in to http://127"):
        facade.who()
    assert [request.url.path for request in sent] == ["/v1/session", "/v1/session/nonce"]


def end_session(facade: Client) -> None:
    """As its time does, half an hour after the sign-in."""
    headers = {"Authorization": f"Bearer {facade._token}"}
    assert facade._http.delete("/v1/session", headers=headers).status_code == 204


def test_many_documents_outlast_a_session(url: str) -> None:
    with Client(url, signer=KEY) as facade:
        answers = facade.verify_many({"id": str(n), "sha256": "00" * 32} for n in range(AT_ONCE + 1))
        first = next(answers)
        end_session(facade)
        assert [first["id"], *(each["id"] for each in answers)] == [str(n) for n in range(AT_ONCE + 1)]


def test_contradictions_are_followed_over_the_end_of_a_stream() -> None:
    streams = Streams(
        told("contradiction", '{"n": 3}', 3) + ENDED % "not_signed_in",
        ": ping\n\n",  # an hour is over
        told("contradiction", '{"n": 5}', 5) + ENDED % "not_entitled",
    )
    found = streams.client().contradictions_found()
    assert [next(found), next(found)] == [{"n": 3}, {"n": 5}]
    with pytest.raises(NotEntitled):
        next(found)
    assert [url.params.get("after") for url in streams.asked] == [None, "3", "3"]


def test_an_act_is_followed_over_the_end_of_a_stream() -> None:
    streams = Streams(
        told("state", '{"state": "SENT"}', 1) + ENDED % "not_signed_in",
        told("state", '{"state": "SENT"}', 1),
        told("state", '{"state": "SENT"}', 1) + told("state", '{"state": "FINAL"}', 2),
    )
    assert [each["state"] for each in streams.client().follow(bytes(32))] == ["SENT", "FINAL"]
    ended = Streams(ENDED % "not_found").client().follow(bytes(32))
    with pytest.raises(NotEntitled):
        next(ended)


def test_acts_are_followed_over_an_outage_for_who_waits() -> None:
    streams = Streams(told("seen", '{"id": "3.0"}', "3.0"))
    waited: list[str] = []

    def again(away: Unavailable) -> None:
        waited.append(str(away))
        if len(waited) == 2:
            streams.left.append(told("act", '{"id": "5.1"}', "5.1"))

    found = streams.client().events(again=again)
    assert next(found) == {"id": "5.1"}
    assert waited == ["it is ending"] * 2
    assert [url.params.get("after") for url in streams.asked] == [None, "3.0"]
    with pytest.raises(Unavailable):
        next(Streams().client().events(again=again))  # it never said where to go on from
    with pytest.raises(Unavailable):
        next(Streams().client().events(after="3.0"))


def test_contradictions_are_followed_over_an_outage_for_who_waits() -> None:
    streams = Streams(told("contradiction", '{"n": 3}', 3))
    found = streams.client().contradictions_found(
        again=lambda _: streams.left.append(told("contradiction", '{"n": 5}', 5))
    )
    assert [next(found), next(found)] == [{"n": 3}, {"n": 5}]
    assert [url.params.get("after") for url in streams.asked] == [None, "3"]
    with pytest.raises(Unavailable):
        next(Streams().client().contradictions_found(again=lambda _: None))


def test_what_passes_by_itself_is_no_refusal() -> None:
    late = {"code": "timeout", "detail": "the request's body did not come in time", "retryable": True}
    assert isinstance(error_of(408, late), Unavailable)
    assert isinstance(error_of(429, {"code": "rate_limited", "detail": "too many", "retryable": True}), Unavailable)
    assert isinstance(error_of(429, {"code": "too_many", "detail": "wait", "retryable": True}), TooMany)
    assert isinstance(error_of(415, {"code": "unsupported_media_type", "retryable": False}), Refused)
    bound = LimitExceeded("the request's body", 1024)
    told = error_of(413, {"code": "limit_exceeded", "detail": str(bound), "limit": 1024, "retryable": False})
    assert isinstance(told, LimitExceeded)
    assert (told.what, told.limit, str(told)) == (bound.what, bound.limit, str(bound))


def test_every_write_takes_an_idempotency_key(url: str) -> None:
    with Client(url, signer=KEY) as facade:
        facade.who()
        for write in (
            lambda of: facade.lodge(of, importer=5, customs=1, office=1, lrn_mac=bytes(32), idempotency_key="lodge"),
            lambda of: facade.replay_webhook("0" * 32, f"{len(of)}.0", idempotency_key="replay"),
            lambda of: facade.remove_webhook(of.hex().rjust(32, "0"), idempotency_key="remove"),
        ):
            sent: list[str | None] = []
            facade._http.event_hooks["request"] = [lambda request, to=sent: to.append(request.headers.get(KEY_HEADER))]
            with pytest.raises((Malformed, NotFound, Conflict, Unavailable)):
                write(b"1")
            assert sent[-1] in ("lodge", "replay", "remove")
            facade._http.event_hooks["request"] = []
