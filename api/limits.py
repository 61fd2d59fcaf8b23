"""Bounds on every request, before any route sees it: size of the body, time for it to come, and time to answer.

Plain ASGI, so that a body is counted while it streams in and never held here.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import MAX_BODY_BYTES, most_bytes
from api.errors import http_problem, problem_of, respond
from ledger.domain.errors import LimitExceeded
from ledger.domain.limits import KIB

ANSWER_WITHIN_S: Final = 30.0
"""Longest time to the first byte of an answer, without what the client's body was waited for; the chain's own timeouts
are below it."""
SILENT_S: Final = 30.0
"""Longest pause of a client that sends a body, and what it may take beside `SLOWEST_BYTES_S`."""
SLOWEST_BYTES_S: Final = 32 * KIB
"""How fast a body comes at least [bytes/s]: a quarter of a megabit."""
LINGER_S: Final = 5.0
"""How long the rest of a refused body is still read: closed at once, its client may lose the answer (RFC 9112 §9.6)."""


class CutShortError(Exception):
    """The rest of a body is not taken: it is too large, or too slow.

    Attributes:
        problem: What its client is told.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = problem
        super().__init__(problem["detail"])


class Bounds:
    """Refuses a body over `most_bytes` with 413, one that does not come with 408; gives up with 504 after `seconds`.

    A JSON body is read whole before it is looked at, so its own bound is lower; so is that of files without a token. A
    route that has begun to answer finds `CutShortError` where the body ends.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int = MAX_BODY_BYTES, seconds: float = ANSWER_WITHIN_S) -> None:
        self._app, self._most, self._seconds = app, most_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = min(self._most, most_bytes(headers))
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > most:
            await _refuse(problem_of(LimitExceeded("the request's body", most), path="/body"), receive, send)
            return
        body, refused, began = _Body(receive, most), None, False

        async def counted() -> Message:
            nonlocal refused
            if body.whole:  # who asks now listens for the client's leaving
                return await receive()
            own = deadline.when()
            deadline.reschedule(None)
            try:
                message, waited = await body.next()
            except CutShortError as error:
                refused = error.problem
                raise
            if own is not None and not began:  # a stream may have begun to answer meanwhile
                deadline.reschedule(own + waited)
            return message

        async def noted(message: Message) -> None:
            nonlocal began
            deadline.reschedule(None)
            if began or refused is None:  # whatever the application makes of the body that it did not get
                began = True
                await send(message)

        try:
            async with asyncio.timeout(self._seconds) as deadline:
                await self._app(scope, counted, noted)
        except CutShortError:
            if began:
                raise
        except TimeoutError:
            if began:
                raise
            refused = http_problem(504, f"no answer within {self._seconds:g} s")
        if refused is not None and not began:
            await _refuse(refused, receive, send)


class _Body:
    """A body as it comes.

    Attributes:
        whole: Whether all of it came.
    """

    def __init__(self, receive: Receive, most_bytes: int) -> None:
        self._receive, self._most = receive, most_bytes
        self._bytes, self._waited = 0, 0.0
        self.whole = False

    async def next(self) -> tuple[Message, float]:
        """The next piece, and how long it took [s]. Raises `CutShortError`."""
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            async with asyncio.timeout(min(SILENT_S, SILENT_S + self._bytes / SLOWEST_BYTES_S - self._waited)):
                message = await self._receive()
        except TimeoutError as error:
            raise CutShortError(http_problem(408, "the request's body did not come in time")) from error
        waited = loop.time() - since
        self._waited += waited
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most:
            raise CutShortError(problem_of(LimitExceeded("the request's body", self._most), path="/body"))
        self.whole = not message.get("more_body", False)
        return message, waited


async def _refuse(problem: Mapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer a request whose body is not taken, read on for a while, and end the connection."""
    answer = respond(problem)
    answer.headers["Connection"] = "close"
    await send({"type": "http.response.start", "status": answer.status_code, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while (await receive()).get("more_body"):
                pass
    await send({"type": "http.response.body", "body": b""})
