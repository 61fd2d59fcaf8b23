"""What becomes of an answer on its way to the client.

given a socket as a server of several workers has it: bound, not listening yet, its protocol not named
  when the facade serves from it → its very first connection sends at once
given a client that reads nothing before it has sent all of its body
  when the process is told to end meanwhile, and leaves the rest of the body unread
    → the client should send all of it, and get all that was answered
given a client that goes on sending for ever
  when the process is told to end → it should end all the same
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api import connections
from api.server import options
from ledger.devnet.loopback import HOST

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
PIECE = bytes(1 << 20)
PIECES = 24
"""More than the buffers of both ends take together."""


@contextmanager
def served(application: ASGIApp) -> Iterator[tuple[uvicorn.Server, tuple[str, int]]]:
    """A server with the facade's options, on a socket that was handed on."""
    with socket.socket(socket.AF_INET) as handed:
        handed.bind((HOST, 0))
        server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="warning", **options(())))
        thread = threading.Thread(target=server.run, args=([handed],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield server, handed.getsockname()
        finally:
            server.should_exit = True
            thread.join()


async def _empty(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse()(scope, receive, send)


class Leaving:
    """Answers what has come of a body once it is told that the process is to end."""

    def __init__(self) -> None:
        self.began, self.answered = threading.Event(), threading.Event()
        self.told = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        self.began.set()
        while not self.told.is_set():
            await receive()
        await send({"type": "http.response.body", "body": b"the rest was not taken"})
        self.answered.set()


def test_the_first_connection_of_a_socket_that_was_handed_on() -> None:
    with served(_empty) as (server, address), socket.create_connection(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200")
        (accepted,) = server.server_state.connections
        found = accepted.transport.get_extra_info("socket")
        assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


@pytest.mark.parametrize("first", ["the answer", "the server"])
def test_who_sends_all_before_it_reads_gets_all_answers(first: str) -> None:
    application = Leaving()
    with served(application) as (server, address), socket.create_connection(address) as client:
        client.sendall(HEAD % (PIECES * len(PIECE)) + PIECE)
        assert application.began.wait(60)
        if first == "the answer":
            application.told.set()
            client.sendall(PIECE)
            assert application.answered.wait(60)
            server.should_exit = True
        else:
            (connection,) = server.server_state.connections
            server.should_exit = True
            while connection.cycle.keep_alive:
                time.sleep(0.01)
            application.told.set()
            client.sendall(PIECE)
        time.sleep(2 * connections.LAST_WITHIN_S)  # by then it would be closed
        for _ in range(PIECES - 2):
            client.sendall(PIECE)
        client.settimeout(60)
        answer = b"".join(iter(lambda: client.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"the rest was not taken" in answer


def _send_for_ever(client: socket.socket) -> None:
    while True:
        client.sendall(PIECE)


def test_who_sends_for_ever_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REST_WITHIN_S", 0.2)
    application = Leaving()
    with served(application) as (server, address), socket.create_connection(address) as client:
        client.sendall(HEAD % (1 << 40) + PIECE)
        assert application.began.wait(60)
        application.told.set()
        server.should_exit = True
        with pytest.raises(OSError, match=r"reset|[Bb]roken"):
            _send_for_ever(client)
