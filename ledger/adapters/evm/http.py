"""Kept connections to one node. A request is never sent twice: whoever asks decides what an unknown outcome means."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from ledger.adapters.addresses import shown
from ledger.adapters.evm.cutting import TIMES, Cutting
from ledger.adapters.evm.hanging import Hanging
from ledger.domain.errors import Fault, Malformed, Unavailable

Exchange = Callable[[bytes, int], tuple[int, bytes]]
"""Posts a JSON body; gives the HTTP status and the answer, of which it reads no more than so many bytes and one."""
CONNECTIONS: Final = 16
IDLE_S: Final = 2.0
"""Longest that a connection may lie idle and be used again: nodes close theirs after 5 s (Hardhat) and more, and one
that closes while a request is on its way leaves its outcome unknown."""
PROBE_S: Final = 2.0
"""For a node that hangs to answer something small: one thread waits so long, once a second."""
_PROBE: Final = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
_PIECE_BYTES: Final = 1 << 16


@dataclass(frozen=True)
class Endpoint:
    """Where a node is asked, and how.

    Attributes:
        is_https: Whether over TLS.
        host: As it stands in a URL: an IPv6 address in brackets.
        port: None: the scheme's own.
        target: Path and query.
        headers: Of each request; a user and password in the URL are sent as such.
        shown: Its address as errors and logs may have it.
    """

    is_https: bool
    host: str
    port: int | None
    target: str
    headers: Mapping[str, str]
    shown: str

    @classmethod
    def of(cls, url: str) -> Self:
        """The node's of this URL. Raises `Malformed` if it is none."""
        try:
            parsed = urllib3.util.parse_url(url)
        except LocationParseError as error:
            raise Malformed(Fault("not_a_url", "/rpc_url", "the node's address cannot be read")) from error
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if parsed.auth is not None:
            headers |= urllib3.util.make_headers(basic_auth=unquote(parsed.auth))
        return cls(parsed.scheme == "https", parsed.host or "", parsed.port, parsed.request_uri, headers, shown(url))


class _HangsError(HTTPError):
    """Nobody is sent to a node that hangs."""


class _Bounded(HTTPConnectionPool):
    """Has an exchange cut off that takes too long in all."""

    cutting: Cutting

    # Any: urllib3's own protocol of connections, which carries no mark of ours.
    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        self.cutting.begin(connection)
        return connection

    def _put_conn(self, conn: Any) -> None:
        self.cutting.end()
        super()._put_conn(conn)


class _BoundedOverTls(_Bounded, HTTPSConnectionPool):
    """The same for https."""


class _NotIdle(_Bounded):
    """Opens a connection anew that has lain idle for long; gives none to a node that hangs.

    Asked when there is a connection: who waited for one while others waited for the node must not wait for it as well.
    """

    hanging: Hanging

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        self.cutting.end()  # what finds out about the node is an exchange of its own
        if self.hanging:
            connection.close()
            raise _HangsError("it hangs")
        if time.monotonic() - getattr(connection, "idle_since", time.monotonic()) > IDLE_S:
            connection.close()  # it connects again by itself
        self.cutting.begin(connection)
        return connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)


class _NotIdleOverTls(_NotIdle, HTTPSConnectionPool):
    """The same for https."""


class KeptConnections:
    """Up to 16 connections, shared by threads; environment variables name no proxy here.

    Attributes:
        node: Where they lead.
        hanging: Whether it hangs.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        """Name the node. Raises `Malformed` if that is no URL."""
        self.node, self._timeout_s = Endpoint.of(url), timeout_s
        self.hanging = Hanging(self._answers)
        self._cutting = Cutting(TIMES * timeout_s, self.hanging.silent)
        self._pool = (_NotIdleOverTls if self.node.is_https else _NotIdle)(
            self.node.host,
            self.node.port,
            maxsize=CONNECTIONS,
            block=True,
            timeout=urllib3.Timeout(timeout_s),
            retries=False,
        )
        self._pool.hanging, self._pool.cutting = self.hanging, self._cutting

    def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        """See `Exchange`. Raises `Unavailable` if nobody answers in time, at once while the node hangs."""
        content, since = bytearray(), time.monotonic()
        try:
            response = self._pool.urlopen(
                "POST", self.node.target, body, self.node.headers, preload_content=False, redirect=False
            )
            for piece in response.stream(_PIECE_BYTES, decode_content=False):
                content += piece
                if len(content) > max_bytes:
                    response.close()
                    break
            response.release_conn()
        except HTTPError as error:
            if _is_timeout(error):
                self.hanging.silent(since)
            raise Unavailable(f"no answer from the node: {self.node.shown}: {_why(error)}") from error
        finally:
            self._cutting.end()
        self.hanging.answered()
        return response.status, bytes(content)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def _answers(self) -> bool:
        """Whether the node answers something small, over a connection of its own."""
        kind = _BoundedOverTls if self.node.is_https else _Bounded
        patience = urllib3.Timeout(min(PROBE_S, self._timeout_s))
        with kind(self.node.host, self.node.port, timeout=patience, retries=False) as one:
            one.cutting = self._cutting
            try:
                one.urlopen("POST", self.node.target, _PROBE, self.node.headers, redirect=False)
            except HTTPError as error:
                return not _is_timeout(error)  # refused: it is gone, and says so to everybody at once
            finally:
                self._cutting.end()
        return True


def _is_timeout(error: HTTPError) -> bool:
    return isinstance(error, HTTPTimeout) and not isinstance(error, NewConnectionError)  # refused at once: no timeout


def _why(error: HTTPError) -> str:
    """The same words for the same trouble: the library's own hold what time was left."""
    if _is_timeout(error):
        return "timed out"
    if isinstance(error, _HangsError):
        return str(error)
    return f"{type(error).__name__}: {str(error).rpartition(': ')[2]}"
