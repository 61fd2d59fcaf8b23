"""Ports, and a node that is not what it should be."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from ledger.devnet.engines import Engine, start_chain
from ledger.devnet.loopback import free_port, is_free, rpc, wait_for_rpc
from ledger.devnet.process import Process, started_at
from ledger.devnet.trouble import Trouble


def serve(answer: str) -> Iterator[str]:
    class Node(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = answer.encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Node)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def node(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from serve(json.dumps(request.param))


@pytest.fixture
def myself() -> Process:
    """A process that is certainly alive."""
    return Process(os.getpid(), str(started_at(os.getpid())))


def test_a_port_that_somebody_listens_on_is_taken() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
    assert is_free(free_port())


def test_start_chain_refuses_a_taken_port(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with pytest.raises(Trouble, match="is taken; stop what listens there"):
            start_chain(Engine.GANACHE, tmp_path / "chain", port=listener.getsockname()[1])
    assert not (tmp_path / "chain").exists()


@pytest.mark.parametrize("held", [{"engine": "anvil", "chain_id": 826_042}, {"engine": "ganache", "chain_id": 1}])
def test_start_chain_refuses_the_state_of_another(held: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "chain.json").write_text(json.dumps(held))
    with pytest.raises(Trouble, match="holds the state of"):
        start_chain(Engine.GANACHE, tmp_path)


def test_start_chain_refuses_a_half_written_anvil(tmp_path: Path) -> None:
    (tmp_path / "anvil.json").write_text('{"block": {"number": ')
    with pytest.raises(Trouble, match="its chain is lost"):
        start_chain(Engine.ANVIL, tmp_path)


@pytest.mark.parametrize("node", [{"result": "0x10"}], indirect=True)
def test_another_chain_is_refused(node: str, myself: Process, tmp_path: Path) -> None:
    wait_for_rpc(node, myself, tmp_path / "log", chain_id=16)
    with pytest.raises(Trouble, match="serves chain 16, not 17"):
        wait_for_rpc(node, myself, tmp_path / "log", chain_id=17)


@pytest.mark.parametrize("node", [{"error": {"code": -1, "message": "no"}}, [], "text"], indirect=True)
def test_an_error_is_not_a_result(node: str) -> None:
    with pytest.raises(ValueError, match="eth_chainId"):
        rpc(node, "eth_chainId")


def test_a_node_that_stays_silent_is_trouble(myself: Process, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="did not answer"):
        wait_for_rpc(f"http://127.0.0.1:{free_port()}", myself, tmp_path / "log", chain_id=1, limit_s=0.1)


def test_a_node_that_ended_tells_why(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("Fatal: Failed to lock\n")
    gone = Process(2**22, "long ago")
    with pytest.raises(Trouble, match="Fatal: Failed to lock; read"):
        wait_for_rpc(f"http://127.0.0.1:{free_port()}", gone, tmp_path / "log", chain_id=1)
