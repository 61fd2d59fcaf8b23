"""Granting, erasing and recovering, on the file store."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.adapters.file_store import FileStore
from ledger.domain.cid import raw_cid
from ledger.domain.errors import NotFound, NotOpened, Tampered, Unavailable
from ledger.domain.grant import Granted
from ledger.domain.hashing import digest
from ledger.domain.ids import Address, Cid, Digest32, ParticipantId, RecordId
from ledger.domain.integrity import check_integrity
from ledger.domain.tombstone import ErasureReason, signer
from ledger.domain.wrap import RECORD_AND_CONTENT, RECORD_ONLY, DocumentKeys
from ledger.ports.content_store import Pin
from ledger.ports.key_store import KeyRing
from ledger.ports.signer import Signer
from ledger.services.erasing import erase, sign_tombstone
from ledger.services.granting import granted_for, open_granted, read_grant, store_grant
from ledger.services.opening import BatchReader
from ledger.services.recovery import Fate, Recovered, find_grants, find_orders, recover_batch
from tests.support.content import MemoryStore
from tests.support.evidence import (
    CUSTOMS,
    ISSUER,
    ISSUER_RING,
    LEDGER,
    NOW,
    STATISTICS,
    STRANGER,
    anchor_of,
    public_key,
    seal,
    text_document,
)
from tests.support.fake_chain import FakeChain

BATCH = seal([text_document(n) for n in range(300)])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    made = FileStore(tmp_path)
    made.put_batch(BATCH.blocks(), BATCH.pins())
    yield made
    made.close()


def reader(store: FileStore) -> BatchReader:
    return BatchReader(store, BATCH.manifest_digest)


def test_a_grantee_opens_what_it_was_given_and_nothing_else(store: FileStore) -> None:
    batch = reader(store)
    given = [
        (public_key(STRANGER), granted_for(batch, 3, ISSUER_RING).narrowed(RECORD_AND_CONTENT)),
        (public_key(STRANGER), granted_for(batch, 299, CUSTOMS).narrowed(RECORD_ONLY)),
        (public_key(STATISTICS), granted_for(batch, 4, ISSUER_RING).narrowed(RECORD_AND_CONTENT)),
    ]
    grant = store_grant(store, LEDGER, ISSUER, given)
    assert store.pins()[raw_cid(grant)] is True
    found = {one.record_id: one for one in read_grant(store, LEDGER, ISSUER, grant, STRANGER)}
    assert set(found) == {BATCH.documents[3].record_id, BATCH.documents[299].record_id}
    whole = open_granted(store, found[BATCH.documents[3].record_id])
    assert (whole.content, whole.record) == (b"document 3", BATCH.documents[3].record)
    record_alone = open_granted(store, found[BATCH.documents[299].record_id])
    assert (record_alone.content, record_alone.record) == (None, BATCH.documents[299].record)
    assert list(read_grant(store, LEDGER, ISSUER, grant, CUSTOMS)) == []


def test_nobody_gives_more_than_it_has(store: FileStore) -> None:
    with pytest.raises(NotOpened):
        granted_for(reader(store), 3, STATISTICS).narrowed(RECORD_AND_CONTENT)
    with pytest.raises(NotOpened):
        granted_for(reader(store), 3, STRANGER).narrowed(RECORD_ONLY)


def test_erasing_twice_in_one_tile_keeps_the_rest(store: FileStore, tmp_path: Path) -> None:
    with_other = FileStore(tmp_path / "other")
    with_other.put_batch(BATCH.blocks(), BATCH.pins())
    stores = [store, with_other]
    proof_before = reader(store).path(7)
    for index in (7, 9, 7):
        erase(stores, reader(store), index)
    for one in stores:
        assert [one.has(BATCH.documents[n].envelope) for n in (6, 7, 8, 9, 10, 299)] == [
            True,
            False,
            True,
            False,
            True,
            True,
        ]
        assert reader(one).open(8, CUSTOMS).content == b"document 8"
        assert reader(one).path(7) == proof_before
    erase(stores, reader(store), 299)
    assert not store.has(BATCH.documents[299].envelope)
    assert reader(store).open(298, CUSTOMS).content == b"document 298"
    with_other.close()


class DyingStore(MemoryStore):
    """A store that narrows a pin by two calls, and dies between them once."""

    def __init__(self) -> None:
        super().__init__()
        self.dies = True

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        wanted = list(add)
        narrowed = [pin.cid for pin in wanted if not pin.recursive]
        super().repin([pin for pin in wanted if pin.recursive], narrowed)
        if self.dies and narrowed:
            self.dies = False
            raise Unavailable("gone")
        super().repin(wanted, remove)


@pytest.mark.parametrize("size", [1, 3])
def test_an_erasure_that_died_between_two_pins_of_the_tile_is_finished_by_the_next(size: int) -> None:
    batch = seal([text_document(n) for n in range(size)])
    dying = DyingStore()
    dying.put_batch(batch.blocks(), batch.pins())
    with pytest.raises(Unavailable, match="gone"):
        erase([dying], BatchReader(dying, batch.manifest_digest), 0)
    tile = batch.manifest.tiles[0].cid
    assert tile not in dying.pins()
    erase([dying], BatchReader(dying, batch.manifest_digest), 0)
    assert dying.pins()[tile] is False
    assert not dying.has(batch.documents[0].envelope)
    again = BatchReader(dying, batch.manifest_digest)
    assert [again.open(n, CUSTOMS).content for n in range(1, size)] == [
        f"document {n}".encode() for n in range(1, size)
    ]


def test_an_erasure_pins_nothing_in_a_store_that_never_kept_the_tile() -> None:
    """Its direct pin would narrow the tile in every other store, whose envelopes it alone keeps."""
    whole, passing = MemoryStore(), MemoryStore()
    whole.put_batch(BATCH.blocks(), BATCH.pins())
    tile = BATCH.manifest.tiles[0].cid
    passing.blocks[tile] = whole.blocks[tile]
    erase([passing], reader(whole), 7)
    assert passing.pins() == {}


class AccountSigner(Signer):
    def __init__(self) -> None:
        self._account = Account.from_key(b"\x2a" * 32)

    @property
    def address(self) -> Address:
        return Address(self._account.address)

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        raise AssertionError("no transaction is signed here")

    def sign_message(self, text: str) -> bytes:
        raise AssertionError("no message is signed here")

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        return bytes(self._account.sign_message(encode_typed_data(full_message=dict(typed_data))).signature)


def test_recovery_names_what_became_of_each_document(store: FileStore, tmp_path: Path) -> None:
    erased, lost = BATCH.documents[7], BATCH.documents[9]
    key = AccountSigner()
    tombstone = sign_tombstone(key, LEDGER, ISSUER, erased.record_id, ErasureReason.DATA_SUBJECT, NOW)
    assert signer(tombstone) == key.address
    for document in (erased, lost):
        erase([store], reader(store), document.leaf)
    found = list(recover_batch(store, CUSTOMS, anchor_of(BATCH), {erased.record_id: tombstone}))
    assert [one.record_id for one in found] == [one.record_id for one in BATCH.documents]
    assert {one.leaf: one.fate for one in found if one.fate is not Fate.OPENED} == {7: Fate.ERASED, 9: Fate.MISSING}
    for one in found:
        if one.document is not None and one.proof is not None:
            assert one.document.content == f"document {one.leaf}".encode()
            assert all(check.holds for check in check_integrity(one.proof, one.document.content))
    sealed = list(recover_batch(store, STRANGER, anchor_of(BATCH), {}))
    assert {one.fate for one in sealed} == {Fate.SEALED}, "what is not ours is not looked for"


def test_without_tombstones_the_chain_tells_what_was_erased(store: FileStore) -> None:
    """An order is known by issuer and record: 8 was ordered by another, 10 is there all the same."""
    erased, of_another, stone, there = (BATCH.documents[n].record_id for n in (7, 8, 9, 10))
    chain = FakeChain()
    for issuer, record_id in ((ISSUER, erased), (ParticipantId(18), of_another), (ISSUER, stone), (ISSUER, there)):
        args = {"issuer": issuer, "recordId": record_id, "actor": "0x", "reason": 12, "evidence": bytes(32)}
        chain.mine(("DocumentRegistry", "ErasureOrdered", args))
    for leaf in (7, 8, 9):
        erase([store], reader(store), leaf)
    found = find_orders(chain, until=chain.head())
    assert len(found) == 4
    ordered = {record_id: reason for (issuer, record_id), reason in found.items() if issuer == ISSUER}
    tombstone = sign_tombstone(AccountSigner(), LEDGER, ISSUER, stone, ErasureReason.COURT_ORDER, NOW)
    for ring, fate in ((CUSTOMS, Fate.OPENED), (STRANGER, Fate.SEALED)):
        lines = list(recover_batch(store, ring, anchor_of(BATCH), {stone: tombstone}, ordered=ordered))
        assert [(one.leaf, one.fate, one.reason) for one in lines if one.fate is Fate.ERASED] == [
            (7, Fate.ERASED, "ordered on the chain: data_subject"),
            (9, Fate.ERASED, "court_order"),
        ]
        assert (lines[8].fate, lines[10].fate) == (Fate.MISSING if ring is CUSTOMS else Fate.SEALED, fate)


def test_recovery_compares_with_the_anchor(store: FileStore) -> None:
    with pytest.raises(Tampered):
        next(recover_batch(store, CUSTOMS, anchor_of(BATCH)._replace(root=Digest32(bytes(32))), {}))
    with pytest.raises(NotFound):
        next(recover_batch(store, CUSTOMS, anchor_of(BATCH)._replace(manifest=Digest32(bytes(32))), {}))


def test_recovery_tells_damaged_from_missing(store: FileStore, tmp_path: Path) -> None:
    (path,) = (tmp_path / "cars").iterdir()
    raw = path.read_bytes()
    block = dict(BATCH.blocks())[Cid(BATCH.documents[7].envelope)]
    path.write_bytes(raw.replace(block, block[:-1] + bytes([block[-1] ^ 1])))
    found = list(recover_batch(store, CUSTOMS, anchor_of(BATCH), {}))
    assert {one.leaf: one.fate for one in found if one.fate is not Fate.OPENED} == {7: Fate.DAMAGED}


@pytest.mark.parametrize(("damage", "fate"), [(None, Fate.MISSING), (b"none", Fate.DAMAGED)])
def test_a_tile_that_is_lost_takes_its_own_documents_along_and_no_others(damage: bytes | None, fate: Fate) -> None:
    store, first = MemoryStore(), BATCH.manifest.tiles[0].cid
    store.blocks = {**dict(BATCH.blocks()), first: damage or b""}
    if damage is None:
        del store.blocks[first]
    found = list(recover_batch(store, CUSTOMS, anchor_of(BATCH), {}))
    assert [one.leaf for one in found] == list(range(300))
    assert {(one.record_id, one.fate) for one in found[:256]} == {(None, fate)}
    assert {one.fate for one in found[256:]} == {Fate.OPENED}


def test_what_is_not_for_our_keys_is_not_fetched() -> None:
    store = MemoryStore()
    store.put_batch(BATCH.blocks(), BATCH.pins())
    assert {one.fate for one in recover_batch(store, STRANGER, anchor_of(BATCH), {})} == {Fate.SEALED}
    assert set(store.reads) == {raw_cid(BATCH.manifest_digest), *(tile.cid for tile in BATCH.manifest.tiles)}


class SilentStore(FileStore):
    """A node that waits for peers in vain for a block that it has not, as Kubo does; or that is away."""

    def __init__(self, folder: Path, *, away: bool = False) -> None:
        super().__init__(folder)
        self.away = away

    def has(self, cid: Cid) -> bool:
        if self.away:
            raise Unavailable("away")
        return super().has(cid)

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        if self.away:
            raise Unavailable("away")
        try:
            return super()._read(cid, max_bytes)
        except NotFound as bad:
            raise Unavailable("no answer in time") from bad


def test_silence_of_peers_is_missing_and_an_outage_is_not(store: FileStore, tmp_path: Path) -> None:
    lost = BATCH.documents[9]
    erase([store], reader(store), lost.leaf)
    silent = SilentStore(tmp_path)
    found = list(recover_batch(silent, CUSTOMS, anchor_of(BATCH), {}))
    assert {one.leaf: one.fate for one in found if one.fate is not Fate.OPENED} == {9: Fate.MISSING}
    with pytest.raises(NotFound):
        next(recover_batch(silent, CUSTOMS, anchor_of(BATCH)._replace(manifest=Digest32(bytes(32))), {}))
    silent.away = True
    with pytest.raises(Unavailable):
        next(recover_batch(silent, CUSTOMS, anchor_of(BATCH), {}))
    silent.close()


def test_recovery_opens_what_was_granted_and_writes_contents_to_files(store: FileStore, tmp_path: Path) -> None:
    whole = granted_for(reader(store), 3, ISSUER_RING)
    granted = {BATCH.documents[3].record_id: [whole]}
    for ring, fate in ((STRANGER, Fate.SEALED), (STATISTICS, Fate.OPENED)):
        folder = tmp_path / fate
        folder.mkdir()
        found = list(recover_batch(store, ring, anchor_of(BATCH), {}, granted=granted, folder=folder))
        assert {one.fate for one in found if one.leaf != 3} == {fate}
        assert [(one.leaf, one.file) for one in found if one.file is not None] == [(3, folder / "3")]
        assert [file.name for file in folder.iterdir()] == ["3"]
        assert (folder / "3").read_bytes() == b"document 3"


def test_a_grant_that_does_not_open_hides_neither_another_nor_our_own_keys(store: FileStore) -> None:
    good, identity = granted_for(reader(store), 3, ISSUER_RING), BATCH.documents[3].record_id
    wrong = good._replace(keys=DocumentKeys(bytes(32), b"\1" * 32))
    half = good._replace(keys=good.keys._replace(content=b"\1" * 32))
    for granted in ([wrong, good], [half, good], [wrong, half, good]):
        (found,) = (one for one in recovered(store, STRANGER, {identity: granted}) if one.leaf == 3)
        assert found.document is not None
        assert found.document.content == b"document 3"
    (found,) = (one for one in recovered(store, STATISTICS, {identity: [wrong, half]}) if one.leaf == 3)
    assert (found.fate, found.document and found.document.content) == (Fate.OPENED, None), "the record, by its own keys"
    (found,) = (one for one in recovered(store, STRANGER, {identity: [wrong]}) if one.leaf == 3)
    assert found.fate is Fate.SEALED


def recovered(store: FileStore, ring: KeyRing, granted: Mapping[RecordId, list[Granted]]) -> list[Recovered]:
    return list(recover_batch(store, ring, anchor_of(BATCH), {}, granted=granted))


def test_every_grant_is_kept_and_what_nobody_gives_is_told() -> None:
    store, chain = MemoryStore(), FakeChain()
    store.put_batch(BATCH.blocks(), BATCH.pins())
    good = granted_for(BatchReader(store, BATCH.manifest_digest), 3, ISSUER_RING)
    wrong = good._replace(keys=DocumentKeys(bytes(32), b"\1" * 32))
    given = [store_grant(store, LEDGER, ISSUER, [(public_key(STRANGER), one)]) for one in (wrong, good, good)]
    damaged = store_grant(store, LEDGER, ISSUER, [(public_key(STRANGER), good)])
    store.blocks[raw_cid(damaged)] = b"other bytes"
    junk, gone = digest(b"no grant"), Digest32(b"\7" * 32)
    store.blocks[raw_cid(junk)] = b"no grant"
    for grant in (*given, damaged, junk, gone):
        chain.mine(("DocumentRegistry", "AccessGranted", {"issuer": ISSUER, "grant": grant}))
    found = find_grants(chain, store, LEDGER, STRANGER, until=chain.head())
    assert found.given == {(ISSUER, good.record_id): [wrong, good]}
    assert sorted(found.unread) == sorted([(ISSUER, damaged), (ISSUER, gone)])
