"""HEAD wherever GET is (RFC 9110 §9.3.2): what GET would answer, without its body.

The route answers as it would GET, so that status, length, tag and 304 are the same. A stream is ended as soon as its
head is there.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """Answers HEAD by the head of what GET is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        asked = {**scope, "method": "GET"}

        async def head_alone(message: Message) -> None:
            if message["type"] != "http.response.start":
                return
            await send(message)
            await send({"type": "http.response.body", "body": b""})
            if not any(name == b"content-length" for name, _ in message["headers"]):
                rest.reschedule(0)  # a stream: nobody reads what it would tell

        try:
            async with asyncio.timeout(None) as rest:
                await self._app(asked, receive, head_alone)
        except TimeoutError:
            if not rest.expired():
                raise
        if "route" in asked:  # for those who count and log
            scope["route"] = asked["route"]
