"""Records and openings: what is accepted, what is refused and where."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.domain import canonical
from ledger.domain.envelope import parse_record_part
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.fields import UnknownVersion
from ledger.domain.ids import DocumentType
from ledger.domain.record import (
    Opening,
    content_value,
    make_claim,
    opening_json,
    opening_text,
    parse_openings,
    parse_record,
    record_id,
    record_json,
    record_text,
    redact,
)
from ledger.domain.recording import build_record
from tests.support.evidence import ISSUER, LEDGER, NOW, PHYTOSANITARY, repeatable

CLAIMS: list[tuple[str, Any]] = [
    ("content", content_value(b"<xml/>", "application/xml")),
    ("number", "UZ-1"),
    ("ref.ucr", "4UZ1234-A"),
    ("field:/items/0/netMass", 12.5),
    ("supersedes", "ab" * 32),
]


def made(**changes: Any) -> Any:
    arguments: dict[str, Any] = {
        "ledger": LEDGER,
        "issuer": ISSUER,
        "document_type": PHYTOSANITARY,
        "issued_at": NOW,
        "valid_from": NOW,
        "valid_until": NOW + 86_400,
        "claims": CLAIMS,
        "random": repeatable("record"),
    }
    return build_record(**{**arguments, **changes})


RECORD, OPENINGS = made()


def test_text_written_out_is_canonical() -> None:
    assert record_text(RECORD) == canonical.dumps(record_json(RECORD))
    endless, _ = made(valid_until=None)
    assert record_text(endless) == canonical.dumps(record_json(endless))


def test_reading_gives_back_what_was_written() -> None:
    assert parse_record(record_json(RECORD)) == RECORD
    assert parse_openings([opening_json(one) for one in OPENINGS], RECORD) == OPENINGS


def test_what_no_reader_accepts_is_not_written() -> None:
    with pytest.raises(Malformed) as raised:
        made(document_type=DocumentType(1 << 24), issued_at=253_402_300_800, valid_until=NOW - 1)
    assert [(fault.code, fault.path) for fault in raised.value.faults] == [
        ("time", "/issued_at"),
        ("number_range", "/type"),
        ("order", "/valid_until"),
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [(1e17, "number_range"), (json.loads("[" * 62 + "]" * 62), "depth"), ({"net": [2**60]}, "number_range")],
)
def test_a_field_that_no_reader_accepts_is_not_written(value: Any, code: str) -> None:
    with pytest.raises(Malformed) as raised:
        made(claims=[*CLAIMS, ("field:/items/1", value)])
    assert [fault.code for fault in raised.value.faults] == [code]


def test_the_deepest_field_that_is_written_is_read() -> None:
    record, openings = made(claims=[("field:/items/1", json.loads("[" * 61 + "]" * 61))])
    text = canonical.dumps({"openings": [opening_json(one) for one in openings], "record": record_json(record)})
    assert parse_record_part(text) == (record, openings)


def test_claims_are_salted_and_sorted() -> None:
    assert list(RECORD.claims) == sorted(make_claim(one) for one in OPENINGS)
    assert len({one.salt for one in OPENINGS} | {RECORD.salt}) == len(OPENINGS) + 1
    again, _ = made(random=repeatable("another"))
    assert record_id(again) != record_id(RECORD)
    assert not set(again.claims) & set(RECORD.claims)


def test_type_without_accreditation_may_be_zero() -> None:
    record, _ = made(document_type=DocumentType(0))
    assert parse_record(record_json(record)).type == 0


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda r: r.update(tamga="record/2"), "unknown_version", "/r/tamga"),
        (lambda r: r.update(tamga="proof/1"), "kind", "/r/tamga"),
        (lambda r: r.pop("tamga"), "kind", "/r/tamga"),
        (lambda r: r.pop("salt"), "missing", "/r/salt"),
        (lambda r: r.update(extra=1), "unknown_field", "/r/extra"),
        (lambda r: r.update(ledger="AB" * 32), "hex", "/r/ledger"),
        (lambda r: r.update(ledger="ab" * 31), "hex", "/r/ledger"),
        (lambda r: r.update(ledger=" " + "ab" * 31 + "a"), "hex", "/r/ledger"),
        (lambda r: r.update(issuer=0), "number_range", "/r/issuer"),
        (lambda r: r.update(issuer=True), "type", "/r/issuer"),
        (lambda r: r.update(issuer=17.0), "type", "/r/issuer"),
        (lambda r: r.update(issuer="17"), "type", "/r/issuer"),
        (lambda r: r.update(type=1 << 24), "number_range", "/r/type"),
        (lambda r: r.update(type=-1), "number_range", "/r/type"),
        (lambda r: r.update(issued_at="2026-11-23T09:00:00+00:00"), "time", "/r/issued_at"),
        (lambda r: r.update(issued_at="2026-11-23T09:00:60Z"), "time", "/r/issued_at"),
        (lambda r: r.update(issued_at="2026-02-29T09:00:00Z"), "time", "/r/issued_at"),
        (lambda r: r.update(issued_at="2026-11-23t09:00:00z"), "time", "/r/issued_at"),
        (lambda r: r.update(issued_at="1969-12-31T23:59:59Z"), "time", "/r/issued_at"),
        (lambda r: r.update(issued_at=NOW), "time", "/r/issued_at"),
        (lambda r: r.update(valid_until="2026-11-23T08:59:59Z"), "order", "/r/valid_until"),
        (lambda r: r.update(salt=r["salt"] + "="), "base64url", "/r/salt"),
        (lambda r: r.update(salt=r["salt"][:-1] + "B"), "base64url", "/r/salt"),
        (lambda r: r.update(salt="A" * 42), "base64url", "/r/salt"),
        (lambda r: r.update(salt="+" + r["salt"][1:]), "base64url", "/r/salt"),
        (lambda r: r.update(claims=[]), "length", "/r/claims"),
        (lambda r: r.update(claims=["ab" * 32] * 513), "length", "/r/claims"),
        (lambda r: r["claims"].reverse(), "order", "/r/claims/1"),
        (lambda r: r["claims"].append(r["claims"][-1]), "order", "/r/claims/5"),
        (lambda r: r.update(claims={}), "type", "/r/claims"),
    ],
)
def test_refused_with_code_and_path(change: Change, code: str, path: str) -> None:
    value = copy.deepcopy(record_json(RECORD))
    change(value)
    with pytest.raises(Malformed) as refused:
        parse_record(value, "/r")
    assert (refused.value.faults[0].code, refused.value.faults[0].path) == (code, path)
    assert isinstance(refused.value, UnknownVersion) is (code == "unknown_version")


@pytest.mark.parametrize("value", [None, [], "record/1", 1])
def test_no_object_is_no_record(value: Any) -> None:
    with pytest.raises(Malformed) as refused:
        parse_record(value)
    assert refused.value.faults[0].code == "type"


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda o: o.append(o[0]), "length", "/openings"),
        (lambda o: o.__setitem__(1, o[0]), "duplicate_name", "/openings/1/1"),
        (lambda o: o[1].__setitem__(2, "UZ-2"), "no_such_claim", "/openings/1"),
        (lambda o: o[1].__setitem__(0, "A" * 22), "no_such_claim", "/openings/1"),
        (lambda o: o[1].__setitem__(1, "ref.mrn"), "no_such_claim", "/openings/1"),
        (lambda o: o[1].__setitem__(1, "colour"), "claim_name", "/openings/1/1"),
        (lambda o: o[1].__setitem__(1, "field:a"), "claim_name", "/openings/1/1"),
        (lambda o: o[1].__setitem__(1, "field:/a~2"), "claim_name", "/openings/1/1"),
        (lambda o: o[1].__setitem__(1, ""), "length", "/openings/1/1"),
        (lambda o: o[1].pop(), "length", "/openings/1"),
        (lambda o: o[1].__setitem__(2, 7), "type", "/openings/1/2"),
        (lambda o: o[0][2].pop("bytes"), "missing", "/openings/0/2/bytes"),
        (lambda o: o[0][2].update(bytes=-1), "number_range", "/openings/0/2/bytes"),
        (lambda o: o[0][2].update(media_type="XML"), "media_type", "/openings/0/2/media_type"),
        (lambda o: o[4].__setitem__(2, "AB" * 32), "hex", "/openings/4/2"),
    ],
)
def test_openings_refused_with_code_and_path(change: Callable[[list[Any]], Any], code: str, path: str) -> None:
    value = copy.deepcopy([opening_json(one) for one in OPENINGS])
    change(value)
    with pytest.raises(Malformed) as refused:
        parse_openings(value, RECORD)
    assert (refused.value.faults[0].code, refused.value.faults[0].path) == (code, path)


def test_an_opening_over_the_limit_is_refused() -> None:
    big = Opening(bytes(16), "field:/a", "x" * 70_000)
    record = RECORD._replace(claims=(make_claim(big),))
    with pytest.raises(LimitExceeded):
        parse_openings([opening_json(big)], record)


def test_redacting_leaves_openings_out() -> None:
    shown = redact(OPENINGS, ["content", "number"])
    assert [one.name for one in shown] == ["content", "number"]
    assert parse_openings([opening_json(one) for one in shown], RECORD) == shown
    with pytest.raises(Malformed) as raised:
        redact(shown, ["ref.ucr", "content", "field:/a"])
    assert [fault.text for fault in raised.value.faults] == [
        "nothing is opened under 'field:/a'; this opens content, number",
        "nothing is opened under 'ref.ucr'; this opens content, number",
    ]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ([], "length"),
        ([("number", "1"), ("number", "2")], "duplicate_name"),
        ([("colour", "red")], "claim_name"),
        ([("number", "")], "length"),
        ([("field:/a", 2**53)], "number_range"),
        ([(f"field:/{n}", n) for n in range(513)], "length"),
    ],
)
def test_what_no_reader_accepts_is_not_made(claims: list[tuple[str, Any]], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        made(claims=claims)
    assert refused.value.faults[0].code == code


def test_json_is_hashed_by_value_and_files_byte_by_byte() -> None:
    plain = content_value(b'{"b":1.0,"a":[]}', "application/json")
    assert content_value(b' {"a" : [ ], "b": 1}\n', "application/json") == plain
    assert plain["bytes"] == len(b'{"a":[],"b":1}')
    assert (
        content_value(b"{}", "application/ld+json")["sha256"] == content_value(b"{ }", "application/ld+json")["sha256"]
    )
    assert content_value(b"{}", "text/plain")["sha256"] != content_value(b"{ }", "text/plain")["sha256"]
    with pytest.raises(Malformed):
        content_value(b'{"a":1,"a":2}', "application/json")


def test_opening_text_is_the_canonical_triple() -> None:
    assert opening_text(Opening(bytes(16), "number", "é")) == '["AAAAAAAAAAAAAAAAAAAAAA","number","é"]'.encode()
