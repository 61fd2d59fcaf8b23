"""Which documents speak, as of a block: by what the index knows of the acts that name them.

A document that is part of no declaration, and that no permit was given by, speaks until its own status changes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.domain.events import declaration_entity, document_entity, permit_entity
from ledger.domain.folding import subjects
from ledger.domain.ids import CaseId, ParticipantId, RecordId
from ledger.domain.trade.force import Force, forces_in
from ledger.ports.chain import Event
from ledger.ports.index_store import IndexStore
from ledger.ports.state_store import Row, StateStore
from ledger.ports.statement_store import Due
from ledger.services.paging import every_event

DOCUMENTS: Final = 100
"""Documents whose acts are asked for at once."""
KINDS: Final = ("declaration:", "permit:", "record:")
"""Entities that give documents their force."""


class Forces:
    """Reads the index as of a block that it has."""

    def __init__(self, index: IndexStore, rows: StateStore) -> None:
        self._index, self._rows = index, rows

    def of(self, records: Sequence[Due], *, block: int) -> dict[Due, Force]:
        """The force of each after this block, in their order. Raises `Unavailable`."""
        issuers = {each: due.issuer for due in records for each in (due.record_id, *due.headers)}
        named_by = self._named_by(list(issuers), block)
        entities = {*map(_status, issuers, issuers.values()), *(entity for of in named_by.values() for entity in of)}
        rows = self._rows.rows(sorted(entities), block=block)

        def own(record: RecordId) -> Force:
            row = rows.get(_status(record, issuers[record]))
            return Force.STANDS if row is None else _in(row).get(record, Force.SILENT)

        def cited(record: RecordId) -> Force:
            found = (rows[entity] for entity in named_by.get(record, ()) if entity in rows)
            return min(own(record), max((_in(row).get(record, Force.SILENT) for row in found), default=Force.SILENT))

        def force(due: Due) -> Force:
            if not due.headers and due.record_id not in named_by:
                return own(due.record_id)
            return min(own(due.record_id), max(map(cited, (due.record_id, *due.headers))))

        return {due: force(due) for due in records}

    def changes(self, first: int, last: int) -> Iterator[tuple[int, frozenset[RecordId]]]:
        """Blocks of these heights, in order, that changed the force of documents, and whose. Raises `Unavailable`."""
        for block, entities in self._touched(first, last):
            before, after = (self._forces(entities, block=each) for each in (block - 1, block))
            changed = (one for one in before.keys() | after.keys() if before.get(one) != after.get(one))
            records = frozenset(record for _, record in changed)
            if records:
                yield block, records

    def _touched(self, first: int, last: int) -> Iterator[tuple[int, set[str]]]:
        entities: dict[int, set[str]] = {}
        for event in every_event(self._index, first_block=first, last_block=last):
            named = {entity for entity in subjects(event) if entity.startswith(KINDS)}
            entities.setdefault(event.block.number, set()).update(named)
        yield from ((block, named) for block, named in entities.items() if named)

    def _forces(self, entities: Collection[str], *, block: int) -> dict[tuple[str, RecordId], Force]:
        rows = self._rows.rows(sorted(entities), block=block)
        return {(row.entity, record): force for row in rows.values() for record, force in _in(row).items()}

    def _named_by(self, records: Sequence[RecordId], block: int) -> dict[RecordId, set[str]]:
        """Declarations of which these were ever the data, and permits that were given by them."""
        found: dict[RecordId, set[str]] = {}
        wanted = frozenset(records)
        for start in range(0, len(records), DOCUMENTS):
            entities = [document_entity(record) for record in records[start : start + DOCUMENTS]]
            for event in every_event(self._index, entities=entities, last_block=block):
                for record, entity in _naming(event):
                    if record in wanted:
                        found.setdefault(record, set()).add(entity)
        return found


def _naming(event: Event) -> Iterator[tuple[RecordId, str]]:
    """The document that an event makes the data of a declaration, or by which it tells that a permit was given."""
    args: Mapping[str, Any] = event.args
    if event.contract_name == "DeclarationRegistry":
        data = args.get("dataRecord") or args.get("lodgement", {}).get("dataRecord")
        if data is not None:
            yield RecordId(data), declaration_entity(CaseId(args["caseId"]))
    elif (event.contract_name, event.name) == ("PermitRegistry", "PermitIssued"):
        yield RecordId(args["evidence"]), permit_entity(args["permit"])


def _status(record: RecordId, issuer: ParticipantId) -> str:
    """Entity of a document's own status."""
    return f"record:{issuer}/0x{record.hex()}"


def _in(row: Row) -> dict[RecordId, Force]:
    return forces_in(row.entity, row.state)
