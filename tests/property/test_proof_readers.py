"""The quick reader of proof files against the plain one, which defines what is right.

Given a proof file as issuers write it, changed in its bytes or in one of its values
    when it is read
        → the proof, or error, code and place, should be those of the plain reader
Given a proof file as issuers write it
    when it is read
        → the quick reader should take it, whatever claims of texts and contents it opens
"""

import functools
import json
import operator
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain import canonical
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.hashing import claim_hash
from ledger.domain.ids import Digest32
from ledger.domain.merkle import root_from_path
from ledger.domain.proof import Path, Proof, dump_proof
from ledger.domain.proof_reading import _of_shape, _read_plain, parse_proof
from ledger.domain.proof_shape import read_shape
from ledger.domain.record import content_value, record_id
from ledger.domain.recording import build_record
from tests.support.evidence import ISSUER, LEDGER, NOW, PHYTOSANITARY, anchor_of, seal, text_document

SIBLINGS = (b"\1" * 32, b"\2" * 32)
BATCH = seal([text_document(1), text_document(2)])
USUAL: list[tuple[str, Any]] = [
    ("content", content_value(b'{"a":[1,2]}', "application/json")),
    ("content.redacted", content_value(b"%PDF", "application/pdf")),
    ("number", "UZ-é-1"),
    ("field:/items/0/name", "pepper"),
]


def proof_of(claims: list[tuple[str, Any]], valid_until: int | None = NOW + 60) -> Proof:
    record, openings = build_record(
        ledger=LEDGER,
        issuer=ISSUER,
        document_type=PHYTOSANITARY,
        issued_at=NOW,
        valid_from=NOW,
        valid_until=valid_until,
        claims=claims,
        random=lambda size: bytes(range(size)),
    )
    root = root_from_path(record_id(record), 1, 3, SIBLINGS)
    assert root is not None
    return Proof(record, openings, Path(1, 3, SIBLINGS), anchor_of(BATCH)._replace(root=Digest32(root)))


FILES = [
    dump_proof(proof)
    for proof in (
        proof_of(USUAL),
        proof_of(USUAL[2:], None),
        proof_of(USUAL)._replace(openings=()),
        proof_of([("field:/a", {"b": [1.5, None, True, "x"]}), ("supersedes", "ab" * 32)]),
        proof_of(USUAL)._replace(evidence={"seals": [1, 2]}),
    )
]
NUMBERS = [0, -1, 1, 17, 2**24, 2**31 + 1, 2**53 - 1, 2**53, 2**70, 253_402_300_800, 1.0, 1.5, 1e300]
TEXTS = [
    *("", "x", "A" * 64, "ab" * 32, "AB" * 32, "ab " * 21 + "a", "a" * 63 + "é", "0x" + "00" * 19 + "01"),
    *("0x" + "ab" * 20, "A" * 22, "A" * 43, "A" * 42 + "B", "A" * 21 + "B", "A" * 20 + "+/", "2026-11-23T09:00:00Z"),
    *(
        "2026-11-23T09:00:60Z",
        "2026-02-30T09:00:00Z",
        "2020-01-01T00:00:00Z",
        "record/2",
        "proof/1",
        "number",
        "content",
        "field:/a",
        "field:a",
    ),
    *("\ud800", "\U0001f600", 'a"b', "a\\b", "text/plain", "Text/Plain", "n" * 513),
]
OTHERS = (*NUMBERS, *TEXTS, None, True, [], {}, [[]], {"a": 1}, ["number"] * 3)


def outcome(read: Any, data: bytes) -> Any:
    """What reading gives, exactly: types and order of members too."""
    try:
        proof = read(data)
    except Malformed as refused:
        return type(refused), refused.faults
    except LimitExceeded as refused:
        return type(refused), str(refused)
    values = [(name, type(value), json.dumps(value)) for _, name, value in proof.openings]
    return proof, [type(part) for part in (*proof, *proof.record, *proof.path.hashes, *proof.anchor)], values


@given(st.sampled_from(FILES), st.data())
@settings(max_examples=400)
def test_changed_bytes_are_judged_alike(file: bytes, data: st.DataObject) -> None:
    changed = bytearray(file)
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, len(changed)))
        some = st.sampled_from(
            [b"0", b"A", b"g", b'"', b",", b"{", b"}", b"[", b" ", b"\\", b"\xff", b"1", b"-", b"e1"]
        )
        changed[at : at + data.draw(st.integers(0, 2))] = data.draw(some)
    assert outcome(parse_proof, bytes(changed)) == outcome(_read_plain, bytes(changed))


@pytest.mark.parametrize("file", FILES)
def test_every_changed_value_is_judged_alike(file: bytes) -> None:
    """Also where what was changed matches its claim again, as a forger would see to."""
    seen = 0
    for path in places(json.loads(file)):
        for change in (*OTHERS, "drop", "twice", "add"):
            whole = json.loads(file)
            holder = functools.reduce(operator.getitem, path[:-1], whole)
            apply(holder, path[-1], change)
            for _ in range(2):
                changed = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                shown = changed.encode("utf-8", "surrogatepass")
                assert outcome(parse_proof, shown) == outcome(_read_plain, shown), changed
                claim_what_is_opened(whole)
                seen += 1
    assert seen > 2_000


def places(value: Any, *above: Any) -> Iterator[tuple[Any, ...]]:
    """The path to every value in a file."""
    for step in value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0):
        yield (*above, step)
        yield from places(value[step], *above, step)


def apply(holder: Any, step: Any, change: Any) -> None:
    if change == "drop":
        del holder[step]
    elif change == "twice" and isinstance(holder, list):
        holder.insert(step, holder[step])
    elif change == "add" and isinstance(holder, dict):
        holder["zz"] = 1
    else:
        holder[step] = change


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ('"index":1', '"index":1,"index":1'),
        ('"index":1', '"index":9,"index":1'),
        ('"index":1', '"index": 1'),
        ('"index":1', '"index":1.0'),
        ('"index":1', '"index":1e0'),
        ('"index":1', '"index":01'),
        ('"log_index":0', '"log_index":-0'),
        ('"evidence":null', '"evidence":null,"evidence":null'),
        ('"tamga":"proof/1"}', '"tamga":"proof/1"} '),
        ('"tamga":"proof/1"}', '"tamga":"proof/1"}x'),
        ('"tamga":"proof/1"}', '"tamga":"proof\\/1"}'),
        ('{"anchor"', '\ufeff{"anchor"'),
        ('"tamga":"proof/1"}', '"tamga":"record/1"}'),
    ],
)
def test_other_spellings_are_judged_alike(written: str, instead: str) -> None:
    text = FILES[0].decode()
    assert text.count(written) == 1
    changed = text.replace(written, instead).encode()
    assert outcome(parse_proof, changed) == outcome(_read_plain, changed)


def claim_what_is_opened(whole: dict[str, Any]) -> None:
    """Put claims of all openings into the record, where they can be made at all."""
    with suppress(TypeError, KeyError, Malformed):
        texts = [canonical.dumps(opening) for opening in whole["openings"]]
        whole["record"]["claims"] = sorted({claim_hash(text).hex() for text in texts}) or whole["record"]["claims"]


@given(st.sampled_from(FILES[:3]), st.lists(st.integers(0, 3), unique=True))
def test_usual_files_are_read_quickly(file: bytes, kept: list[int]) -> None:
    proof = _read_plain(file)
    redacted = proof._replace(openings=tuple([one for at, one in enumerate(proof.openings) if at in kept]))
    shape = read_shape(dump_proof(redacted))
    assert shape is not None
    assert _of_shape(shape) == redacted
