"""A node that takes requests and answers none (paused, swapped out, behind a broken firewall).

given such a node
  when many threads ask it at once        → all are told after one timeout, not after one each sixteen of them
  when somebody asks after that           → they are told at once; one thread at a time finds out whether it still hangs
  when it answers again                   → it is asked as before
  when finding out fails by itself        → somebody finds out later
  when an event loop asks                 → it is told at once too, and a thread finds out
given a node that drips, a byte now and then → threads are cut off after a while, and others told at once after that
given an exchange that ends while it is cut off → later ones are cut off all the same
given a node that is slow with one thing  → others are served meanwhile and after
given a node that is gone                 → it is not asked by probes; it says so itself
given secrets in the addresses of nodes and database → no error tells them, and a user's password is sent
"""

import asyncio
import base64
import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ledger.adapters.addresses import shown
from ledger.adapters.evm import cutting, loop_http
from ledger.adapters.evm.cutting import Cutting
from ledger.adapters.evm.hanging import PAUSE_S, Hanging
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.kubo import KuboStore
from ledger.adapters.sql.database import Database
from ledger.devnet.loopback import HOST, free_port
from ledger.domain.cid import block_cid
from ledger.domain.errors import Malformed, TamgaError, Unavailable

TIMEOUT_S = 1.0
SLOW, QUICK = (b'{"id": 1, "method": "%b"}' % method for method in (b"slow", b"eth_blockNumber"))
ASKERS = 80


class Node(ThreadingHTTPServer):
    """Answers what it is asked, unless it hangs; `slow` is never answered while it does not."""

    daemon_threads = True
    request_queue_size = 2 * ASKERS

    def __init__(self) -> None:
        self.hangs, self.asked, self.authorizations = threading.Event(), [], []  # type: ignore[var-annotated]
        self.go_on = threading.Event()
        super().__init__((HOST, 0), Answering)


class Answering(BaseHTTPRequestHandler):
    server: Node
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(call["method"])
        self.server.authorizations.append(self.headers["Authorization"])
        if self.server.hangs.is_set() or call["method"] == "slow":
            self.server.go_on.wait(60)
        body = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": "0x7"}).encode()
        with suppress(ConnectionError):  # who asked may be gone: that is what most of these tests are about
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def node() -> Iterator[Node]:
    with Node() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()
            thread.join()


def ask(rpc: EvmRpc) -> str:
    try:
        return str(rpc.request("eth_blockNumber"))
    except Unavailable as error:
        return str(error)


def test_who_asks_a_hanging_node_is_told_in_time(node: Node) -> None:
    with EvmRpc(f"http://{HOST}:{node.server_port}", timeout_s=TIMEOUT_S) as rpc:
        assert ask(rpc) == "0x7"
        node.hangs.set()
        began = time.monotonic()
        with ThreadPoolExecutor(ASKERS) as threads:
            told = list(threads.map(lambda _: ask(rpc), range(ASKERS)))
        assert time.monotonic() - began < TIMEOUT_S * ASKERS / 16  # one after the other, by sixteen, take five
        assert {text.rpartition(": ")[2] for text in told} <= {"timed out", "it hangs"}
        assert node.asked.count("eth_blockNumber") < ASKERS / 2

        node.hangs.clear()
        node.go_on.set()
        until = time.monotonic() + 30
        while ask(rpc) != "0x7":
            assert time.monotonic() < until
            time.sleep(0.05)
        assert [ask(rpc) for _ in range(3)] == ["0x7"] * 3


def test_an_event_loop_waits_for_no_hanging_node(node: Node) -> None:
    async def ask_on(loop: loop_http.LoopConnection) -> None:
        assert not await loop.hangs()
        node.hangs.set()
        with pytest.raises(Unavailable, match="timed out"):
            await loop(QUICK, 1000)
        began = time.monotonic()
        assert all(await asyncio.gather(*(loop.hangs() for _ in range(ASKERS))))
        assert time.monotonic() - began < TIMEOUT_S
        assert node.asked.count("eth_chainId") <= 1

        node.hangs.clear()
        node.go_on.set()
        until = time.monotonic() + 30
        while await loop.hangs():
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        assert (await loop(QUICK, 1000))[0] == 200
        await loop.close()

    with EvmRpc(f"http://{HOST}:{node.server_port}", timeout_s=TIMEOUT_S) as rpc:
        asyncio.run(ask_on(rpc.on_loop()))
        assert ask(rpc) == "0x7"


def test_what_threads_know_the_event_loop_knows(node: Node) -> None:
    with EvmRpc(f"http://{HOST}:{node.server_port}", timeout_s=TIMEOUT_S) as rpc:
        node.hangs.set()
        assert "timed out" in ask(rpc)
        assert asyncio.run(rpc.on_loop().hangs())


def test_one_slow_answer_holds_back_no_event_loop(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_http, "FINDING_S", 30.0)

    async def ask_on(loop: loop_http.LoopConnection) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable, match="timed out"):
                await loop(SLOW, 1000)
            assert not await loop.hangs()
            assert (await loop(QUICK, 1000))[0] == 200
        await loop.close()

    with EvmRpc(f"http://{HOST}:{node.server_port}", timeout_s=TIMEOUT_S) as rpc:
        asyncio.run(ask_on(rpc.on_loop()))


def test_one_slow_answer_is_no_hanging_node(node: Node) -> None:
    with EvmRpc(f"http://{HOST}:{node.server_port}", timeout_s=TIMEOUT_S) as rpc:
        for _ in range(2):
            with pytest.raises(Unavailable, match="timed out"):
                rpc.request("slow")
            assert ask(rpc) == "0x7"  # after a probe, which it answers


