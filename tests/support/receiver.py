"""Receivers of webhooks on loopback: one keeps what it is sent and answers what a test tells it to, one never ends."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ledger.devnet.loopback import HOST

DEADLINE_S = 20


@dataclass
class Receiver:
    """What was received.

    Attributes:
        origin: `http://host:port`.
        answers: Status of the next deliveries; 204 when there are none left.
        deliveries: Headers and body of each, in order.
    """

    origin: str = ""
    answers: list[int] = field(default_factory=list)
    deliveries: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def events(self) -> list[Any]:
        """Every event of deliveries that were answered well, in order."""
        return [event for _, body in self.deliveries for event in json.loads(body)["events"]]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs while the block does."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = receiver.answers.pop(0) if receiver.answers else 204
            if status < 300:
                receiver.deliveries.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{receiver.origin}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    receiver.origin = f"http://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signature(secret: str, headers: Mapping[str, str], body: bytes) -> str:
    """What a delivery has to be signed with, as Standard Webhooks v1 lays down."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(wanted).decode()}"


def eventually(holds: Callable[[], Any]) -> Any:
    """What `holds` gives once it is true."""
    until = time.monotonic() + DEADLINE_S
    while not (found := holds()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


DRIP_S = 0.02


@dataclass
class Dripping:
    """What became of the connections to a receiver that never ends its answer.

    Attributes:
        origin: `http://host:port`.
        taken: How many there were.
        given_up: How many of them the other side has closed.
    """

    origin: str = ""
    taken: int = 0
    given_up: int = 0

    @property
    def held(self) -> int:
        """How many are open now."""
        return self.taken - self.given_up


@contextmanager
def dripping(head: bytes = b"HTTP/1.1 200 OK\r\nX: ") -> Iterator[Dripping]:
    """A receiver that begins its answer with `head` and goes on byte by byte, as long as the other side stays."""
    told, ended = Dripping(), threading.Event()
    server = socket.create_server((HOST, 0))
    told.origin = f"http://{HOST}:{server.getsockname()[1]}"

    def drip(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(head)
            while not ended.wait(DRIP_S):
                connection.sendall(b"a")
        told.given_up += 1

    def accept() -> None:
        with suppress(OSError):  # closed below
            while True:
                connection, _ = server.accept()
                told.taken += 1
                threading.Thread(target=drip, args=(connection,)).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        server.close()
