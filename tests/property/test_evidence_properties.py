"""What holds for any input: canonical JSON equals the published implementation, readers and writers agree, and no
single changed byte of a sealed document is given out as good."""

import base64
import functools
import io
import json
import math
import pathlib
from contextlib import suppress
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.domain import canonical, merkle
from ledger.domain.car import (
    V2_START,
    V2Layout,
    encode_header,
    encode_index,
    encode_v2_header,
    parse_index_head,
    parse_v2_header,
    read_header,
    read_sections,
    section_head,
)
from ledger.domain.cid import DAG_PB, RAW, cid_bytes, cid_text
from ledger.domain.dagpb import decode_node
from ledger.domain.envelope import EnvelopeReader, parse_record_part, record_part_text
from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotOpened, Tampered
from ledger.domain.grant import Granted, encode_grant, parse_grant
from ledger.domain.hashing import base64url, from_base64url, from_hex
from ledger.domain.json_fault import find_fault
from ledger.domain.manifest import parse_manifest
from ledger.domain.part import Kind, open_part, padme, seal_part, sealed_bytes
from ledger.domain.proof import Path, Proof, dump_proof
from ledger.domain.proof_reading import parse_proof
from ledger.domain.record import (
    opening_json,
    opening_text,
    parse_openings,
    parse_record,
    record_id,
    record_json,
    record_text,
)
from ledger.domain.recording import RecordMaker, build_record
from ledger.domain.tile import parse_tile
from ledger.domain.tombstone import parse_tombstone
from ledger.domain.wrap import RECORD_ONLY, STANZA_BYTES, DocumentKeys
from ledger.services.opening import open_document
from ledger.services.sealing import DocumentInput, SealedBatch
from tests.support.content import forge_envelope
from tests.support.evidence import (
    CUSTOMS,
    ISSUER,
    LEDGER,
    NOW,
    PHYTOSANITARY,
    anchor_of,
    public_key,
    repeatable,
    seal,
    text_document,
)

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
CERTIFICATE = b"the phytosanitary certificate"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
integers = st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
floats = st.floats(allow_nan=False, allow_infinity=False)
readable_floats = floats.filter(lambda n: not 2**53 <= abs(n) < 1e21)


def json_values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | texts | numbers,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
        max_leaves=20,
    )


@given(json_values(integers | floats))
@settings(max_examples=250)
def test_canonical_text_equals_the_published_implementation(value: Any) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(json_values(integers | readable_floats), st.booleans(), st.booleans())
@settings(max_examples=250)
def test_fast_path_equals_the_plain_one(value: Any, escaped: bool, spaced: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=1 if spaced else None).encode()
    plain = canonical._read_plain(text, 64, floats=True)
    assert canonical.loads(text, max_bytes=1 << 20) == plain == value
    assert canonical.canonicalise(text, max_bytes=1 << 20) == canonical.dumps(plain)
    assert canonical.canonicalise(canonical.dumps(plain), max_bytes=1 << 20) == canonical.dumps(plain)
    assert find_fault(text.decode(), max_depth=64, floats=True) is None


spellings = st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)
keys = st.sampled_from(["a", "b", "é", "\ufb33", "\U0001f600"])


@given(st.lists(st.tuples(keys, spellings), max_size=4), st.booleans())
@settings(max_examples=400)
def test_spelling_of_numbers_never_hides_what_is_lost(members: list[tuple[str, str]], with_floats: bool) -> None:
    """A number that is printed longer or shorter than it was written cannot make up for a key that stands twice."""
    data = ("{" + ",".join(f'"{key}":{number}' for key, number in members) + "}").encode()
    fault = find_fault(data.decode(), max_depth=64, floats=with_floats)
    if fault is not None:
        with pytest.raises(Malformed) as refused:
            canonical.loads(data, max_bytes=1000, floats=with_floats)
        assert refused.value.faults == (fault,)
    else:
        plain = canonical._read_plain(data, 64, with_floats)
        read = canonical.loads(data, max_bytes=1000, floats=with_floats)
        assert [repr(read[key]) for key in read] == [repr(plain[key]) for key in read]
        assert canonical.canonicalise(data, max_bytes=1000) == canonical.dumps(plain)


@given(st.text('{}[]",:\\u0123456789abdtruefalsn.-+eE \n', max_size=40), st.booleans())
@settings(max_examples=700)
def test_all_readers_of_json_accept_the_same_texts(text: str, with_floats: bool) -> None:
    """The fast path, the plain path and the one that explains agree on every text, good or bad."""
    data = text.encode()
    fault = find_fault(text, max_depth=64, floats=with_floats)
    try:
        plain = canonical._read_plain(data, 64, with_floats)
    except Malformed:
        assert fault is not None
        with pytest.raises(Malformed) as refused:
            canonical.loads(data, max_bytes=100, floats=with_floats)
        assert refused.value.faults == (fault,)
    else:
        assert fault is None
        assert canonical.loads(data, max_bytes=100, floats=with_floats) == plain


