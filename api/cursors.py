"""Cursors of pages: a position in the chain as opaque text, so that new blocks never move a page."""

import re
from typing import Final

from ledger.domain.errors import Fault, Malformed
from ledger.ports.index_store import Position

_FORM: Final = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")


def read_cursor(text: str | None) -> Position | None:
    """The position that a cursor stands for. Raises `Malformed` for what we never gave out."""
    if text is None:
        return None
    found = _FORM.fullmatch(text)
    if found is None:
        raise Malformed(Fault("cursor", "/after", "not a cursor of ours"))
    return int(found[1]), int(found[2])


def write_cursor(position: Position | None) -> str | None:
    """The cursor of a position; None after the last page."""
    return None if position is None else f"{position[0]}.{position[1]}"
