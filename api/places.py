"""Where in a request a fault lies: `/query/as_of`, `/path/case`, `/header/Idempotency-Key`, `/body/items/0/rates`.

What reads the request's shape tells its faults so; what works behind the routes knows its own arguments alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from ledger.domain.errors import Fault, Malformed

PLACES: Final = ("/query", "/path", "/header", "/body")


@contextmanager
def under(place: str) -> Iterator[None]:
    """Faults that are raised inside stand under this place of the request, unless they name one already."""
    try:
        yield
    except Malformed as error:
        raise Malformed(*(_at(place, fault) for fault in error.faults)) from error


def _at(place: str, fault: Fault) -> Fault:
    is_placed = any(f"{fault.path}/".startswith(f"{each}/") for each in PLACES)
    return fault if is_placed else replace(fault, path=place + fault.path)
