"""Bounds on every request, before any route sees it: size of the body and time to answer.

Plain ASGI, so that a body is counted while it streams in and never held here.
"""

import asyncio
import re
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import http_problem, problem_of, respond
from ledger.domain.errors import LimitExceeded
from ledger.domain.limits import KIB, MAX_JSON_BODY_BYTES, MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES

MULTIPART_ROOM_BYTES: Final = 64 * KIB
"""Part headers and boundaries of a verification request."""
MAX_BODY_BYTES: Final = MAX_UPLOAD_BYTES + MAX_PROOF_FILE_BYTES + MULTIPART_ROOM_BYTES
"""Largest body of any request: a file to verify with its proof."""
_JSON: Final = re.compile(rb"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
"""Media types whose body is read into memory as a whole."""
ANSWER_WITHIN_S: Final = 30.0
"""Longest time to the first byte of an answer; the chain's own timeouts are below it."""


class Bounds:
    """Refuses a body over `most_bytes` with 413, and an answer that does not begin within `seconds` with 504.

    A JSON body is read whole before it is looked at, so its own bound is lower.
    """

    def __init__(self, app: ASGIApp, *, most_bytes: int = MAX_BODY_BYTES, seconds: float = ANSWER_WITHIN_S) -> None:
        self._app, self._most, self._seconds = app, most_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request within the bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        most = MAX_JSON_BODY_BYTES if _JSON.match(headers.get(b"content-type", b"")) else self._most
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > most:
            await _too_large(most)(scope, receive, send)
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
            if not began:
                deadline.reschedule(None)
            if received > most and not began:
                began = refused = True
                await _too_large(most)(scope, receive, send)
            elif not refused:  # whatever the application makes of the body that it did not get
                began = True
                await send(message)

        try:
            async with asyncio.timeout(self._seconds) as deadline:
                await self._app(scope, counted, noted)
        except _TooLargeError:
            if not began:
                await _too_large(most)(scope, receive, send)
        except TimeoutError:
            if began:
                raise
            await respond(http_problem(504, f"no answer within {self._seconds:g} s"))(scope, receive, send)


def _too_large(most: int) -> JSONResponse:
    return respond(problem_of(LimitExceeded("the request's body", most)))


class _TooLargeError(Exception):
    """The body grew past its bound while it streamed in."""
