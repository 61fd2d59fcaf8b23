"""A real node behind a connection whose n-th exchange goes wrong."""

import json
from collections.abc import Callable
from enum import StrEnum

import httpx

JSON = {"content-type": "application/json"}


class Trouble(StrEnum):
    """What goes wrong with one HTTP exchange."""

    AWAY = "nobody answers"
    LATE = "the answer comes too late"
    TRUNCATED = "the answer is cut"
    TWICE = "the request arrives twice"
    OTHERS = "the answer is another request's"
    ELSEWHERE = "another chain answers"
    NOISE = "a proxy answers"


class BadNode(httpx.BaseTransport):
    """Passes exchanges on to the node, and spoils one.

    `exchanges` counts those so far; `spoiled` says whether the fault has happened.
    """

    def __init__(self, at: int, trouble: Trouble, elsewhere: str) -> None:
        """`at`: number of the exchange that goes wrong, from 1. `elsewhere`: URL of a node of another chain."""
        self._at, self._trouble, self._elsewhere = at, trouble, elsewhere
        self._real = httpx.HTTPTransport()
        self.exchanges = 0
        self._spoil: dict[Trouble, Callable[[httpx.Request], httpx.Response]] = {
            Trouble.AWAY: self._away,
            Trouble.LATE: self._late,
            Trouble.TRUNCATED: lambda request: _answer(self._send(request)[:-7]),
            Trouble.TWICE: lambda request: _answer(self._send(request) and self._send(request)),
            Trouble.OTHERS: lambda request: _answer(_with_other_ids(self._send(request))),
            Trouble.ELSEWHERE: lambda request: _answer(self._send(request, self._elsewhere)),
            Trouble.NOISE: lambda _request: httpx.Response(502, content=b"<html>Bad gateway</html>"),
        }

    @property
    def spoiled(self) -> bool:
        """Whether it has happened."""
        return self.exchanges >= self._at

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.exchanges += 1
        if self.exchanges == self._at:
            return self._spoil[self._trouble](request)
        return _answer(self._send(request))

    def close(self) -> None:
        self._real.close()

    def _send(self, request: httpx.Request, url: str | None = None) -> bytes:
        content = request.read()
        passed = httpx.Request(request.method, url or request.url, content=content, headers=JSON)
        return self._real.handle_request(passed).read()

    def _away(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    def _late(self, request: httpx.Request) -> httpx.Response:
        self._send(request)
        raise httpx.ReadTimeout("timed out", request=request)


def _answer(content: bytes) -> httpx.Response:
    return httpx.Response(200, content=content)


def _with_other_ids(content: bytes) -> bytes:
    answer = json.loads(content)
    for one in answer if isinstance(answer, list) else [answer]:
        one["id"] = 10**9 + one["id"]
    return json.dumps(answer).encode()
