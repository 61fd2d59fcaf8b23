"""All that stands against an act, told at once while it is prepared.

given a customs office on a real node, and acts with several things wrong at once
  when the declarant asks for an amendment of what was not accepted → status, version, reason code and record, at once
  when somebody asks who may not read the case → only what concerns the asker and the arguments; the case stays closed
  when an importer lodges for somebody else, with hardly anything filled in → each gap
  when customs accepts with permits that do not do → each permit and line, and the rules that are not in force
  when revenue secures a debt with a guarantee that is not accepted → its state, its balance, its debtor
  when a buyer binds a price without money, time, parties or documents → each of them
  when an agency issues a permit that cannot be → accreditation, validity, every line
  when two persons, an agency's successor, or somebody who notes what was done on paper have it wrong → all that is
  when records are cited that cannot be → whose they are, and which
given an act that nothing stands against → nothing is told, and it is done
"""

from typing import Any

import pytest

from ledger.domain.ids import CaseId
from ledger.domain.permit import PermitTerms
from tests.support.customs import BANK_GUARANTEE, FIRST_ASSESSMENT, NOTHING, OFFICE, Customs
from tests.support.facades import signed_in
from tests.support.ledgers import FOREVER, key
from tests.support.samples import sample

pytestmark = pytest.mark.integration

DUTY = 10_000
FOUND = "0x" + "0e" * 32
EMPTY = "0x" + "00" * 32
PAST = "2020-01-01T00:00:00Z"
FUTURE = "2100-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def case(office: Customs) -> CaseId:
    """A lodged declaration."""
    return office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), "reasons")


def against(office: Customs, seat: str, act: str, /, **given: Any) -> list[str]:
    """Names of the objections to an act of that seat; each has its words."""
    signed_in(office.client, key(seat))
    try:
        answer = office.client.post(f"/v1/acts/{act}", json=given)
    finally:
        signed_in(office.client, key("trader"))
    assert answer.status_code == 200, answer.text
    told = answer.json()["would_fail"]
    assert all(each["text"] and "{" not in each["text"] for each in told)
    return [each["name"] for each in told]


def amendment(case: CaseId) -> dict[str, Any]:
    return {"caseId": str(case), "expectedVersion": 9, "dataRecord": EMPTY, "reason": 5, "evidence": EMPTY}


def test_an_amendment_of_what_was_not_accepted(office: Customs, case: CaseId) -> None:
    told = against(office, "trader", "DeclarationRegistry/requestAmendment", **amendment(case))
    assert told == ["UnknownReason", "WrongVersion", "NotInStatus", "EvidenceNeeded"]


def test_a_case_stays_closed_to_who_may_not_read_it(office: Customs, case: CaseId) -> None:
    told = against(office, "agency", "DeclarationRegistry/requestAmendment", **amendment(case))
    assert told == ["UnknownReason", "NotAuthorised", "EvidenceNeeded"]


def test_a_lodgement_with_hardly_anything_in_it(office: Customs) -> None:
    lodgement = {
        "lrnMac": EMPTY,
        "dataRecord": EMPTY,
        "importer": str(office.numbers["agency"]),
        "carrier": "0",
        "office": 0,
        "regime": 1,
        "itemCount": 0,
        "representation": "SELF",
    }
    told = against(office, "trader", "DeclarationRegistry/lodge", lodgement=lodgement)
    assert told == [
        "WrongRepresentation",
        "NotParty",
        "BadItemCount",
        "WrongOffice",
        "EvidenceNeeded",
        "UnknownRegime",
    ]


def test_permits_that_do_not_do(office: Customs, case: CaseId) -> None:
    terms = PermitTerms(b"\x01" * 32, office.numbers["trader"], "851090", "US", "KGM").commitment()
    request, line = b"reasons".ljust(32, b"\0"), (terms, 10)
    office.act("agency", "PermitRegistry", "issue", request, 911_100, 0, FOREVER, [line], False, NOTHING, NOTHING)
    head = office.ledger.reader.head().number
    issued = office.ledger.reader.find_events("PermitRegistry", "PermitIssued", {}, 0, head)
    permit = "0x" + issued[-1].args["permit"].hex()
    fits = {"permit": permit, "item": 1, "line": 0, "quantity": "6", "terms": "0x" + terms.hex()}
    uses = [
        {**fits, "permit": "0x" + "77" * 32},
        {**fits, "line": 4},
        {**fits, "terms": FOUND},
        fits,
        {**fits, "quantity": "5"},
    ]
    wanted = {"caseId": str(case), "ruleVersion": 999, "agencies": [], "uses": uses, "reason": 301}
    told = against(office, "officer", "DeclarationRegistry/accept", **wanted)
    assert told == [
        "RuleNotInForce",
        "UnknownPermit",
        "UnknownLine",
        "TermsMismatch",
        "NotEnoughAvailable",
    ]


