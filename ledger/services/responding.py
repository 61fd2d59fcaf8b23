"""Customs' answers on a declaration, generated from the acts on it and from what this facade can read."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledger.domain.folding.debts import case_of
from ledger.domain.ids import CaseId, Digest32, ParticipantId, RecordId
from ledger.domain.proof_reading import parse_proof
from ledger.domain.trade.response import Response, responses
from ledger.ports.chain import Event
from ledger.ports.index_store import IndexStore, Position, RecordStore
from ledger.ports.state_store import Party, Row, StateStore, Wanted
from ledger.services.history import History
from ledger.services.paging import PAGE

FIELD = "field:"
"""Claims that open a single field of a document."""


class Responding:
    """Reads answers from the index and the records that this participant can read."""

    def __init__(self, history: History, records: RecordStore, index: IndexStore, states: StateStore) -> None:
        self._history, self._records, self._index, self._states = history, records, index, states

    def of(self, case: CaseId, *, opened: bool) -> list[tuple[Event, Response]]:
        """Every answer and the act that it follows from, oldest first.

        Args:
            case: The declaration.
            opened: Whether to tell what the sealed records say: reference, statement, errors, changes.

        Raises:
            NotFound: A case that is not indexed.
        """
        own = [event for event in self._events(case) if event.args.get("caseId") == case]
        fields = self._fields if opened else _nothing
        return list(responses(case, own, fields, lambda grn, height: self._lacking(case, grn, height)))

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

    def _lacking(self, case: CaseId, grn: str, height: int) -> int | None:
        """What is owed after the block, if the debtor's guarantee of that reference does not cover it there."""
        debt = self._states.row(f"debt:{case}", block=height)
        block = self._index.block(height)
        if debt is None or block is None:
            return None
        guarantee = self._guarantee(ParticipantId(debt.state["debtor"]), grn, height, block.time)
        owed = case_of(debt.state).owed
        if guarantee is None or not owed:
            return None
        reserved = guarantee.entity.replace("guarantee:", "reservation:")
        held = self._states.row(f"{reserved}/{case}", block=height)
        free = guarantee.state["free"] if guarantee.status(block.time) == "ACTIVE" else 0
        covered = free + (0 if held is None else held.state["amount"])
        return owed if covered < owed else None

    def _guarantee(self, debtor: ParticipantId, grn: str, height: int, at: int) -> Row | None:
        """The debtor's guarantee of that reference; a stranger's is none of the case's."""
        wanted = Wanted("guarantee", at, parties=[Party(debtor, "principal")])
        before: Position | None = None
        while page := self._states.listed(wanted, block=height, before=before, limit=PAGE):
            found = next((row for row in page if row.state["grn"] == grn), None)
            if found is not None or len(page) < PAGE:
                return found
            before = page[-1].born
        return None


def _nothing(_record: Digest32) -> Mapping[str, Any]:
    return {}