@given(st.text('[]{}"a:,', max_size=30), st.integers(0, 4))
@settings(max_examples=400)
def test_depth_is_bounded_the_same_everywhere(text: str, max_depth: int) -> None:
    try:
        value = json.loads(text, object_pairs_hook=canonical._pairs)
    except ValueError:
        return
    if canonical._depth(value) <= max_depth:
        canonical.loads(text.encode(), max_bytes=100, max_depth=max_depth)
    else:
        with pytest.raises(Malformed) as refused:
            canonical.loads(text.encode(), max_bytes=100, max_depth=max_depth)
        assert refused.value.faults[0].code == "depth"


@given(floats)
@settings(max_examples=700)
def test_numbers_read_back_exactly(number: float) -> None:
    text = canonical.es_number(number)
    assert float(text) == number
    assert math.copysign(1, float(text)) == math.copysign(1, number) or number == 0


@given(st.binary(max_size=100))
def test_base64url_and_hex_have_one_spelling(raw: bytes) -> None:
    text = base64url(raw)
    assert from_base64url(text, len(raw)) == raw
    assert from_base64url(text + "=", len(raw)) is None
    assert from_base64url(text, len(raw) + 1) is None
    assert from_hex(raw.hex(), len(raw)) == raw
    assert from_hex(raw.hex().upper(), len(raw)) in (None, raw if raw.hex() == raw.hex().upper() else None)


@given(st.sampled_from([RAW, DAG_PB]), st.binary(min_size=32, max_size=32))
def test_cids_are_base32(codec: bytes, digest: bytes) -> None:
    text = "b" + base64.b32encode(codec + digest).decode().rstrip("=").lower()
    assert cid_text(codec + digest) == text
    assert cid_bytes(text) == codec + digest


@given(st.binary(min_size=32, max_size=32), st.integers(0, 58), st.text(max_size=2))
@settings(max_examples=300)
def test_a_cid_has_one_text(digest: bytes, at: int, instead: str) -> None:
    text = str(cid_text(RAW + digest))
    changed = text[:at] + instead + text[at + len(instead) :]
    try:
        assert cid_text(cid_bytes(changed)) == changed
    except Malformed as refused:
        assert [fault.code for fault in refused.faults] == ["cid"]  # noqa: PT017 - both outcomes are right
        assert changed != text


@given(st.text(max_size=60), st.integers(0, 40))
def test_texts_that_are_not_base64url_are_refused(text: str, length: int) -> None:
    raw = from_base64url(text, length)
    assert raw is None or base64url(raw) == text


claim_values = json_values(integers | readable_floats)
pointers = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="~/"), max_size=5), max_size=3)


@given(
    st.dictionaries(
        pointers.map(lambda steps: "field:" + "".join(f"/{s}" for s in steps)), claim_values, min_size=1, max_size=5
    ),
    st.integers(0, 253_402_300_799),
    st.none() | st.integers(0, 253_402_300_799),
    st.integers(0, (1 << 24) - 1),
)
@settings(max_examples=200)
def test_records_read_back(claims: dict[str, Any], start: int, length: int | None, document_type: int) -> None:
    until = None if length is None else min(start + length, 253_402_300_799)
    record, openings = build_record(
        ledger=LEDGER,
        issuer=ISSUER,
        document_type=type(PHYTOSANITARY)(document_type),
        issued_at=NOW,
        valid_from=start,
        valid_until=until,
        claims=list(claims.items()),
    )
    assert record_text(record) == canonical.dumps(record_json(record)) == rfc8785.dumps(record_json(record))
    assert [opening_text(one) for one in openings] == [canonical.dumps(opening_json(one)) for one in openings]
    value = canonical.loads(record_text(record), max_bytes=1 << 20)
    assert parse_record(value) == record
    shown = json.loads(json.dumps([opening_json(one) for one in openings]))
    assert parse_openings(shown, record) == openings


named_texts = st.sampled_from(["number", "ref.ucr", "ref.mrn", "ref.permit"])
contents = st.fixed_dictionaries(
    {
        "sha256": st.binary(min_size=32, max_size=32).map(bytes.hex),
        "bytes": st.integers(0, 1 << 31),
        "media_type": st.sampled_from(["application/json", "text/plain", "application/vnd.x+json"]),
    }
)


