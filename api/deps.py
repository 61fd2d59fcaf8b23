"""What routes ask for."""

from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request

from api.background import Background
from ledger.bootstrap import Facade
from ledger.domain.hashing import digest


def _facade(request: Request) -> Facade:
    return cast(Facade, request.app.state.facade)


KEY: Final = "The same key with the same request is the same request; with another it is 409. Yours to choose."
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern="^[!-~]+$", description=KEY),
]
"""For every write: `claim` it in the caller's name before the work."""


def _background(request: Request) -> Background:
    return cast(Background, request.app.state.background)


BackgroundDep = Annotated[Background, Depends(_background)]
"""What works beside the requests."""
FacadeDep = Annotated[Facade, Depends(_facade)]
"""The facade that this application serves."""


def claim(facade: Facade, owner: str, key: str | None, request: bytes) -> None:
    """Let an idempotency key stand for a request of `owner`, a key. Raises `Conflict` if it stands for another."""
    if key is not None:
        facade.request_keys.claim(owner, key, digest(request), now=facade.clock.now())
