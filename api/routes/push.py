"""Being told: server-sent events, and webhooks. An agency's own system need never poll."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Final, NamedTuple

from fastapi import APIRouter, Depends, Header, Path, Query, Response, status
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.access import SignedInDep, TokenDep
from api.cursors import read_cursor, write_cursor
from api.deps import BackgroundDep, FacadeDep, IdempotencyKey, answered
from api.following import following
from api.places import under
from api.schemas.push import CURSOR, WHERE, EventOut, SeenOut
from api.schemas.webhooks import NewWebhookOut, ReplayIn, Tells, WebhookIn, WebhookOut, WebhooksOut
from api.streams import OneStream
from api.tagged import Tagged
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.cursors import AFTER
from ledger.domain.errors import Conflict, Fault, Malformed
from ledger.ports.index_store import Position
from ledger.services.feed import Fed
from ledger.services.history import Act
from ledger.services.webhooks import Webhooks

router = APIRouter(tags=["push"], route_class=Tagged)

POLL_S: Final = 0.25
"""How often the index is asked for each open stream."""
DONE: Final = b""
"""What is kept under an idempotency key of a request that answers nothing: a repeat does nothing again."""

LAST_ID: Final = "Last-Event-ID"
After = Annotated[str | None, Query(pattern=CURSOR, description=f"{WHERE} From now on, if not given.")]
LastId = Annotated[str | None, Header(alias=LAST_ID, pattern=CURSOR, description="`id` of the last event received.")]
WebhookId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Id of a webhook of yours.")]


class Begin(NamedTuple):
    """Where a stream begins, and whether its client said so."""

    position: Position
    is_given: bool


def _begin(facade: FacadeDep, after: After = None, last_id: LastId = None) -> Begin:
    """Before anything is answered, so that a cursor that cannot be is a problem, and not a stream without events."""
    position = read_cursor(last_id or after)
    if position is None:
        return Begin(facade.feed.end(), is_given=False)
    named = "/query/after" if last_id is None else f"/header/{LAST_ID}"
    return Begin(facade.feed.begun(position, named=named), is_given=True)


@router.get(
    "/v1/events",
    summary="Acts as they become final",
    response_class=EventSourceResponse,
    dependencies=[OneStream],
)
async def events(
    facade: FacadeDep,
    token: TokenDep,
    background: BackgroundDep,
    begin: Annotated[Begin, Depends(_begin)],
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: `act` for each act that the caller may see, `seen` where others lie between.

    Acts of final blocks alone are told, in order, so none is ever taken back. A client that was cut off sends
    `Last-Event-ID` (browsers do by themselves) and misses nothing. The caller's rights are asked of the ledger at each
    step; the stream ends with `ended` when there are none any more. A key may have ten streams open at a time.
    Who gives no cursor is told at once, by `seen`, from where on acts are told: what a client goes on from. A cursor
    of a block that the chain does not have yet is refused: it is of another ledger.
    """
    position = begin.position
    if not begin.is_given:  # so that who is cut off before the first act has a place to go on from
        yield _seen(position)

    def events(fed: Fed[Act]) -> Iterator[ServerSentEvent]:
        for act in fed.told:
            told = EventOut.of(act, facade.names)
            yield ServerSentEvent(data=told, event="act", id=told.id)
        yield _seen(fed.through)

    step = facade.feed.step
    async for event in following(facade, str(token), background, position, step, events, poll_s=POLL_S):
        yield event


