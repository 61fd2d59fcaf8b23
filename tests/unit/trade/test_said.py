"""What a document is of a declaration.

given a header as it is sealed      → it names itself, its items and the digest of what it declares
given a message                     → it is the whole of what it declares, however it is laid out
given any other document, or values that name nothing → it names nothing, and is still read
"""

import json
from typing import Any

import pytest

from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.record import content_value, record_id
from ledger.domain.recording import build_record
from ledger.domain.trade.codes import IMPORT_DECLARATION
from ledger.domain.trade.said import DECLARED, Said, said_in
from ledger.domain.trade.wco_request import declared_in
from tests.support.evidence import LEDGER, NOW, repeatable
from tests.support.samples import sample

LODGED = sample("hmrc-cds/IM008b_declaration.xml")
DIGEST = declared_in(LODGED)
HEADER = {"lrn": "1", "ucr": "1GB150454489082-12345", "declarant": {"identifier": "GB1"}}
PLACE = (7, 1, 3)
ITEM = b"\x11" * 32


def said(content: bytes, media_type: str, *claims: tuple[str, Any]) -> tuple[RecordId, Said]:
    record, openings = build_record(
        ledger=LEDGER, issuer=ParticipantId(6), document_type=IMPORT_DECLARATION, issued_at=NOW, valid_from=NOW,
        valid_until=None, claims=[("content", content_value(content, media_type)), *claims], random=repeatable("x"),
    )  # fmt: skip
    return record_id(record), said_in(record_id(record), record, openings, content, PLACE)


def test_a_header_names_its_parts() -> None:
    header = json.dumps({**HEADER, "item_records": [ITEM.hex()]}).encode()
    record, document = said(header, "application/json", (DECLARED, DIGEST.hex()))
    assert document.parts == {record, ITEM, DIGEST}
    assert (document.record_id, document.issuer, document.place, document.declares) == (record, 6, PLACE, None)
    assert [each.about for each in document.statements] == ["ucr:1GB150454489082-12345"]


@pytest.mark.parametrize("layout", [LODGED, LODGED.replace(b"\t", b""), LODGED.replace(b"<!--", b"<!-- ")])
def test_a_message_is_the_whole_of_what_it_declares(layout: bytes) -> None:
    _, document = said(layout, "application/xml")
    assert (document.declares, document.parts) == (DIGEST, frozenset())
    assert [each.item for each in document.statements] == [None, 1]


@pytest.mark.parametrize("odd", ["abc", 7, {"a": 1}, ["zz", 7, None, "11", ["a"], ITEM.hex() * 2]])
def test_a_header_that_names_odd_things_names_itself_alone(odd: Any) -> None:
    record, document = said(json.dumps({**HEADER, "item_records": odd}).encode(), "application/json", (DECLARED, odd))
    assert document.parts == {record}


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"[]", "application/json"),
        (json.dumps({"lrn": "1", "item_records": [ITEM.hex()]}).encode(), "application/json"),
        (b"<a/>", "application/xml"),
        (b"<a", "application/xml"),
        (LODGED, "text/plain"),
    ],
)
def test_another_document_names_nothing(content: bytes, media_type: str) -> None:
    _, document = said(content, media_type)
    assert (document.parts, document.declares, document.statements) == (frozenset(), None, ())
