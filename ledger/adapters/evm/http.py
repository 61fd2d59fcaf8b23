"""Kept connections to one node. A request is never sent twice: whoever asks decides what an unknown outcome means."""

from collections.abc import Callable
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError

from ledger.domain.errors import Unavailable

Exchange = Callable[[bytes, int], tuple[int, bytes]]
"""Posts a JSON body; gives the HTTP status and the answer, of which it reads no more than so many bytes and one."""
CONNECTIONS: Final = 16
_PIECE_BYTES: Final = 1 << 16
_HEADERS: Final = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


class KeptConnections:
    """Up to 16 connections, shared by threads; environment variables name no proxy here."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._pool = urllib3.connection_from_url(
            url, maxsize=CONNECTIONS, block=True, timeout=urllib3.Timeout(timeout_s), retries=False
        )
        self._target = urllib3.util.parse_url(url).request_uri

    def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        """See `Exchange`. Raises `Unavailable` if nobody answers in time."""
        content = bytearray()
        try:
            response = self._pool.urlopen("POST", self._target, body, _HEADERS, preload_content=False, redirect=False)
            for piece in response.stream(_PIECE_BYTES, decode_content=False):
                content += piece
                if len(content) > max_bytes:
                    response.close()
                    break
            response.release_conn()
        except HTTPError as error:
            raise Unavailable(f"no answer from {self._url}: {type(error).__name__} {error}".rstrip()) from error
        return response.status, bytes(content)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()
