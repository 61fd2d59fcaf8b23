"""Contradictions as they are found: neither side need ask again and again whether there is one."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.access import TokenDep
from api.deps import BackgroundDep, FacadeDep
from api.following import following
from api.schemas.contradictions import ContradictionOut
from api.streams import OneStream
from api.strict import StrictRoute
from ledger.ports.index_store import Position
from ledger.ports.statement_store import Noted
from ledger.services.feed import Fed

router = APIRouter(tags=["push"], route_class=StrictRoute)

PLACE: Final = "^[0-9]{1,15}$"
LAST_ID: Final = "Last-Event-ID"
POLL_S: Final = 1.0
"""How often what was noted is asked for, for each open stream: documents are read as their anchors become final."""

After = Annotated[str | None, Query(pattern=PLACE, description="`id` of an event. From the first on, if not given.")]
LastId = Annotated[str | None, Header(alias=LAST_ID, pattern=PLACE, description="`id` of the last event received.")]


def _begin(facade: FacadeDep, after: After = None, last_id: LastId = None) -> Position:
    """Before anything is answered, so that a place that cannot be is a problem, and not a stream without events."""
    named = "/query/after" if last_id is None else f"/header/{LAST_ID}"
    return facade.contradictions.begun((int(last_id or after or 0), 0), named=named)


@router.get(
    "/v1/contradictions/events",
    summary="Contradictions as they are found",
    response_class=EventSourceResponse,
    dependencies=[OneStream],
)
async def events(
    facade: FacadeDep, token: TokenDep, background: BackgroundDep, begin: Annotated[Position, Depends(_begin)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: one `contradiction` for each that the caller may see, those found before first.

    Customs is told of all, a side of those that `GET /v1/contradictions` shows it. A client that was cut off sends
    `Last-Event-ID` (browsers do by themselves) and misses nothing. The stream ends with `ended` when the caller has no
    rights any more. Its ids are this facade's own, and tell nothing of how many there are: one that reads its documents
    anew gives others, and refuses those of before. A webhook is told the same (`POST /v1/webhooks`, `tells`).
    """

    def events(fed: Fed[Noted]) -> Iterator[ServerSentEvent]:
        for noted in fed.told:
            told = ContradictionOut.of(noted, facade.names)
            yield ServerSentEvent(data=told, event="contradiction", id=str(noted.place))

    step = facade.contradictions.step
    async for event in following(facade, str(token), background, begin, step, events, poll_s=POLL_S):
        yield event
