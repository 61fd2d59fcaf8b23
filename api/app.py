"""The HTTP face of one participant's facade; `python -m api` serves it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

from fastapi import Depends, FastAPI

from api import access, errors
from api.background import Background
from api.described import complete
from api.heads import Heads
from api.judging import Judging
from api.leaving import on_leaving
from api.limits import Bounds
from api.logs import Logged, write_json_lines
from api.metrics import Figures, Measured
from api.probing import Probes
from api.rates import Limited, Rates
from api.routes import (
    acts,
    auditing,
    cases,
    contradiction_events,
    contradictions,
    every_act,
    health,
    ledger,
    lodging,
    members,
    money,
    push,
    services,
    session,
    verify,
    verify_many,
)
from api.schemas.problems import ProblemOut
from api.shares import Shares
from api.streams import Streams
from api.strict import nothing_unknown
from ledger.bootstrap.facade import Facade, open_facade
from ledger.config import read_config

DESCRIPTION: Final = """\
A permissioned ledger for trade documents. Anyone may verify a document; legal acts are prepared here, signed by their
actor, and carried from here. Every problem is `application/problem+json` (RFC 9457) with a stable `code`.
"""

PROBLEM: Final[dict[int | str, dict[str, Any]]] = {"default": {"description": "A problem", "model": ProblemOut}}


ROUTES: Final = (
    session,
    verify,
    verify_many,
    ledger,
    cases,
    members,
    money,
    services,
    auditing,
    lodging,
    contradictions,
    contradiction_events,
    acts,
    every_act,
    push,
    health,
)
"""Modules with routes, in the order in which they are looked up."""


class Tamga(FastAPI):
    """FastAPI, with an interface that is described whole."""

    def openapi(self) -> dict[str, Any]:
        """The interface's contract."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi(), self)
        return self.openapi_schema


def create(open_it: Callable[[], Facade] = lambda: open_facade(read_config())) -> FastAPI:
    """The application; `open_it` puts together the facade it serves, when it starts."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        facade = open_it()
        background = Background(facade)
        app.state.facade, app.state.background = facade, background
        judging = app.state.judging = Judging(facade.verifier, facade.loop_reader)
        app.state.rates = Rates(facade.rate_limit)
        shares = partial(Shares, is_bounded=facade.rate_limit > 0, leaving=lambda: background.leaving)
        app.state.shares, app.state.file_shares = shares(), shares()
        write_json_lines()
        on_leaving(background.leave)
        background.start()
        try:
            yield
        finally:
            background.stop()
            await judging.close()
            facade.close()

    app = Tamga(
        title="Tamga",
        version="1",
        description=DESCRIPTION,
        lifespan=life,
        docs_url=None,  # FastAPI's pages load their scripts from a public host: /openapi.json is for tools of one's own
        redoc_url=None,
        redirect_slashes=False,  # Starlette sends a client to wherever its Host header says
        responses=PROBLEM,
        dependencies=[Depends(nothing_unknown)],
    )
    app.state.figures, app.state.streams, app.state.probes = Figures(), Streams(), Probes()
    errors.install(app)
    app.add_middleware(Heads)
    app.add_middleware(Bounds)
    app.add_middleware(Limited)
    app.add_middleware(Measured, figures=app.state.figures)
    app.add_middleware(Logged)
    for routes in ROUTES:
        app.include_router(routes.router)
    access.insist(app)
    return app
