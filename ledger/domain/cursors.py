"""Cursors of pages: where a list goes on, as text that is good for that list alone.

    <field>.<field>.….<mark>      fields are decimal numbers or hex, the mark 16 hex digits

The mark is a hash over the fields and what the list is of: its kind, its reader, its filters. A cursor that is taken to
another list would begin in its middle, and rows would be missed without a word; so it is refused, as is one that was
changed. It is no secret and gives no right: who makes a cursor up reads what its own rights show, from another place.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Final

from ledger.domain.errors import Fault, Malformed

AFTER: Final = "/after"
"""Where a request has the cursor."""
MARK_DIGITS: Final = 16
_FIELD: Final = re.compile(r"[0-9a-f]{1,32}")


def write_bound(fields: Sequence[int | str], of: Sequence[Any]) -> str:
    """The cursor of a place in a list.

    Args:
        fields: The place; numbers, and hashes in hex.
        of: What tells the list from all others: texts, numbers, None, and lists of them.
    """
    texts = [str(each) for each in fields]
    return ".".join((*texts, _mark(texts, of)))


def read_bound(cursor: str, count: int, of: Sequence[Any]) -> list[str]:
    """The `count` fields of a cursor of the list `of`. Raises `Malformed` for one of another list, or of nobody's."""
    *texts, mark = cursor.split(".")
    if len(texts) != count or not all(map(_FIELD.fullmatch, (*texts, mark))):
        raise Malformed(Fault("cursor", AFTER, "not a cursor of ours"))
    if mark != _mark(texts, of):
        raise Malformed(
            Fault(
                "other_list",
                AFTER,
                "this cursor was given for another list, other filters or another reader, or was changed: send what the"
                " first page was asked with, or begin without a cursor",
            )
        )
    return texts


def number(text: str) -> int:
    """A field that is a number. Raises `Malformed`."""
    if not text.isdigit() or len(text) > 15:
        raise Malformed(Fault("cursor", AFTER, "not a cursor of ours"))
    return int(text)


def _mark(texts: Sequence[str], of: Sequence[Any]) -> str:
    told = json.dumps([list(texts), list(of)], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:MARK_DIGITS]
