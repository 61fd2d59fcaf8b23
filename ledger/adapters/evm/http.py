"""Kept connections to one node. A request is never sent twice: whoever asks decides what an unknown outcome means."""

import time
from collections.abc import Callable
from typing import Any, Final

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from ledger.domain.errors import Unavailable

Exchange = Callable[[bytes, int], tuple[int, bytes]]
"""Posts a JSON body; gives the HTTP status and the answer, of which it reads no more than so many bytes and one."""
CONNECTIONS: Final = 16
IDLE_S: Final = 2.0
"""Longest that a connection may lie idle and be used again: nodes close theirs after 5 s (Hardhat) and more, and one
that closes while a request is on its way leaves its outcome unknown."""
_PIECE_BYTES: Final = 1 << 16
HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class _NotIdle(HTTPConnectionPool):
    """Opens a connection anew that has lain idle for long."""

    # Any: urllib3's own protocol of connections, which carries no mark of ours.
    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        if time.monotonic() - getattr(connection, "idle_since", time.monotonic()) > IDLE_S:
            connection.close()  # it connects again by itself
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)


class _NotIdleOverTls(_NotIdle, HTTPSConnectionPool):
    """The same for https."""


class KeptConnections:
    """Up to 16 connections, shared by threads; environment variables name no proxy here."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        parsed = urllib3.util.parse_url(url)
        self._pool = (_NotIdleOverTls if parsed.scheme == "https" else _NotIdle)(
            parsed.host or "",
            parsed.port,
            maxsize=CONNECTIONS,
            block=True,
            timeout=urllib3.Timeout(timeout_s),
            retries=False,
        )
        self._target = parsed.request_uri

    def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        """See `Exchange`. Raises `Unavailable` if nobody answers in time."""
        content = bytearray()
        try:
            response = self._pool.urlopen("POST", self._target, body, HEADERS, preload_content=False, redirect=False)
            for piece in response.stream(_PIECE_BYTES, decode_content=False):
                content += piece
                if len(content) > max_bytes:
                    response.close()
                    break
            response.release_conn()
        except HTTPError as error:
            raise Unavailable(f"no answer from the node: {self._url}: {_why(error)}") from error
        return response.status, bytes(content)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()


def _why(error: HTTPError) -> str:
    """The same words for the same trouble: the library's own hold what time was left."""
    if isinstance(error, HTTPTimeout) and not isinstance(error, NewConnectionError):  # refused at once, says its class
        return "timed out"
    return f"{type(error).__name__}: {str(error).rpartition(': ')[2]}"
