"""Clients that are silent, drip, or do not read: none of them holds a connection, or anybody else up.

given a connection on which no request comes: nothing, half a line, headers without end → it is cut off
given a body that stops or drips       → 408, and the connection ends
given a body that is refused while it comes → its client reads why, and the connection ends though it goes on
given a body that comes slowly enough  → it is taken, however long it takes
given a request line of many documents that stops or grows over its bound
  → what came is answered, a last line says why, and the connection ends
given a client that does not read its answer → it is cut off
given as many connections as there may be → one more cuts off who waited longest without a request
given headers of a front server        → they count only from one that is named
given a process that is told to end     → what its clients have sent by then is answered, and every connection ends
given bytes that are no HTTP            → a problem like any other, and the connection ends
given a wish for a WebSocket, or a path with a slash more → nothing but a problem; no Host is repeated
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import api.connections
import api.limits
from api.app import create
from api.limits import MAX_BODY_BYTES
from api.rates import BURST
from ledger.config import read_config
from ledger.domain.errors import Malformed
from ledger.domain.limits import MIB
from ledger.domain.proof import Proof, proof_json
from tests.support.documents import World, anchor, world
from tests.support.facades import facade_over, free_url, serving, serving_app

SHORT_S = 0.5
WITHIN_S = 15.0
"""When a connection that is to be cut off has to be gone, on the slowest machine; its limit here is half a second."""
DRIP_S = 0.05


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def client(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(api.connections, "HEAD_WITHIN_S", SHORT_S)
    monkeypatch.setattr(api.connections, "STALLED_S", SHORT_S)
    monkeypatch.setattr(api.limits, "SILENT_S", SHORT_S)
    monkeypatch.setattr(api.limits, "LINGER_S", SHORT_S)
    with serving(facade_over(made, tmp_path)) as client:
        yield client


def connected(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port or 80))


def until_closed(connection: socket.socket, drip: bytes = b"") -> bytes:
    """All that was answered until the other side ended the connection, sending `drip` again and again meanwhile."""
    until, got = time.monotonic() + WITHIN_S, b""
    connection.settimeout(DRIP_S)
    while True:
        assert time.monotonic() < until, f"still open: {got[:300]!r}"
        try:
            piece = connection.recv(1 << 16)
        except TimeoutError:
            if drip:
                try:
                    connection.sendall(drip)
                except OSError:
                    return got
            continue
        except ConnectionError:
            return got
        if not piece:
            return got
        got += piece


def until_ends_with(connection: socket.socket, end: bytes) -> bytes:
    got = b""
    connection.settimeout(WITHIN_S)
    while not got.endswith(end):
        piece = connection.recv(1 << 16)
        assert piece, got
        got += piece
    return got


def post(path: str, media_type: str, *more: str) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {media_type}", *more, "", "")
    return "\r\n".join(lines).encode()


CHUNKED = "Transfer-Encoding: chunked"
NDJSON = "application/x-ndjson"
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def piece(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def status_and_problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower(), head
    return int(head.split()[1]), json.loads(body)["code"]


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b""),
        (b"GET /v1/serv", b""),
        (b"GET /v1/services HTTP/1.1\r\nHost: x\r\n", b"X-a: b\r\n"),
        (b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/l", b"i"),
    ],
    ids=["nothing", "half a line", "headers without end", "a second request without end"],
)
def test_a_request_that_does_not_come(client: httpx.Client, first: bytes, drip: bytes) -> None:
    with connected(client) as connection:
        connection.sendall(first)
        until_closed(connection, drip)


def test_a_connection_is_kept_between_requests(client: httpx.Client) -> None:
    with connected(client) as connection:
        for _ in range(3):
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            until_ends_with(connection, b'{"live":true}')
            time.sleep(SHORT_S / 2)


@pytest.mark.parametrize("drip", [b"", b" "], ids=["stops", "drips"])
@pytest.mark.parametrize(
    "head",
    [
        post("/v1/duty/calculate", "application/json", "Content-Length: 1000"),
        post("/v1/verify", "multipart/form-data; boundary=b", "Content-Length: 1000") + PART,
    ],
    ids=["json", "form"],
)
def test_a_body_that_does_not_come(client: httpx.Client, head: bytes, drip: bytes) -> None:
    with connected(client) as connection:
        connection.sendall(head)
        assert status_and_problem(until_closed(connection, drip)) == (408, "timeout")


@pytest.mark.parametrize("more", [CHUNKED, f"Content-Length: {MAX_BODY_BYTES + 1}"], ids=["growing", "announced"])
def test_a_body_that_is_refused_while_it_comes(client: httpx.Client, more: str) -> None:
    with connected(client) as connection:
        connection.sendall(post("/v1/duty/calculate", "application/json", more))
        connection.sendall(piece(b" " * (2 * MIB)))
        assert status_and_problem(until_closed(connection, piece(b" "))) == (413, "limit_exceeded")


def test_a_slow_body_that_goes_on_is_taken(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.limits, "SLOWEST_BYTES_S", 10)
    with connected(client) as connection:
        connection.sendall(post("/v1/duty/calculate", "application/json", "Content-Length: 80"))
        for _ in range(40):
            connection.sendall(b"  ")
            time.sleep(DRIP_S)
        assert b" 422 " in connection.recv(1 << 16).split(b"\r\n", 1)[0]


@pytest.fixture
def proofs(made: World) -> list[Proof]:
    return anchor(made, [b"certificate 1", b"certificate 2"])


def lines_of(proofs: list[Proof]) -> bytes:
    return b"".join(json.dumps({"id": str(n), "proof": proof_json(p)}).encode() + b"\n" for n, p in enumerate(proofs))


def answers_in(answer: bytes) -> list[Any]:
    """Lines of a chunked answer, each chunk whole lines."""
    return [json.loads(line) for line in answer.partition(b"\r\n\r\n")[2].split(b"\n") if line.startswith(b"{")]


@pytest.mark.parametrize("drip", [b"", piece(b" ")], ids=["stops", "drips"])
def test_many_documents_that_stop_coming(client: httpx.Client, proofs: list[Proof], drip: bytes) -> None:
    with connected(client) as connection:
        connection.sendall(post("/v1/verify/many", NDJSON, CHUNKED) + piece(lines_of(proofs) + b'{"id": "half'))
        answers = answers_in(until_closed(connection, drip))
    assert [answer["id"] for answer in answers] == ["0", "1", None]
    assert [answer["overall"] for answer in answers[:2]] == ["VALID", "VALID"]
    assert answers[2]["problem"]["code"] == "timeout"


def test_many_documents_over_the_bound(client: httpx.Client, proofs: list[Proof]) -> None:
    def body() -> Iterator[bytes]:
        yield lines_of(proofs)
        for _ in range(MAX_BODY_BYTES // MIB + 1):
            yield b" " * MIB

    answer = client.post("/v1/verify/many", content=body(), headers={"Content-Type": NDJSON})
    told = [json.loads(line) for line in answer.text.splitlines()]
    assert [each.get("overall", each.get("problem", {}).get("code")) for each in told] == [
        "VALID", "VALID", "limit_exceeded",
    ]  # fmt: skip
    assert (told[2]["id"], told[2]["problem"]["limit"]) == (None, MAX_BODY_BYTES)


def send_for_ever(connection: socket.socket, content: bytes) -> None:
    while True:
        connection.sendall(content)


def test_who_does_not_read_is_cut_off(client: httpx.Client, proofs: list[Proof]) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect((client.base_url.host, client.base_url.port or 80))
        connection.sendall(post("/v1/verify/many", NDJSON, CHUNKED))
        connection.settimeout(WITHIN_S)
        with pytest.raises(ConnectionError):
            send_for_ever(connection, piece(lines_of(proofs) * 128))


def test_connections_that_come_at_once_are_bounded_too(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.connections, "HEAD_WITHIN_S", 10 * WITHIN_S)
    monkeypatch.setattr(api.connections, "MAX_CONNECTIONS", 5)
    silent = [connected(client) for _ in range(100)]
    until, held = time.monotonic() + WITHIN_S, silent
    try:
        while len(held) > 5:
            assert time.monotonic() < until, len(held)
            time.sleep(DRIP_S)
            held = [each for each in held if is_open(each)]
        assert client.get("/health/live").status_code == 200
    finally:
        for connection in silent:
            connection.close()


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def test_one_more_connection_cuts_off_who_waited_longest(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.connections, "HEAD_WITHIN_S", 10 * WITHIN_S)
    monkeypatch.setattr(api.connections, "MAX_CONNECTIONS", 5)
    busy = connected(client)
    busy.sendall(post("/v1/duty/calculate", "application/json", "Content-Length: 1000"))
    silent = [connected(client) for _ in range(4)]
    time.sleep(SHORT_S / 5)
    try:
        assert client.get("/health/live").status_code == 200
        assert until_closed(silent[0]) == b""
        assert client.get("/health/live").status_code == 200
        assert status_and_problem(until_closed(busy)) == (408, "timeout")
    finally:
        for connection in (busy, *silent):
            connection.close()


@pytest.mark.parametrize(("trusted", "statuses"), [((), {401, 429}), (("127.0.0.0/8",), {401})])
def test_a_front_server_is_believed_if_it_is_named(
    made: World, tmp_path: Path, trusted: tuple[str, ...], statuses: set[int]
) -> None:
    facade = replace(facade_over(made, tmp_path), rate_limit=1)
    with serving_app(create(lambda: facade), facade.sign_in.public_url, trusted_proxies=trusted) as client:
        told = {
            client.get("/v1/session", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code for n in range(3 * BURST)
        }
    assert told == statuses


def test_nobody_is_believed_unless_named() -> None:
    assert read_config({}).trusted_proxies == ()
    named = read_config({"TAMGA_TRUSTED_PROXIES": "10.0.0.7, 192.168.1.0/24,::1"}).trusted_proxies
    assert named == ("10.0.0.7/32", "192.168.1.0/24", "::1/128")
    for wrong in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(Malformed, match="TAMGA_TRUSTED_PROXIES"):
            read_config({"TAMGA_TRUSTED_PROXIES": wrong})


@pytest.mark.parametrize("path", ["/v1/services/", "/health/live/", "/v1/declarations/"])
def test_no_one_is_sent_to_where_a_host_header_says(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_path")
    assert "evil.example" not in f"{answer.headers}{answer.text}"


def test_no_web_sockets(client: httpx.Client) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    headers["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    assert client.get("/health/live", headers=headers).json() == {"live": True}


GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


def test_what_was_sent_as_the_process_was_told_to_end_is_answered(
    made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One who just connected, one who has asked before, and one who says nothing, which ends it all the same."""
    monkeypatch.setattr(api.connections, "LAST_WITHIN_S", WITHIN_S / 3)  # slower than this test on the slowest machine
    app, stage = create(lambda: facade_over(made, tmp_path)), ExitStack()
    client = stage.enter_context(serving_app(app, free_url()))
    with connected(client) as new, connected(client) as used, connected(client) as silent:
        used.sendall(GET)
        until_ends_with(used, b'{"live":true}')
        ending = threading.Thread(target=stage.close)
        ending.start()
        until = time.monotonic() + WITHIN_S
        while can_connect(client):
            assert time.monotonic() < until
            time.sleep(DRIP_S)  # or there are so many that the first are cut off
        for connection in (new, used):
            connection.sendall(GET)
        for connection in (new, used):
            answer = until_closed(connection)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
            assert b"connection: close" in answer.lower()
        assert until_closed(silent) == b""
        ending.join(2 * WITHIN_S)
        assert not ending.is_alive()


def can_connect(client: httpx.Client) -> bool:
    try:
        connected(client).close()
    except ConnectionError:
        return False
    return True


NOT_HTTP = (
    b"GET /v1/services HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",
    b"GET /v1/services HTTP/1.1\r\n\r\n",
    b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * (1 << 18) + b"\r\n\r\n",
)


@pytest.mark.parametrize("request_", NOT_HTTP, ids=["no header", "no host", "length", "TLS", "long"])
def test_what_is_no_http_is_told_as_a_problem(client: httpx.Client, request_: bytes) -> None:
    with connected(client) as connection:
        with suppress(ConnectionError):  # of the longest, the rest is not read
            connection.sendall(request_)
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "not_http"


def test_a_broken_chunk_breaks_the_answer_off(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with connected(client) as connection:
        connection.sendall(post("/v1/verify/many", NDJSON, CHUNKED))
        until_ends_with(connection, b"\r\n\r\n")
        connection.sendall(b"zz\r\n")
        until_closed(connection)
    assert client.get("/health/live").status_code == 200
    assert not [each for each in caplog.records if each.exc_info]
