"""Bounds on every request, before any route sees it: size of the body and time to answer.

Plain ASGI, so that a body is counted while it streams in and never held here.
"""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.bodies import MAX_BODY_BYTES, most_bytes
from api.errors import http_problem, problem_of, respond
from ledger.domain.errors import LimitExceeded

ANSWER_WITHIN_S: Final = 30.0
"""Longest time to the first byte of an answer; the chain's own timeouts are below it."""


class Bounds:
    """Refuses a body over `most_bytes` with 413, and an answer that does not begin within `seconds` with 504.

    A JSON body is read whole before it is looked at, so its own bound is lower; so is that of files without a token.
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
        too_large = respond(problem_of(LimitExceeded("the request's body", most)))
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > most:
            await too_large(scope, receive, send)
            return
        received = 0
        began = refused = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal began, refused
            deadline.reschedule(None)
            if received > most and not began:
                began = refused = True
                await too_large(scope, receive, send)
            elif not refused:  # whatever the application makes of the body that it did not get
                began = True
                await send(message)

        try:
            async with asyncio.timeout(self._seconds) as deadline:
                await self._app(scope, counted, noted)
        except _TooLargeError:
            if not began:
                await too_large(scope, receive, send)
        except TimeoutError:
            if began:
                raise
            await respond(http_problem(504, f"no answer within {self._seconds:g} s"))(scope, receive, send)


class _TooLargeError(Exception):
    """The body grew past its bound while it streamed in."""
