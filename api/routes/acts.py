"""Acts: prepared here, signed by the client, carried and followed here. No signing key ever reaches this facade."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, status

from api.access import Anyone, SignedInDep
from api.deps import FacadeDep
from api.schemas.acts import ActOut, PreparedOut, PrepareIn, SignedActIn
from api.schemas.base import address
from ledger.domain.errors import Fault, Malformed, NotEntitled
from ledger.domain.ids import Digest32

router = APIRouter(tags=["acts"])

KEY = "The same key with the same act is answered again; with another act it is 409. The act's own id, if not given."
ActId = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="EIP-712 digest, 0x hex.")]
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200, description=KEY)]


@router.post("/v1/acts/prepare", summary="Prepare an act for signing")
def prepare(facade: FacadeDep, caller: SignedInDep, wanted: PrepareIn) -> PreparedOut:
    """What the act means, what to sign, and until when; refused now if the contract would refuse it now.

    Only for the signed-in key itself: what a contract says to another is theirs to hear.
    """
    actor = address(wanted.actor, "/actor")
    if actor != caller.key:
        raise NotEntitled("an act is prepared for the key that signed in")
    prepared = facade.acts.prepare(wanted.contract, wanted.function, wanted.args, actor, valid_for_s=wanted.valid_for_s)
    return PreparedOut.of(prepared)


@router.post("/v1/acts", status_code=status.HTTP_202_ACCEPTED, summary="Carry a signed act", dependencies=[Anyone])
def relay(facade: FacadeDep, signed: SignedActIn, idempotency_key: IdempotencyKey = None) -> ActOut:
    """Accept a signed act: once answered it is durable, and is carried exactly once.

    Its own signature is the right to it, so no sign-in is needed.
    """
    act = signed.act()
    if act.nonce >= 1 << 256:
        raise Malformed(Fault("number_range", "/nonce", "a nonce has 256 bits"))
    act_id = facade.acts.describe(act).act_id
    key = None if idempotency_key is None else f"key:{act.actor}:{idempotency_key}"
    return ActOut.of(act_id, facade.acts.relay(act, key=key))


@router.get("/v1/acts/{act_id}", summary="What became of an act")
def follow(facade: FacadeDep, caller: SignedInDep, act_id: ActId) -> ActOut:
    """State of an act on its way, or as the chain has it: for its actor's participant, and for auditors."""
    wanted = Digest32(bytes.fromhex(act_id[2:]))
    found = facade.acts.find(wanted)
    facade.rights.act(caller, wanted, found.actor)
    return ActOut.of(wanted, found)
