"""One JSON object a line on standard error: what happened, under the request's id; no person, key, case or address.

Paths are told by their route's template, callers not at all. Keys, records and acts that a text names are cut to `0x…`,
and of an exception its type and its places in the code are told, not its words, which may quote a sealed document.

A request's id is the one it brought (`X-Request-Id`), or a new one; the answer carries it, and so does every line that
is written while it is served.
"""

import logging
import re
import secrets
import sys
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""Id of the request that is being served; empty outside of one."""
HEADER: Final = "X-Request-Id"
_HEADER: Final = HEADER.lower().encode()
FORM: Final = re.compile(rb"[0-9A-Za-z._-]{1,64}")
IDS: Final = re.compile(r"\b0x[0-9a-fA-F]{40,}\b")
"""Keys, addresses, records, acts: whoever reads the log need not know whose."""
MAX_CAUSES: Final = 8
"""Exceptions told of one chain."""
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
            "text": IDS.sub("0x…", record.getMessage()),
            "request_id": REQUEST_ID.get() or None,
            **{name: getattr(record, name, None) for name in FIELDS},
        }
        if record.exc_info and record.exc_info[1] is not None:
            told["exception"] = _places(record.exc_info[1])
        return orjson.dumps({name: value for name, value in told.items() if value is not None}).decode()


def _places(error: BaseException) -> list[str]:
    """Types of an exception and its causes, newest first, each with its places in the code, innermost last."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < MAX_CAUSES:
        frames = traceback.extract_tb(cause.__traceback__)
        places = ", ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
        told.append(f"{type(cause).__name__} at {places}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return told


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
