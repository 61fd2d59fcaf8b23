"""Sealing and opening: who sees what, from which slot, and what happens when anything on the way was changed."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.adapters.file_store import FileStore
from ledger.adapters.keyring import PrivateKeys
from ledger.domain.cid import block_cid, cid_text, raw_cid
from ledger.domain.dagpb import decode_node
from ledger.domain.envelope import EnvelopeReader
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, NotOpened, Tampered
from ledger.domain.hashing import digest
from ledger.domain.ids import Cid, Digest32, ParticipantId
from ledger.domain.integrity import check_integrity
from ledger.domain.limits import CHUNK_BYTES, MIB
from ledger.domain.manifest import encode_manifest
from ledger.domain.merkle import root
from ledger.domain.record import redact
from ledger.domain.wrap import RECORD_AND_CONTENT, RECORD_ONLY, STANZA_BYTES, DocumentKeys
from ledger.services.contents import content_of
from ledger.services.opening import (
    BatchReader,
    open_document,
    open_envelope,
    prove,
    read_envelope,
    save_envelope,
)
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient, SealedDocument
from tests.support.clone import ROOT
from tests.support.content import MemoryStore, forge_envelope
from tests.support.evidence import (
    CUSTOMS,
    ISSUER,
    ISSUER_RING,
    LEDGER,
    NOW,
    PHYTOSANITARY,
    STATISTICS,
    STRANGER,
    FixedClock,
    anchor_of,
    public_key,
    repeatable,
    seal,
    text_document,
)

SIZE = 300
BATCH = seal([text_document(n) for n in range(SIZE)])


@pytest.fixture
def store() -> MemoryStore:
    held = MemoryStore()
    held.put_batch(BATCH.blocks(), BATCH.pins())
    return held


@pytest.mark.parametrize("index", [0, 255, 256, SIZE - 1])
def test_each_sees_what_its_rights_say(store: MemoryStore, index: int) -> None:
    sealed = BATCH.documents[index]
    for ring in (ISSUER_RING, CUSTOMS):
        opened = open_document(store, ring, BATCH.manifest_digest, index)
        assert opened.content == f"document {index}".encode()
        assert (opened.record_id, opened.record, opened.openings) == (sealed.record_id, sealed.record, sealed.openings)
        assert opened.rights == RECORD_AND_CONTENT
    opened = open_document(store, STATISTICS, BATCH.manifest_digest, index)
    assert (opened.record, opened.content, opened.rights) == (sealed.record, None, RECORD_ONLY)
    with pytest.raises(NotOpened):
        open_document(store, STRANGER, BATCH.manifest_digest, index)


def test_record_says_what_was_given() -> None:
    batch = seal(
        [DocumentInput(b"x", "text/plain", valid_from=NOW + 1, valid_until=NOW + 2), DocumentInput(b"", "text/plain")]
    )
    first, second = (one.record for one in batch.documents)
    assert (first.ledger, first.issuer, first.type, first.issued_at) == (LEDGER, ISSUER, PHYTOSANITARY, NOW)
    assert (first.valid_from, first.valid_until) == (NOW + 1, NOW + 2)
    assert (second.valid_from, second.valid_until) == (NOW, None)


def test_root_is_that_of_the_record_ids() -> None:
    assert BATCH.root == root([one.record_id for one in BATCH.documents])
    assert len(BATCH.manifest.tiles) == 2
    assert [pin.cid for pin in BATCH.pins()] == [raw_cid(BATCH.manifest_digest), *(t.cid for t in BATCH.manifest.tiles)]


def test_old_keys_of_a_ring_still_open(store: MemoryStore) -> None:
    ring = PrivateKeys([repeatable("customs, sees record and content")(32), os.urandom(32)])
    assert ring.public_keys()[1] == public_key(CUSTOMS)
    assert open_document(store, ring, BATCH.manifest_digest, 3).content == b"document 3"


@pytest.mark.parametrize("index", [0, 255, 256, SIZE - 1])
def test_proof_needs_manifest_and_one_tile(store: MemoryStore, index: int) -> None:
    opened = open_document(store, CUSTOMS, BATCH.manifest_digest, index)
    store.reads.clear()
    batch = BatchReader(store, BATCH.manifest_digest)
    proof = prove(batch, index, opened, anchor_of(BATCH))
    assert len(store.reads) == 2
    assert [one.holds for one in check_integrity(proof, f"document {index}".encode())] == [True, True]
    redacted = proof._replace(openings=redact(proof.openings, ["number"]))
    assert [one.holds for one in check_integrity(redacted)] == [True, None]


def test_proof_is_not_made_for_another_batch_or_leaf(store: MemoryStore) -> None:
    opened = open_document(store, CUSTOMS, BATCH.manifest_digest, 5)
    batch = BatchReader(store, BATCH.manifest_digest)
    with pytest.raises(Tampered):
        prove(batch, 6, opened, anchor_of(BATCH))
    with pytest.raises(Tampered):
        prove(batch, 5, opened, anchor_of(BATCH)._replace(root=Digest32(bytes(32))))


def test_leaves_past_the_end(store: MemoryStore) -> None:
    batch = BatchReader(store, BATCH.manifest_digest)
    for index in (-1, SIZE):
        with pytest.raises(NotFound):
            batch.record_id(index)


def test_envelope_of_another_document_does_not_open_as_this_one(store: MemoryStore) -> None:
    keys, rights = BatchReader(store, BATCH.manifest_digest).keys(7, CUSTOMS)
    with pytest.raises(NotOpened):
        open_envelope(
            read_envelope(store, BATCH.documents[8].envelope), BATCH.documents[7].record_id, keys, rights, max_bytes=MIB
        )
    with pytest.raises(Tampered):
        open_envelope(
            read_envelope(store, BATCH.documents[7].envelope), BATCH.documents[8].record_id, keys, rights, max_bytes=MIB
        )


def test_swapped_stanza_is_refused() -> None:
    """Statistics' stanza in customs' place does not widen rights, and another document's stanza does not open."""
    blocks = dict(BATCH.blocks())
    one, other = (blocks[BATCH.documents[n].envelope] for n in (7, 8))
    swapped = one[: 11 + STANZA_BYTES] + other[11 + STANZA_BYTES : 11 + 2 * STANZA_BYTES] + one[11 + 2 * STANZA_BYTES :]
    widened = bytearray(one)
    widened[11 + 2 * STANZA_BYTES + 2] = RECORD_AND_CONTENT
    for envelope, ring in ((swapped, CUSTOMS), (bytes(widened), STATISTICS)):
        store, manifest = forge_envelope(BATCH, 7, envelope)
        with pytest.raises(NotOpened):
            open_document(store, ring, manifest, 7)


