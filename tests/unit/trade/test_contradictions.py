"""What two documents say of the same goods, compared.

given a declaration and customs' request to a border agency about the same consignment
  when both say the same                               → it should find nothing
  when a quantity, a commodity or a party differs      → it should name item, fact, both documents and both values
  when units differ                                    → it should not compare
given a certificate that lists commodities
  when an item cites it and is none of them            → it should contradict
  when an item cites another certificate               → it should not compare
given a document that says something of one item in several places                    → it should be one statement
given a declaration without a UCR, or documents that are something else               → they should say nothing
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.canonical import dumps
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.record import Opening, Record, content_value, record_id
from ledger.domain.recording import build_record
from ledger.domain.trade.codes import IMPORT_DECLARATION, PHYTOSANITARY_CERTIFICATE
from ledger.domain.trade.contradictions import Contradiction, contradictions
from ledger.domain.trade.declaration import item_json
from ledger.domain.trade.ephyto import read_ephyto
from ledger.domain.trade.statements import Stated, Statement, is_comparable, statements_of
from ledger.domain.trade.wco_xml import read_declaration
from tests.support.evidence import LEDGER, NOW, repeatable

SAMPLES = Path(__file__).parents[2] / "samples"
DECLARATION = (SAMPLES / "derived/import-declaration.xml").read_bytes()
UCR = read_declaration(DECLARATION).ucr
DECLARANT = read_declaration(DECLARATION).declarant.identifier
BROKER, CUSTOMS, QUARANTINE = ParticipantId(6), ParticipantId(1), ParticipantId(2)


def request(**changes: Any) -> bytes:
    """Defra's request, made to be about the derived declaration; `changes` go into its first item."""
    value = json.loads((SAMPLES / "defra/clearance-request.json").read_bytes())
    value["header"].update({"declarationUCR": UCR, "declarantId": DECLARANT})
    value["items"][0].update(changes)
    return json.dumps(value).encode()


def sealed(
    issuer: ParticipantId, kind: DocumentType, content: bytes, media_type: str, *claims: tuple[str, Any]
) -> tuple[RecordId, Record, tuple[Opening, ...]]:
    record, openings = build_record(
        ledger=LEDGER, issuer=issuer, document_type=kind, issued_at=NOW, valid_from=NOW, valid_until=None,
        claims=[("content", content_value(content, media_type)), *claims], random=repeatable(f"{issuer} {content!r}"),
    )  # fmt: skip
    return record_id(record), record, openings


def said(issuer: ParticipantId, content: bytes, media_type: str, *claims: tuple[str, Any]) -> list[Stated]:
    return statements_of(*sealed(issuer, IMPORT_DECLARATION, content, media_type, *claims), content)


def compared(a: list[Stated], b: list[Stated]) -> list[Contradiction]:
    return [found for new in a for found in contradictions(new, b)]


def test_equal_documents_agree() -> None:
    declared = said(BROKER, DECLARATION, "application/xml")
    asked = said(CUSTOMS, request(), "application/json")
    assert [s.statement.item for s in declared] == [None, 1, 2, 3, 4]
    assert compared(declared, asked) == []


@pytest.mark.parametrize(
    ("changes", "fact", "value"),
    [
        ({"itemNetMass": 32}, "net_mass", "32 KGM"),
        ({"taricCommodityCode": "0808108090"}, "commodity", "0808108090"),
        ({"itemOriginCountryCode": "FR"}, "origin", "FR"),
    ],
)
def test_a_difference_is_named(changes: dict[str, Any], fact: str, value: str) -> None:
    declared = said(BROKER, DECLARATION, "application/xml")
    asked = said(CUSTOMS, request(**changes), "application/json")
    (found,) = compared(declared, asked)
    assert (found.about, found.item, found.fact) == (f"ucr:{UCR}", 1, fact)
    assert {found.one.issuer, found.other.issuer} == {BROKER, CUSTOMS}
    says = {found.one.issuer: found.one_says, found.other.issuer: found.other_says}
    assert says[CUSTOMS] == (value,)
    assert says[BROKER] != says[CUSTOMS]
    assert compared(asked, declared) == [found]  # whichever arrives last


def test_a_party_that_differs_is_named() -> None:
    value = json.loads(request())
    value["header"]["declarantId"] = "GBTRANSITAIR"  # as the request has it
    asked = said(CUSTOMS, json.dumps(value).encode(), "application/json")
    found = compared(said(BROKER, DECLARATION, "application/xml"), asked)
    assert [(each.item, each.fact) for each in found] == [(None, "declarant")]


