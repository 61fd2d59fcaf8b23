"""Whether answers wait for the client's acknowledgement.

given a socket as a server of several workers has it: bound, not listening yet, its protocol not named
  when the facade serves from it → its very first connection sends at once
"""

import socket
import threading
import time

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.server import options
from ledger.devnet.loopback import HOST


async def _empty(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse()(scope, receive, send)


def test_the_first_connection_of_a_socket_that_was_handed_on() -> None:
    with socket.socket(socket.AF_INET) as handed:
        handed.bind((HOST, 0))
        server = uvicorn.Server(uvicorn.Config(_empty, lifespan="off", log_level="warning", **options(())))
        thread = threading.Thread(target=server.run, args=([handed],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            with socket.create_connection(handed.getsockname()) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(1 << 16).startswith(b"HTTP/1.1 200")
                (accepted,) = server.server_state.connections
                found = accepted.transport.get_extra_info("socket")
                assert found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        finally:
            server.should_exit = True
            thread.join()
