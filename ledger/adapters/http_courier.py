"""Posts deliveries over HTTP, to hosts of an allow-list: no caller makes the facade reach into its own network.

A receiver is nobody we trust. A timeout of the client library counts from one byte to the next, so a deadline over the
whole exchange stands around it, name lookup and handshake included; the head of an answer is bounded by the library
(100 KiB), and its body is never read. Deliveries run on one event loop of the courier's own, so that one that is given
up leaves nothing behind that anybody waits for.
"""

import asyncio
import threading
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

import httpx

from ledger.domain.errors import Refused, Unavailable
from ledger.ports.courier import Courier

WITHIN_S: Final = 10.0
"""From the first look at a receiver's name to the head of its answer."""


class HttpCourier(Courier):
    """Courier over httpx; any number of threads may post at once.

    Args:
        hosts: `host` or `host:port` that may be posted to, over HTTPS; `http://host:port` allows plain HTTP there.
        within_s: How long one exchange may take.
    """

    def __init__(self, hosts: Collection[str], *, within_s: float = WITHIN_S) -> None:
        self._origins = {_origin(host if "://" in host else f"https://{host}") for host in hosts}
        self._within_s = within_s
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._http: httpx.AsyncClient | None = None

    def allows(self, url: str) -> bool:
        """See the port."""
        if (
            not url.isascii() or not url.isprintable() or " " in url
        ):  # `urlsplit` leaves out what the line would break at
            return False
        try:
            parts = urlsplit(url)
            return parts.username is None and parts.fragment == "" and _origin(url) in self._origins
        except ValueError:
            return False

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """See the port."""
        if not self.allows(url):
            raise Refused("this facade does not post to that address")
        loop, http = self._running()
        try:
            return asyncio.run_coroutine_threadsafe(self._exchange(http, url, headers, body), loop).result()
        except TimeoutError as error:
            raise Unavailable(f"the receiver did not answer within {self._within_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"the receiver does not answer: {type(error).__name__}") from error

    async def _exchange(self, http: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes) -> int:
        async with (
            asyncio.timeout(self._within_s),
            http.stream("POST", url, headers=dict(headers), content=body) as answer,
        ):
            return answer.status_code

    def close(self) -> None:
        """Give connections back. Nobody posts any more."""
        with self._lock:
            if self._loop is None or self._http is None:
                return
            asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result(self._within_s)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = self._http = None

    def _running(self) -> tuple[asyncio.AbstractEventLoop, httpx.AsyncClient]:
        """The loop and its client, begun with the first delivery: most facades have no webhook."""
        with self._lock:
            if self._loop is None or self._http is None:
                self._loop = asyncio.new_event_loop()
                self._http = httpx.AsyncClient(timeout=self._within_s, follow_redirects=False, trust_env=False)
                threading.Thread(target=_serve, args=(self._loop,), name="courier", daemon=True).start()
            return self._loop, self._http


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `ValueError` for a port that is none."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
