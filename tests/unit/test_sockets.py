"""Whether answers wait for the client's acknowledgement.

given a listening socket as a server of several workers hands it on, without its protocol named
  when the application starts → connections accepted from it send at once
"""

import socket

import pytest

from api.sockets import send_at_once
from ledger.devnet.loopback import HOST


@pytest.mark.parametrize("prepared", [False, True])
def test_connections_of_a_socket_that_was_handed_on(prepared: bool) -> None:
    with socket.socket(socket.AF_INET) as listening:
        listening.bind((HOST, 0))
        listening.listen()
        if prepared:
            send_at_once()
        with socket.create_connection(listening.getsockname()):
            accepted, _ = listening.accept()
            with accepted:
                assert bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) is prepared