def test_parts_of_a_sealed_declaration_say_what_the_whole_says() -> None:
    declaration = read_declaration(DECLARATION)
    whole = [each.statement for each in said(BROKER, DECLARATION, "application/xml")]
    header = said(BROKER, dumps(declaration.header_json()), "application/json", ("ref.ucr", UCR))
    parts = [said(BROKER, dumps(item_json(item)), "application/json", ("ref.ucr", UCR)) for item in declaration.items]
    assert [each.statement for each in (*header, *(part[0] for part in parts))] == whole


def test_a_declaration_without_a_ucr_is_about_nothing_that_others_know() -> None:
    content = (SAMPLES / "hmrc-cds/FI001b_declaration_guarantee.xml").read_bytes()
    declaration = read_declaration(content)
    assert said(BROKER, content, "application/xml") == []
    assert said(BROKER, dumps(declaration.header_json()), "application/json") == []
    assert said(BROKER, dumps(item_json(declaration.items[0])), "application/json") == []


def test_a_heading_covers_its_codes_and_31_is_31_000() -> None:
    declared = said(BROKER, DECLARATION, "application/xml")
    for changes in ({"taricCommodityCode": "080810"}, {"itemNetMass": 31.0}):
        assert compared(declared, said(CUSTOMS, request(**changes), "application/json")) == []


def test_what_is_said_of_an_item_in_two_places_is_one_statement() -> None:
    value = json.loads(request())
    value["items"] = [
        {"itemNumber": 1, "itemNetMass": 31},
        {"itemNumber": 1, "itemNetMass": 32, "itemOriginCountryCode": "FR"},
    ]
    about, of_item = said(CUSTOMS, json.dumps(value).encode(), "application/json")
    assert (about.statement.item, of_item.statement.item) == (None, 1)
    assert of_item.statement.facts == {"net_mass": ("31 KGM", "32 KGM"), "origin": ("FR",)}
    claims = [("number", "GB7"), ("field:/commodities", ["080810"]), ("ref.ucr", UCR)]
    (both,) = said(CUSTOMS, dumps(read_declaration(DECLARATION).header_json()), "application/json", *claims)
    assert (both.statement.number, both.statement.facts["commodity"]) == ("GB7", ("080810",))
    assert both.statement.facts["declarant"] == (DECLARANT,)


def test_other_units_are_not_compared() -> None:
    (declared,) = (each for each in said(BROKER, DECLARATION, "application/xml") if each.statement.item == 1)
    pieces = replace(declared.statement, facts={"net_mass": ("7 H87",)})
    assert compared([declared], [replace(declared, issuer=CUSTOMS, statement=pieces)]) == []


def test_what_one_issuer_says_twice_is_its_own_affair() -> None:
    declared = said(BROKER, DECLARATION, "application/xml")
    assert compared(declared, said(BROKER, request(itemNetMass=32), "application/json")) == []


def test_a_certificate_is_compared_with_the_items_that_cite_it() -> None:
    content = (SAMPLES / "ephyto/SPSCertificateContent.xml").read_bytes()
    certificate = read_ephyto(content)
    claims = [*certificate.claims().items(), ("ref.ucr", UCR)]
    made = sealed(QUARANTINE, PHYTOSANITARY_CERTIFICATE, content, "application/xml", *claims)
    (stated,) = statements_of(*made, content)
    assert stated.statement == Statement(
        f"ucr:{UCR}", None, {"commodity": certificate.commodities}, number=certificate.number
    )
    declared = said(BROKER, DECLARATION, "application/xml")
    assert compared([stated], declared) == []  # its items cite another certificate
    citing = [replace(each, statement=replace(each.statement, cites=(certificate.number,))) for each in declared[1:]]
    assert {(each.item, each.fact) for each in compared([stated], citing)} == {(n, "commodity") for n in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"[1,2]", "application/json"),
        (b'{"header":{"declarationUCR":7},"items":[]}', "application/json"),
        (b'{"header":{"declarationUCR":"x"},"items":[{"itemNumber":"one"}]}', "application/json"),
        (b"<a/>", "application/xml"),
        (b"{", "text/plain"),
    ],
)
def test_other_documents_say_nothing(content: bytes, media_type: str) -> None:
    record_part = sealed(BROKER, IMPORT_DECLARATION, content, media_type)
    assert statements_of(*record_part, content) == []


def test_only_readable_kinds_of_bounded_size_are_opened() -> None:
    assert is_comparable({"content": {"media_type": "application/json", "bytes": 10, "sha256": ""}})
    assert not is_comparable({"content": {"media_type": "application/pdf", "bytes": 10, "sha256": ""}})
    assert not is_comparable({"content": {"media_type": "application/xml", "bytes": 1 << 30, "sha256": ""}})
    assert not is_comparable({})
