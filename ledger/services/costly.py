"""Documents that cost far more to read than to send: few of them are read at a time.

A JSON document is known by its RFC 8785 form, and a megabyte of fractions takes a fifth of a second to bring into it.
In Python all threads share that: whoever sends many of them would slow all others down, and work that nobody waits for
any more goes on. So a process reads two at a time, and tells who brings a third to come again.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Final, Protocol, TypeVar

from ledger.domain.errors import Unavailable
from ledger.domain.limits import MAX_COSTLY, MIB

COSTLY_BYTES: Final = MIB
"""Of a JSON text; smaller ones take a fifth of a second at most."""
_BEGINNINGS: Final = (b"{", b"[")
turns = threading.BoundedSemaphore(MAX_COSTLY)


class _HasContent(Protocol):
    @property
    def content(self) -> bytes | None: ...


Judge = TypeVar("Judge")
Given = TypeVar("Given", bound=_HasContent)
Found = TypeVar("Found")


def few_at_a_time(read: Callable[[Judge, Given], Found]) -> Callable[[Judge, Given], Found]:
    """A method that reads a document, so that a process does it with few costly ones at a time.

    It raises `Unavailable` for one more.
    """

    @wraps(read)
    def in_turn(self: Judge, given: Given) -> Found:
        if not _is_costly(given.content):
            return read(self, given)
        if not turns.acquire(blocking=False):
            raise Unavailable("as many large JSON documents are being read as this facade reads at a time")
        try:
            return read(self, given)
        finally:
            turns.release()

    return in_turn


def _is_costly(content: bytes | None) -> bool:
    return content is not None and len(content) > COSTLY_BYTES and content[:64].lstrip().startswith(_BEGINNINGS)
