"""What a stream of server-sent events does, whatever it tells: follow a feed by right, until its client leaves."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, TypeVar

from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.background import Background
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.errors import NotEntitled, NotSignedIn, Unavailable
from ledger.ports.index_store import Position
from ledger.services.feed import Fed

MAX_STREAM_S: Final = 3_600.0
"""Longest stream; a client then asks again with the last id, as it does after any cut."""

Told = TypeVar("Told")


async def following(
    facade: Facade,
    token: str,
    background: Background,
    position: Position,
    step: Callable[[Caller, Position], Fed[Told] | None],
    events: Callable[[Fed[Told]], Iterable[ServerSentEvent]],
    *,
    poll_s: float,
) -> AsyncIterator[ServerSentEvent]:
    """Events of what a feed tells after a position, as it comes; `ended` when the reader has no rights any more.

    Args:
        facade: Asked at each step who the reader is now.
        token: Of the reader's session.
        background: Says when this process is to end.
        position: Where the reader is.
        step: What comes next for a reader; None: nothing yet.
        events: How a step is shown.
        poll_s: Pause while there is nothing [s].
    """
    until = time.monotonic() + MAX_STREAM_S
    while time.monotonic() < until and not background.leaving:
        try:
            fed = await run_in_threadpool(lambda after: step(facade.sign_in.caller(token), after), position)
        except (NotSignedIn, NotEntitled) as error:
            yield ServerSentEvent(data={"code": error.code}, event="ended")
            return
        except Unavailable:  # nobody gets a right from an outage; the client waits with us
            fed = None
        if fed is None:
            await asyncio.sleep(poll_s)
            continue
        position = fed.through
        for event in events(fed):
            yield event
