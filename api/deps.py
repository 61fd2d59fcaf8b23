"""What routes ask for. Asynchronous wherever nothing waits: FastAPI sends all else through its threads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Final, cast

from fastapi import Depends, Header, Request

from api.background import Background
from ledger.bootstrap.facade import Facade
from ledger.domain.errors import InProgress, TamgaError, TooMany
from ledger.domain.hashing import digest
from ledger.domain.limits import MAX_ANSWER_BYTES


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


@contextmanager
def in_turn(facade: Facade, owner: str, key: str | None) -> Iterator[None]:
    """One request at a time under an idempotency key, in all workers, for work that leaves something behind.

    Raises `InProgress` for a second one: to wait for the first here would keep a thread from everybody else.
    """
    if key is None:
        yield
        return
    with facade.leases.take(f"request-{digest(f'{owner} {key}'.encode()).hex()[:32]}") as mine:
        if not mine:
            raise InProgress("a request under this Idempotency-Key is being worked on: ask again for its answer")
        yield


def answered(facade: Facade, owner: str, key: str | None, request: bytes, work: Callable[[], bytes]) -> bytes:
    """The answer of `work`, done once for an idempotency key of `owner`; of the first time for each repeat.

    Raises `Conflict` if the key stands for another request, `TooMany` if as much is kept for the owner as may be. Work
    that fails leaves the key to be tried with again.
    """
    if key is None:
        return work()
    with claimed(facade, owner, key, request):
        kept = facade.request_keys.answer(owner, key)
        if kept is not None:
            return kept
        if facade.request_keys.bytes_of(owner) > MAX_ANSWER_BYTES:
            raise TooMany(
                "too many answers are kept for this key's Idempotency-Keys: wait a day, or send it without one"
            )
        return facade.request_keys.keep(owner, key, work(), now=facade.clock.now())
