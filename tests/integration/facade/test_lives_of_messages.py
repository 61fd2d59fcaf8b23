"""HMRC's four lives, replayed in order on a real node: messages in over HTTP, customs' answers out, both as XML.

given an import with a licence (IM008b)
  when it is lodged, accepted, amended, released and cleared     → 02 01 07 … 09, in the shape of the samples
given an export with a licence (EX010a)
  when it is lodged, accepted and annulled on request            → 02 01 10, and the licence has its quantity back
given an import that names a wrong authorisation holder (IM001b)
  when customs rejects it                                        → 02 03 with the error's code and pointers
given an import that names a guarantee which has not enough free (FI001b)
  when its duty is assessed                                      → 14 beside 13, and its release is refused
  when the guarantee is topped up and it is assessed anew        → 13 alone
given a message at fault, or one for others than customs, its office and a carrier
  → every fault with its path, all at once, and nothing is sealed
given any of these messages → customs opens it byte for byte; what nobody read of it is told
given the command line → it lodges with its own key, and shows the answers
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.keystore import Keystore
from ledger.domain.errors import ActRefused
from ledger.domain.ids import CaseId
from ledger.domain.permit import PermitTerms
from ledger.domain.reason_codes import RegistryReason
from ledger.domain.roles import Role
from ledger.domain.trade.wco_request import declared_in
from tests.support.customs import (
    BANK_GUARANTEE,
    DATA_FAULT,
    FIRST_ASSESSMENT,
    NOTHING,
    OFFICE,
    ON_REQUEST,
    PASSPHRASE,
    REGULAR,
    Customs,
)
from tests.support.ledgers import FOREVER, key, secret_of
from tests.support.samples import sample
from tests.support.terminal import Terminal
from tests.support.wco import skeleton, texts

pytestmark = pytest.mark.integration

HMRC = "hmrc-cds/"
NOT_OURS = {"ResponsibleCountryCode", "Bank", "Status"}
DUTY = 10_000
FOUND = b"\x0e" * 32


def codes(answers: list[Any]) -> list[str]:
    return [answer["function_code"] for answer in answers]


def like_sample(answer: Any, name: str) -> None:
    """The answer has the elements of the sample, no more and no less, but for what a ledger has no word for."""
    expected = {path for path in skeleton(sample(HMRC + name)) if not NOT_OURS & set(path.split("/"))}
    assert skeleton(answer["xml"]) == expected
    assert texts(answer["xml"], "Response/FunctionCode") == texts(sample(HMRC + name), "Response/FunctionCode")


def licence(office: Customs, name: str, document_type: int, commodity: str, origin: str, quantity: int) -> Any:
    """A permit of the agency for the trader; returns its key and the use of item 1."""
    terms = PermitTerms(b"\x01" * 32, office.numbers["trader"], commodity[:6], origin, "KGM")
    line = (terms.commitment(), quantity)
    request = name.encode().ljust(32, b"\0")
    office.act("agency", "PermitRegistry", "issue", request, document_type, 0, FOREVER, [line], False, NOTHING, NOTHING)
    head = office.ledger.reader.head()
    permit = office.ledger.reader.find_events("PermitRegistry", "PermitIssued", {}, 0, head.number)[-1].args["permit"]
    return permit, (permit, 1, 0, quantity, terms.commitment())


def balances(office: Customs, permit: bytes) -> tuple[int, int, int]:
    _, available, reserved, written = office.view("PermitRegistry", "lineOf", permit, 0)
    return available, reserved, written


def with_mrn(message: bytes, theirs: str, ours: str) -> bytes:
    assert theirs.encode() in message
    return message.replace(theirs.encode(), ours.encode())


def test_an_import_with_a_licence(office: Customs) -> None:
    lodged, lrn = sample(HMRC + "IM008b_declaration.xml"), "R280_E2E_TC03_1803_003"
    prepared = office.post(lodged, lrn).json()
    assert prepared["kind"] == "lodge"
    assert [part["name"] for part in prepared["parts"]] == ["item 1", "header", "message"]
    assert [act["function"] for act in prepared["acts"]] == ["anchor", "anchor", "lodge"]
    assert prepared["declaration"]["items"][0]["commodity_code"] == "9306210000"
    case = office.lodge(lodged, lrn)
    permit, use = licence(office, "import licence", 911_100, "9306210000", "CN", 4_000_000)
    mrn = office.accept(case, [use])
    assert balances(office, permit) == (0, 4_000_000, 0)

    amendment = with_mrn(sample(HMRC + "IM008b_amendment.xml"), "21GB31AJB9S50C90R6", mrn)
    office.send(amendment, lodged=lodged)
    office.act("officer", "DeclarationRegistry", "grantAmendment", case, office.revision(case), [], ON_REQUEST, NOTHING)
    _finish(office, case)
    answers = office.responses(case)
    assert codes(answers) == ["02", "01", "07", "05", "13", "08", "09"]
    told = dict(zip(codes(answers), answers, strict=True))
    like_sample(told["01"], "IM008b_01_accepted.xml")
    like_sample(told["07"], "IM008b_05_amended.xml")
    like_sample(told["05"], "generic_05_physical_control.xml")
    like_sample(told["09"], "IM008b_08_cleared.xml")
    amended = sample(HMRC + "IM008b_05_amended.xml")
    for path in ("StatementDescription", "AdditionalDocument/LPCOExemptionCode", "Pointer/TagID", "VersionID"):
        assert texts(told["07"]["xml"], path) == texts(amended, path)
    assert texts(told["07"]["xml"], "Amendment/Pointer/DocumentSectionCode") == ["42A", "67A", "68A", "02A"]
    assert {*texts(told["09"]["xml"], "Declaration/ID")} == {mrn}
    assert {*texts(told["01"]["xml"], "Declaration/FunctionalReferenceID")} == {lrn}
    assert texts(told["13"]["xml"], "PaymentAmount") == ["100.00"]


def test_why_goods_are_held_before_they_are_accepted(office: Customs) -> None:
    lodged, lrn = sample("derived/import-declaration.xml").replace(b"R280_E2E_TC03_1803_003", b"held"), "held"
    case = office.lodge(lodged, lrn)
    office.caught_up()

    def why() -> tuple[bool, list[tuple[int, str, str]]]:
        told = office.client.get(f"/v1/declarations/{case}/held").raise_for_status().json()
        return told["is_held"], [(each["item"], each["code"], each["awaits"]) for each in told["reasons"]]

    release = [
        (0, "CONTROL_UNROUTED", "customs"),
        (0, "DEBT_NOT_ASSESSED", "customs"),
        (0, "NOT_ARRIVED", "carrier"),
    ]
    assert why() == (True, [(0, "NOT_ACCEPTED", "customs"), *release])
    rules = office.view("RuleRegistry", "version")
    registry = "DeclarationRegistry"
    office.act("officer", registry, "beginAcceptance", case, 1, rules, REGULAR, NOTHING)
    begun = (True, [(0, "ACCEPTANCE_OPEN", "customs"), *release])
    assert why() == (True, [*begun[1], *((item, "NOT_ENTERED", "customs") for item in range(1, 5))])
    office.act("officer", registry, "enterItems", case, office.revision(case), 1, 4, [], [])
    assert why() == begun
    office.act("officer", registry, "sealAcceptance", case, office.revision(case), REGULAR, NOTHING)
    assert why() == (True, release), "the contract itself says so now"


def test_a_message_is_sealed_once_for_its_key(office: Customs) -> None:
    message = sample(HMRC + "IM008b_declaration.xml")
    first = office.post(message, "sealed once", again="sealed-once")
    assert first.status_code == 200, first.text
    assert office.post(message, "sealed once", again="sealed-once").content == first.content
    other = office.post(message, "another reference", again="sealed-once")
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert office.post(message, "sealed once").json()["parts"] != first.json()["parts"], "without a key: sealed anew"


def _finish(office: Customs, case: CaseId) -> None:
    """Control, assessment, payment, arrival, release and clearance of the version in force."""
    state = office.view("DeclarationRegistry", "state", case)
    control, version = state["controlRevision"], state["version"]
    steps = (("risk", "route", (2,)), ("inspector", "startControl", ()), ("inspector", "recordControl", (True,)))
    for step, (seat, function, more) in enumerate(steps):
        evidence = FOUND if function == "recordControl" else NOTHING
        office.act(seat, "DeclarationRegistry", function, case, control + step, *more, REGULAR, evidence)
    _assess(office, case, version)
    office.act("treasury", "SettlementToken", "mint", b"bank".ljust(32, b"\0"), key("trader").address, DUTY)
    ledger = office.ledger.reader.address_of("DebtLedger")
    office.act("trader", "SettlementToken", "approve", ledger, DUTY)
    office.act("trader", "DebtLedger", "pay", b"pay".ljust(32, b"\0"), case, DUTY)
    office.act("officer", "DeclarationRegistry", "confirmArrival", case, 0, REGULAR, NOTHING)
    office.act("officer", "DeclarationRegistry", "release", case, office.revision(case), 1, 1, REGULAR, NOTHING)
    office.act("officer", "DeclarationRegistry", "clear", case, office.revision(case), REGULAR, NOTHING)


def _assess(office: Customs, case: CaseId, version: int) -> None:
    debt = office.view("DebtLedger", "caseOf", case)["version"]
    charges = [(b"CUD", DUTY)]
    office.act("revenue", "DebtLedger", "assess", case, version, debt, charges, FIRST_ASSESSMENT, FOUND)


def test_an_export_that_is_annulled(office: Customs) -> None:
    lrn = "U.7867523JNCOL"
    case = office.lodge(sample(HMRC + "EX010a_declaration.xml"), lrn)
    permit, use = licence(office, "export licence", 811_104, "93063030", "", 10_000_000)
    mrn = office.accept(case, [use])
    assert balances(office, permit) == (0, 10_000_000, 0)
    cancellation = with_mrn(sample(HMRC + "EX010a_cancellation.xml"), "24GBDIRIGZ7QLCPAA8", mrn)
    prepared = office.send(cancellation)
    assert (prepared["kind"], prepared["declaration"]) == ("cancel", None)
    office.act(
        "officer", "DeclarationRegistry", "grantCancellation", case, office.revision(case), 1, ON_REQUEST, NOTHING
    )
    assert balances(office, permit) == (10_000_000, 0, 0)
    answers = office.responses(case)
    assert codes(answers) == ["02", "01", "10"]
    like_sample(answers[2], "EX010a_05_invalidated.xml")
    assert texts(answers[2]["xml"], "Declaration/ID") == [mrn]
    assert texts(answers[2]["xml"], "Declaration/FunctionalReferenceID") == [lrn]


def test_an_import_with_a_wrong_authorisation(office: Customs) -> None:
    lrn = "TT_IM01b_v1.7_220322_1"
    message = sample(HMRC + "IM001b_declaration_bad_authorisation.xml")
    case = office.lodge(message, lrn)
    path = "42A/17C[1]/R144"
    errors = office.seal({"errors": [["CDS12005", path, "the holder has no such authorisation"]]})
    office.act("officer", "DeclarationRegistry", "reject", case, office.revision(case), DATA_FAULT, errors)
    answers = office.responses(case)
    assert codes(answers) == ["02", "03"]
    theirs = sample(HMRC + "IM001b_01_rejected.xml")
    ours = answers[1]["xml"]
    assert skeleton(ours) - skeleton(theirs) == {"/MetaData/Response/Error/Description"}
    assert skeleton(theirs) <= skeleton(ours)
    error = ("ValidationCode", "DocumentSectionCode", "SequenceNumeric", "TagID", "VersionID")
    assert [texts(ours, each) for each in error] == [texts(theirs, each) for each in error]
    again = office.post(message, lrn)
    (fault,) = again.json()["faults"]
    assert (again.status_code, fault["code"]) == (422, "AlreadyDone"), "the same message is the same act"
    assert f"declaration {case}, REJECTED" in fault["text"], "whoever lost the answer learns what became of it"
    corrected = message.replace(b"US Clipper Inc.", b"US Clippers Inc.")
    assert office.post(corrected, lrn).status_code == 200, "a rejected declaration's reference may be used again"


def test_an_import_whose_guarantee_is_too_small(office: Customs) -> None:
    trader = office.numbers["trader"]
    request = b"guarantee".ljust(32, b"\0")
    offered = (request, trader, BANK_GUARANTEE, 0, DUTY - 1, FOREVER, 0, FOUND)
    office.act("trader", "DebtLedger", "offerGuarantee", *offered)
    head = office.ledger.reader.head().number
    offers = office.ledger.reader.find_events("DebtLedger", "GuaranteeOffered", {}, 0, head)
    guarantee = offers[-1].args["guarantee"]
    office.act("revenue", "DebtLedger", "acceptGuarantee", guarantee, 1, 0, FOUND)
    grn: bytes = office.view("DebtLedger", "guaranteeOf", guarantee)["grn"]
    message = sample(HMRC + "FI001b_declaration_guarantee.xml").replace(b"GAN212082", grn)
    case = office.lodge(message, "TT5_131020_004")
    office.accept(case)
    office.act("risk", "DeclarationRegistry", "route", case, 0, 0, REGULAR, NOTHING)
    _assess(office, case, 1)
    answers = office.responses(case)
    assert codes(answers) == ["02", "01", "13", "14"]
    lacking = answers[-1]
    references = [texts(answer["xml"], "Response/FunctionalReferenceID")[0] for answer in answers]
    assert len(set(references)) == len(references)
    like_sample(lacking, "FI001b_03_insufficient_funds.xml")
    assert texts(lacking["xml"], "PaymentAmount") == ["100.00"]
    assert texts(lacking["xml"], "ObligationGuarantee/ReferenceID") == [grn.decode()]
    assert office.responses(case) == answers, "an answer is made of what held at its block, and stays"
    office.act("officer", "DeclarationRegistry", "confirmArrival", case, 0, REGULAR, NOTHING)
    with pytest.raises(ActRefused, match="ReleaseRefused"):
        office.act("officer", "DeclarationRegistry", "release", case, office.revision(case), 1, 1, REGULAR, NOTHING)
    office.act("trader", "DebtLedger", "topUpGuarantee", b"more".ljust(32, b"\0"), guarantee, 1, FOUND)
    version = office.view("DebtLedger", "guaranteeOf", guarantee)["version"]
    office.act("revenue", "DebtLedger", "acceptGuarantee", guarantee, version, 0, FOUND)
    _assess(office, case, 1)
    assert codes(office.responses(case)) == ["02", "01", "13", "14", "13"]


def test_an_import_that_names_a_guarantee_of_another_ledger(office: Customs) -> None:
    """FI001b as it is: GAN212082 is an account that no customs of ours has given."""
    case = office.lodge(sample(HMRC + "FI001b_declaration_guarantee.xml"), "FI001b as it is")
    office.accept(case)
    office.act("risk", "DeclarationRegistry", "route", case, 0, 0, REGULAR, NOTHING)
    _assess(office, case, 1)
    office.act("officer", "DeclarationRegistry", "confirmArrival", case, 0, REGULAR, NOTHING)
    assert codes(office.responses(case)) == ["02", "01", "13"]
    with pytest.raises(ActRefused, match="ReleaseRefused"):
        office.act("officer", "DeclarationRegistry", "release", case, office.revision(case), 1, 1, REGULAR, NOTHING)


def test_the_derived_declaration_of_several_items(office: Customs) -> None:
    prepared = office.post(sample("derived/import-declaration.xml"), "derived").json()
    assert [part["name"] for part in prepared["parts"]] == [*(f"item {n}" for n in range(1, 5)), "header", "message"]
    kinds = [[document["kind"] for document in item["documents"]] for item in prepared["declaration"]["items"]]
    assert kinds[2] == ["document", "document", "permit", "document"]
    case = office.lodge(sample("derived/import-declaration.xml"), "derived")
    office.accept(case)
    assert codes(office.responses(case)) == ["02", "01"]


def test_a_message_at_fault(office: Customs) -> None:
    content = sample(HMRC + "EX010a_declaration.xml").replace(b"<TypeCode>676<", b"<TypeCode>699<")
    content = content.replace(b"<TypeCode>012<", b"<TypeCode>O12<").replace(
        b"<Destination>", b"<Typo/><Destination>", 1
    )
    kept = len(list((office.home / "content").rglob("*")))
    rival, agency = office.numbers["rival"], office.numbers["agency"]
    answer = office.post(content, customs=rival, office=9999, carrier=agency)
    assert answer.status_code == 422
    faults = [(fault["code"], fault["path"]) for fault in answer.json()["faults"]]
    assert faults == [
        ("unknown_element", "42A/67A/Typo"),
        *(("unknown_document_code", f"42A/67A/68A[1]/02A[{place}]/TypeCode") for place in (1, 3)),
        ("not_customs", "/body/customs"),
        ("not_a_carrier", "/body/carrier"),
    ]
    assert len(list((office.home / "content").rglob("*"))) == kept, "nothing was sealed"


@pytest.mark.parametrize(
    ("customs", "place", "carrier", "faults"),
    [
        ("agency", OFFICE, None, [("not_customs", "/body/customs")]),
        ("trader", OFFICE, None, [("not_customs", "/body/customs")]),
        ("nobody", 9999, "nobody", [("not_customs", "/body/customs"), ("not_a_carrier", "/body/carrier")]),
        ("customs", 9999, None, [("unknown_office", "/body/office")]),
        ("customs", OFFICE, "rival", [("not_a_carrier", "/body/carrier")]),
        ("customs", 9999, "agency", [("unknown_office", "/body/office"), ("not_a_carrier", "/body/carrier")]),
    ],
)
def test_a_declaration_is_lodged_with_customs_at_its_office_alone(
    office: Customs, customs: str, place: int, carrier: str | None, faults: list[tuple[str, str]]
) -> None:
    numbers = {**office.numbers, "nobody": 4_000_000_000}
    kept = len(list((office.home / "content").rglob("*")))
    with_whom = {"customs": numbers[customs], "office": place, "carrier": 0 if carrier is None else numbers[carrier]}
    answer = office.post(sample(HMRC + "IM008b_declaration.xml"), "to a stranger", **with_whom)
    assert answer.status_code == 422, answer.text
    assert [(fault["code"], fault["path"]) for fault in answer.json()["faults"]] == faults
    assert len(list((office.home / "content").rglob("*"))) == kept, "nothing was sealed"


def test_what_the_contract_refuses_is_told_with_those_it_is_lodged_with(office: Customs) -> None:
    closed = sample(HMRC + "IM008b_declaration.xml").replace(b"<CurrentCode>40<", b"<CurrentCode>71<", 1)
    answer = office.post(closed, "closed regime", customs=office.numbers["agency"])
    found = [(fault["code"], fault["path"]) for fault in answer.json()["faults"]]
    assert found == [("not_customs", "/body/customs"), ("UnknownRegime", "42A/67A/68A[1]/70A[1]")]


def test_an_office_is_known_as_long_as_an_officer_serves_there(office: Customs) -> None:
    message, elsewhere = sample(HMRC + "IM008b_declaration.xml"), 727
    registry = "ParticipantRegistry"
    seat = (office.numbers["customs"], key("officer elsewhere").address)
    office.ledger.govern("open", (registry, "setKey", (*seat, 0, int(Role.CUSTOMS_OFFICER), elsewhere, 0, FOREVER)))
    assert office.post(message, "elsewhere", office=elsewhere).status_code == 200
    office.ledger.govern("close", (registry, "retireKey", (seat[1], 1, RegistryReason.OFFICE_CHANGED)))
    answer = office.post(message, "elsewhere", office=elsewhere)
    assert [fault["path"] for fault in answer.json()["faults"]] == ["/body/office"]


def test_the_message_itself_is_sealed(office: Customs, tmp_path: Path) -> None:
    lodged = sample(HMRC + "IM008b_declaration.xml").replace(b"R280_E2E_TC03_1803_003", b"whole-message")
    prepared = office.send(lodged, "whole message")
    parts = {part["name"]: part for part in prepared["parts"]}
    assert parts["message"]["readers"] == parts["header"]["readers"]
    assert [reader["id"] for reader in parts["message"]["readers"]] == [office.numbers["customs"]]
    assert parts["message"]["manifest"] == parts["header"]["manifest"], "one batch, one anchor"
    assert prepared["ignored_count"] == len(prepared["ignored"])
    assert "42A/67A/28A" in prepared["ignored"], "nobody reads the container's number; it is in the message"
    office.caught_up()
    terminal = Terminal(TAMGA_HOME=str(office.home), TAMGA_PASSPHRASE=PASSPHRASE)
    header = json.loads(opened(terminal, parts["header"], tmp_path / "header.json"))
    whole = opened(terminal, parts["message"], tmp_path / "message.xml")
    assert whole == lodged
    assert b"<ID>AD12345</ID>" in whole
    assert header["message"] == {
        "sha256": hashlib.sha256(lodged).hexdigest(),
        "bytes": len(lodged),
        "media_type": "application/xml",
    }


def test_the_messages_of_changes_are_sealed(office: Customs, tmp_path: Path) -> None:
    lodged = sample(HMRC + "FI001b_declaration_guarantee.xml").replace(b"TT5_131020_004", b"changed-twice")
    case = office.lodge(lodged, "changed twice")
    mrn = office.accept(case)
    amendment = with_mrn(sample(HMRC + "IM008b_amendment.xml"), "21GB31AJB9S50C90R6", mrn)
    amendment = amendment.replace(b">ES<", b">AC<")
    prepared = office.send(amendment, lodged=lodged)
    names = ["changes", "item 1", "header", "message", "declaration"]
    assert [part["name"] for part in prepared["parts"]] == names
    assert "42A/67A/68A[1]/02A[1]/WriteOff" in prepared["ignored"], "no pointer names it: it changes nothing"
    office.act("officer", "DeclarationRegistry", "grantAmendment", case, office.revision(case), [], ON_REQUEST, NOTHING)
    terminal = Terminal(TAMGA_HOME=str(office.home), TAMGA_PASSPHRASE=PASSPHRASE)
    office.caught_up()
    parts = {part["name"]: part for part in prepared["parts"]}
    header = json.loads(opened(terminal, parts["header"], tmp_path / "header.json"))
    assert opened(terminal, parts["message"], tmp_path / "amendment.xml") == amendment
    assert header["message"]["sha256"] == hashlib.sha256(amendment).hexdigest()
    assert header["amends"] == {"mrn": mrn, "version": 1}
    version = opened(terminal, parts["declaration"], tmp_path / "version.xml")
    assert version.decode() == prepared["version"]
    assert header["declaration"] == declared_in(version).hex()

    cancellation = with_mrn(sample(HMRC + "EX010a_cancellation.xml"), "24GBDIRIGZ7QLCPAA8", mrn)
    prepared = office.send(cancellation)
    assert [part["name"] for part in prepared["parts"]] == ["statement", "message"]
    assert "42A/Submitter" in prepared["ignored"]
    office.caught_up()
    parts = {part["name"]: part for part in prepared["parts"]}
    assert opened(terminal, parts["message"], tmp_path / "cancellation.xml") == cancellation
    said = json.loads(opened(terminal, parts["statement"], tmp_path / "statement.json"))
    assert said["message"]["sha256"] == hashlib.sha256(cancellation).hexdigest()


def test_a_change_is_for_customs_and_the_importer_of_its_declaration_alone(office: Customs) -> None:
    case = office.lodge(sample(HMRC + "EX010a_declaration.xml").replace(b"U.7867523JNCOL", b"mine"), "mine")
    cancellation = with_mrn(sample(HMRC + "EX010a_cancellation.xml"), "24GBDIRIGZ7QLCPAA8", office.accept(case))
    rival, agency = office.numbers["rival"], office.numbers["agency"]
    answer = office.post(cancellation, importer=rival, customs=agency)
    assert answer.status_code == 422, answer.text
    found = [(fault["code"], fault["path"]) for fault in answer.json()["faults"]]
    assert found == [("not_customs", "/body/customs"), ("not_the_importer", "/body/importer")]


def opened(terminal: Terminal, part: Any, out: Path) -> bytes:
    """A part's content, as customs opens it on its own machine."""
    done = terminal.json("open", part["manifest"], "--leaf", str(part["leaf"]), "--out", str(out))
    assert f"0x{done['record_id'].removeprefix('0x')}" == part["record_id"]
    return out.read_bytes()