@given(
    st.dictionaries(named_texts, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)),
    st.dictionaries(st.sampled_from(["content", "content.redacted"]), contents),
    st.dictionaries(pointers.map(lambda steps: "field:" + "".join(f"/{s}" for s in steps)), claim_values, max_size=2),
    st.none() | st.integers(NOW, 253_402_300_799),
)
@settings(max_examples=200)
def test_records_are_made_as_they_are_defined(
    named: dict[str, Any], content: dict[str, Any], fields: dict[str, Any], until: int | None
) -> None:
    """What is written out once for a batch equals the plain texts and hashes of the same record and openings."""
    maker = RecordMaker(LEDGER, ISSUER, PHYTOSANITARY)
    claims = list({**content, **named, **fields}.items()) or [("number", "1")]
    for valid_from in (NOW, NOW - 1):
        made = maker.make(claims, issued_at=NOW, valid_from=valid_from, valid_until=until)
        record, openings = made.record, made.openings
        assert [(one.name, one.value) for one in openings] == claims
        assert (record.ledger, record.issuer, record.type) == (LEDGER, ISSUER, PHYTOSANITARY)
        assert (record.issued_at, record.valid_from, record.valid_until) == (NOW, valid_from, until)
        assert record.claims == tuple(
            sorted(sha256(b"\2" + canonical.dumps(opening_json(o))).digest() for o in openings)
        )
        assert made.text == canonical.dumps(record_json(record))
        assert list(made.opening_texts) == [canonical.dumps(opening_json(one)) for one in openings]
        assert made.part_text == record_part_text(record, openings)
        assert made.record_id == record_id(record) == sha256(b"\0" + made.text).digest()


@given(st.integers(1, 400), st.data())
@settings(max_examples=100)
def test_paths_prove_their_leaf_at_their_place_only(size: int, data: st.DataObject) -> None:
    leaves = [number.to_bytes(32) for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.inclusion_path(leaves, index), merkle.root(leaves)
    assert merkle.verify_inclusion(leaves[index], index, size, path, root)
    other = data.draw(st.integers(0, size))
    assert merkle.verify_inclusion(leaves[index], other, size, path, root) is (other == index)
    if path:
        broken = list(path)
        at = data.draw(st.integers(0, len(path) - 1))
        broken[at] = bytes([broken[at][0] ^ 1]) + broken[at][1:]
        assert not merkle.verify_inclusion(leaves[index], index, size, broken, root)


@given(st.integers(1, 1300))
@settings(max_examples=60, deadline=None)
def test_paths_made_together_are_those_made_one_by_one(size: int) -> None:
    tree = merkle.levels([number.to_bytes(32) for number in range(size)])
    assert list(merkle.inclusion_paths(tree[0])) == [merkle.path_in(tree, index) for index in range(size)]


@given(st.binary(max_size=3000) | st.integers(60_000, 140_000).map(bytes))
def test_parts_read_back_and_tell_little(content: bytes) -> None:
    sealed = seal_part(bytes(32), Kind.CONTENT, content)
    assert open_part(bytes(32), Kind.CONTENT, sealed, max_bytes=len(content)) == content
    assert len(sealed) == sealed_bytes(len(content))
    assert padme(len(content) + 8) <= (len(content) + 8) * 1.12 + 1


@functools.cache
def one_batch() -> tuple[SealedBatch, bytes]:
    batch = seal([text_document(1), DocumentInput(CERTIFICATE, "text/plain", [("number", "7")])])
    return batch, dict(batch.blocks())[batch.documents[1].envelope]


def opens(envelope: bytes) -> bytes | None:
    """What customs gets from a changed envelope whose CID, tile and manifest were made to fit."""
    store, manifest = forge_envelope(one_batch()[0], 1, envelope)
    return open_document(store, CUSTOMS, manifest, 1).content


def test_every_flipped_byte_of_an_envelope_is_refused_before_plaintext() -> None:
    """Only in the stanzas of other recipients, which customs does not read, may a flip go unnoticed by it."""
    _, envelope = one_batch()
    assert opens(envelope) == CERTIFICATE
    own, end = 11 + STANZA_BYTES, 11 + 3 * STANZA_BYTES
    for at in range(len(envelope)):
        changed = envelope[:at] + bytes([envelope[at] ^ (1 << at % 8)]) + envelope[at + 1 :]
        if 11 <= at < end and not own <= at < own + STANZA_BYTES:
            with suppress(Malformed):  # slots out of order
                assert opens(changed) == CERTIFICATE
            continue
        with pytest.raises((NotOpened, Malformed, Tampered)):
            opens(changed)


@given(st.data())
@settings(max_examples=200)
def test_cut_or_lengthened_envelopes_are_refused(data: st.DataObject) -> None:
    _, envelope = one_batch()
    cut = data.draw(st.integers(0, len(envelope) - 1))
    extra = data.draw(st.binary(min_size=1, max_size=40))
    for changed in (envelope[:cut], envelope + extra, envelope[:cut] + extra + envelope[cut:]):
        with pytest.raises((NotOpened, Malformed, Tampered)):
            opens(changed)


def read_envelope_whole(data: bytes) -> None:
    reader = EnvelopeReader([data[at : at + 7] for at in range(0, len(data), 7)], len(data))
    reader.content_part.read(max(0, reader.content_part_bytes))
    reader.content_part.expect_end()


def read_car_header(data: bytes) -> None:
    read_header(io.BytesIO(data))


def read_car_sections(data: bytes) -> None:
    list(read_sections(io.BytesIO(data), len(data)))


PARSERS = [
    parse_manifest,
    parse_tile,
    parse_grant,
    parse_proof,
    parse_tombstone,
    parse_record_part,
    decode_node,
    parse_v2_header,
    parse_index_head,
    read_envelope_whole,
    read_car_header,
    read_car_sections,
]


@functools.cache
def good_objects() -> list[bytes]:
    """One of each object, as our own writers make them."""
    batch, envelope = one_batch()
    one = batch.documents[0]
    proof = Proof(one.record, one.openings, Path(0, 2, (batch.documents[1].record_id,)), anchor_of(batch))
    granted = Granted(one.record_id, RECORD_ONLY, DocumentKeys(bytes(32), None), cid_bytes(one.envelope))
    cids = [cid_bytes(cid) for cid, _ in batch.blocks()]
    sections = b"".join(section_head(cid_bytes(cid), len(block)) + block for cid, block in batch.blocks())
    return [
        b"",
        envelope,
        *(block for _, block in batch.blocks()[-2:]),
        encode_grant(LEDGER, ISSUER, [(public_key(CUSTOMS), granted)], random=repeatable("grant")),
        dump_proof(proof),
        (GOLDEN / "tombstone.json").read_bytes(),
        record_part_text(one.record, one.openings),
        encode_header(cids),
        sections,
        encode_v2_header(V2Layout(V2_START, 100, V2_START + 100)),
        encode_index([bytes(40)]),
    ]


@pytest.mark.parametrize("parse", PARSERS)
@given(data=st.data())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_readers_refuse_or_read_and_never_crash(parse: Any, data: st.DataObject) -> None:
    start = bytearray(data.draw(st.sampled_from(good_objects())))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(start)))
        start[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=8))
    faults: tuple[Fault, ...] = ()
    try:
        parse(bytes(start))
    except Malformed as refused:
        faults = refused.faults
    except LimitExceeded:
        return
    assert all(fault.code and fault.text for fault in faults)


