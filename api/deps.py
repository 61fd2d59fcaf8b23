"""What routes ask for. Asynchronous wherever nothing waits: FastAPI sends all else through its threads."""

from collections.abc import Callable
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request

from api.background import Background
from api.judging import Judging
from ledger.bootstrap import Facade
from ledger.domain.hashing import digest


async def _facade(request: Request) -> Facade:
    return cast(Facade, request.app.state.facade)


KEY: Final = "The same key with the same request is the same request; with another it is 409. Yours to choose."
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern="^[!-~]+$", description=KEY),
]
"""For every write: `claim` it in the caller's name before the work."""


async def _background(request: Request) -> Background:
    return cast(Background, request.app.state.background)


async def _judging(request: Request) -> Judging:
    return cast(Judging, request.app.state.judging)


BackgroundDep = Annotated[Background, Depends(_background)]
"""What works beside the requests."""
FacadeDep = Annotated[Facade, Depends(_facade)]
"""The facade that this application serves."""
JudgingDep = Annotated[Judging, Depends(_judging)]
"""Judges what was examined, together with what else is being judged."""


def claim(facade: Facade, owner: str, key: str | None, request: bytes) -> None:
    """Let an idempotency key stand for a request of `owner`, a key. Raises `Conflict` if it stands for another."""
    if key is not None:
        facade.request_keys.claim(owner, key, digest(request), now=facade.clock.now())


def answered(facade: Facade, owner: str, key: str | None, request: bytes, work: Callable[[], bytes]) -> bytes:
    """The answer of `work`, done once for an idempotency key of `owner`; of the first time for each repeat.

    Raises `Conflict` if the key stands for another request. Work that fails leaves the key to be tried with again.
    """
    if key is None:
        return work()
    claim(facade, owner, key, request)
    kept = facade.request_keys.answer(owner, key)
    return facade.request_keys.keep(owner, key, work(), now=facade.clock.now()) if kept is None else kept