def test_what_the_contract_would_refuse_stands_at_its_place(office: Customs) -> None:
    lrn = "lrn-twice"
    message = sample(HMRC + "FI001b_declaration_guarantee.xml")
    office.lodge(message, lrn)
    kept = len(list((office.home / "content").rglob("*")))
    other = re.sub(rb"8510900000|0803101000", b"0803101000", message).replace(b"54037", b"54038")
    answer = office.post(other, lrn)
    assert answer.status_code == 422, answer.text
    assert [(f["code"], f["path"]) for f in answer.json()["faults"]] == [("LrnInUse", "42A/FunctionalReferenceID")]
    closed = message.replace(b"<CurrentCode>40</CurrentCode>", b"<CurrentCode>71</CurrentCode>", 1)
    alone = office.post(closed, "lrn-of-two", importer=office.numbers["agency"])
    wrong = [(fault["code"], fault["path"]) for fault in alone.json()["faults"]]
    assert ("UnknownRegime", "42A/67A/68A[1]/70A[1]") in wrong, "all that is wrong, each at its place"
    assert len(wrong) > 1
    unknown = with_mrn(sample(HMRC + "EX010a_cancellation.xml"), "24GBDIRIGZ7QLCPAA8", "24GBDIRIGZ7QLCPAA8")
    assert [f["code"] for f in office.post(unknown).json()["faults"]] == ["UnknownCase"]
    assert len(list((office.home / "content").rglob("*"))) == kept, "nothing was sealed"


