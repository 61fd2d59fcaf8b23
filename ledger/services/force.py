"""Which documents speak, as of a block: by what the index knows of the acts that name them.

A document that is part of no declaration speaks until its own status changes, one that a permit was given by at most as
long as the permit; what others cite does neither silence it nor make it speak. A declaration's header speaks as long as
any declaration holds it, whoever lodged that. Nor does what is declared end with the status of its records: its
declarant could revoke them, and so take back what customs relies on.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ledger.domain.events import declaration_entity, document_entity, key_entity, permit_entity
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
PERMIT: Final = "permit:"
KINDS: Final = ("declaration:", PERMIT, "record:")
"""Entities that give documents their force."""


class Forces:
    """Reads the index as of a block that it has."""

    def __init__(self, index: IndexStore, rows: StateStore) -> None:
        self._index, self._rows = index, rows

    def of(self, records: Sequence[Due], *, block: int) -> dict[Due, Force]:
        """The force of each after this block, in their order. Raises `Unavailable`."""
        issuers = {each: due.issuer for due in records for each in (due.record_id, *due.headers)}
        named: dict[RecordId, list[_Naming]] = {}
        asked = {*map(_status, issuers, issuers.values())}
        for each in self._namings(list(issuers), block):
            named.setdefault(each.record, []).append(each)
            asked |= {each.entity} if each.key is None else {each.entity, each.key}
        rows = self._rows.rows(sorted(asked), block=block)

        def own(record: RecordId) -> Force:
            row = rows.get(_status(record, issuers[record]))
            return Force.STANDS if row is None else _in(row).get(record, Force.SILENT)

        def held(by: _Naming) -> Force:
            if by.entity not in rows or (by.entity.startswith(PERMIT) and own(by.record) is Force.SILENT):
                return Force.SILENT
            return _in(rows[by.entity]).get(by.record, Force.SILENT)

        def force(due: Due) -> Force:
            naming = (each for record in (due.record_id, *due.headers) for each in named.get(record, ()))
            by = [each for each in naming if due.headers or each.is_by(due.issuer, rows)]
            return max(map(held, by), default=Force.SILENT) if by or due.headers else own(due.record_id)

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

    def _namings(self, records: Sequence[RecordId], block: int) -> Iterator["_Naming"]:
        """Declarations of which these were ever the data, and permits that were given by them."""
        wanted = frozenset(records)
        for start in range(0, len(records), DOCUMENTS):
            entities = [document_entity(record) for record in records[start : start + DOCUMENTS]]
            for event in every_event(self._index, entities=entities, last_block=block):
                yield from (each for each in _naming(event) if each.record in wanted)


class _Naming(NamedTuple):
    """A document that an act makes the data of a declaration, or by which it tells that a permit was given.

    Attributes:
        record: The document.
        entity: The declaration or permit.
        by: In whose name; None: `key` tells.
        key: Entity of the key that acted; None: customs corrected, which may name anybody's.
    """

    record: RecordId
    entity: str
    by: ParticipantId | None
    key: str | None

    def is_by(self, issuer: ParticipantId, rows: Mapping[str, Row]) -> bool:
        """Whether this issuer's act names it, or customs."""
        if self.by is None and self.key is not None:
            return self.key in rows and rows[self.key].state["participant"] == issuer
        return self.by in (None, issuer)


def _naming(event: Event) -> Iterator[_Naming]:
    args: Mapping[str, Any] = event.args
    if event.contract_name == "DeclarationRegistry":
        data = args.get("dataRecord") or args.get("lodgement", {}).get("dataRecord")
        if data is not None:
            is_corrected = event.name == "PcaClosed" or bool(args.get("byCustoms"))
            key = None if is_corrected else key_entity(args["actor"])
            yield _Naming(RecordId(data), declaration_entity(CaseId(args["caseId"])), None, key)
    elif (event.contract_name, event.name) == ("PermitRegistry", "PermitIssued"):
        issuer = ParticipantId(args["issuer"])
        yield _Naming(RecordId(args["evidence"]), permit_entity(args["permit"]), issuer, None)


def _status(record: RecordId, issuer: ParticipantId) -> str:
    """Entity of a document's own status."""
    return f"record:{issuer}/0x{record.hex()}"


def _in(row: Row) -> dict[RecordId, Force]:
    return forces_in(row.entity, row.state)
