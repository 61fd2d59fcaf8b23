"""What one node answers to an event loop, over one kept connection.

given a node
├── when it answers by length, in chunks, or until it closes it should be read, and the connection kept if it can be
├── when the connection lay idle, or the node closed it, it should be opened anew, and nothing be sent twice
├── when the answer is over the bound no more than one byte above it should be read
├── when the answer is cut, or no HTTP, it should be Unavailable, and the connection be closed
├── when it does not answer in time, drips, or is not there, it should be Unavailable
└── when it takes no more of a question it should be let go at once, not when it takes the rest
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from ledger.adapters.evm import loop_http
from ledger.adapters.evm.hanging import Hanging
from ledger.adapters.evm.http import Endpoint
from ledger.adapters.evm.loop_http import LoopConnection
from ledger.devnet.loopback import free_port
from ledger.domain.errors import Unavailable

BODY = b'{"id": 1}'
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nx: y\r\n\r\n"
CLOSED = b"HTTP/1.1 503 Busy\r\n\r\nhello"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"


class Node:
    """Answers requests one after the other, as told; an answer of None is never given."""

    def __init__(self, *answers: bytes | None, closes: bool = False) -> None:
        self.answers, self.closes = list(answers), closes
        self.asked: list[bytes] = []
        self.opened = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head + await reader.readexactly(len(BODY)))
                answer = self.answers.pop(0)
                if answer is None:
                    await asyncio.sleep(10)
                else:
                    writer.write(answer)
                    await writer.drain()
                if self.closes:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def connected(url: str, timeout_s: float) -> LoopConnection:
    return LoopConnection(Endpoint.of(url), timeout_s, Hanging(lambda: True))


def asking(node: Node, ask: Callable[[LoopConnection], Awaitable[None]], *, timeout_s: float = 10.0) -> None:
    async def run() -> None:
        server = await asyncio.start_server(node.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connection = connected(f"http://127.0.0.1:{port}/v3/key?a=b", timeout_s)
        await ask(connection)
        await connection.close()
        server.close()

    asyncio.run(run())


def several(
    count: int, max_bytes: int = 100
) -> tuple[list[tuple[int, bytes]], Callable[[LoopConnection], Awaitable[None]]]:
    found: list[tuple[int, bytes]] = []

    async def ask(connection: LoopConnection) -> None:
        for _ in range(count):
            found.append(await connection(BODY, max_bytes))
            await asyncio.sleep(0.01)  # a node that closes has closed by then

    return found, ask


@pytest.mark.parametrize(
    ("answer", "status", "opened"),
    [(LENGTH, 200, 1), (CHUNKS, 200, 1), (CLOSED, 503, 3), (LAST, 200, 3)],
    ids=["length", "chunks", "until closed", "said to be the last"],
)
def test_an_answer_is_read_to_its_end(answer: bytes, status: int, opened: int) -> None:
    node = Node(answer, answer, answer, closes=answer is CLOSED)
    found, ask = several(3)
    asking(node, ask)
    assert found == [(status, b"hello")] * 3
    assert node.opened == opened
    assert all(asked.startswith(b"POST /v3/key?a=b HTTP/1.1\r\nHost: 127.0.0.1:") for asked in node.asked)
    assert all(asked.endswith(b"\r\nContent-Length: 9\r\n\r\n" + BODY) for asked in node.asked)


@pytest.mark.parametrize("closes", [True, False], ids=["closed by the node", "idle"])
def test_a_connection_is_opened_anew(monkeypatch: pytest.MonkeyPatch, closes: bool) -> None:
    if not closes:
        monkeypatch.setattr(loop_http, "IDLE_S", 0.0)
    node = Node(LENGTH, LENGTH, LENGTH, closes=closes)
    found, ask = several(3)
    asking(node, ask)
    assert (len(found), node.opened, len(node.asked)) == (3, 3, 3)


@pytest.mark.parametrize("answer", [LENGTH, CHUNKS, CLOSED], ids=["length", "chunks", "until closed"])
def test_no_more_is_read_than_one_byte_above_the_bound(answer: bytes) -> None:
    """And what was left unread is not taken for the next answer."""
    node = Node(answer, LENGTH.replace(b"5\r\n\r\nhello", b"3\r\n\r\nyes"), closes=answer is CLOSED)
    found, ask = several(2, max_bytes=3)
    asking(node, ask)
    assert [content for _, content in found] == [b"hell", b"yes"]
    assert node.opened == 2


@pytest.mark.parametrize(
    "answer",
    [
        LENGTH[:-1],
        CHUNKS[:-4],
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"<html>no\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 17) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * (1 << 17),
    ],
)
def test_what_is_no_answer_is_unavailable(answer: bytes) -> None:
    async def ask(connection: LoopConnection) -> None:
        with pytest.raises(Unavailable, match="no answer from the node: http://"):
            await connection(BODY, 1_000_000)
        assert await connection(BODY, 100) == (200, b"hello")

    node = Node(answer, LENGTH, closes=True)
    asking(node, ask)
    assert node.opened == 2


def test_no_answer_in_time() -> None:
    async def ask(connection: LoopConnection) -> None:
        with pytest.raises(Unavailable, match="timed out"):
            await connection(BODY, 100)

    asking(Node(None), ask, timeout_s=0.05)


def test_nobody_there() -> None:
    async def ask() -> None:
        with pytest.raises(Unavailable, match="no answer from"):
            await connected(f"http://127.0.0.1:{free_port()}", 10.0)(BODY, 100)

    asyncio.run(ask())


def test_a_question_that_is_given_up_leaves_no_answer_behind() -> None:
    async def ask(connection: LoopConnection) -> None:
        first = asyncio.ensure_future(connection(BODY, 100))
        await asyncio.sleep(0.05)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await connection(BODY, 100) == (200, b"hello")

    node = Node(None, LENGTH)
    asking(node, ask)
    assert node.opened == 2


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Always something, and never all of it."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)
    except ConnectionError:
        writer.close()


def test_a_node_that_drips_does_not_answer_in_time() -> None:
    async def run() -> None:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connection = LoopConnection(Endpoint.of(url), 0.2, Hanging(lambda: False))
        with pytest.raises(Unavailable, match="timed out"):
            await asyncio.wait_for(connection(BODY, 1 << 20), 10)
        assert await connection.hangs()  # so that the others do not wait for it
        await connection.close()
        server.close()
        await asyncio.sleep(0.1)

    asyncio.run(run())


def test_a_node_that_takes_nothing_more_is_let_go() -> None:
    question, came, ended, let_go = b"x" * (64 << 20), 0, asyncio.Event(), asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        await let_go.wait()
        with suppress(ConnectionError):
            while piece := await reader.read(1 << 16):
                came += len(piece)
        writer.close()
        ended.set()

    async def run() -> None:
        server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1 << 10)
        connection = connected(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", 0.2)
        with pytest.raises(Unavailable, match="timed out"):
            await connection(question, 100)
        let_go.set()
        await asyncio.wait_for(ended.wait(), 10)
        server.close()

    asyncio.run(run())
    assert came < len(question)
