"""Customs' answers on a declaration, generated from the acts on it and from what this facade can read."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.domain.ids import CaseId, Digest32, RecordId
from ledger.domain.proof_reading import parse_proof
from ledger.domain.trade.response import Response, responses
from ledger.ports.chain import Event
from ledger.ports.index_store import Position, RecordStore
from ledger.services.history import PAGE, History

FIELD = "field:"
"""Claims that open a single field of a document."""


class Responding:
    """Reads answers from the index and the records that this participant can read."""

    def __init__(self, history: History, records: RecordStore) -> None:
        self._history, self._records = history, records

    def of(self, case: CaseId, *, opened: bool) -> list[tuple[Event, Response]]:
        """Every answer and the act that it follows from, oldest first.

        Args:
            case: The declaration.
            opened: Whether to tell what the sealed records say: reference, statement, errors, changes.

        Raises:
            NotFound: A case that is not indexed.
        """
        own = [event for event in self._events(case) if event.args.get("caseId") == case]
        return list(responses(case, own, self._fields if opened else _nothing))

    def _events(self, case: CaseId) -> Iterator[Event]:
        after: Position | None = None
        while True:
            page = self._history.of_declaration(case, after=after, limit=PAGE)
            yield from (act.event for act in page.acts)
            after = page.next
            if after is None:
                return

    def _fields(self, record: Digest32) -> Mapping[str, Any]:
        known = self._records.by_id(RecordId(record)) if any(record) else None
        if known is None:
            return {}
        openings = parse_proof(known.proof).openings
        return {o.name.removeprefix(FIELD): o.value for o in openings if o.name.startswith(FIELD)}


def _nothing(_record: Digest32) -> Mapping[str, Any]:
    return {}
