"""The Python clients.

given the synchronous client   → each of its calls should be one of the asynchronous client, with the same parameters
given a facade and a key       → both should sign in by themselves, read, and say who they are; concurrently too
given the name of no list      → what can be listed is told
given no key                   → what needs a sign-in is `NotSignedIn`, and nothing else
given a facade that asks to sign in somewhere else → nothing is signed
"""

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ledger.async_client import AsyncClient
from ledger.client import Client
from ledger.domain.errors import Malformed, NotEntitled, NotFound, NotSignedIn, Refused
from tests.support.documents import World, world
from tests.support.facades import facade_over, serving
from tests.support.ledgers import key

KEY = key("officer")


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
