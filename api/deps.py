"""What routes ask for. Asynchronous wherever nothing waits: FastAPI sends all else through its threads."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request

from api.background import Background
from ledger.bootstrap import Facade
from ledger.domain.errors import TamgaError, Unavailable
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


BackgroundDep = Annotated[Background, Depends(_background)]
"""What works beside the requests."""
FacadeDep = Annotated[Facade, Depends(_facade)]
"""The facade that this application serves."""


def claim(facade: Facade, owner: str, key: str | None, request: bytes) -> bool:
    """Let an idempotency key stand for a request of `owner`, a key; whether it is new.

    Raises `Conflict` if it stands for another.
    """
    return key is not None and facade.request_keys.claim(owner, key, digest(request), now=facade.clock.now())


@contextmanager
def claimed(facade: Facade, owner: str, key: str | None, request: bytes) -> Iterator[None]:
    """`claim` for the work inside. A request that is refused has done nothing: its key is free for the mended one."""
    is_new = claim(facade, owner, key, request)
    try:
        yield
    except TamgaError as error:
        if key is not None and is_new and not error.retryable:
            facade.request_keys.release(owner, key, digest(request))
        raise


TURNS: Final = 256
"""Leases by which requests under one idempotency key follow each other; others rarely share one."""
TURN_POLL_S: Final = 0.05
TURN_S: Final = 20.0
"""How long a request waits for another under its key."""


@contextmanager
def in_turn(facade: Facade, owner: str, key: str | None) -> Iterator[None]:
    """One request at a time under an idempotency key, in all workers, for work that leaves something behind.

    Raises `Unavailable` if the one before takes too long.
    """
    if key is None:
        yield
        return
    place, until = digest(f"{owner} {key}".encode())[0] % TURNS, time.monotonic() + TURN_S
    while True:
        with facade.leases.take(f"request-{place}") as mine:
            if mine:
                yield
                return
        if time.monotonic() > until:
            raise Unavailable("another request under this key is still being worked on")
        time.sleep(TURN_POLL_S)


def answered(facade: Facade, owner: str, key: str | None, request: bytes, work: Callable[[], bytes]) -> bytes:
    """The answer of `work`, done once for an idempotency key of `owner`; of the first time for each repeat.

    Raises `Conflict` if the key stands for another request. Work that fails leaves the key to be tried with again.
    """
    if key is None:
        return work()
    with claimed(facade, owner, key, request):
        kept = facade.request_keys.answer(owner, key)
        return facade.request_keys.keep(owner, key, work(), now=facade.clock.now()) if kept is None else kept
