"""Which event belongs to which entity: pure, by the names of its arguments.

One word per thing holds over all contracts, so an argument's name and type tell the entity (`KINDS`). An entity id is
text: kind, colon, id; numbers in decimal, bytes in lower-case 0x hex, addresses checksummed:

    declaration:72057594037927937   debt:72057594037927937   permit:0x…   document:0x<record id>
    participant:17                  key:0xAbC…               anchors:17@0x<DocumentRegistry>

An argument that is zero names nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from ledger.domain.ids import Address, CaseId, ParticipantId, RecordId

ANCHORED: Final = "Anchored"
"""A batch was anchored (DocumentRegistry)."""
DEBT_LEDGER: Final = "DebtLedger"
"""The contract whose cases are also `debt:` entities."""

KINDS: Final[Mapping[str, str]] = {
    "caseId": "declaration",
    "permit": "permit",
    "root": "permit",
    "replacement": "permit",
    "application": "application",
    "evidence": "document",
    "dataRecord": "document",
    "recordId": "document",
    "records": "document",
    "participant": "participant",
    "issuer": "participant",
    "trader": "participant",
    "agency": "participant",
    "successor": "participant",
    "declarant": "participant",
    "importer": "participant",
    "carrier": "participant",
    "representative": "participant",
    "client": "participant",
    "broker": "participant",
    "debtor": "participant",
    "payer": "participant",
    "guarantor": "participant",
    "operator": "participant",
    "guarantee": "guarantee",
    "refund": "refund",
    "escrow": "escrow",
    "actor": "key",
    "key": "key",
    "actId": "act",
}
"""Kind of entity that an argument of this name identifies."""

IN_EVENT: Final[Mapping[str, Mapping[str, str]]] = {
    "PermitTypeReassigned": {"from": "participant", "to": "participant"},
}
"""Kinds of arguments that are called by a word which means something else in other events."""

NOT_THERE: Final[Mapping[str, frozenset[str]]] = {"root": frozenset({ANCHORED})}
"""Events in which a name means something else: an anchor's root is a tree's."""


class Emitted(Protocol):
    """What an event must tell."""

    @property
    def contract(self) -> Address:
        """Address that emitted it."""

    @property
    def contract_name(self) -> str:
        """Directory name of that address."""

    @property
    def name(self) -> str:
        """Event name."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Arguments by name."""


def declaration_entity(case: CaseId) -> str:
    """Entity id of a declaration."""
    return f"declaration:{case}"


def permit_entity(permit: bytes) -> str:
    """Entity id of a permit."""
    return f"permit:0x{permit.hex()}"


def document_entity(record: RecordId) -> str:
    """Entity id of a document."""
    return f"document:0x{record.hex()}"


def participant_entity(participant: ParticipantId) -> str:
    """Entity id of a participant."""
    return f"participant:{participant}"


def key_entity(key: Address) -> str:
    """Entity id of a key."""
    return f"key:{key}"


def act_entity(act_id: bytes) -> str:
    """Entity id of a relayed act."""
    return f"act:0x{act_id.hex()}"


def anchors_entity(issuer: int, registry: Address) -> str:
    """Entity id of an issuer's gap-free sequence of anchors in one registry."""
    return f"anchors:{issuer}@{registry}"


def entities_of(event: Emitted) -> frozenset[str]:
    """Every entity that `event` belongs to."""
    return frozenset(_entities(event))


def _entities(event: Emitted) -> Iterator[str]:
    of_event = IN_EVENT.get(event.name, {})
    for name, value in _named(event.args):
        kind = of_event.get(name) or KINDS.get(name)
        shown = _shown(value)
        if kind is None or shown is None or event.name in NOT_THERE.get(name, ()):
            continue
        if kind == "key" and not isinstance(value, str):
            continue  # an entity key of a request
        yield f"{kind}:{shown}"
        if name == "caseId" and event.contract_name == DEBT_LEDGER:
            yield f"debt:{shown}"
    if event.name == ANCHORED:
        yield anchors_entity(event.args["issuer"], event.contract)


def _named(args: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every named value, within structs and lists too."""
    for name, value in args.items():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, Mapping):
                yield from _named(item)
            else:
                yield name, item


def _shown(value: Any) -> str | None:
    """The id that a value is, as text; None for zero and for what is no id."""
    match value:
        case bool():
            return None
        case int() if value:
            return str(value)
        case bytes() if any(value):
            return f"0x{value.hex()}"
        case str() if value.startswith("0x") and value.strip("0x"):
            return value
        case _:
            return None
