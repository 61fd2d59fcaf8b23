"""Proof files: strict reading, and integrity of path and content, whole or redacted."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from eth_abi import encode
from eth_utils import keccak

from ledger.domain.anchor import anchor_word, pack_h, pack_head, unpack_h
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.fields import UnknownVersion
from ledger.domain.hashing import digest
from ledger.domain.ids import ParticipantId
from ledger.domain.integrity import ClaimOutcome, Outcome, check_integrity
from ledger.domain.limits import MAX_PROOF_FILE_BYTES
from ledger.domain.merkle import inclusion_path
from ledger.domain.proof import Path, Proof, dump_proof, proof_json
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import content_value, record_id, redact
from ledger.domain.recording import build_record
from ledger.services.sealing import DocumentInput
from tests.support.evidence import ISSUER, LEDGER, NOW, PHYTOSANITARY, anchor_of, seal, text_document

BATCH = seal([text_document(n) for n in range(3)] + [DocumentInput(b'{"a": 1.50}', "application/json")])


def proof_of(index: int) -> Proof:
    ids = [one.record_id for one in BATCH.documents]
    one = BATCH.documents[index]
    path = Path(index, len(ids), tuple(inclusion_path(ids, index)))
    return Proof(one.record, one.openings, path, anchor_of(BATCH))


PROOF = proof_of(1)


def test_reading_gives_back_what_was_written() -> None:
    assert parse_proof(dump_proof(PROOF)) == PROOF
    spaced = json.dumps(proof_json(PROOF), indent=2).encode()
    assert parse_proof(spaced) == PROOF
    assert parse_proof(dump_proof(PROOF._replace(evidence={"header": "f9"}))).evidence == {"header": "f9"}


def test_the_true_file_holds() -> None:
    assert check_integrity(PROOF, b"document 1") == [
        ClaimOutcome("path", Outcome.INTACT, True),
        ClaimOutcome("content", Outcome.CONTENT_MATCHES, True),
    ]
    assert check_integrity(PROOF, digest=digest(b"document 1"))[1].outcome is Outcome.CONTENT_MATCHES


def test_one_byte_of_the_file_changed() -> None:
    assert check_integrity(PROOF, b"document 2") == [
        ClaimOutcome("path", Outcome.INTACT, True),
        ClaimOutcome("content", Outcome.CONTENT_DIFFERS, False),
    ]
    assert check_integrity(PROOF, digest=digest(b"document 2"))[1].holds is False
    assert check_integrity(PROOF, b"")[1].holds is False


def test_no_file_and_closed_claim_are_not_wrong() -> None:
    assert check_integrity(PROOF)[1] == ClaimOutcome("content", Outcome.CONTENT_NOT_GIVEN, None)
    closed = PROOF._replace(openings=redact(PROOF.openings, ["number"]))
    assert check_integrity(parse_proof(dump_proof(closed)), b"document 1") == [
        ClaimOutcome("path", Outcome.INTACT, True),
        ClaimOutcome("content", Outcome.CONTENT_CLAIM_CLOSED, None),
    ]


def test_json_holds_in_any_spelling_and_text_that_is_no_json_does_not() -> None:
    proof = proof_of(3)
    for same in (b'{"a": 1.50}', b'{"a":1.5}', b'{ "a":15e-1 }'):
        assert check_integrity(proof, same)[1].holds is True
    for other in (b'{"a":1.51}', b'{"a":1.5,"a":1.5}', b"\xff", b""):
        assert check_integrity(proof, other)[1] == ClaimOutcome("content", Outcome.CONTENT_DIFFERS, False)


def test_redacted_edition_made_by_the_issuer() -> None:
    record, openings = build_record(
        ledger=LEDGER,
        issuer=ISSUER,
        document_type=PHYTOSANITARY,
        issued_at=NOW,
        valid_from=NOW,
        valid_until=None,
        claims=[
            ("content", content_value(b"all", "application/pdf")),
            ("content.redacted", content_value(b"less", "application/pdf")),
        ],
    )
    anchor = PROOF.anchor._replace(root=record_id(record), head=pack_head(1, PHYTOSANITARY, 1))
    proof = Proof(record, redact(openings, ["content.redacted"]), Path(0, 1, ()), anchor)
    assert check_integrity(proof, b"less")[1] == ClaimOutcome("content.redacted", Outcome.REDACTED_EDITION, True)
    assert check_integrity(proof, b"all")[1] == ClaimOutcome("content.redacted", Outcome.CONTENT_DIFFERS, False)
    assert check_integrity(proof._replace(openings=openings), b"all")[1].outcome is Outcome.CONTENT_MATCHES


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p._replace(record=p.record._replace(type=380000)),
        lambda p: p._replace(record=p.record._replace(valid_until=None, valid_from=0)),
        lambda p: p._replace(anchor=p.anchor._replace(root=bytes(32))),
        lambda p: p._replace(anchor=p.anchor._replace(head=p.anchor.head + 1)),
        lambda p: p._replace(path=type(p.path)(2, p.path.size, p.path.hashes)),
        lambda p: p._replace(path=type(p.path)(p.path.index, 5, p.path.hashes)),
        lambda p: p._replace(path=type(p.path)(p.path.index, p.path.size, p.path.hashes[::-1])),
        lambda p: p._replace(path=type(p.path)(p.path.index, p.path.size, p.path.hashes[:-1])),
    ],
)
def test_record_path_or_anchor_changed(change: Callable[[Proof], Proof]) -> None:
    assert check_integrity(change(PROOF), b"document 1")[0] == ClaimOutcome("path", Outcome.PATH_DIFFERS, False)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda p: p.update(tamga="proof/2"), "unknown_version", "/tamga"),
        (lambda p: p.update(tamga="tombstone/1"), "kind", "/tamga"),
        (lambda p: p["record"].update(tamga="record/9"), "unknown_version", "/record/tamga"),
        (lambda p: p.update(ledger="00" * 32), "ledger", "/ledger"),
        (lambda p: p.update(note=""), "unknown_field", "/note"),
        (lambda p: p.pop("evidence"), "missing", "/evidence"),
        (lambda p: p.update(evidence=[]), "type", "/evidence"),
        (lambda p: p["path"].update(size=0), "number_range", "/path/size"),
        (lambda p: p["path"].update(size=(1 << 20) + 1), "number_range", "/path/size"),
        (lambda p: p["path"].update(index=4), "number_range", "/path/index"),
        (lambda p: p["path"].update(hashes=["00" * 32] * 21), "length", "/path/hashes"),
        (lambda p: p["path"]["hashes"].__setitem__(0, "0"), "hex", "/path/hashes/0"),
        (lambda p: p["anchor"].update(chain_id=-1), "number_range", "/anchor/chain_id"),
        (lambda p: p["anchor"].update(head="0x00"), "hex", "/anchor/head"),
        (lambda p: p["anchor"].update(contract="0x" + "AB" * 20), "address", "/anchor/contract"),
        (lambda p: p["anchor"].update(directory="ab" * 21), "address", "/anchor/directory"),
        (lambda p: p["anchor"].update(time=1 << 50), "number_range", "/anchor/time"),
        (lambda p: p["anchor"].update(issuer=0), "number_range", "/anchor/issuer"),
        (lambda p: p["anchor"].pop("log_index"), "missing", "/anchor/log_index"),
        (lambda p: p.update(openings=None), "type", "/openings"),
        (lambda p: p["record"]["claims"].pop(), "no_such_claim", None),
    ],
)
def test_refused_with_code_and_path(change: Callable[[dict[str, Any]], Any], code: str, path: str | None) -> None:
    value = copy.deepcopy(proof_json(PROOF))
    if path is None:
        value["openings"].pop()
    change(value)
    with pytest.raises(Malformed) as refused:
        parse_proof(json.dumps(value).encode())
    fault = refused.value.faults[0]
    assert fault.code == code
    assert path is None or fault.path == path
    assert isinstance(refused.value, UnknownVersion) is (code == "unknown_version")


def test_bytes_that_are_no_proof_file() -> None:
    for data in (b"", b"null", b"[]", b"{}", b"%PDF-1.7", b"\x00" * 100):
        with pytest.raises(Malformed):
            parse_proof(data)
    with pytest.raises(Malformed):
        parse_proof(dump_proof(PROOF) + b" {}")
    with pytest.raises(LimitExceeded):
        parse_proof(b" " * (MAX_PROOF_FILE_BYTES + 1))


def test_head_packs_and_unpacks() -> None:
    head = pack_head((1 << 40) - 1, 851001, 1 << 20)
    h = pack_h(b"\xaa" * 20, head)
    assert unpack_h(h) == (b"\xaa" * 20, (1 << 40) - 1, 851001, 1 << 20)
    assert unpack_h(head) == (bytes(20), (1 << 40) - 1, 851001, 1 << 20)
    assert pack_head(1, 2, 3) == 1 << 56 | 2 << 32 | 3
    for seq, doc_type, size in ((1 << 40, 0, 0), (0, 1 << 24, 0), (0, 0, 1 << 32), (-1, 0, 0)):
        with pytest.raises(ValueError, match="out of range"):
            pack_head(seq, doc_type, size)
    for key, wrong in ((bytes(19), 0), (bytes(20), 1 << 96)):
        with pytest.raises(ValueError, match="address"):
            pack_h(key, wrong)
    with pytest.raises(ValueError, match="256 bits"):
        unpack_h(1 << 256)


def test_anchor_word_is_the_contracts_encoding() -> None:
    h, root, manifest = pack_h(b"\x11" * 20, pack_head(7, 851001, 3)), b"\x22" * 32, b"\x33" * 32
    encoded = encode(["uint256", "uint256", "bytes32", "bytes32", "uint256"], [17, h, root, manifest, 1_795_424_400])
    assert anchor_word(ParticipantId(17), h, root, manifest, 1_795_424_400) == keccak(encoded)
    with pytest.raises(ValueError, match="32 bytes"):
        anchor_word(ParticipantId(17), h, root[:-1], manifest, 0)
