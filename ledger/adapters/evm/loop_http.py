"""One kept connection of an event loop to one node: as `http`, without a thread that waits.

It takes HTTP/1.1 as nodes answer it: a length, chunks, or all until the end. A request is never sent twice. Whether the
node hangs is one knowledge of loop and threads.
"""

import asyncio
import re
import ssl
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final

from ledger.adapters.evm.hanging import Hanging
from ledger.adapters.evm.http import IDLE_S, Endpoint
from ledger.domain.errors import Unavailable

LoopExchange = Callable[[bytes, int], Awaitable[tuple[int, bytes]]]
"""Posts a JSON body; gives the HTTP status and the answer, of which it reads no more than so many bytes and one."""
FINDING_S: Final = 0.1
"""For a node that is well again to say so; one that hangs keeps a thread waiting, not who asks here."""
MAX_HEAD_BYTES: Final = 1 << 16
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2})(?: |$)")
_SIZE: Final = re.compile(rb"[0-9]{1,15}")
_CHUNK: Final = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?\r\n")


class LoopConnection:
    """The connection; one exchange after the other."""

    def __init__(self, node: Endpoint, timeout_s: float, hanging: Hanging) -> None:
        self._shown, self._timeout_s, self._hanging = node.shown, timeout_s, hanging
        self._tls = ssl.create_default_context() if node.is_https else None
        self._host, self._port = node.host.strip("[]"), node.port or (443 if node.is_https else 80)
        place = node.host if node.port is None else f"{node.host}:{node.port}"
        lines = [f"POST {node.target} HTTP/1.1", f"Host: {place}", *(f"{k}: {v}" for k, v in node.headers.items())]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode()
        self._open: tuple[StreamReader, StreamWriter] | None = None
        self._idle_since = 0.0
        self._finding: asyncio.Future[bool] | None = None

    async def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        """See `LoopExchange`. Raises `Unavailable` if nobody answers in time."""
        kept, since = False, time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = await self._connected()
                writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
                status, content, kept = await _answer(reader, max_bytes)
        except TimeoutError as error:
            self._hanging.silent(since)
            raise Unavailable(f"no answer from the node: {self._shown}: timed out") from error
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise Unavailable(f"no answer from the node: {self._shown}: {type(error).__name__}: {error}") from error
        finally:
            self._idle_since = time.monotonic()
            if not kept and (dropped := self._drop()) is not None:
                dropped.transport.abort()  # closed in order, it would first send what the node does not take
        self._hanging.answered()
        return status, content

    async def hangs(self) -> bool:
        """Whether the node hangs, as far as can be told in a moment: a thread finds out, at most one at a time."""
        if not self._hanging.is_suspected:
            return False
        if self._finding is None or self._finding.done():
            self._finding = asyncio.get_running_loop().run_in_executor(None, bool, self._hanging)
        await asyncio.wait([self._finding], timeout=FINDING_S)
        return self._hanging.is_suspected

    async def close(self) -> None:
        """Give the connection back."""
        writer = self._drop()
        if writer is not None:
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[StreamReader, StreamWriter]:
        if self._open is not None and (self._open[0].at_eof() or time.monotonic() - self._idle_since > IDLE_S):
            self._drop()
        if self._open is None:
            self._open = await asyncio.open_connection(self._host, self._port, ssl=self._tls, limit=MAX_HEAD_BYTES)
        return self._open

    def _drop(self) -> StreamWriter | None:
        if self._open is None:
            return None
        (_, writer), self._open = self._open, None
        writer.close()
        return writer


async def _answer(reader: StreamReader, max_bytes: int) -> tuple[int, bytes, bool]:
    """Status, content, and whether the connection may be used again. Raises `ValueError` for what is no HTTP/1.1."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
    status = _STATUS.match(first)
    if status is None:
        raise ValueError(f"an answer that begins with {first[:20]!r}")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    content, whole = await _content(reader, headers, max_bytes)
    return int(status[1]), content, whole and headers.get(b"connection", b"").lower() != b"close"


async def _content(reader: StreamReader, headers: Mapping[bytes, bytes], max_bytes: int) -> tuple[bytes, bool]:
    """The content, and whether it ended where the next answer begins."""
    coding, length = headers.get(b"transfer-encoding"), headers.get(b"content-length")
    if coding is not None:
        if coding.lower() != b"chunked":
            raise ValueError(f"the coding {coding[:20]!r}")
        return await _chunks(reader, max_bytes)
    if length is not None:
        if _SIZE.fullmatch(length) is None:
            raise ValueError(f"the length {length[:20]!r}")
        return await reader.readexactly(min(int(length), max_bytes + 1)), int(length) <= max_bytes
    found = bytearray()
    while len(found) <= max_bytes and (piece := await reader.read(max_bytes + 1 - len(found))):
        found += piece
    return bytes(found), False


async def _chunks(reader: StreamReader, max_bytes: int) -> tuple[bytes, bool]:
    found = bytearray()
    while True:
        line = _CHUNK.fullmatch(await reader.readuntil(b"\r\n"))
        if line is None:
            raise ValueError("a chunk without a size")
        size = int(line[1], 16)
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":  # trailers
                pass
            return bytes(found), True
        found += await reader.readexactly(min(size, max_bytes + 1 - len(found)))
        if len(found) > max_bytes:
            return bytes(found), False
        if await reader.readexactly(2) != b"\r\n":
            raise ValueError("a chunk longer than its size")