def test_tile_that_the_manifest_does_not_name() -> None:
    tiles = BATCH.manifest.tiles
    mixed = (tiles[0]._replace(digest=tiles[1].digest), tiles[1])
    rooted = (tiles[0]._replace(subtree_root=Digest32(bytes(32))), tiles[1])
    for wrong in (mixed, rooted):
        block = encode_manifest(BATCH.manifest._replace(tiles=wrong))
        held = MemoryStore()
        held.put_batch([*BATCH.blocks(), (block_cid(block), block)], [])
        with pytest.raises(Malformed):
            BatchReader(held, digest(block)).record_id(0)


def test_damage_in_the_store_is_not_given_out(store: MemoryStore) -> None:
    envelope = BATCH.documents[7].envelope
    store.blocks[envelope] = store.blocks[envelope][:-1] + b"\0"
    with pytest.raises(Tampered):
        open_document(store, CUSTOMS, BATCH.manifest_digest, 7)
    del store.blocks[envelope]
    with pytest.raises(NotFound):
        open_document(store, CUSTOMS, BATCH.manifest_digest, 7)


def test_content_over_the_callers_limit(store: MemoryStore) -> None:
    with pytest.raises(LimitExceeded):
        open_document(store, CUSTOMS, BATCH.manifest_digest, 0, max_bytes=9)


def test_recipients_keys_are_checked() -> None:
    with pytest.raises(Malformed):
        seal([text_document(1)], recipients=[Recipient(bytes(32))])
    with pytest.raises(Malformed):
        seal([text_document(1)], recipients=[Recipient(public_key(CUSTOMS))] * 64)


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(Malformed):
        seal([])


def sealer(**changes: object) -> BatchSealer:
    return BatchSealer(
        ledger=LEDGER,
        issuer=ISSUER,
        issuer_key=public_key(ISSUER_RING),
        document_type=PHYTOSANITARY,
        recipients=[Recipient(public_key(CUSTOMS))],
        clock=FixedClock(),
        **changes,  # type: ignore[arg-type]
    )


