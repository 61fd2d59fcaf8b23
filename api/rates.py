"""How often one caller may ask: a bucket of tokens each, refilled by the second; 429 with the time to wait.

A caller is the signed-in key, once its token has been seen to count; before, and for who does not sign in, the address
that the request came from. Kept in each worker, not in the database: a write for each request would cost more than the
request. So a facade of n workers lets through up to n times as much.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import http_problem, respond

BURST: Final = 10
"""Seconds' worth of requests that a caller may have saved up."""
MAX_CALLERS: Final = 10_000
"""Buckets, and tokens, remembered at once; who was longest silent is forgotten, which only gives them a full bucket."""
FREE: Final = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Paths by which the facade is watched."""


class Rates:
    """The buckets of one worker."""

    def __init__(self, per_second: float, *, now: Callable[[], float] = time.monotonic) -> None:
        """Let each caller ask `per_second` times; 0: as often as they like."""
        self._per_second, self._now = per_second, now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._keys: OrderedDict[bytes, str] = OrderedDict()

    def know(self, token: str, key: str) -> None:
        """Remember whose token this is, now that it was seen to count."""
        self._keys[_hashed(token)] = key
        self._keys.move_to_end(_hashed(token))
        if len(self._keys) > MAX_CALLERS:
            self._keys.popitem(last=False)

    def caller(self, token: str | None, address: str) -> str:
        """Whose bucket a request is taken from. An unknown token is nobody's: made-up ones open no new buckets."""
        known = None if token is None else self._keys.get(_hashed(token))
        return f"address {address}" if known is None else f"key {known}"

    def of(self, scope: Scope) -> str:
        """Whose bucket this request is taken from."""
        client = scope.get("client")
        return self.caller(_token(scope), client[0] if client else "")

    def wait_s(self, caller: str) -> float:
        """Take one token: 0 if there was one, else the seconds until there is."""
        if not self._per_second:
            return 0.0
        most, now = self._per_second * BURST, self._now()
        left, since = self._buckets.pop(caller, (most, now))
        left = min(most, left + (now - since) * self._per_second)
        taken = left >= 1
        self._buckets[caller] = (left - 1 if taken else left, now)
        if len(self._buckets) > MAX_CALLERS:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._per_second


class Limited:
    """Refuses with 429 what comes too often, before anything else looks at it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, if its caller may ask now."""
        if scope["type"] == "http" and scope["path"] not in FREE:
            rates: Rates = scope["app"].state.rates
            wait = rates.wait_s(rates.of(scope))
            if wait:
                text = "too many requests: ask again after the seconds that Retry-After names"
                await respond(http_problem(429, text), retry_after_s=int(wait) + 1)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _token(scope: Scope) -> str | None:
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    return header[7:].decode("latin-1") if header[:7].lower() == b"bearer " else None


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("latin-1", "replace")).digest()
