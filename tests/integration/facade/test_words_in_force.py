"""Contradictions by what is in force, on a real node, over HTTP: HMRC's import (IM008b) beside a permit for its item.

given a declaration that agrees with the permit
  when an amendment is asked for that does not → told while it waits, beside the version in force
  when customs refuses it                      → it should stand no longer, and the version in force be the word
  when it is asked for again, and granted      → it should stand, as told once, in the record of that version
  when the permit is revoked                   → it should stand no longer
given a declaration that does not agree
  when its declarant lodges another, that does → its contradiction should go on standing
  when its declarant revokes its records       → likewise
  when customs rejects it                      → its contradiction should stand no longer
"""

from typing import Any

import pytest

from ledger.domain import canonical
from ledger.domain.ids import CaseId
from ledger.domain.permit import PermitTerms
from ledger.domain.reason_codes import PermitReason, RegistryReason
from ledger.services.sealing import DocumentInput
from tests.support.customs import DATA_FAULT, NOTHING, ON_REQUEST, Customs
from tests.support.ledgers import FOREVER
from tests.support.samples import sample

pytestmark = pytest.mark.integration

LODGED = sample("hmrc-cds/IM008b_declaration.xml")
AMENDMENT = sample("hmrc-cds/IM008b_amendment.xml")
UCR = "1GB150454489082-12345"
LICENCE = 911_100
FOUND = b"\x0e" * 32


def original(name: str, ucr: str, net_mass: int = 100) -> bytes:
    text = LODGED.replace(b"R280_E2E_TC03_1803_003", name.encode()).replace(UCR.encode(), ucr.encode())
    changed = text.replace(b"<NetNetWeightMeasure>100<", b"<NetNetWeightMeasure>%d<" % net_mass)
    assert ucr.encode() in changed
    return changed


def to_net_mass(mrn: str, net_mass: int) -> bytes:
    """HMRC's amendment, of the item's net mass instead of its licence."""
    text = AMENDMENT.replace(b"21GB31AJB9S50C90R6", mrn.encode())
    head, _, rest = text.partition(b"<DocumentSectionCode>02A</DocumentSectionCode>")
    _, _, tail = rest.partition(b"</Pointer>")
    measure = b"<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>65A</DocumentSectionCode></Pointer>"
    pointed = head + b"<DocumentSectionCode>23A</DocumentSectionCode></Pointer>" + measure + tail
    before, _, rest = pointed.partition(b"<AdditionalDocument>")
    _, _, after = rest.partition(b"</AdditionalDocument>")
    measures = (
        b"<GrossMassMeasure>110</GrossMassMeasure><NetNetWeightMeasure>%d</NetNetWeightMeasure>"
        b"<TariffQuantity>4</TariffQuantity>" % net_mass
    )
    return before + b"<Commodity><GoodsMeasure>" + measures + b"</GoodsMeasure></Commodity>" + after


def permit(office: Customs, ucr: str, commodity: str, origin: str) -> tuple[bytes, bytes]:
    """A permit of the agency's for 100 kg, and the record of its document."""
    says = {"number": 1, "commodity_code": commodity, "origin": origin, "net_mass": ["100", "KGM"]}
    document = DocumentInput(canonical.dumps(says), "application/json", [("ref.ucr", ucr)])
    record = office.anchor("agency", document, LICENCE)
    terms = PermitTerms(b"\x01" * 32, office.numbers["trader"], commodity[:6], origin, "KGM").commitment()
    request = ucr.encode().ljust(32, b"\0")
    lines = [(terms, 100)]
    office.act("agency", "PermitRegistry", "issue", request, LICENCE, 0, FOREVER, lines, False, record, NOTHING)
    head = office.ledger.reader.head()
    issued = office.ledger.reader.find_events("PermitRegistry", "PermitIssued", {}, 0, head.number)[-1]
    return issued.args["permit"], record


def found(office: Customs, ucr: str) -> list[tuple[bool, dict[str, Any]]]:
    """Of each contradiction about a consignment, whether it stands, and what each side's record says."""
    office.caught_up()
    answer = office.client.get("/v1/contradictions", params={"about": f"ucr:{ucr}"})
    assert answer.status_code == 200, answer.text
    return [
        (each["standing"], {side["record_id"]: side["says"] for side in each["sides"]})
        for each in answer.json()["contradictions"]
    ]


def item(prepared: Any) -> str:
    """Record of the declaration's item."""
    (record,) = [part["record_id"] for part in prepared["parts"] if part["name"] == "item 1"]
    return str(record)


def test_a_refused_amendment_contradicts_nobody(office: Customs) -> None:
    ucr = "1GB150454489082-FORCE"
    lodged = original("force", ucr)
    case = office.lodge(lodged, "force")
    declared = office.post(original("told", ucr), "told").json()["declaration"]["items"][0]
    number, record = permit(office, ucr, declared["commodity_code"], declared["origin"])
    mrn = office.accept(case)
    assert found(office, ucr) == [], "they agree"

    refused = office.send(to_net_mass(mrn, 90), lodged=lodged)
    sides = {f"0x{record.hex()}": ["100 KGM"], item(refused): ["90 KGM"]}
    assert found(office, ucr) == [(True, sides)], "customs is told before it decides"
    refuse(office, case)
    assert found(office, ucr) == [(False, sides)]
    assert net_masses(office, ucr) == {"100 KGM"}

    granted = office.send(to_net_mass(mrn, 90), lodged=lodged)
    office.grant(case)
    sides = {f"0x{record.hex()}": ["100 KGM"], item(granted): ["90 KGM"]}
    assert found(office, ucr) == [(True, sides)]
    assert net_masses(office, ucr) == {"90 KGM", "100 KGM"}

    office.act("agency", "PermitRegistry", "revoke", number, 1, PermitReason.BREACH, NOTHING)
    assert found(office, ucr) == [(False, sides)]


def test_a_rejected_declaration_contradicts_nobody(office: Customs) -> None:
    ucr = "1GB150454489082-REJECT"
    lodged = original("rejected", ucr, net_mass=90)
    declared = office.post(lodged, "rejected").json()["declaration"]["items"][0]
    permit(office, ucr, declared["commodity_code"], declared["origin"])
    assert found(office, ucr) == [], "what was sealed and not lodged says nothing"
    parts = office.send(lodged, "rejected")["parts"]
    case = office.last_case()
    assert [standing for standing, _ in found(office, ucr)] == [True], "customs is told before it accepts"
    office.lodge(original("agreeing", ucr), "agreeing")
    for part in parts:
        record = bytes.fromhex(part["record_id"].removeprefix("0x"))
        own = (office.numbers["trader"], record, 0, RegistryReason.OWN_REQUEST)
        office.act("trader", "DocumentRegistry", "revoke", *own, NOTHING)
    assert [standing for standing, _ in found(office, ucr)] == [True], "its declarant cannot hide it"
    office.act("officer", "DeclarationRegistry", "reject", case, office.revision(case), DATA_FAULT, FOUND)
    assert [standing for standing, _ in found(office, ucr)] == [False]


def refuse(office: Customs, case: CaseId) -> None:
    office.act("officer", "DeclarationRegistry", "refuseRequest", case, office.revision(case), ON_REQUEST, NOTHING)


def net_masses(office: Customs, ucr: str) -> set[str]:
    """What is the last word of anybody on the item's net mass."""
    words = office.statements.last_words([f"ucr:{ucr}"])
    return {text for word in words if word.statement.item == 1 for text in word.statement.facts["net_mass"]}
