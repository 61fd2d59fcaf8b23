"""Rights of routes.

given the application                     → it should have routes, each with one declared right
given a route that declares none, or two  → it should not be served
"""

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI

from api.access import Anyone, SignedInDep, caller, declared_routes, insist, rights_of
from api.app import create


def test_every_route_declares_one_right() -> None:
    routes = declared_routes(create())
    assert len(routes) > 100
    assert {len(rights_of(route)) for route in routes} == {1}


def bare() -> None:
    """Says nothing of who may."""


def twofold(_: SignedInDep, __: Annotated[object, Depends(caller)]) -> None:
    """Says two things."""


@pytest.mark.parametrize("endpoint", [bare, twofold])
@pytest.mark.parametrize("is_nested", [True, False])
def test_a_route_without_one_right_is_not_served(endpoint: object, *, is_nested: bool) -> None:
    app, router = FastAPI(), APIRouter()
    (router if is_nested else app).add_api_route("/x", endpoint)  # type: ignore[arg-type]
    app.include_router(router)
    with pytest.raises(TypeError, match="/x declares"):
        insist(app)


def test_a_router_declares_for_its_routes() -> None:
    app, router = FastAPI(), APIRouter(dependencies=[Anyone])
    router.add_api_route("/x", bare)
    app.include_router(router)
    insist(app)


def test_a_mounted_application_is_not_served() -> None:
    app = FastAPI()
    app.mount("/x", FastAPI())
    with pytest.raises(TypeError, match="/x declares"):
        insist(app)
