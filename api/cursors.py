"""Cursors: a position in the chain as text, so that new blocks never move a page.

That of a feed is the position alone, which is the same for every reader. That of a page is good for its history alone,
see `ledger.domain.cursors`.
"""

import re
from typing import Final

from ledger.domain.cursors import AFTER, number, read_bound, write_bound
from ledger.domain.errors import Fault, Malformed
from ledger.ports.index_store import Position

_FORM: Final = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")


def read_cursor(text: str | None) -> Position | None:
    """The position in the feed that a cursor stands for. Raises `Malformed` for what we never gave out."""
    if text is None:
        return None
    found = _FORM.fullmatch(text)
    if found is None:
        raise Malformed(Fault("cursor", AFTER, "not a cursor of ours"))
    return int(found[1]), int(found[2])


def write_cursor(position: Position | None) -> str | None:
    """The cursor of a position in the feed; None for none."""
    return None if position is None else f"{position[0]}.{position[1]}"


def read_page(text: str | None, entity: str, until: int | None) -> Position | None:
    """The position at which a page of an entity's history begins. Raises `Malformed` for a cursor of another one.

    Args:
        text: The cursor; None: the first page.
        entity: Whose history.
        until: Up to which instant [unix s]; None: to its end.
    """
    if text is None:
        return None
    block, log = read_bound(text, 2, _marks(entity, until))
    return number(block), number(log)


def write_page(position: Position | None, entity: str, until: int | None) -> str | None:
    """The cursor of the page behind a position; None after the last page."""
    return None if position is None else write_bound(position, _marks(entity, until))


def _marks(entity: str, until: int | None) -> list[str | int | None]:
    return ["history", entity, until]
