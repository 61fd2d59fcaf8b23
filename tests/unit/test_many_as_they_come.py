"""`POST /v1/verify/many` of who sends documents as lorries come, and leaves the request open in between.

given a request that stays open
  when a few lines come, and half a one          → they are answered before anything else comes, but for the half
  when its other half comes                      → it is answered, in order
  when lines come without a pause, few at a time → they are answered as they come, not when a group is full
"""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import httpx
import pytest

from api.many import GROUP, WAITS_S
from api.routes.verify_many import NDJSON
from ledger.domain.proof import proof_json
from tests.support.documents import anchor, world
from tests.support.facades import facade_over, serving

PATIENCE_S = 20
"""Less than a body may be silent: an answer that waits for its end comes too late."""
COUNT = GROUP // 4


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[httpx.Client, list[bytes]]]:
    made = world()
    proofs = anchor(made, [b"certificate %d" % number for number in range(COUNT)])
    lines = [json.dumps({"id": str(n), "proof": proof_json(p)}).encode() + b"\n" for n, p in enumerate(proofs)]
    with serving(facade_over(made, tmp_path)) as client:
        yield client, lines


@contextmanager
def opened(client: httpx.Client) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection(client.base_url.host, client.base_url.port, timeout=PATIENCE_S)) as connection:
        connection.putrequest("POST", "/v1/verify/many")
        connection.putheader("Content-Type", NDJSON)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        yield connection


def send(connection: HTTPConnection, content: bytes) -> None:
    connection.sock.sendall(b"%x\r\n%s\r\n" % (len(content), content))


def answered(answer: HTTPResponse, count: int) -> list[tuple[str, str]]:
    told = [json.loads(answer.readline()) for _ in range(count)]
    return [(each["id"], each["overall"]) for each in told]


def test_lines_are_answered_while_the_request_is_open(made: tuple[httpx.Client, list[bytes]]) -> None:
    client, lines = made
    with opened(client) as connection:
        send(connection, lines[0] + lines[1] + lines[2][:20])
        answer = connection.getresponse()
        assert answered(answer, 2) == [("0", "VALID"), ("1", "VALID")]
        send(connection, lines[2][20:])
        assert answered(answer, 1) == [("2", "VALID")]
        connection.sock.sendall(b"0\r\n\r\n")
        assert answer.read() == b""


def test_a_steady_trickle_is_answered_as_it_comes(made: tuple[httpx.Client, list[bytes]]) -> None:
    client, lines = made
    with opened(client) as connection:
        first_answered, sent = threading.Event(), 0

        def trickle() -> None:
            nonlocal sent
            for line in lines:
                send(connection, line)
                sent += 1
                if first_answered.wait(WAITS_S / 5):
                    return

        sending = threading.Thread(target=trickle)
        sending.start()
        answer = connection.getresponse()
        answered(answer, 1)
        first_answered.set()
        sending.join()
        assert sent < COUNT, "all had to come before the first was answered"
        connection.sock.sendall(b"0\r\n\r\n")
        assert len(answer.read().splitlines()) == sent - 1
