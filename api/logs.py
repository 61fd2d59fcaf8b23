"""One JSON object a line on standard error: what happened, under the request's id; no person, key, case or address.

Paths are told by their route's template, callers not at all. A request's id is the one it brought (`X-Request-Id`), or
a new one; the answer carries it, and so does every line that is written while it is served.
"""

import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Id of the request that is being served; empty outside of one."""
HEADER: Final = "X-Request-Id"
_HEADER: Final = HEADER.lower().encode()
FORM: Final = re.compile(rb"[0-9A-Za-z._-]{1,64}")
LOGGERS: Final = ("tamga", "uvicorn.error", "ledger")
FIELDS: Final = ("method", "route", "status", "ms")
"""What a line about a request tells beside its text."""

log = logging.getLogger("tamga.request")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, text, the request's id, and what else is told of a request."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": record.getMessage(),
            "request_id": REQUEST_ID.get() or None,
            **{name: getattr(record, name, None) for name in FIELDS},
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps({name: value for name, value in told.items() if value is not None}).decode()


def write_json_lines() -> None:
    """Let our loggers, and the server's own, write JSON lines; for a process that serves."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.INFO)


class Logged:
    """Gives each request its id, and writes one line when it was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, status = _id_of(scope), time.perf_counter(), 500
        kept = REQUEST_ID.set(request_id)

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            told = {
                "method": scope["method"] if scope["method"].isalpha() else "?",
                "route": getattr(scope.get("route"), "path", "(none)"),
                "status": status,
                "ms": round((time.perf_counter() - began) * 1_000, 1),
            }
            log.log(logging.ERROR if status >= 500 else logging.INFO, "answered", extra=told)
            REQUEST_ID.reset(kept)


def _id_of(scope: Scope) -> str:
    brought = next((value for name, value in scope["headers"] if name == _HEADER), b"")
    return brought.decode() if FORM.fullmatch(brought) else secrets.token_hex(8)
