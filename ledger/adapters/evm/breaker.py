"""Questions to a node for which somebody waits: one silence is waited for, and nobody waits for the next.

A node that is frozen takes requests and answers none. If each waited for its own timeout, the requests of a second
would hold every thread of a facade, and what needs no node would not be served either. So after a silence all are told
`Unavailable` at once, until one of them, let through once a second, is answered: with a result or with a refusal.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from ledger.adapters.evm.http import CONNECTIONS, Exchange
from ledger.domain.errors import Unavailable

PAUSE_S: Final = 1.0
"""Between a silence and the next question that is let through [s]."""


class Breaker:
    """An `Exchange` that is cut while the node is silent; shared by threads."""

    def __init__(
        self, exchange: Exchange, patience_s: float, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Wait `patience_s` for a free connection at most; the exchange brings its own timeout for the answer."""
        self._exchange, self._patience_s, self._monotonic = exchange, patience_s, monotonic
        self._free = threading.BoundedSemaphore(CONNECTIONS)
        self._lock = threading.Lock()
        self._cut_until: float | None = None

    def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        """See `Exchange`. Raises `Unavailable` at once while the node is silent, but for one question a second."""
        with self._lock:
            self._insist_not_cut()
        if not self._free.acquire(timeout=self._patience_s):
            raise Unavailable("the node is asked as much as it can be at a time")
        try:
            with self._lock:
                self._insist_not_cut()  # whoever had the place before may have waited in vain
                if self._cut_until is not None:  # the others stay cut off while this one is on its way
                    self._cut_until = self._monotonic() + self._patience_s + PAUSE_S
            return self._asked(body, max_bytes)
        finally:
            self._free.release()

    def _asked(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        try:
            answer = self._exchange(body, max_bytes)
        except Unavailable as outage:
            self._heard(not _was_silent(outage))
            raise
        self._heard(True)
        return answer

    def _insist_not_cut(self) -> None:
        if self._cut_until is not None and self._monotonic() < self._cut_until:
            raise Unavailable("the node does not answer")

    def _heard(self, heard: bool) -> None:
        with self._lock:
            self._cut_until = None if heard else self._monotonic() + PAUSE_S


def _was_silent(outage: Unavailable) -> bool:
    """Whether time ran out. A refused connection (a timeout to urllib3) answers at once, so nothing need be cut."""
    return isinstance(outage.__cause__, HTTPTimeout) and not isinstance(outage.__cause__, NewConnectionError)
