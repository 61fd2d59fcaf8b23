"""How many streams of server-sent events are open: so many of one caller, so many in all, in each worker.

Each open stream asks the index and the ledger several times a second for as long as it lasts, so an unlimited number
would be unlimited work for one request each.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from api.access import SignedInDep
from ledger.domain.errors import Unavailable

MAX_OF_ONE: Final = 10
"""Of one key: more than a person has windows open; a system of many readers has one stream, or a webhook."""
MAX_IN_ALL: Final = 100
"""Of all callers: with a question to the ledger each quarter of a second, about what one node answers besides."""


class Streams:
    """The open streams of one worker."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextmanager
    def one(self, caller: str) -> Iterator[None]:
        """Count a stream of `caller` while it is open.

        Raises:
            HTTPException: 429, the caller has too many.
            Unavailable: All together have too many.
        """
        if self._open[caller] >= MAX_OF_ONE:
            raise HTTPException(429, f"this key has {MAX_OF_ONE} streams open; end one, or use a webhook")
        if self._open.total() >= MAX_IN_ALL:
            raise Unavailable("this facade has as many streams open as it can serve")
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


async def _one_stream(request: Request, caller: SignedInDep) -> AsyncIterator[None]:
    streams: Streams = request.app.state.streams
    with streams.one(caller.key):
        yield


OneStream = Depends(_one_stream)
"""For a route that streams until its client leaves: signed in, and counted until then."""