def test_whoever_has_not_signed_in_cannot_lodge(office: Customs) -> None:
    session = office.client.headers.pop("authorization")
    try:
        assert office.post(sample(HMRC + "IM008b_declaration.xml")).status_code == 401
        assert office.client.get(f"/v1/declarations/{1 << 56 | 1}/responses").status_code == 401
    finally:
        office.client.headers["authorization"] = session


def test_the_command_line_lodges_and_shows_the_answers(office: Customs, tmp_path: Path) -> None:
    home = office.home
    Keystore(home / "keystore", scrypt_n=2).add("trader", PASSPHRASE, secret_of("trader"))
    terminal = Terminal(TAMGA_HOME=str(home), TAMGA_PASSPHRASE=PASSPHRASE)
    message = tmp_path / "IM008b.xml"
    message.write_bytes(sample(HMRC + "IM008b_declaration.xml").replace(b"R280_E2E_TC03_1803_003", b"CLI-1"))
    numbers = office.numbers
    command = ("lodge", str(message), "--key", "trader", "--customs", str(numbers["customs"]), "--office", str(OFFICE))
    strangers = ("--customs", str(numbers["rival"]), "--office", "9999", "--carrier", str(numbers["agency"]))
    refused = terminal.json(*command[:-4], *strangers, exits=2)
    assert [fault["path"] for fault in refused["faults"]] == ["/customs", "/carrier"]
    done = terminal.json(*command)
    assert [part["name"] for part in done["parts"]] == ["item 1", "header", "message"]
    assert [act["function"] for act in done["acts"]] == ["anchor", "anchor", "lodge"]
    assert "42A/67A/28A" in done["ignored"]
    assert done["ignored_count"] == len(done["ignored"])
    assert (home / "lrn.key").stat().st_mode & 0o777 == 0o600
    head = office.ledger.reader.head()
    case = office.ledger.reader.find_events("DeclarationRegistry", "Lodged", {}, 0, head.number)[-1].args["caseId"]
    assert codes(office.responses(case)) == ["02"]
    assert done["case"] == str(case)
    url = str(office.client.base_url)
    shown = terminal.run("responses", str(case), "--key", "trader", "--api", url, "--out", str(tmp_path))
    assert "02  received, not yet accepted" in shown
    assert texts((tmp_path / "01_02.xml").read_bytes(), "Declaration/FunctionalReferenceID") == ["CLI-1"]
