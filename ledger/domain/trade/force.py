"""Whether a document speaks for its issuer now: read from the folded rows that name it (`domain.folding`).

A declaration speaks by the version that is in force, from the moment that it is lodged, as customs has to know of a
contradiction before it accepts; a version that its declarant proposes speaks beside it until customs decided. What
was rejected, annulled, refused or replaced is silent, and so are a permit's document when the permit is, and a
document that no act names when it is suspended, revoked or superseded.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from ledger.domain.ids import RecordId
from ledger.domain.judging import DocumentState

VOID: Final = frozenset({"REJECTED", "INVALIDATED"})
"""Main statuses of a declaration of which nothing is in force."""
LIVE: Final = frozenset({"ACTIVE"})
"""Of a permit, as it is stored: one that is used up or out of date still says what it was given for."""


class Force(IntEnum):
    """Of a document, the weakest first. Numbers are kept in databases.

    One that stands does until its issuer says something newer of the same. What a declaration is in force by, or was
    asked to be amended to, speaks until an act ends that: its declarant cannot hide it behind something newer.
    """

    SILENT = 0
    PROPOSED = 1
    STANDS = 2
    IN_FORCE = 3


def forces_in(entity: str, state: Mapping[str, Any]) -> dict[RecordId, Force]:
    """What an entity's row makes of the documents that it names: `declaration:…`, `permit:…` or `record:…`.

    A document that it named before and names no more is left out: it is silent, as far as this entity goes.
    """
    match entity.partition(":")[0]:
        case "declaration":
            return _of_declaration(state)
        case "permit":
            live = state.get("stored") in LIVE
            return _of(state.get("evidence"), Force.STANDS if live else Force.SILENT)
        case "record":
            active = state.get("status") == DocumentState.ACTIVE.name
            return _of(state.get("record_id"), Force.STANDS if active else Force.SILENT)
    return {}


def _of_declaration(state: Mapping[str, Any]) -> dict[RecordId, Force]:
    if state.get("status") in VOID:
        return {}
    proposed = _of(state.get("proposed_record"), Force.PROPOSED)
    return {**proposed, **_of(state.get("data_record"), Force.IN_FORCE)}


def _of(record: bytes | None, force: Force) -> dict[RecordId, Force]:
    return {} if record is None else {RecordId(record): force}
