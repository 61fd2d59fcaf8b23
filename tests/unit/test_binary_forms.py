"""CIDs, dag-pb, UnixFS, CAR, envelope, tile, manifest, grant and tombstone: one spelling each, all else refused."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.domain import canonical, car
from ledger.domain.cid import DAG_PB, RAW, block_cid, cid_bytes, cid_digest, cid_text, is_dag_pb, verify_block
from ledger.domain.dagpb import Link, decode_node, encode_node
from ledger.domain.envelope import EnvelopeReader, envelope_head, parse_record_part, record_part_text
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.fields import UnknownVersion
from ledger.domain.grant import Granted, encode_grant, open_grant, parse_grant
from ledger.domain.hashing import digest
from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.limits import MIB
from ledger.domain.manifest import encode_manifest, parse_manifest
from ledger.domain.tile import encode_tile, parse_tile
from ledger.domain.tombstone import (
    ErasureReason,
    Tombstone,
    dump_tombstone,
    parse_tombstone,
    signer,
    signing_digest,
    typed_data,
)
from ledger.domain.unixfs import build_file, file_bytes, read_file
from ledger.domain.varint import read_varint, varint
from ledger.domain.wrap import RECORD_AND_CONTENT, RECORD_ONLY, STANZA_BYTES, DocumentKeys
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, NOW, STATISTICS, STRANGER, public_key, seal, text_document

SAMPLE = Path(__file__).parents[1] / "samples" / "vectors" / "unixfs-dir-with-files.car"
MULTIBLOCK = "bafybeigcisqd7m5nf3qmuvjdbakl5bdnh4ocrmacaqkpuh77qjvggmt2sa"
BATCH = seal([text_document(n) for n in range(3)])
BLOCKS = dict(BATCH.blocks())
Change = Callable[[bytes], bytes]


def sample_blocks() -> tuple[list[bytes], dict[bytes, bytes]]:
    with SAMPLE.open("rb") as file:
        roots, used = car.read_header(file)
        return roots, dict(car.read_sections(file, SAMPLE.stat().st_size - used))


def test_known_cid() -> None:
    assert block_cid(b"hello world\n") == "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"
    cid = block_cid(b"x")
    assert cid_text(cid_bytes(cid)) == cid
    assert cid_digest(cid) == digest(b"x")
    assert verify_block(cid, b"x")
    assert not verify_block(cid, b"y")
    assert is_dag_pb(MULTIBLOCK)
    assert not is_dag_pb(cid)


@pytest.mark.parametrize(
    "cid",
    [
        "",
        "b",
        "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKtkUg",
        "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei",
        "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4a",
        "BAFKREIFJJCIE6LYPI6NY7AMXNFFTAGCLBUXNDQONFIPMB64F2KM2DEVEI4",
        "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei5",
        "bafyreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4",
        "b" + "1" * 58,
        "bé",
    ],
)
def test_cids_of_other_kinds_are_refused(cid: str) -> None:
    with pytest.raises(Malformed):
        cid_bytes(cid)


def test_every_block_of_the_published_car_reads_and_encodes_the_same() -> None:
    roots, blocks = sample_blocks()
    assert [cid_text(root) for root in roots] == ["bafybeihchr7vmgjaasntayyatmp5sv6xza57iy2h4xj7g46bpjij6yhrmy"]
    for cid, block in blocks.items():
        assert verify_block(cid_text(cid), block)
        if cid[:4] == DAG_PB:
            assert encode_node(*decode_node(block)) == block
    with SAMPLE.open("rb") as file:
        header = car.encode_header(roots)
        assert file.read(len(header)) == header
        assert car.header_bytes(1) == len(header)


def test_published_unixfs_file_reads_and_builds_the_same() -> None:
    _, blocks = sample_blocks()
    raw = cid_bytes(MULTIBLOCK)
    leaves = list(read_file(blocks.__getitem__, raw, max_bytes=2000, leaf_bytes=256))
    assert [len(leaf) for leaf in leaves] == [256, 256, 256, 256, 2]
    link, built = build_file(leaves)
    assert link.cid == raw
    assert all(blocks[cid] == block for cid, block in built)
    assert file_bytes(raw, blocks[raw]) == 1026


def test_a_file_is_bounded_before_any_of_it_is_given_out() -> None:
    _, blocks = sample_blocks()
    with pytest.raises(LimitExceeded):
        next(read_file(blocks.__getitem__, cid_bytes(MULTIBLOCK), max_bytes=1025, leaf_bytes=256))
    with pytest.raises(Malformed):  # not in leaves of 1 MiB
        list(read_file(blocks.__getitem__, cid_bytes(MULTIBLOCK), max_bytes=2000))


def test_a_file_of_many_leaves_has_two_levels_of_nodes() -> None:
    leaf, last = bytes(4), b"\1"
    link, blocks = build_file([leaf] * 1025 + [last])
    held = dict(blocks)
    links, _ = decode_node(held[link.cid])
    assert len(links) == 2
    read = list(read_file(held.__getitem__, link.cid, max_bytes=5000, leaf_bytes=4))
    assert read == [leaf] * 1025 + [last]
    single, only = build_file([b"small"])
    assert (single.cid[:4], only) == (RAW, [(single.cid, b"small")])


def test_files_that_lie_about_their_sizes_are_refused() -> None:
    leaf = bytes(4)
    link, blocks = build_file([leaf] * 3)
    held = dict(blocks)
    links, data = decode_node(held[link.cid])

    def read_with(links: list[Link], data: bytes) -> None:
        node = encode_node(links, data)
        raw = cid_bytes(block_cid(node, DAG_PB))
        list(read_file({**held, raw: node}.__getitem__, raw, max_bytes=100, leaf_bytes=4))

    read_with(links, data)
    for bad_links, bad_data in (
        (links[:2], data),
        (links, data[:-1] + b"\3"),
        (links, b"\x08\x02\x18\x0d\x20\4\x20\4\x20\5"),  # the sum is right, the leaf is not
        (links, b"\x08\x02\x18\x08\x20\4\x20\0\x20\4"),
        (links, b"\x08\x01\x18\x0c\x20\4\x20\4\x20\4"),
        (links, data + b"\x28\1"),
        ([], b"\x08\x02\x18\x00"),
        ([links[0]._replace(total_bytes=5), *links[1:]], data),
    ):
        with pytest.raises(Malformed):
            read_with(bad_links, bad_data)


def test_a_file_has_one_layout_alone() -> None:
    def node(parts: list[tuple[bytes, int, int]]) -> tuple[bytes, bytes, int, int]:
        """CID, block, Tsize and file size of a node over parts of (CID, Tsize, file size)."""
        size = sum(part[2] for part in parts)
        data = b"\x08\x02\x18" + varint(size) + b"".join(b"\x20" + varint(part[2]) for part in parts)
        block = encode_node([Link(cid, total) for cid, total, _ in parts], data)
        return cid_bytes(block_cid(block, DAG_PB)), block, len(block) + sum(part[1] for part in parts), size

    held = {}

    def kept(parts: list[tuple[bytes, int, int]]) -> tuple[bytes, int, int]:
        cid, block, total, size = node(parts)
        held[cid] = block
        return cid, total, size

    def leaf(content: bytes) -> tuple[bytes, int, int]:
        cid = RAW + digest(content)
        held[cid] = content
        return cid, len(content), len(content)

    def read(file: tuple[bytes, int, int]) -> bytes:
        return b"".join(read_file(held.__getitem__, file[0], max_bytes=100_000, leaf_bytes=4))

    full, rest = leaf(b"full"), leaf(b"re")
    assert read(full) == b"full"
    assert read(kept([full, rest])) == b"fullre"
    many = [full] * 1024
    assert read(kept([kept(many), kept([rest])])) == b"full" * 1024 + b"re"
    for other in (
        kept([full]),  # a node over what is one leaf
        kept([kept([full, rest])]),  # one more level
        leaf(b"longer than a leaf"),
        kept([rest, full]),  # the short one first
        kept([kept(many), rest]),  # a leaf among nodes
        kept([kept([full] * 512), kept([full] * 512), rest]),
        kept([(full[0], 5, 4), rest]),  # another Tsize
        kept([kept(many), (*kept([rest])[:1], 9, 2)]),
    ):
        with pytest.raises(Malformed):
            read(other)


def test_varints() -> None:
    for number in (0, 1, 127, 128, 300, 2**32, 2**63 - 1):
        assert read_varint(varint(number), 0) == (number, len(varint(number)))
    for bad in (b"", b"\x80", b"\x80\x00", b"\xff" * 9 + b"\x01"):
        with pytest.raises(Malformed):
            read_varint(bad, 0)


@pytest.mark.parametrize("count", [0, 1, 23, 24, 255, 256, 4097])
def test_car_headers_of_any_number_of_roots(count: int) -> None:
    roots = [RAW + digest(number.to_bytes(4)) for number in range(count)]
    header = car.encode_header(roots)
    assert car.read_header(io.BytesIO(header)) == (roots, len(header))


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b[:-1],
        lambda b: b"",
        lambda b: b[:1] + b"\xa1" + b[2:],
        lambda b: b.replace(b"version\x01", b"version\x02"),
        lambda b: b.replace(b"\xd8\x2a", b"\xd8\x2b"),
        lambda b: b.replace(b"\x81\xd8", b"\x82\xd8"),
        lambda b: b"\xff\xff\xff\x7f" + b[1:],
    ],
)
def test_bad_car_headers(change: Change) -> None:
    with pytest.raises(Malformed):
        car.read_header(io.BytesIO(change(car.encode_header([RAW + digest(b"x")]))))


def test_bad_car_sections() -> None:
    section = car.section_head(RAW + digest(b"abc"), 3) + b"abc"
    assert list(car.read_sections(io.BytesIO(section), len(section))) == [(RAW + digest(b"abc"), b"abc")]
    big = car.section_head(RAW + digest(b""), 3 * MIB)
    for bad, size in ((section[:-1], len(section)), (section, len(section) - 1), (b"\x05abcde", 6), (big, 4 * MIB)):
        with pytest.raises(Malformed):
            list(car.read_sections(io.BytesIO(bad), size))


def envelope(change: Change = lambda b: b) -> EnvelopeReader:
    block = change(BLOCKS[BATCH.documents[0].envelope])
    return EnvelopeReader([block[:50], block[50:]], len(block))


def test_envelope_reads_what_was_sealed() -> None:
    read = envelope()
    assert list(read.stanzas) == [0, 1, 2]
    content = read.content_part.read(read.content_part_bytes)
    read.content_part.expect_end()
    again = envelope_head(list(read.stanzas.values()), read.record_part) + content
    assert again == BLOCKS[BATCH.documents[0].envelope]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda b: b"TAMGAENV\x02" + b[9:], UnknownVersion),
        (lambda b: b"TAMGAMAN\x01" + b[9:], Malformed),
        (lambda b: b[:9] + b"\0\0" + b[11:], Malformed),
        (lambda b: b[:9] + b"\0\x41" + b[11:], Malformed),
        (lambda b: b[:11] + b[11 + STANZA_BYTES : 11 + 2 * STANZA_BYTES] * 2 + b[11 + 2 * STANZA_BYTES :], Malformed),
        (lambda b: b[: 11 + 3 * STANZA_BYTES] + b"\xff" * 8 + b[19 + 3 * STANZA_BYTES :], Malformed),
        (lambda b: b[:100], Malformed),
        (lambda b: b"", Malformed),
    ],
)
def test_bad_envelopes(change: Change, error: type[Malformed]) -> None:
    with pytest.raises(Malformed) as refused:
        envelope(change)
    assert type(refused.value) is error


def test_record_part_takes_the_canonical_text_only() -> None:
    one = BATCH.documents[0]
    text = record_part_text(one.record, one.openings)
    assert parse_record_part(text) == (one.record, one.openings)
    assert canonical.dumps(canonical.loads(text, max_bytes=1 << 20)) == text
    for bad in (text + b" ", text.replace(b'"record":', b'"record": '), text[:-1], b"{}", b"[]"):
        with pytest.raises(Malformed):
            parse_record_part(bad)


def tile_block() -> bytes:
    return BLOCKS[BATCH.manifest.tiles[0].cid]


def test_tile_reads_what_was_sealed() -> None:
    tile = parse_tile(tile_block())
    assert tile.first == 0
    assert list(tile.record_ids) == [one.record_id for one in BATCH.documents]
    assert [cid_text(link.cid) for link in tile.envelopes] == [one.envelope for one in BATCH.documents]
    assert [link.total_bytes for link in tile.envelopes] == [len(BLOCKS[one.envelope]) for one in BATCH.documents]
    assert encode_tile(*tile) == tile_block()


def test_bad_tiles() -> None:
    links, data = decode_node(tile_block())
    named = [links[0]._replace(name="a"), *links[1:]]
    cases = [
        encode_node(links, b"TAMGATIL\x02" + data[9:]),
        encode_node(links[:2], data),
        encode_node(named, data),
        encode_node(links, data[:-1]),
        encode_node(links, data + b"\0"),
        encode_node(links, data[:9] + b"\0\0\0\1" + data[13:]),
        encode_node(links, data[:9] + b"\0\x10\0\0" + data[13:]),
        encode_node([], data[:13] + b"\0\0"),
        tile_block() + b"\0",
        tile_block()[:-1],
        b"",
        data,
    ]
    for bad in cases:
        with pytest.raises(Malformed):
            parse_tile(bad)
    with pytest.raises(UnknownVersion):
        parse_tile(cases[0])


def test_manifest_reads_what_was_sealed() -> None:
    block = BATCH.blocks()[-1][1]
    assert digest(block) == BATCH.manifest_digest
    assert parse_manifest(block) == BATCH.manifest
    assert encode_manifest(BATCH.manifest) == block
    assert BATCH.manifest.root == BATCH.root


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda b: b"TAMGAMAN\x07" + b[9:], UnknownVersion),
        (lambda b: b"TAMGAENV\x01" + b[9:], Malformed),
        (lambda b: b[:40], Malformed),
        (lambda b: b"", Malformed),
        (lambda b: b + b"\0", Malformed),
        (lambda b: b[:-1], Malformed),
        (lambda b: b[:41] + bytes(8) + b[49:], Malformed),
        (lambda b: b[:81] + bytes(4) + b[85:], Malformed),
        (lambda b: b[:81] + b"\0\x10\0\1" + b[85:], Malformed),
        (lambda b: b[:85] + b"\0\0" + b[87:], Malformed),
        (lambda b: b[:85] + b"\0\x41" + b[87:], Malformed),
        (lambda b: b[:81] + b"\0\0\1\1" + b[85:], Malformed),
    ],
)
def test_bad_manifests(change: Change, error: type[Malformed]) -> None:
    with pytest.raises(Malformed) as refused:
        parse_manifest(change(BATCH.blocks()[-1][1]))
    assert type(refused.value) is error


def granted(number: int = 1, content: bytes | None = b"c" * 32) -> Granted:
    rights = RECORD_ONLY if content is None else RECORD_AND_CONTENT
    keys = DocumentKeys(b"r" * 32, content)
    return Granted(RecordId(bytes([number]) * 32), rights, keys, RAW + digest(bytes([number])))


@pytest.mark.parametrize(("count", "stanzas"), [(1, 1), (2, 2), (3, 4), (5, 8)])
def test_grant_opens_for_its_grantees_and_hides_their_number(count: int, stanzas: int) -> None:
    given = [(public_key(CUSTOMS), granted(number)) for number in range(count)]
    given[0] = (public_key(STATISTICS), granted(0, None))
    block = encode_grant(LEDGER, ISSUER, given)
    assert len(parse_grant(block)) == stanzas
    assert {one.record_id for one in opened(block, CUSTOMS)} == {g.record_id for _, g in given[1:]}
    assert opened(block, STATISTICS) == [granted(0, None)]
    assert opened(block, STRANGER) == []
    assert opened(block, CUSTOMS, issuer=18) == []


def opened(block: bytes, ring: Any, issuer: int = ISSUER) -> list[Granted]:
    own = public_key(ring)
    return list(open_grant(block, LEDGER, ParticipantId(issuer), own, partial(ring.exchange, own)))


def test_bad_grants() -> None:
    block = encode_grant(LEDGER, ISSUER, [(public_key(CUSTOMS), granted(n)) for n in range(4)])
    size = len(parse_grant(block)[0])
    for bad in (
        b"",
        block[:-1],
        block + b"\0",
        block[:-size],
        block[:9],
        block[:9] + block[9 + size : 9 + 2 * size] + block[9 : 9 + size] + block[9 + 2 * size :],
        b"TAMGAGRA\x02" + block[9:],
    ):
        with pytest.raises(Malformed):
            parse_grant(bad)
    with pytest.raises(Malformed):
        encode_grant(LEDGER, ISSUER, [])
    with pytest.raises(Malformed):
        encode_grant(LEDGER, ISSUER, [(public_key(CUSTOMS), granted()._replace(rights=RECORD_ONLY))])
    with pytest.raises(Malformed):
        encode_grant(LEDGER, ISSUER, [(bytes(32), granted())])


ACCOUNT = Account.from_key(b"\x2a" * 32)
ERASED = RecordId(b"\x05" * 32)
MESSAGE = typed_data(LEDGER, ISSUER, ERASED, ErasureReason.DATA_SUBJECT, NOW)
SIGNATURE = bytes(ACCOUNT.sign_message(encode_typed_data(full_message=MESSAGE)).signature)
TOMBSTONE = Tombstone(LEDGER, ISSUER, ERASED, ErasureReason.DATA_SUBJECT, NOW, SIGNATURE)


def test_tombstone_tells_who_signed_it() -> None:
    assert parse_tombstone(dump_tombstone(TOMBSTONE)) == TOMBSTONE
    assert signer(TOMBSTONE) == ACCOUNT.address
    assert len(signing_digest(TOMBSTONE)) == 32
    for other in (
        TOMBSTONE._replace(reason=ErasureReason.COURT_ORDER),
        TOMBSTONE._replace(time=NOW + 1),
        TOMBSTONE._replace(record_id=RecordId(b"\x06" * 32)),
        TOMBSTONE._replace(ledger=type(LEDGER)(bytes(32))),
        TOMBSTONE._replace(issuer=ParticipantId(18)),
    ):
        assert signer(other) != ACCOUNT.address


def test_bad_signatures() -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high_s = (order - int.from_bytes(SIGNATURE[32:64])).to_bytes(32)
    flipped = bytes([27 + 28 - SIGNATURE[64]])
    for bad in (
        SIGNATURE[:32] + high_s + flipped,
        SIGNATURE[:64] + b"\0",
        bytes(64) + b"\x1b",
        b"\xff" * 32 + SIGNATURE[32:],
    ):
        with pytest.raises(Malformed) as refused:
            signer(TOMBSTONE._replace(signature=bad))
        assert refused.value.faults[0].code == "signature"


def test_bad_tombstones() -> None:
    good = canonical.loads(dump_tombstone(TOMBSTONE), max_bytes=1024)
    for change in (
        {"tamga": "tombstone/2"},
        {"reason": 99},
        {"reason": "1"},
        {"time": 1.5},
        {"signature": "00"},
        {"x": 1},
    ):
        with pytest.raises(Malformed):
            parse_tombstone(canonical.dumps({**good, **change}))
    with pytest.raises(LimitExceeded):
        parse_tombstone(b" " * 1025)