def test_a_guarantee_that_is_not_accepted(office: Customs) -> None:
    case = office.lodge(sample("hmrc-cds/FI001b_declaration_guarantee.xml"), "secured")
    office.accept(case)
    charges, debt = [(b"CUD", DUTY)], office.view("DebtLedger", "caseOf", case)["version"]
    office.act("revenue", "DebtLedger", "assess", case, 1, debt, charges, FIRST_ASSESSMENT, NOTHING)
    principal, request = office.numbers["agency"], b"for another".ljust(32, b"\0")
    offered = (request, principal, BANK_GUARANTEE, 0, DUTY - 1, FOREVER, 0, NOTHING)
    office.act("trader", "DebtLedger", "offerGuarantee", *offered)
    head = office.ledger.reader.head().number
    found = office.ledger.reader.find_events("DebtLedger", "GuaranteeOffered", {}, 0, head)
    guarantee = "0x" + found[-1].args["guarantee"].hex()
    wanted = {"caseId": str(case), "guarantee": guarantee, "amount": str(DUTY), "expectedVersion": 0}
    told = against(office, "revenue", "DebtLedger/secure", **wanted)
    assert told == ["WrongVersion", "GuaranteeStateForbids", "NotSecuredBy", "NotEnoughFree"]
    told = against(office, "trader", "DebtLedger/secure", **wanted)
    assert told == [
        "NotAuthorised",
        "WrongOffice",
        "OwnDebt",
        "WrongVersion",
        "GuaranteeStateForbids",
        "NotSecuredBy",
        "NotEnoughFree",
    ]
    pay = {"caseId": str(case), "amount": str(DUTY)}
    assert against(office, "trader", "DebtLedger/pay", **pay) == ["NotEnoughAllowance", "ERC20InsufficientBalance"]
    later = {"caseId": str(case), "operatorType": 1, "dueAt": PAST, "expectedVersion": 0}
    told = against(office, "revenue", "DebtLedger/defer", **later)
    assert told == ["WrongVersion", "DefermentNotAllowed", "BadDueDate"]


def test_a_price_that_cannot_be_bound(office: Customs) -> None:
    wanted = {
        "seller": str(office.numbers["trader"]),
        "arbiter": "0",
        "condition": "DOCUMENTS",
        "amount": "0",
        "timeout": PAST,
        "registry": "0x" + "00" * 20,
        "mrn": "0x" + "00" * 18,
        "required": [],
    }
    told = against(office, "trader", "TradeEscrow/openEscrow", **wanted)
    assert told == ["ZeroAmount", "BadTimeout", "BadParties", "ArbiterNeeded", "BadRequirements"]


def test_a_permit_that_cannot_be(office: Customs) -> None:
    lines = [
        {"terms": FOUND, "authorised": "0"},
        {"terms": FOUND, "authorised": "1"},
        {"terms": FOUND, "authorised": "0"},
    ]
    wanted = {"docType": 851_001, "validFrom": FUTURE, "validUntil": PAST, "lines": lines, "singleUse": False}
    told = against(office, "agency", "PermitRegistry/issue", **wanted)
    assert told == ["NotAccredited", "BadValidity", "BadQuantity", "BadQuantity"]


JOINT = {"kind": "LIFT_SEIZURE", "control": "NONE", "from": 1, "to": 1, "reason": 0, "evidence": EMPTY}


def test_what_two_persons_may_not_do(office: Customs, case: CaseId) -> None:
    wanted = {"act": {**JOINT, "caseId": str(case), "kind": "INVALIDATE"}}
    told = against(office, "officer", "DeclarationRegistry/propose", **wanted)
    assert told == ["ReasonNeeded", "EvidenceNeeded", "NotInStatus"]
    told = against(office, "risk", "DeclarationRegistry/propose", **wanted)
    assert told[0] == "NotAuthorised"
    assert told[1:] == ["ReasonNeeded", "EvidenceNeeded", "NotInStatus"]
    wanted = {"proposal": FOUND, "expectedVersion": 9, "act": {**JOINT, "caseId": str(case), "from": 2, "reason": 5}}
    told = against(office, "officer", "DeclarationRegistry/countersign", **wanted)
    assert told == ["UnknownReason", "WrongVersion", "NotInStatus", "BadRange"]
    wanted["act"] |= {"kind": "LOWER_CONTROL", "reason": 304}
    told = against(office, "officer", "DeclarationRegistry/countersign", **wanted)
    assert told == ["NoSuchProposal", "WrongVersion", "NotInControl"]


def test_what_was_not_done_on_paper(office: Customs, case: CaseId) -> None:
    wanted = {"caseId": str(case), "act": "0x01020304", "occurredAt": PAST}
    told = against(office, "officer", "DeclarationRegistry/enterFallback", **wanted)
    assert told == ["EvidenceNeeded", "BadInstant"]
    told = against(office, "revenue", "DeclarationRegistry/enterFallback", **wanted)
    assert told == ["NotAuthorised", "EvidenceNeeded", "BadInstant"]


def test_checks_that_are_not_the_successors(office: Customs, case: CaseId) -> None:
    """Customs reads the case; it has neither the role, nor did governance name it."""
    other = str(office.numbers["agency"])
    wanted = {"caseId": str(case), "expectedVersion": 9, "agency": other, "from": 1, "to": 99, "reason": 5}
    told = against(office, "officer", "DeclarationRegistry/takeOverChecks", **wanted)
    assert told == ["UnknownReason", "NotAuthorised", "NotSuccessor", "WrongVersion", "NotInStatus", "BadRange"]


def test_records_that_cannot_be_cited(office: Customs, case: CaseId) -> None:
    wanted = {"caseId": str(case), "issuer": str(office.numbers["agency"]), "records": [FOUND, EMPTY]}
    assert against(office, "officer", "DeclarationRegistry/citeRecords", **wanted) == ["EvidenceNeeded"]
    told = against(office, "trader", "DeclarationRegistry/citeRecords", **wanted)
    assert told == ["NotAuthorised", "OwnDeclaration", "EvidenceNeeded"]


def test_what_nothing_stands_against(office: Customs, case: CaseId) -> None:
    wanted = {"caseId": str(case), "ruleVersion": office.view("RuleRegistry", "version"), "reason": 301}
    assert against(office, "officer", "DeclarationRegistry/beginAcceptance", **wanted) == []
    assert office.view("DeclarationRegistry", "state", case)["office"] == OFFICE
