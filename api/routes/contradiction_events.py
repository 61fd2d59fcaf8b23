"""Contradictions as they are found: neither side need ask again and again whether there is one."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.access import TokenDep
from api.deps import BackgroundDep, FacadeDep
from api.schemas.contradictions import ContradictionOut
from api.streams import OneStream
from api.strict import StrictRoute
from ledger.bootstrap import Facade
from ledger.domain.errors import NotEntitled, NotSignedIn, Unavailable
from ledger.domain.rights import sides_shown
from ledger.ports.statement_store import Noted

router = APIRouter(tags=["push"], route_class=StrictRoute)

NUMBER: Final = "^[0-9]{1,15}$"
POLL_S: Final = 1.0
"""How often what was noted is asked for, for each open stream: documents are read as their anchors become final."""
MAX_STREAM_S: Final = 3_600.0
"""Longest stream; a client then asks again with the last id."""
PAGE: Final = 100

After = Annotated[str | None, Query(pattern=NUMBER, description="`id` of an event. From the first on, if not given.")]
LastId = Annotated[
    str | None, Header(alias="Last-Event-ID", pattern=NUMBER, description="`id` of the last event received.")
]


@router.get(
    "/v1/contradictions/events",
    summary="Contradictions as they are found",
    response_class=EventSourceResponse,
    dependencies=[OneStream],
)
async def events(
    facade: FacadeDep,
    token: TokenDep,
    background: BackgroundDep,
    after: After = None,
    last_id: LastId = None,
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: one `contradiction` for each that the caller may see, those found before first.

    Both sides are told of it, and customs; see `GET /v1/contradictions`. A client that was cut off sends
    `Last-Event-ID` (browsers do by themselves) and misses nothing. The stream ends with `ended` when the caller has no
    rights any more. Its ids are this facade's own: one that reads its documents anew begins again.
    """
    position, until = int(last_id or after or 0), time.monotonic() + MAX_STREAM_S
    while time.monotonic() < until and not background.leaving:
        try:
            found = await run_in_threadpool(_next, facade, str(token), position)
        except (NotSignedIn, NotEntitled) as error:
            yield ServerSentEvent(data={"code": error.code}, event="ended")
            return
        except Unavailable:  # nobody gets a right from an outage; the client waits with us
            found = ()
        for noted in found:
            position = noted.number
            told = ContradictionOut.of(noted, facade.names)
            yield ServerSentEvent(data=told, event="contradiction", id=str(position))
        if not found:
            await asyncio.sleep(POLL_S)


def _next(facade: Facade, token: str, after: int) -> Sequence[Noted]:
    return facade.statements.noted(sides=sides_shown(facade.sign_in.caller(token)), after=after, limit=PAGE)
