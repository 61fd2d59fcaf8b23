"""Which documents speak, by the acts that name them, and when that changes.

given a declaration's header, and an item that it names
  when it is lodged, accepted, rejected, annulled → they should speak from the lodging to the rejection or annulment
  when an amendment is asked for                  → its header should be proposed, and the one in force stay
  when it is refused, heard again, granted        → it should be silent, proposed again, in force in its place
given a permit that was given by a document → it should speak until the permit is suspended, revoked or replaced
given a document that no act names → it should speak until its status is another
given a declaration, or a permit's document, whose record is revoked → what is declared should speak on, the other not
given a record that somebody else's act names → it should speak as if that act were not there; a header by any act
given a document that a declaration's act only cites as evidence → it should speak
given an older block → they should have the force that they had then
given several acts in blocks → those that changed a force should be told, in order, with the documents that they changed
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.judging import DocumentState
from ledger.domain.permit import PermitState
from ledger.domain.trade.force import Force
from ledger.ports.statement_store import Due
from ledger.services.force import Forces
from ledger.services.indexing import Indexer
from tests.support.fake_chain import FakeChain
from tests.support.trade_events import (
    BROKER,
    CASES,
    IMPORTER,
    KEYS,
    NOTHING,
    PERMITS,
    QUARANTINE,
    RIVAL,
    Told,
    accepted,
    admitted,
    issued,
    lodged,
)

CASE = CASES[0]
FIRST, SECOND, THIRD = (RecordId(each) for each in (CASE.to_bytes(32), b"\x02" * 32, b"\x03" * 32))
PERMIT = RecordId(b"\x0e" * 32)
AMENDMENT = 1
SILENT, PROPOSED, STANDS, IN_FORCE = Force.SILENT, Force.PROPOSED, Force.STANDS, Force.IN_FORCE


class Desk(NamedTuple):
    """A chain and an index that follows it."""

    chain: FakeChain
    indexer: Indexer
    forces: Forces

    def mine(self, *events: Told) -> int:
        """A block with these; its height."""
        block = self.chain.mine(*events)
        for _ in self.indexer.catch_up():
            pass
        return block.number

    def of(self, record: RecordId, issuer: int = BROKER, *headers: RecordId, block: int | None = None) -> Force:
        due = Due(record, ParticipantId(issuer), headers)
        return self.forces.of([due], block=self.chain.head().number if block is None else block)[due]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    chain, index = FakeChain(), SqlIndexStore(database)
    desk = Desk(chain, Indexer(chain, index), Forces(index, SqlStateStore(database)))
    desk.mine(*(event for participant in (IMPORTER, BROKER, RIVAL) for event in admitted(participant)))
    yield desk
    database.close()


def on_case(name: str, **args: Any) -> Told:
    return "DeclarationRegistry", name, {"caseId": CASE, "actor": KEYS[BROKER], **args}


def asked(record: RecordId, *, by: int = BROKER) -> Told:
    return on_case("Requested", request=AMENDMENT, dataRecord=record, actor=KEYS[by])


def permit_is(state: PermitState) -> Told:
    return "PermitRegistry", "PermitChanged", {"permit": PERMITS[0], "state": int(state), "version": 2, "reason": 1}


def status(record: RecordId, state: DocumentState, issuer: int = BROKER) -> Told:
    args = {"issuer": issuer, "recordId": record, "status": int(state), "version": 1, "evidence": NOTHING}
    return "DocumentRegistry", "StatusChanged", args


@pytest.mark.parametrize("end", ["Rejected", "Invalidated"])
def test_a_declaration_speaks_from_its_lodging_to_its_end(desk: Desk, end: str) -> None:
    item = RecordId(b"\x11" * 32)
    assert desk.of(FIRST, BROKER, FIRST) == SILENT, "nobody lodged it"
    desk.mine(lodged(CASE))
    assert (desk.of(FIRST, BROKER, FIRST), desk.of(item, BROKER, FIRST)) == (IN_FORCE, IN_FORCE)
    assert desk.of(FIRST) == IN_FORCE, "also if its content is not to be read here"
    before = desk.mine(accepted(CASE))
    assert desk.of(item, BROKER, FIRST) == IN_FORCE
    desk.mine(on_case(end, refusal=1))
    assert (desk.of(FIRST, BROKER, FIRST), desk.of(item, BROKER, FIRST), desk.of(FIRST)) == (SILENT, SILENT, SILENT)
    assert desk.of(item, BROKER, SECOND, FIRST, block=before) == IN_FORCE


def test_an_amendment_is_proposed_until_it_is_decided(desk: Desk) -> None:
    desk.mine(lodged(CASE), accepted(CASE))
    desk.mine(asked(SECOND))
    assert (desk.of(FIRST), desk.of(SECOND)) == (IN_FORCE, PROPOSED)
    desk.mine(on_case("RequestRefused", request=AMENDMENT, refusal=1))
    assert (desk.of(FIRST), desk.of(SECOND)) == (IN_FORCE, SILENT)
    desk.mine(on_case("Appealed", refusal=1))
    desk.mine(on_case("AppealDecided", refusal=1, overturned=True, status=4))
    assert (desk.of(FIRST), desk.of(SECOND)) == (IN_FORCE, PROPOSED)
    desk.mine(on_case("VersionMade", version=2, dataRecord=SECOND, byCustoms=False))
    assert (desk.of(FIRST), desk.of(SECOND)) == (SILENT, IN_FORCE)
    assert desk.of(THIRD, BROKER, FIRST, SECOND) == IN_FORCE, "both versions name it"


@pytest.mark.parametrize(
    ("state", "force"),
    [
        (PermitState.ACTIVE, STANDS),
        (PermitState.SUSPENDED, SILENT),
        (PermitState.REVOKED, SILENT),
        (PermitState.REPLACED, SILENT),
    ],
)
def test_a_permits_document_speaks_while_the_permit_is_in_force(desk: Desk, state: PermitState, force: Force) -> None:
    contract, name, args = issued(PERMITS[0])
    desk.mine((contract, name, {**args, "evidence": PERMIT}))
    assert desk.of(PERMIT, QUARANTINE) == STANDS
    desk.mine(permit_is(state))
    assert desk.of(PERMIT, QUARANTINE) == force


@pytest.mark.parametrize("state", DocumentState)
def test_a_document_that_no_act_names_speaks_while_it_is_active(desk: Desk, state: DocumentState) -> None:
    desk.mine(status(SECOND, state))
    assert desk.of(SECOND) == (STANDS if state == DocumentState.ACTIVE else SILENT)
    assert desk.of(SECOND, QUARANTINE) == STANDS, "another issuer's of this id"


def test_a_declarant_takes_nothing_back_by_revoking_a_record(desk: Desk) -> None:
    item = RecordId(b"\x11" * 32)
    desk.mine(lodged(CASE), status(FIRST, DocumentState.REVOKED), status(item, DocumentState.REVOKED))
    assert desk.of(FIRST) == desk.of(item, BROKER, FIRST) == IN_FORCE
    contract, name, args = issued(PERMITS[0])
    desk.mine((contract, name, {**args, "evidence": PERMIT}), status(PERMIT, DocumentState.REVOKED, QUARANTINE))
    assert desk.of(PERMIT, QUARANTINE) == SILENT


def test_nobody_silences_or_revives_what_is_anothers(desk: Desk) -> None:
    contract, name, args = issued(PERMITS[0])
    desk.mine((contract, name, {**args, "evidence": PERMIT}))
    _, _, lodging = lodged(CASES[1], declarant=RIVAL)
    for n, record in enumerate((PERMIT, FIRST, SECOND)):
        lodgement = {**lodging["lodgement"], "dataRecord": record}
        desk.mine(("DeclarationRegistry", "Lodged", {**lodging, "caseId": CASES[1] + n, "lodgement": lodgement}))
    desk.mine(permit_is(PermitState.REVOKED))
    assert desk.of(PERMIT, QUARANTINE) == SILENT
    assert desk.of(SECOND) == STANDS
    assert desk.of(FIRST, BROKER, FIRST) == IN_FORCE, "a header is what is declared, whoever lodged it"
    assert desk.of(SECOND, RIVAL) == IN_FORCE
    desk.mine(*(("DeclarationRegistry", "Rejected", {"caseId": CASES[1] + n, "refusal": 1}) for n in range(3)))
    assert (desk.of(SECOND), desk.of(SECOND, RIVAL), desk.of(FIRST, BROKER, FIRST)) == (STANDS, SILENT, SILENT)
    desk.mine(lodged(CASE), accepted(CASE), asked(THIRD, by=IMPORTER))
    assert desk.of(THIRD, IMPORTER) == PROPOSED, "whoever may ask, asks with a record of its own"
    assert desk.of(THIRD) == STANDS
    desk.mine(on_case("VersionMade", version=2, dataRecord=THIRD, byCustoms=False))
    assert (desk.of(THIRD, IMPORTER), desk.of(FIRST)) == (IN_FORCE, SILENT)


def test_evidence_is_no_data(desk: Desk) -> None:
    desk.mine(lodged(CASE), on_case("Rejected", refusal=1, evidence=SECOND))
    assert (desk.of(FIRST), desk.of(SECOND)) == (SILENT, STANDS)


def test_blocks_that_change_something_are_told(desk: Desk) -> None:
    blocks = [
        desk.mine(lodged(CASE)),
        desk.mine(accepted(CASE)),
        desk.mine(asked(SECOND), status(THIRD, DocumentState.SUSPENDED)),
        desk.mine(on_case("RequestRefused", request=AMENDMENT, refusal=1)),
        desk.mine(asked(SECOND), on_case("RequestRefused", request=AMENDMENT, refusal=2)),
        desk.mine(on_case("VersionMade", version=2, dataRecord=SECOND, byCustoms=True)),
        desk.mine(on_case("Invalidated"), status(THIRD, DocumentState.ACTIVE)),
    ]
    told = [(blocks[0], {FIRST}), (blocks[2], {SECOND, THIRD}), (blocks[3], {SECOND})]
    told += [(blocks[5], {FIRST, SECOND}), (blocks[6], {SECOND, THIRD})]
    assert list(desk.forces.changes(0, blocks[-1])) == told
    assert list(desk.forces.changes(blocks[2], blocks[3])) == told[1:3]
