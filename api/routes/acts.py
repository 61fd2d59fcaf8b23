"""Acts: prepared here, signed by the client, carried and followed here. No signing key ever reaches this facade."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, status
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from api.access import Anyone, SignedInDep, TokenDep
from api.deps import BackgroundDep, FacadeDep, IdempotencyKey, claim
from api.places import under
from api.routes.every_act import prepared
from api.schemas.acts import ActOut, PreparedOut, PrepareIn, SignedActIn
from api.streams import OneStream
from api.tagged import Tagged
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.errors import Fault, Malformed, NotEntitled, NotFound, NotSignedIn, Unavailable
from ledger.domain.ids import Address, Digest32
from ledger.ports.outbox import OPEN_STATES
from ledger.services.signed_act import ActStatus

router = APIRouter(tags=["acts"], route_class=Tagged)

POLL_S: Final = 0.25
"""How often the outbox is asked for each open stream."""
MAX_FOLLOWED_S: Final = 900.0
"""Longest stream: as long as an act is usually given to be carried."""

ActId = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="EIP-712 digest, 0x hex.")]


@router.post("/v1/prepare", summary="Prepare an act for signing")
def prepare(facade: FacadeDep, caller: SignedInDep, wanted: PrepareIn) -> PreparedOut:
    """What the act means, what to sign, until when, and what would make it fail now: in the signed-in key's name.

    Each act has a route of its own as well, with its own fields: `POST /v1/acts/{contract}/{function}`.
    """
    with under("/body/args"):
        return prepared(facade, caller, wanted.contract, wanted.function, wanted.args, wanted.valid_for_s)


@router.post("/v1/acts", status_code=status.HTTP_202_ACCEPTED, summary="Carry a signed act", dependencies=[Anyone])
def relay(facade: FacadeDep, signed: SignedActIn, idempotency_key: IdempotencyKey = None) -> ActOut:
    """Accept a signed act: once answered it is durable, and is carried exactly once.

    Its own signature is the right to it, so no sign-in is needed; its actor has authority on the ledger now, or pays
    out money that it holds. At most 256 acts of one key are on their way at a time: 429. An Idempotency-Key counts in
    its actor's name. An act that would fail now is refused with all that stands against it: `error`, then `others`.
    """
    act = signed.act()
    if act.nonce >= 1 << 256:
        raise Malformed(Fault("number_range", "/body/nonce", "a nonce has 256 bits"))
    with under("/body"):
        act_id = facade.acts.describe(act).act_id

    def once_signed() -> None:  # before, anybody could use up idempotency keys in another's name
        claim(facade, act.actor, idempotency_key, act_id)

    def unseen(contract: str, function: str, args: Mapping[str, Any]) -> NotFound | None:
        return facade.subjects.unseen(_actor(facade, act.actor), contract, function, args)

    return ActOut.of(act_id, facade.acts.relay(act, before_kept=once_signed, unseen=unseen))


def _actor(facade: Facade, key: Address) -> Caller | None:
    """Whose act it is; None for a key without authority now."""
    try:
        return facade.sign_in.caller_of(key)
    except NotEntitled:
        return None


def followed(facade: FacadeDep, caller: SignedInDep, act_id: ActId) -> tuple[Digest32, ActStatus]:
    """An act that the caller may follow, and its present state. Raises `NotFound` if there is none for them."""
    wanted = Digest32(bytes.fromhex(act_id[2:]))
    return wanted, _found(facade, caller, wanted)


FollowedDep = Annotated[tuple[Digest32, ActStatus], Depends(followed)]


def _found(facade: Facade, caller: Caller, act_id: Digest32) -> ActStatus:
    found = facade.acts.find(act_id)
    facade.rights.act(caller, act_id, found.actor)
    return found


@router.get("/v1/acts/{act_id}", summary="What became of an act")
def follow(act: FollowedDep) -> ActOut:
    """State of an act on its way, or as the chain has it: for its actor's participant, and for auditors."""
    return ActOut.of(*act)


@router.get(
    "/v1/acts/{act_id}/events",
    summary="An act's progress, as it happens",
    response_class=EventSourceResponse,
    dependencies=[OneStream],
)
async def events(
    facade: FacadeDep, token: TokenDep, act: FollowedDep, background: BackgroundDep
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events: one `state` for each state of the act, from the present one to its end, then none.

    A client that was cut off asks again and is told the present state first. The caller's rights are asked of the
    ledger at each step; the stream ends with `ended` when there are none any more. A key may have ten streams open at
    a time.
    """
    (act_id, found), until = act, time.monotonic() + MAX_FOLLOWED_S
    yield ServerSentEvent(data=ActOut.of(act_id, found), event="state")
    while found.state in OPEN_STATES and time.monotonic() < until and not background.leaving:
        await asyncio.sleep(POLL_S)
        try:
            told, found = found.state, await run_in_threadpool(_again, facade, str(token), act_id)
        except (NotSignedIn, NotEntitled, NotFound) as error:
            yield ServerSentEvent(data={"code": error.code}, event="ended")
            return
        except Unavailable:  # nobody gets a right from an outage; the client waits with us
            continue
        if found.state != told:
            yield ServerSentEvent(data=ActOut.of(act_id, found), event="state")


def _again(facade: Facade, token: str, act_id: Digest32) -> ActStatus:
    return _found(facade, facade.sign_in.caller(token), act_id)
