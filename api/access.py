"""Who asks, for routes.

Every route declares one of these, or a test fails and the facade does not start:

    Anyone        (in `dependencies`)   open to all, and who asks does not matter
    CallerDep     (a parameter)         open to all; None for who has not signed in
    SignedInDep   (a parameter)         for signed-in keys with authority on the ledger now

What a caller may then see is asked of `facade.rights`. Nothing else in a request says who asks.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.deps import FacadeDep
from ledger.domain.caller import Caller
from ledger.domain.errors import NotSignedIn

BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="session",
    description="Token of `POST /v1/session`.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


def anyone() -> None:
    """Open to all."""


def token(request: Request, bearer: Bearer) -> str | None:
    """The bearer token; None without an `Authorization` header. Another scheme is refused, not ignored."""
    if bearer is None and "authorization" in request.headers:
        raise NotSignedIn("the Authorization header is not `Bearer` and a token")
    return None if bearer is None else bearer.credentials


TokenDep = Annotated[str | None, Depends(token)]


def caller(facade: FacadeDep, found: TokenDep) -> Caller | None:
    """Who asks; None for who shows no token. A token that does not count is refused, not ignored."""
    return None if found is None else facade.sign_in.caller(found)


def signed_in(facade: FacadeDep, found: TokenDep) -> Caller:
    """Who asks, which must be a signed-in key."""
    if found is None:
        raise NotSignedIn("this needs a sign-in: POST /v1/session")
    return facade.sign_in.caller(found)


Anyone = Depends(anyone)
CallerDep = Annotated[Caller | None, Depends(caller)]
SignedInDep = Annotated[Caller, Depends(signed_in)]
RIGHTS: Final = (anyone, caller, signed_in)


def rights_of(route: APIRoute) -> list[str]:
    """Names of the rights that a route declares: one, if it is right."""
    return sorted(right.__name__ for right in RIGHTS if _depends_on(route.dependant, right))


def insist(app: FastAPI) -> None:
    """Refuse to serve a route that declares no right, or more than one."""
    for route in app.routes:
        if isinstance(route, APIRoute) and len(rights_of(route)) != 1:
            raise TypeError(f"{route.path} declares {rights_of(route) or 'no right'}: see api.access")


def _depends_on(dependant: Dependant, right: object) -> bool:
    return any(each.call is right or _depends_on(each, right) for each in dependant.dependencies)