@given(st.data())
@settings(max_examples=200)
def test_json_objects_are_read_in_one_shape_only(data: st.DataObject) -> None:
    """A member more, less or of another kind anywhere in a proof, outside `evidence` and the values of openings."""
    whole = json.loads(good_objects()[5])
    path: list[Any] = []
    place: Any = whole
    while isinstance(place, dict | list) and place and (not path or data.draw(st.booleans())):
        keys = [key for key in (place if isinstance(place, dict) else range(len(place))) if key != "evidence"]
        step = data.draw(st.sampled_from(keys))
        if path[:1] == ["openings"] and len(path) == 2 and step == 2:
            break
        path.append(step)
        place = place[step]
    holder = functools.reduce(lambda value, step: value[step], path[:-1], whole)
    change = data.draw(st.sampled_from(["drop", "add", "null", "list", "negative", "text", "float"]))
    other = {"null": None, "list": [[]], "negative": -1, "text": "x", "float": 0.5}
    if change == "drop":
        del holder[path[-1]]
    elif change == "add" and isinstance(place, dict):
        place["one more"] = 1
    elif change == "add":
        holder[path[-1]] = [place]
    else:
        holder[path[-1]] = other[change]
    text = json.dumps(whole).encode()
    shorter = change == "drop" and (path[:1], len(path)) in ((["openings"], 2), (["path"], 3))
    if shorter or (path == ["record", "valid_until"] and change == "null"):  # a redacted copy, a shorter path, no end
        parse_proof(text)
        return
    with pytest.raises(Malformed) as refused:
        parse_proof(text)
    assert all(fault.code and fault.path[:1] in ("", "/") for fault in refused.value.faults)


@given(json_values(integers | readable_floats).filter(lambda v: isinstance(v, dict)))
def test_proof_files_keep_their_evidence(evidence: dict[str, Any]) -> None:
    batch, _ = one_batch()
    one = batch.documents[0]
    path = Path(0, 2, (batch.documents[1].record_id,))
    proof = Proof(one.record, one.openings, path, anchor_of(batch), evidence)
    assert parse_proof(dump_proof(proof)) == proof