def test_one_asker_at_a_time_finds_out() -> None:
    now, probes, answers = [100.0], [], [False]

    def probe() -> bool:
        probes.append(bool(hanging))  # who asks meanwhile is told that it hangs
        return answers[0]

    hanging = Hanging(probe, now=lambda: now[0])
    assert not hanging
    hanging.answered()
    hanging.silent(99.0)  # it has answered another since
    assert not hanging
    now[0] = 101.0
    hanging.silent(100.5)
    assert bool(hanging)
    assert bool(hanging)
    assert probes == [True]
    now[0] += PAUSE_S
    answers[0] = True
    assert not hanging
    assert not hanging
    assert probes == [True, True]


def test_finding_out_that_fails_is_tried_again() -> None:
    now = [0.0]
    outcomes: list[OSError | bool] = [OSError("no sockets left"), True]

    def probe() -> bool:
        outcome = outcomes.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    hanging = Hanging(probe, now=lambda: now[0])
    hanging.silent(since=0.0)
    with pytest.raises(OSError, match="no sockets left"):
        bool(hanging)
    assert hanging, "not before the pause is over"
    now[0] += PAUSE_S
    assert not hanging


def test_a_node_that_is_gone_says_so_itself() -> None:
    with EvmRpc(f"http://{HOST}:{free_port()}", timeout_s=TIMEOUT_S) as rpc:
        assert all("refused" in ask(rpc) for _ in range(3))


def test_a_users_password_is_sent(node: Node) -> None:
    with EvmRpc(f"http://someone:pass%20word@{HOST}:{node.server_port}/key") as rpc:
        rpc.request("eth_chainId")
        asyncio.run(asked_on_loop(rpc))
    assert node.authorizations == ["Basic " + base64.b64encode(b"someone:pass word").decode()] * 2


async def asked_on_loop(rpc: EvmRpc) -> None:
    loop = rpc.on_loop()
    try:
        await loop(QUICK, 1000)
    finally:
        await loop.close()


SECRETS = ("sesame", "opened")


@pytest.mark.parametrize("host", [f"{HOST}:{free_port()}", "no.such.host.invalid"], ids=["nobody", "no such host"])
def test_no_error_tells_a_secret(host: str, node: Node) -> None:
    hosted = f"http://sesame:opened@{host}/v3/sesame?key=opened"
    wrong_chain = f"http://sesame:opened@{HOST}:{node.server_port}/sesame"

    def database() -> None:
        Database(f"postgresql://someone:sesame@{host}/ledger?password=opened")

    def kubo() -> None:
        KuboStore(f"http://{host}/sesame").has(block_cid(b"a"))

    for attempt in (
        lambda: EvmRpc(hosted, timeout_s=TIMEOUT_S).request("eth_chainId"),
        lambda: asyncio.run(asked_on_loop(EvmRpc(hosted, timeout_s=TIMEOUT_S))),
        lambda: EvmRpc(wrong_chain, chain_id=8).chain_id(),
        lambda: EvmRpc("http://sesame:opened@ [", timeout_s=TIMEOUT_S),
        lambda: KuboStore(f"http://sesame:opened@{host}"),
        kubo,
        database,
    ):
        with pytest.raises(TamgaError) as caught:
            attempt()
        assert not [secret for secret in SECRETS if secret in str(caught.value)], caught.value


def test_addresses_as_they_are_shown() -> None:
    assert shown("https://u:p@node.example:8545/v3/key?a=b#c") == "https://node.example:8545"
    assert shown("http://[::1]:8545/") == "http://[::1]:8545"
    assert shown("/ip4/127.0.0.1/tcp/5001") == "/ip4/127.0.0.1/tcp/5001"


def test_a_password_for_a_content_store_is_refused() -> None:
    with pytest.raises(Malformed):
        KuboStore("http://u:p@127.0.0.1:5001")


class Dripping(socketserver.BaseRequestHandler):
    """Always something, and never all of it."""

    def handle(self) -> None:
        with suppress(OSError):
            self.request.recv(1 << 16)
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                self.request.sendall(b" ")
                time.sleep(0.05)


def test_a_node_that_drips_holds_no_thread() -> None:
    with socketserver.ThreadingTCPServer((HOST, 0), Dripping) as server:
        server.daemon_threads = True
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        began = time.monotonic()
        with EvmRpc(f"http://{HOST}:{server.server_address[1]}", timeout_s=0.2) as rpc, ThreadPoolExecutor(8) as askers:
            asked = [askers.submit(rpc.request, "eth_blockNumber") for _ in range(8)]
            for each in asked:
                with pytest.raises(Unavailable, match="no answer from the node"):
                    each.result(30)
            assert rpc.on_loop()._hanging.is_suspected
        server.shutdown()
        serving.join()
    assert time.monotonic() - began < 30


class EndsMeanwhile:
    """A connection that its thread closes between two looks at its socket."""

    def __init__(self, open_socket: socket.socket) -> None:
        self._sockets: Iterator[socket.socket | None] = iter((open_socket, None))

    @property
    def sock(self) -> socket.socket | None:
        return next(self._sockets)


def test_an_exchange_that_ends_as_it_is_cut_off_keeps_no_other_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LOOK_S", 0.01)
    cut_off = threading.Semaphore(0)
    looked_after = Cutting(0.0, lambda _: cut_off.release())
    for _ in range(2):
        with socket.socket() as open_socket:
            ending: Any = EndsMeanwhile(open_socket)
            looked_after.begin(ending)
            assert cut_off.acquire(timeout=30)
