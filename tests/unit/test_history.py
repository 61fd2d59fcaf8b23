"""A declaration's whole history.

given a case with a permit, a debt, documents, and other cases on the same permit
  when its history is read       → it should hold every act on the case and on what belongs to it, in chain order
  when another case used the permit → its acts should be left out
  when an event names no actor   → it should have that of the act in the same transaction
  when read page by page         → it should be the same, whatever the page size
  when read as of an instant     → it should end there
  when the case is not known     → it should say so
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.index import SqlIndexStore
from ledger.adapters.sql.records import SqlRecordStore
from ledger.adapters.sql.states import SqlStateStore
from ledger.domain.errors import NotFound
from ledger.domain.ids import CaseId, Digest32, RecordId
from ledger.ports.chain import Event
from ledger.ports.index_store import KnownRecord, Position
from ledger.services.history import History
from tests.support.fake_chain import FakeChain, contract_address

CASE, OTHER = 1 << 56 | 1, 1 << 56 | 2
PERMIT, CERTIFICATE, FINDINGS, FOREIGN = (bytes([n]) * 32 for n in (1, 2, 3, 4))
OFFICER, AGENCY, BROKER = (contract_address(name) for name in ("officer", "agency", "broker"))
NOTHING = bytes(32)


@pytest.fixture
def chain() -> FakeChain:
    made = FakeChain()
    made.mine(
        ("ParticipantRegistry", "KeyChanged", {"key": AGENCY, "participant": 3, "actor": OFFICER}),
        ("ParticipantRegistry", "KeyChanged", {"key": OFFICER, "participant": 2, "actor": OFFICER}),
    )
    made.mine(("DocumentRegistry", "Anchored", {"issuer": 3, "h": 1 << 56, "root": FOREIGN, "manifest": FOREIGN}))
    made.mine(("PermitRegistry", "PermitIssued", {"permit": PERMIT, "actor": AGENCY, "evidence": CERTIFICATE}))
    made.mine(
        ("DeclarationRegistry", "Lodged", {"caseId": CASE, "actor": BROKER, "lodgement": {"dataRecord": FINDINGS}})
    )
    made.mine(
        ("PermitRegistry", "PermitUsed", {"permit": PERMIT, "caseId": OTHER, "quantity": 5}),
        ("DeclarationRegistry", "ItemsEntered", {"caseId": OTHER, "actor": OFFICER, "uses": [{"permit": PERMIT}]}),
    )
    made.mine(
        ("PermitRegistry", "PermitUsed", {"permit": PERMIT, "caseId": CASE, "quantity": 7}),
        ("DeclarationRegistry", "ItemsEntered", {"caseId": CASE, "actor": OFFICER, "uses": [{"permit": PERMIT}]}),
    )
    one_transaction(made)
    made.mine(("DebtLedger", "Assessed", {"caseId": CASE, "actor": OFFICER, "reason": 1, "evidence": NOTHING}))
    made.mine(("DocumentRegistry", "StatusChanged", {"recordId": CERTIFICATE, "actor": AGENCY, "issuer": 3}))
    made.mine(("DocumentRegistry", "StatusChanged", {"recordId": FOREIGN, "actor": AGENCY, "issuer": 3}))
    made.mine(("DeclarationRegistry", "Cleared", {"caseId": CASE, "actor": OFFICER, "evidence": FINDINGS}))
    return made


def one_transaction(chain: FakeChain) -> None:
    """Make the newest block's events those of one transaction."""
    number = chain.head().number
    first = chain.events_[number][0].tx_hash
    chain.events_[number] = [
        Event(e.contract, e.name, e.args, e.block, first, e.log_index, e.contract_name) for e in chain.events_[number]
    ]


@pytest.fixture
def history(chain: FakeChain, tmp_path: Path) -> Iterator[History]:
    database = Database(f"sqlite:///{tmp_path / 'index.sqlite'}")
    index, records = SqlIndexStore(database), SqlRecordStore(database)
    index.apply(chain.blocks_, chain.events(0, chain.head().number))
    records.remember([KnownRecord(RecordId(CERTIFICATE), Digest32(NOTHING), (2, 0), b"proof")])
    yield History(index, SqlStateStore(database), records)
    database.close()


WHOLE = [
    ("Anchored", None),  # of the certificate that the permit names: this participant can read its batch
    ("PermitIssued", AGENCY),
    ("Lodged", BROKER),
    ("PermitUsed", OFFICER),
    ("ItemsEntered", OFFICER),
    ("Assessed", OFFICER),
    ("StatusChanged", AGENCY),
    ("Cleared", OFFICER),
]


def test_it_holds_every_act_that_belongs_to_the_case(history: History, chain: FakeChain) -> None:
    page = history.of_declaration(CaseId(CASE))
    assert [(act.event.name, act.actor) for act in page.acts] == WHOLE
    assert page.next is None
    assert page.as_of == chain.head()
    assert page.acts[3].event.args["quantity"] == 7  # not the other case's 5
    assert [act.participant for act in page.acts] == [None, 3, None, 2, 2, 2, 3, 2]


def test_evidence_and_reason_are_told_where_there_are_any(history: History) -> None:
    acts = {act.event.name: act for act in history.of_declaration(CaseId(CASE)).acts}
    assert (acts["Cleared"].evidence, acts["Cleared"].reason) == (FINDINGS, None)
    assert (acts["Assessed"].evidence, acts["Assessed"].reason) == (None, 1)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_join_into_the_whole(history: History, limit: int) -> None:
    found: list[str] = []
    after: Position | None = None
    while True:
        page = history.of_declaration(CaseId(CASE), after=after, limit=limit)
        assert len(page.acts) <= limit
        found += [act.event.name for act in page.acts]
        if page.next is None:
            break
        after = page.next
    assert found == [name for name, _ in WHOLE]


def test_it_ends_at_the_instant_asked_for(history: History, chain: FakeChain) -> None:
    until = chain.blocks_[4].time
    names = [act.event.name for act in history.of_declaration(CaseId(CASE), until_time=until).acts]
    assert names == ["Anchored", "PermitIssued", "Lodged"]
    assert history.of_declaration(CaseId(CASE), until_time=0).acts == []


def test_an_unknown_case_is_not_found(history: History) -> None:
    with pytest.raises(NotFound):
        history.of_declaration(CaseId(9))


def test_one_entity_has_its_own_history(history: History) -> None:
    page = history.of_entity(f"permit:0x{PERMIT.hex()}", limit=2)
    assert [act.event.name for act in page.acts] == ["PermitIssued", "PermitUsed"]
    rest = history.of_entity(f"permit:0x{PERMIT.hex()}", after=page.next)
    assert [act.event.name for act in rest.acts] == ["ItemsEntered", "PermitUsed", "ItemsEntered"]
    with pytest.raises(NotFound):
        history.of_entity("permit:0x00")