@router.post("/v1/webhooks", status_code=status.HTTP_201_CREATED, summary="Be told at an address of yours")
def register(
    facade: FacadeDep, caller: SignedInDep, wanted: WebhookIn, idempotency_key: IdempotencyKey = None
) -> NewWebhookOut:
    """What the signed-in key may see is posted there in order, each at least once, until it is taken.

    Acts as they become final, or contradictions as they are found (`tells`): each delivery has `events`, of the same
    shape as those of `GET /v1/events` and `GET /v1/contradictions/events`, each with its `id`. A delivery that is not
    answered with 2xx is tried again, at growing intervals up to an hour; 410 pauses the webhook. Its `webhook-id` is
    of what it holds: the same in each try, and in a replay that tells the same. Who must do nothing twice tells events
    apart by their own `id`, as a replay can divide them otherwise. A repeat under the same Idempotency-Key is answered
    with the same webhook; 409 once that was ended.
    """
    request, telling = wanted.model_dump_json().encode(), _telling(facade, wanted.tells)

    def registered() -> bytes:  # its id alone: the secret is kept in one place
        begin = None if wanted.after is None else _place(facade, wanted.after, wanted.tells)
        once = None if idempotency_key is None else f"{idempotency_key} {request.decode()}"
        return telling.register(caller, wanted.url, begin, request=once).id.encode()

    with under("/body"):
        name = answered(facade, caller.key, idempotency_key, request, registered).decode()
    found = next((webhook for webhook in telling.of(caller) if webhook.id == name), None)
    if found is None:
        raise Conflict("the webhook of this Idempotency-Key was ended: choose another key for a new one")
    return NewWebhookOut.of(found, wanted.tells)


@router.get("/v1/webhooks", summary="Webhooks of yours")
def webhooks(facade: FacadeDep, caller: SignedInDep) -> WebhooksOut:
    """What is registered with the signed-in key, how far it was served, and what its last try met."""
    found = [WebhookOut.of(webhook, tells) for tells in Tells for webhook in _telling(facade, tells).of(caller)]
    return WebhooksOut(webhooks=found)


@router.post(
    "/v1/webhooks/{webhook}/replay",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    summary="Tell a webhook everything again",
)
def replay(
    facade: FacadeDep,
    caller: SignedInDep,
    webhook: WebhookId,
    wanted: ReplayIn,
    idempotency_key: IdempotencyKey = None,
) -> None:
    """From a cursor on, at once, also if it was paused.

    Events come again as they are to be seen now, with the `id` that they had; a delivery that holds the same as one
    before has its `webhook-id` too, so that a receiver does again only what it does not remember.
    """

    def replayed() -> bytes:
        tells = _told_by(facade, caller, webhook)
        _telling(facade, tells).replay(caller, webhook, _place(facade, wanted.after, tells))
        return DONE

    with under("/body"):
        answered(facade, caller.key, idempotency_key, f"{webhook} {wanted.after}".encode(), replayed)


@router.delete(
    "/v1/webhooks/{webhook}", status_code=status.HTTP_204_NO_CONTENT, response_class=Response, summary="End a webhook"
)
def remove(facade: FacadeDep, caller: SignedInDep, webhook: WebhookId, idempotency_key: IdempotencyKey = None) -> None:
    """Nothing more is posted there."""

    def removed() -> bytes:
        _telling(facade, _told_by(facade, caller, webhook)).remove(caller, webhook)
        return DONE

    answered(facade, caller.key, idempotency_key, webhook.encode(), removed)


def _seen(position: tuple[int, int]) -> ServerSentEvent:
    through = str(write_cursor(position))
    return ServerSentEvent(data=SeenOut(through=through), event="seen", id=through)


def _telling(facade: Facade, tells: Tells) -> Webhooks:
    return facade.webhooks if tells is Tells.ACTS else facade.contradiction_webhooks


def _told_by(facade: Facade, caller: Caller, webhook: str) -> Tells:
    """What a webhook of the caller's tells; of one that is not there, acts."""
    own = facade.contradiction_webhooks.of(caller)
    return Tells.CONTRADICTIONS if any(each.id == webhook for each in own) else Tells.ACTS


def _place(facade: Facade, after: str, tells: Tells) -> Position:
    """Where an event's id stands in what is told. Raises `Malformed` for one of the other kind, or never given."""
    if tells is Tells.ACTS:
        return read_cursor(after) or (0, 0)
    if not after.isdecimal():
        raise Malformed(Fault("cursor", AFTER, "a contradiction's id is a number without a point"))
    return facade.contradictions.begun((int(after), 0))
