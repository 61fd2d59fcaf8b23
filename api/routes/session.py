"""Sign-in with a registered key (EIP-4361): ask for a challenge, sign it, get a short token."""

from fastapi import APIRouter, Response, status

from api.access import Anyone, SignedInDep, TokenDep
from api.deps import FacadeDep
from api.places import under
from api.schemas.session import CallerOut, ChallengeIn, ChallengeOut, SessionOut, SignInIn
from api.strict import StrictRoute
from ledger.domain.errors import NotSignedIn

router = APIRouter(tags=["session"], route_class=StrictRoute)


@router.post(
    "/v1/session/nonce",
    status_code=status.HTTP_201_CREATED,
    summary="Ask for a message to sign",
    dependencies=[Anyone],
)
def challenge(facade: FacadeDep, wanted: ChallengeIn) -> ChallengeOut:
    """A message with a fresh nonce, which counts once and for ten minutes. Compare it with where you think you are."""
    return ChallengeOut.of(facade.sign_in.challenge(wanted.key()))


@router.post("/v1/session", status_code=status.HTTP_201_CREATED, summary="Sign in", dependencies=[Anyone])
def sign_in(facade: FacadeDep, signed: SignInIn, response: Response) -> SessionOut:
    """A token for the signed message, told once. What the key may do is asked of the ledger at each request."""
    response.headers["Cache-Control"] = "no-store"
    with under("/body"):
        return SessionOut.of(facade.sign_in.open(signed.message, signed.signature_bytes()))


@router.get("/v1/session", summary="Who am I?")
def who(caller: SignedInDep) -> CallerOut:
    """The signed-in key, and its authority on the ledger at the newest block."""
    return CallerOut.of(caller)


@router.delete(
    "/v1/session",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    summary="Sign out",
    dependencies=[Anyone],
)
def sign_out(facade: FacadeDep, token: TokenDep) -> None:
    """The token counts no more. Also for a key that has lost its authority meanwhile."""
    if token is None:
        raise NotSignedIn("there is no session to end")
    facade.sign_in.session(token)
    facade.sign_in.end(token)
