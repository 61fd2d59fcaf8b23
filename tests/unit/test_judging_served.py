"""A worker that judges on its event loop, under clients of every kind.

given 2,000 clients that connect at once
  → each gets the verdict about its own document, or its connection is ended before it was asked; none hangs
  → nothing is left waiting, and the next is served
given clients that go away while the chain is asked
  → the others get their verdicts, and nothing is left waiting
given documents that wait for the chain when the process is told to end
  → each of them is answered first
given a chain that is written anew between two questions
  → what stood in the block that is gone is not told of the new one
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create
from ledger.domain.ids import Address
from ledger.domain.judging import DocumentState
from ledger.domain.proof import Proof, proof_json
from ledger.ports.chain import Head
from tests.support.documents import World, anchor, change, world
from tests.support.facades import facade_over, free_url, serving_app
from tests.unit.test_judging import CONTENTS, OnLoop
from tests.unit.test_push import eventually

CLIENTS = 2_000
WITHIN_S = 120
"""For all of them, on the slowest machine."""


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def proofs(made: World) -> list[Proof]:
    return anchor(made, CONTENTS)


@pytest.fixture
def app(made: World, tmp_path: Path) -> FastAPI:
    return create(lambda: replace(facade_over(made, tmp_path), loop_reader=OnLoop(made)))


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with serving_app(app, free_url()) as client:
        yield client


def request_of(content: bytes, proof: Proof) -> bytes:
    """A request that needs one connection, as bytes."""
    parts = (("file", content), ("proof", json.dumps(proof_json(proof)).encode()))
    head = b'--b\r\nContent-Disposition: form-data; name="%b"; filename="f"\r\n\r\n%b\r\n'
    body = b"".join(head % (name.encode(), part) for name, part in parts) + b"--b--\r\n"
    lines = ("POST /v1/verify HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Content-Type: multipart/form-data; boundary=b", "", ""]).encode() + body


async def asked(port: int, request: bytes) -> bytes:
    """The answer; nothing if the connection was ended."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            return await reader.read()
        finally:
            writer.close()
    except ConnectionError:
        return b""


def waiting(app: FastAPI) -> Sequence[Any]:
    """What a worker's judging holds; internal, as no figure of it is told."""
    found: Sequence[Any] = app.state.judging._waiting
    return found


def test_more_clients_than_there_may_be(app: FastAPI, client: httpx.Client, proofs: list[Proof]) -> None:
    requests = [request_of(content, proof) for content, proof in zip(CONTENTS, proofs, strict=True)]
    port = client.base_url.port or 0
    alone = [json.loads(asyncio.run(asked(port, request)).partition(b"\r\n\r\n")[2]) for request in requests]
    assert len({told["fragments"][0]["evidence"]["record_id"] for told in alone}) == len(CONTENTS)

    async def all_at_once() -> list[bytes]:
        each = (asked(port, requests[number % len(requests)]) for number in range(CLIENTS))
        return await asyncio.wait_for(asyncio.gather(*each), WITHIN_S)

    answered = 0
    for number, answer in enumerate(asyncio.run(all_at_once())):
        if not answer:
            continue
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), answer[:300]
        told = json.loads(body)
        assert told["overall"] == "VALID"
        assert told["fragments"][:3] == alone[number % len(alone)]["fragments"][:3]  # the others name the second
        answered += 1
    assert answered > CLIENTS // 10
    assert len(waiting(app)) == 0
    assert client.get("/health/live").status_code == 200


class Held(OnLoop):
    """A chain that answers when it is let."""

    def __init__(self, made: World) -> None:
        super().__init__(made)
        self.may_answer = threading.Event()
        self.may_answer.set()

    async def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        while not self.may_answer.is_set():
            await asyncio.sleep(0.01)
        return await super().call_many_if_final(calls, at=at)


@pytest.fixture
def held(made: World) -> Held:
    return Held(made)


@pytest.fixture
def held_app(made: World, held: Held, tmp_path: Path) -> FastAPI:
    return create(lambda: replace(facade_over(made, tmp_path), loop_reader=held))


def verdict(url: httpx.URL, content: bytes, proof: Proof) -> str:
    files = {"file": content, "proof": json.dumps(proof_json(proof)).encode()}
    told: str = httpx.post(url.join("/v1/verify"), files=files, timeout=WITHIN_S).raise_for_status().json()["overall"]
    return told


def test_who_goes_away_holds_up_nobody(held_app: FastAPI, held: Held, proofs: list[Proof]) -> None:
    with serving_app(held_app, free_url()) as client, ThreadPoolExecutor(8) as threads:
        place = (client.base_url.host, client.base_url.port or 0)
        assert verdict(client.base_url, CONTENTS[0], proofs[0]) == "VALID"
        held.may_answer.clear()
        going = [socket.create_connection(place) for _ in range(20)]
        for connection in going:
            connection.sendall(request_of(CONTENTS[1], proofs[1]))
        staying = [threads.submit(verdict, client.base_url, c, p) for c, p in zip(CONTENTS, proofs, strict=True)]
        eventually(lambda: held_app.state.judging._asking is not None)
        time.sleep(1)  # all are there, and one question is on its way
        for connection in going:
            connection.close()
        held.may_answer.set()
        assert [each.result() for each in staying] == ["VALID"] * len(CONTENTS)
        eventually(lambda: not waiting(held_app))
        assert verdict(client.base_url, CONTENTS[0], proofs[0]) == "VALID"


def test_what_waits_when_the_process_is_to_end_is_answered(held_app: FastAPI, held: Held, proofs: list[Proof]) -> None:
    with ThreadPoolExecutor(9) as threads:
        with serving_app(held_app, free_url()) as client:
            url = client.base_url
            assert verdict(url, CONTENTS[0], proofs[0]) == "VALID"
            held.may_answer.clear()
            each = [threads.submit(verdict, url, c, p) for c, p in zip(CONTENTS, proofs, strict=True)]
            eventually(lambda: held_app.state.judging._asking is not None)
            time.sleep(1)  # all are there, and one question is on its way
            threads.submit(lambda: (time.sleep(1), held.may_answer.set()))
        assert [one.result() for one in each] == ["VALID"] * len(CONTENTS)  # the server is gone


def test_a_block_that_is_gone_is_told_no_more(app: FastAPI, made: World, client: httpx.Client) -> None:
    proof = anchor(made, CONTENTS)[0]
    assert verdict(client.base_url, CONTENTS[0], proof) == "VALID"
    before = made.chain.head().number
    for fork in ("one", "other"):
        made.chain.fork_at(before)
        change(made, proof, DocumentState.REVOKED if fork == "one" else DocumentState.ACTIVE)
        files = {"file": CONTENTS[0], "proof": json.dumps(proof_json(proof)).encode()}
        for _ in range(2):  # asked anew, and then as known
            told = client.post("/v1/verify", files=files).json()
            assert told["overall"] == ("INVALID" if fork == "one" else "VALID"), fork
            assert told["block"]["hash"] == "0x" + made.chain.head().hash.hex()