def test_large_file_goes_through_in_little_memory(tmp_path: Path) -> None:
    """96 MiB sealed, stored and opened again, in a process of its own: far less than the file is held at a time."""
    source, target = tmp_path / "scan.tif", tmp_path / "opened.tif"
    with source.open("wb") as file:
        for number in range(96):
            file.write(number.to_bytes(4) * (MIB // 4))
    child = [sys.executable, "-m", "tests.support.sealed_alone", str(tmp_path)]
    manifest, grown_kib = subprocess.check_output(child, cwd=ROOT, text=True).split()
    assert target.read_bytes() == source.read_bytes()
    assert int(grown_kib) < 32 * 1024
    with closing(FileStore(tmp_path / "store")) as store:
        envelope = BatchReader(store, Digest32(bytes.fromhex(manifest))).envelope(0)
        assert len(decode_node(store.get(envelope, max_bytes=MIB))[0]) == 99  # 96 and what Padmé adds
    assert sorted(path.name for path in tmp_path.iterdir()) == ["opened.tif", "scan.tif", "store"]


@pytest.mark.parametrize("size", [MIB - 2000, MIB, MIB + 1, 3 * MIB])
def test_around_one_block(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "a.bin").write_bytes(content)
    held = MemoryStore()
    batch = seal(
        [
            DocumentInput(content, "application/octet-stream"),
            DocumentInput(tmp_path / "a.bin", "application/octet-stream"),
        ]
    )
    held.put_batch(batch.blocks(), batch.pins())
    for index in (0, 1):
        assert open_document(held, CUSTOMS, batch.manifest_digest, index).content == content


def test_a_file_that_changes_while_it_is_sealed(tmp_path: Path) -> None:
    source = tmp_path / "invoice.pdf"
    source.write_bytes(b"a" * 3 * MIB)
    blocks = sealer().blocks([DocumentInput(source, "application/pdf")])
    next(blocks)
    source.write_bytes(b"b" * 3 * MIB)
    with pytest.raises(Malformed) as refused:
        list(blocks)
    assert refused.value.faults[0].code == "changed"


def test_a_sealer_wraps_no_second_document_under_the_nonce_of_the_first(tmp_path: Path) -> None:
    source = tmp_path / "invoice.pdf"
    source.write_bytes(b"as it was measured")
    measured = content_of(source, "application/pdf")
    source.write_bytes(b"another, as it is sealed")
    once = sealer()
    with pytest.raises(Malformed):
        list(once.blocks([DocumentInput(source, "application/pdf", measured=measured)]))
    with pytest.raises(RuntimeError, match="sealed once"):
        list(once.blocks([DocumentInput(b"another", "text/plain")]))


def test_file_opened_to_disk_leaves_nothing_when_refused(tmp_path: Path, store: MemoryStore) -> None:
    batch = BatchReader(store, BATCH.manifest_digest)
    with pytest.raises(NotOpened):
        batch.open_to_file(0, STATISTICS, tmp_path / "out")
    batch.open_to_file(0, CUSTOMS, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"document 0"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


SCAN = os.urandom(3 * MIB)


def large_envelope(seed: str) -> tuple[bytes, SealedDocument, DocumentKeys]:
    """An envelope of several leaves, as one text, with its keys."""
    batch = seal([DocumentInput(SCAN, "image/tiff")], seed)
    held = MemoryStore()
    held.put_batch(batch.blocks(), batch.pins())
    reader = BatchReader(held, batch.manifest_digest)
    links, _ = decode_node(held.blocks[reader.envelope(0)])
    return b"".join(held.blocks[cid_text(link.cid)] for link in links), batch.documents[0], reader.keys(0, CUSTOMS)[0]


def test_no_file_appears_for_a_content_that_was_cut_reordered_or_spliced(tmp_path: Path) -> None:
    """Chunks are given out of the stream one by one, so the file must not be seen before the last was good."""
    whole, one, keys = large_envelope("one")
    other, _, _ = large_envelope("other")
    reading = EnvelopeReader([whole], len(whole))
    begins = len(whole) - reading.content_part_bytes + 32
    sealed = CHUNK_BYTES + 16
    chunks = [whole[at : at + sealed] for at in range(begins, len(whole), sealed)]
    head = whole[:begins]
    changed = {
        "cut": whole[:-1],
        "last chunk missing": head + b"".join(chunks[:-1]),
        "two chunks swapped": head + b"".join([*chunks[:20], chunks[21], chunks[20], *chunks[22:]]),
        "a chunk of another document": head
        + b"".join([*chunks[:20], other[begins + 20 * sealed :][:sealed], *chunks[21:]]),
        "the end of another document": whole[: begins + 10 * sealed] + other[begins + 10 * sealed :],
        "one bit of the last chunk": whole[:-1] + bytes([whole[-1] ^ 1]),
        "something behind": whole + b"\0",
    }
    target = tmp_path / "opened.tif"
    for what, data in changed.items():
        with pytest.raises((NotOpened, Malformed)):
            save_envelope(
                EnvelopeReader([data], len(data)), one.record_id, keys, RECORD_AND_CONTENT, target, BATCH.manifest
            )
        assert list(tmp_path.iterdir()) == [], what
    elsewhere = BATCH.manifest._replace(issuer=ParticipantId(BATCH.manifest.issuer + 1))
    with pytest.raises(Tampered):
        save_envelope(EnvelopeReader([whole], len(whole)), one.record_id, keys, RECORD_AND_CONTENT, target, elsewhere)
    assert list(tmp_path.iterdir()) == [], "a record of another issuer"
    save_envelope(EnvelopeReader([whole], len(whole)), one.record_id, keys, RECORD_AND_CONTENT, target, BATCH.manifest)
    assert target.read_bytes() == SCAN


def test_sources_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        seal([DocumentInput(tmp_path / "none.pdf", "application/pdf")])
    with pytest.raises(Malformed):
        seal([DocumentInput(b"{", "application/json")])
    with pytest.raises(Malformed):
        seal([DocumentInput(b"x", "Text/Plain")])


def test_json_file_is_hashed_by_value(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{ "b": 1, "a": 2 }\n')
    batch = seal(
        [DocumentInput(tmp_path / "a.json", "application/json"), DocumentInput(b'{"a":2,"b":1}', "application/json")]
    )
    first, second = (one.openings[0].value for one in batch.documents)
    assert first == second
    held = MemoryStore()
    held.put_batch(batch.blocks(), batch.pins())
    batch_reader = BatchReader(held, batch.manifest_digest)
    assert batch_reader.open(0, CUSTOMS).content == b'{ "b": 1, "a": 2 }\n'
    batch_reader.open_to_file(0, CUSTOMS, tmp_path / "out.json")
    assert (tmp_path / "out.json").read_bytes() == b'{ "b": 1, "a": 2 }\n'


@pytest.mark.parametrize("media_type", ["text/plain", "application/json"])
def test_a_content_of_another_length_than_claimed_is_given_out_by_no_way(tmp_path: Path, media_type: str) -> None:
    true = content_of(b'{"a":1}', media_type)
    lie = replace(true, claim={**true.claim, "bytes": true.length + 1})
    batch = seal([DocumentInput(b'{"a":1}', media_type, measured=lie)])
    held = MemoryStore()
    held.put_batch(batch.blocks(), batch.pins())
    reader = BatchReader(held, batch.manifest_digest)
    with pytest.raises(Tampered):
        reader.open(0, CUSTOMS)
    with pytest.raises(Tampered):
        reader.open_to_file(0, CUSTOMS, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_json_that_is_too_large_to_be_read_is_not_said_to_be_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = seal([DocumentInput(b"[" + b"1," * 500 + b"1]", "application/json")])
    held = MemoryStore()
    held.put_batch(batch.blocks(), batch.pins())
    monkeypatch.setattr("ledger.services.opening.MAX_UPLOAD_BYTES", 100)
    with pytest.raises(LimitExceeded):
        BatchReader(held, batch.manifest_digest).open_to_file(0, CUSTOMS, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_pins_are_known_after_the_blocks() -> None:
    one = sealer()
    with pytest.raises(RuntimeError):
        next(one.pins())
    told: list[Cid] = []
    two = sealer(on_sealed=lambda document: told.append(document.envelope))
    cids = [cid for cid, _ in two.blocks([text_document(1)])]
    assert told == cids[:1]
    assert {pin.cid for pin in two.pins()} == set(cids[1:])
