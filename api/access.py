"""Who asks, for routes.

Every route declares one of these, or a test fails and the facade does not start:

    Anyone        (in `dependencies`)   open to all, and who asks does not matter
    CallerDep     (a parameter)         open to all; None for who has not signed in, `Unavailable` during an outage
    SignedInDep   (a parameter)         for signed-in keys with authority on the ledger now

What a caller may then see is asked of `facade.rights`. Nothing else in a request says who asks.
"""

from typing import Annotated, Final

from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.deps import FacadeDep
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Asked, Caller
from ledger.domain.errors import NotSignedIn, Unavailable

BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="session",
    description="Token of `POST /v1/session`.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)]


async def anyone() -> None:
    """Open to all."""


async def token(request: Request, bearer: Bearer) -> str | None:
    """The bearer token; None without an `Authorization` header. Another scheme is refused, not ignored."""
    if bearer is None and "authorization" in request.headers:
        raise NotSignedIn("the Authorization header is not `Bearer` and a token")
    return None if bearer is None else bearer.credentials


TokenDep = Annotated[str | None, Depends(token)]


async def caller(request: Request, facade: FacadeDep, found: TokenDep) -> Asked:
    """Who asks; None for who shows no token. A token that does not count is refused, not ignored.

    The outage itself, if the ledger cannot say now what the key of a good token may do: who serves all then serves it
    what anyone gets.
    """
    return None if found is None else await run_in_threadpool(_whose, request, facade, found)


def signed_in(request: Request, facade: FacadeDep, found: TokenDep) -> Caller:
    """Who asks, which must be a signed-in key."""
    if found is None:
        raise NotSignedIn("only who has signed in may ask this: POST /v1/session/nonce, then POST /v1/session")
    known = _whose(request, facade, found)
    if isinstance(known, Unavailable):
        raise known
    return known


def _whose(request: Request, facade: Facade, found: str) -> Caller | Unavailable:
    key = facade.sign_in.session(found).key
    request.app.state.rates.know(found, key)
    try:
        return facade.sign_in.caller_of(key)
    except Unavailable as outage:
        return outage


Anyone = Depends(anyone)
CallerDep = Annotated[Asked, Depends(caller)]
SignedInDep = Annotated[Caller, Depends(signed_in)]
RIGHTS: Final = (anyone, caller, signed_in)


def declared_routes(app: FastAPI) -> list[RouteContext]:
    """Every route of ours: all but the pages that describe the interface itself."""
    told = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    return [route for route in iter_route_contexts(app.routes) if route.path not in told]


def rights_of(route: RouteContext) -> list[str]:
    """Names of the rights that a route declares: one, if it is right."""
    dependant = getattr(route, "dependant", None)
    return [] if dependant is None else sorted(r.__name__ for r in RIGHTS if _depends_on(dependant, r))


def insist(app: FastAPI) -> None:
    """Refuse to serve a route that declares no right, or more than one."""
    for route in declared_routes(app):
        if len(rights_of(route)) != 1:
            raise TypeError(f"{route.path} declares {rights_of(route) or 'no right'}: see api.access")


def _depends_on(dependant: Dependant, right: object) -> bool:
    return any(each.call is right or _depends_on(each, right) for each in dependant.dependencies)
