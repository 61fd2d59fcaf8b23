"""What a reader sees of others by what anybody may write on chain: nothing more for having written it.

given a declaration with a case file, and a stranger
  when the stranger sets the status of the declaration's record, in its own name → it should not be told what cites it
  when the record is readable here → its issuer and the issuer's supervisor should be told
  when the stranger offers a guarantee for the declaration → it should see the debt once customs has accepted it
given a broker that has not lodged it
  when the importer empowers it → it should see the whole, as long as the power is in force, with a broker's key
given a declarant
  when it names another's record as evidence → no act of others on that record should stand in its history
given an agency whose checks another takes over
  when anybody reads the history, or follows → the act should be told to those two, customs and the parties alone
given an agency that was asked on one item
  when it follows → it should be told its own checks, and no permits
given a document that customs cited → it should be found by the declaration that it was cited in
given a declaration whose data were supplemented, or amended → its number should lead to the newest data
given who was asked on items, or may see the debt alone
  when it verifies by the declaration's number, reads its history or follows → the header's record should not be told
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.declaration import AgencyDecision, DeclarationStatus
from ledger.domain.errors import NotFound
from ledger.domain.events import document_entity
from ledger.domain.ids import Address, CaseId, Digest32, ParticipantId, RecordId
from ledger.domain.proof import dump_proof
from ledger.domain.record import record_id
from ledger.domain.roles import Role
from ledger.ports.chain import Head
from ledger.ports.index_store import KnownRecord
from tests.support.documents import ISSUER, World, anchor, world
from tests.support.facades import facade_over

CASE, OTHER = CaseId(1 << 56 | 1), CaseId(1 << 56 | 2)
DECLARANT, CUSTOMS, QUARANTINE, VETERINARY, HEIR, SUPERVISOR, STRANGER = (
    ParticipantId(n) for n in (5, 1, 31, 32, 33, 40, 66)
)
ACTOR, OFFICER = Address("0x" + "aa" * 20), Address("0x" + "bb" * 20)
RECORD, PERMIT, GUARANTEE, EVIDENCE, FOREIGN = (bytes([n]) * 32 for n in (7, 8, 9, 10, 11))
ITEMS: dict[str, Any] = {
    "from": 1,
    "to": 2,
    "agencies": [
        {"item": 1, "agency": int(QUARANTINE), "checkCode": 1},
        {"item": 2, "agency": int(VETERINARY), "checkCode": 1},
    ],
    "uses": [{"permit": PERMIT, "item": 2, "quantity": 777}],
}


@dataclass
class Seen:
    """A ledger in memory and the facade over it."""

    made: World
    facade: Facade
    guarantee_state: int = 1
    status: DeclarationStatus = DeclarationStatus.ACCEPTED
    version: int = 1
    decision: AgencyDecision = AgencyDecision.PENDING

    def mine(self, *events: tuple[str, str, dict[str, Any]]) -> None:
        self.made.chain.mine(*events)
        for _ in self.facade.indexer.catch_up():
            pass

    def followed(self, caller: Caller) -> list[tuple[str, dict[str, Any]]]:
        """All that a reader is told who follows from the first block."""
        told, at = [], (0, 0)
        while (fed := self.facade.feed.step(caller, at)) is not None:
            told += [(act.event.name, dict(act.event.args)) for act in fed.told]
            at = fed.through
        return told

    def history(self) -> list[str]:
        return [act.event.name for act in self.facade.history.of_declaration(CASE).acts]


def of(participant: ParticipantId, roles: Role = Role.DECLARANT) -> Caller:
    return Caller(Address("0x" + f"{participant:040x}"), participant, roles, 0)


def lodged(case: CaseId, declarant: ParticipantId, record: bytes) -> tuple[str, str, dict[str, Any]]:
    lodgement = {"importer": int(declarant), "carrier": 0, "office": 7, "regime": 4000, "dataRecord": record}
    args = {"caseId": int(case), "actor": ACTOR, "declarant": int(declarant), "lodgement": lodgement}
    return "DeclarationRegistry", "Lodged", args


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Seen]:
    made = world()
    seen = Seen(made, facade_over(made, tmp_path))

    def checks(args: tuple[Any, ...], _: Head) -> list[dict[str, int]]:
        return [{"agency": int({1: QUARANTINE, 2: HEIR}[args[1]]), "decision": seen.decision, "version": 1}]

    def state(args: tuple[Any, ...], _: Head) -> dict[str, int]:
        parties = {"declarant": int(DECLARANT), "importer": int(DECLARANT), "carrier": 0}
        return {**parties, "itemCount": 2, "status": seen.status, "version": seen.version}

    def guarantee(*_: Any) -> dict[str, int]:
        return {"guarantor": int(STRANGER), "caseId": int(CASE), "state": seen.guarantee_state}

    made.chain.answer("DeclarationRegistry", "checks", checks)
    made.chain.answer("DeclarationRegistry", "state", state)
    made.chain.answer("ParticipantRegistry", "successorOf", lambda *_: 0)
    made.chain.answer("DebtLedger", "guaranteeOf", guarantee)
    made.chain.answer("DebtLedger", "reservedFor", lambda *_: 0)
    made.chain.answer("PermitRegistry", "permitHead", lambda *_: {"issuer": 0})
    made.chain.answer("ParticipantRegistry", "supervisorOf", lambda *_: int(SUPERVISOR))
    seen.mine(lodged(CASE, DECLARANT, RECORD))
    yield seen
    seen.facade.close()


def may_see_use(seen: Seen, caller: Caller, record: bytes) -> bool:
    try:
        seen.facade.rights.use_of_document(caller, RecordId(record))
    except NotFound:
        return False
    return True


def test_setting_a_status_makes_nobody_an_issuer(seen: Seen) -> None:
    status = {"issuer": int(STRANGER), "recordId": RECORD, "version": 1, "status": 2, "actor": ACTOR, "reason": 1}
    seen.mine(("DocumentRegistry", "StatusChanged", {**status, "evidence": bytes(32)}))
    assert not may_see_use(seen, of(STRANGER), RECORD)
    assert may_see_use(seen, of(CUSTOMS, Role.CUSTOMS_OFFICER), RECORD)
    assert "Lodged" not in [name for name, _ in seen.followed(of(STRANGER))]


def test_the_record_says_who_issued_it(seen: Seen) -> None:
    (proof,) = anchor(seen.made)
    record = record_id(proof.record)
    place = (proof.anchor.block_number, proof.anchor.log_index)
    seen.facade.records.remember([KnownRecord(record, Digest32(bytes(32)), place, dump_proof(proof))])
    readers = [of(ISSUER), of(SUPERVISOR), of(STRANGER), of(DECLARANT)]
    assert [may_see_use(seen, reader, record) for reader in readers] == [True, True, False, False]


def test_an_offer_that_nobody_accepted_shows_nothing(seen: Seen) -> None:
    offer = {"guarantee": GUARANTEE, "version": 1, "actor": OFFICER, "guarantor": int(STRANGER), "principal": 5}
    terms = {"securityType": 1, "caseId": int(CASE), "amount": 1, "validUntil": 9, "notice": 1, "evidence": bytes(32)}
    seen.mine(("DebtLedger", "GuaranteeOffered", {**offer, **terms}))
    with pytest.raises(NotFound):
        seen.facade.rights.declaration(of(STRANGER), CASE)
    seen.guarantee_state = 3
    assert seen.facade.rights.declaration(of(STRANGER), CASE).is_of_money


@pytest.mark.parametrize("scope", [1, 4])
def test_a_power_of_attorney_shows_a_running_case_to_a_broker_while_it_is_in_force(seen: Seen, scope: int) -> None:
    granted: set[tuple[Any, ...]] = set()
    seen.made.chain.answer(
        "AuthorisationRegistry", "mayRepresent", lambda args, at: args[3] == at.time and args[:3] in granted
    )
    broker = of(STRANGER, Role.BROKER)
    with pytest.raises(NotFound):
        seen.facade.rights.declaration(broker, CASE)
    assert seen.followed(broker) == []
    granted.add((STRANGER, DECLARANT, scope))
    assert seen.facade.rights.declaration(broker, CASE).is_whole
    assert [name for name, _ in seen.followed(broker)] == ["Lodged"]
    with pytest.raises(NotFound):
        seen.facade.rights.declaration(of(STRANGER), CASE)
    granted.clear()
    with pytest.raises(NotFound):
        seen.facade.rights.declaration(broker, CASE)


def test_anothers_record_as_evidence_brings_in_no_acts_of_others(seen: Seen) -> None:
    issued = {"permit": PERMIT, "version": 1, "actor": OFFICER, "issuer": 17, "evidence": FOREIGN, "lines": []}
    offered = {"guarantee": GUARANTEE, "version": 1, "actor": OFFICER, "guarantor": 20, "principal": 21}
    terms = {"securityType": 1, "caseId": 0, "amount": 5, "validUntil": 9, "notice": 1, "evidence": FOREIGN}
    requested = {"caseId": int(CASE), "actor": ACTOR, "evidence": FOREIGN, "request": 2, "dataRecord": bytes(32)}
    status = {"issuer": 17, "recordId": FOREIGN, "version": 1, "status": 2, "actor": OFFICER}
    seen.mine(
        ("PermitRegistry", "PermitIssued", issued),
        ("DebtLedger", "GuaranteeOffered", {**offered, **terms}),
        ("DeclarationRegistry", "Requested", requested),
        ("DocumentRegistry", "StatusChanged", status),
    )
    assert seen.history() == ["Lodged", "Requested", "StatusChanged"]


def taken_over() -> tuple[str, str, dict[str, Any]]:
    who = {"agency": int(VETERINARY), "successor": int(HEIR), "revision": 3, "reason": 1, "evidence": EVIDENCE}
    args = {"caseId": int(CASE), "actor": OFFICER, **who, "from": 2, "to": 2}
    return "DeclarationRegistry", "ChecksTakenOver", args


def test_a_succession_is_told_and_stops_nobody(seen: Seen) -> None:
    succession = {"agency": int(VETERINARY), "version": 1, "successor": int(HEIR), "actor": OFFICER}
    seen.mine(taken_over(), ("ParticipantRegistry", "SuccessorSet", succession))
    seen.mine(("DeclarationRegistry", "Cleared", {"caseId": int(CASE), "actor": OFFICER, "evidence": bytes(32)}))
    assert seen.history() == ["Lodged", "ChecksTakenOver", "Cleared"]
    assert seen.followed(of(STRANGER)) == []
    told = {who: [name for name, _ in seen.followed(of(who, Role.OGA))] for who in (VETERINARY, HEIR, QUARANTINE)}
    assert told == {
        VETERINARY: ["ChecksTakenOver", "SuccessorSet"],
        HEIR: ["Lodged", "ChecksTakenOver", "SuccessorSet", "Cleared"],
        QUARANTINE: ["Lodged", "Cleared"],
    }


def test_a_stand_in_sees_what_waits_for_the_agency_and_only_while_it_stands_in(seen: Seen) -> None:
    stands_in = {"now": int(SUPERVISOR)}
    heir_of_quarantine = of(SUPERVISOR, Role.OGA)
    seen.made.chain.answer("ParticipantRegistry", "successorOf", lambda *_: stands_in["now"])
    assert not seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)
    succession = {"agency": int(QUARANTINE), "version": 1, "successor": int(SUPERVISOR), "actor": OFFICER}
    seen.mine(("ParticipantRegistry", "SuccessorSet", succession))
    assert seen.facade.rights.declaration(heir_of_quarantine, CASE).items == {1}
    assert not seen.facade.rights.may_read_declaration(of(SUPERVISOR, Role.ISSUER), CASE)
    assert not seen.facade.rights.may_read_declaration(of(STRANGER, Role.OGA), CASE)
    for seen.decision in (AgencyDecision.HOLD, AgencyDecision.NO_MATCH):
        assert seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)
    for seen.decision in (AgencyDecision.RELEASE, AgencyDecision.NOT_REQUIRED, AgencyDecision.REFUSE):
        seen.version = 1
        assert not seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)
        seen.version = 2  # decided for the version before: it waits again
        assert seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)
    seen.status = DeclarationStatus.CLEARED
    assert not seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)
    seen.status, stands_in["now"] = DeclarationStatus.ACCEPTED, 0
    assert not seen.facade.rights.may_read_declaration(heir_of_quarantine, CASE)


def test_an_agency_that_follows_is_told_its_own_checks(seen: Seen) -> None:
    seen.mine(("DeclarationRegistry", "ItemsEntered", {"caseId": int(CASE), "actor": OFFICER, **ITEMS}))
    told = dict(seen.followed(of(QUARANTINE, Role.OGA)))["ItemsEntered"]
    assert told["agencies"] == ITEMS["agencies"][:1]
    assert told["uses"] == []
    fed = seen.facade.feed.step(of(QUARANTINE, Role.OGA), (1, 0))
    assert fed is not None
    assert [act.entities for act in fed.told] == [
        {f"declaration:{CASE}", f"key:{OFFICER}", f"participant:{QUARANTINE}"}  # neither the other nor the permit
    ]
    assert "ItemsEntered" not in dict(seen.followed(of(VETERINARY, Role.OGA)))  # its checks are another's now
    assert dict(seen.followed(of(DECLARANT)))["ItemsEntered"]["uses"] == ITEMS["uses"]


def test_a_document_that_customs_cited_is_found_by_it(seen: Seen) -> None:
    cited = {"caseId": int(CASE), "actor": OFFICER, "issuer": int(ISSUER), "records": [EVIDENCE, FOREIGN]}
    seen.mine(("DeclarationRegistry", "RecordsCited", cited))
    for record in (EVIDENCE, FOREIGN):
        linked = seen.facade.index.linked(document_entity(RecordId(record)), ("declaration",))
        assert linked == {f"declaration:{CASE}"}


def test_a_declarations_number_leads_to_its_newest_data(seen: Seen) -> None:
    first, second, third = (bytes([n]) * 32 for n in (0x71, 0x72, 0x73))
    place = (1, 0)
    known = [KnownRecord(RecordId(each), Digest32(bytes(32)), place, each) for each in (RECORD, first, second, third)]
    seen.facade.records.remember(known)

    def newest() -> bytes:
        return seen.facade.uses.proof_of_declaration(CASE, "26UZ", of(DECLARANT))

    act = {"caseId": int(CASE), "actor": ACTOR, "version": 1, "revision": 2, "reason": 0, "evidence": bytes(32)}
    assert newest() == RECORD
    seen.mine(("DeclarationRegistry", "Supplemented", {**act, "dataRecord": first}))
    assert newest() == first
    seen.mine(("DeclarationRegistry", "VersionMade", {**act, "version": 2, "dataRecord": second, "changedItems": []}))
    assert newest() == second
    seen.mine(("DeclarationRegistry", "Supplemented", {**act, "version": 2, "dataRecord": third}))
    seen.mine(("DeclarationRegistry", "PcaClosed", {**act, "version": 2, "dataRecord": bytes(32)}))
    assert newest() == third
    seen.mine(("DeclarationRegistry", "PcaClosed", {**act, "version": 3, "dataRecord": first}))
    assert newest() == first


def test_who_sees_items_or_debt_alone_is_not_told_the_headers_record(seen: Seen) -> None:
    seen.facade.records.remember([KnownRecord(RecordId(RECORD), Digest32(bytes(32)), (1, 0), RECORD)])
    for stranger in (of(QUARANTINE, Role.OGA), of(HEIR, Role.TREASURY)):
        assert seen.facade.rights.may_read_declaration(stranger, CASE)
        with pytest.raises(NotFound) as refused:
            seen.facade.uses.proof_of_declaration(CASE, "26UZ", stranger)
        assert str(refused.value) == str(NotFound("declaration", "26UZ"))  # as of one that is not there
    told = dict(seen.followed(of(QUARANTINE, Role.OGA)))["Lodged"]
    assert told["lodgement"] == {"importer": int(DECLARANT), "carrier": 0, "office": 7, "regime": 4000}
    act = seen.facade.history.of_declaration(CASE).acts[0]
    seen_by = act.seen_by(seen.facade.rights.declaration(of(QUARANTINE, Role.OGA), CASE))
    assert seen_by is not None
    assert not [entity for entity in seen_by.entities if entity.startswith("document:")]
    whole = dict(seen.followed(of(DECLARANT)))["Lodged"]
    assert whole["lodgement"]["dataRecord"] == RECORD
