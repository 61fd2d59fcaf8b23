"""Where in a request a fault lies: `/query/as_of`, `/path/case`, `/header/Idempotency-Key`, `/body/items/0/rates`.

What reads the request's shape tells its faults so; what works behind the routes knows its own arguments alone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile
from typing import Final

from starlette.requests import Request

from ledger.domain.errors import (
    ActRefused,
    Conflict,
    Fault,
    InProgress,
    LimitExceeded,
    Malformed,
    NotEntitled,
    NotFound,
    NotSignedIn,
    TamgaError,
)

PLACES: Final = ("/query", "/path", "/header", "/body")
WHOLE: Final = ""
"""The request as a whole, or nothing of it: a source that is away."""
KEY: Final = "Idempotency-Key"
OF_STATUS: Final[Mapping[int, str]] = {404: "/path", 405: "/path", 413: "/body", 415: "/header/Content-Type"}
"""Of a status that comes from HTTP itself."""


def place_of(error: TamgaError, request: Request) -> str:
    """Where in a request an error lies: of several faults, what is common to their places."""
    match error:
        case Malformed():
            return _common([fault.path for fault in error.faults])
        case NotSignedIn() | NotEntitled():
            return "/header/Authorization"
        case Conflict() | InProgress() if KEY in request.headers:
            return f"/header/{KEY}"
        case LimitExceeded() | ActRefused():
            return WHOLE if request.method == "GET" else "/body"
        case NotFound():
            return _named(error.key, request)
        case _:
            return WHOLE


def _named(key: str, request: Request) -> str:
    """Where a request names what is not there."""
    for place, given in (("/path", request.path_params), ("/query", request.query_params)):
        for name, value in given.items():
            if str(value).lower() == key.lower():
                return f"{place}/{name}"
    return "/path" if request.path_params else "/body" if request.method == "POST" else "/query"


def _common(paths: list[str]) -> str:
    """The steps that paths begin with alike."""
    alike = takewhile(lambda steps: len(set(steps)) == 1, zip(*(path.split("/") for path in paths), strict=False))
    return "/".join(steps[0] for steps in alike)


@contextmanager
def under(place: str) -> Iterator[None]:
    """Faults that are raised inside stand under this place of the request, unless they name one already.

    So does a place in a message (`42A/67A`), which is no pointer.
    """
    try:
        yield
    except Malformed as error:
        raise Malformed(*(_at(place, fault) for fault in error.faults)) from error


def _at(place: str, fault: Fault) -> Fault:
    is_placed = any(f"{fault.path}/".startswith(f"{each}/") for each in PLACES)
    is_in_message = fault.path != "" and not fault.path.startswith("/")
    return fault if is_placed or is_in_message else replace(fault, path=place + fault.path)
