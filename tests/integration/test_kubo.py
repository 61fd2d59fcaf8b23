"""The content store on real Kubo nodes: two of them, on a private swarm on loopback.

Given a batch imported as one CAR
    it should have the same CIDs as computed here, be pinned by its roots and open from either node
Given an erasure on both nodes
    it should leave no replica of the envelope, and every other document of its tile in place
Given a node that is away, or bytes that are not what they are called
    it should say so, and pin nothing
"""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from ipfshttpclient import multipart

from ledger.adapters.file_store import FileStore
from ledger.adapters.kubo import KuboStore
from ledger.adapters.replicas import ReplicatedStore
from ledger.bootstrap.documents import open_contents
from ledger.config import read_config
from ledger.devnet.kubo import KuboNode
from ledger.domain.cid import block_cid, cid_text, raw_cid
from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid, Digest32
from ledger.domain.limits import MIB
from ledger.domain.unixfs import build_file
from ledger.ports.content_store import Pin
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader, open_document
from ledger.services.sealing import DocumentInput
from tests.support.evidence import CUSTOMS, seal, text_document

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
BATCH = seal([text_document(n) for n in range(300)])


@pytest.fixture
def stores(swarm: tuple[KuboNode, ...]) -> Iterator[list[KuboStore]]:
    made = [KuboStore(node.api_url, timeout_s=10) for node in swarm]
    yield made
    for store in made:
        store.repin([], list(store.pins()))
        store.collect()
        store.close()


def test_acknowledged_blocks_are_synced(swarm: tuple[KuboNode, ...]) -> None:
    """As the running node has it: its flatfs writes through to the disk."""
    for node in swarm:
        mounts = node.ask("config/show")["Datastore"]["Spec"]["mounts"]
        assert [mount["sync"] for mount in mounts if mount["type"] == "flatfs"] == [True]


def test_a_batch_is_imported_whole_and_opens_from_either_node(stores: list[KuboStore]) -> None:
    first, second = stores
    first.put_batch(BATCH.blocks(), BATCH.pins())
    assert first.pins() == {pin.cid: True for pin in BATCH.pins()}
    for cid, block in BATCH.blocks()[::50]:
        assert first.has(cid)
        assert first.get(cid, max_bytes=MIB) == block
    first.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))  # changes nothing
    assert first.pins() == {pin.cid: True for pin in BATCH.pins()}
    assert not second.has(BATCH.documents[0].envelope)
    assert open_document(second, CUSTOMS, BATCH.manifest_digest, 7).content == b"document 7"


def test_the_settings_choose_the_node(swarm: tuple[KuboNode, ...], stores: list[KuboStore], tmp_path: Path) -> None:
    settings = {"TAMGA_HOME": str(tmp_path), "TAMGA_IPFS_URL": swarm[0].api_url}
    chosen = open_contents(read_config(settings))
    chosen.put_batch(BATCH.blocks(), BATCH.pins())
    chosen.close()
    assert stores[0].has(BATCH.documents[0].envelope)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_here_is_not_pinned_though_a_peer_has_it(stores: list[KuboStore]) -> None:
    """Else an erasure would bring back from a peer what another has erased here meanwhile."""
    first, second = stores
    first.put_batch(BATCH.blocks(), BATCH.pins())
    with pytest.raises(NotFound):
        second.repin(BATCH.pins(), [])
    assert not any(second.has(cid) for cid, _ in BATCH.blocks()[::37])


def test_erasing_one_document_on_every_replica(swarm: tuple[KuboNode, ...], stores: list[KuboStore]) -> None:
    erased = BATCH.documents[7].envelope
    tile = BATCH.manifest.tiles[0].cid
    for store in stores:
        store.put_batch(BATCH.blocks(), BATCH.pins())
    for store in stores:
        others = [Pin(one.envelope, recursive=True) for one in BATCH.documents[:256] if one.envelope != erased]
        store.repin([*others, Pin(tile, recursive=False)], [])
        assert store.pins()[tile] is False
        manifest = raw_cid(BATCH.manifest_digest)
        assert store.pinned([tile, erased, manifest]) == {tile: False, manifest: True}
        assert store.pinned([cid for cid, _ in BATCH.blocks()]) == store.pins(), "many are looked up in all pins"
        store.collect()
    for node, store in zip(swarm, stores, strict=True):
        assert not store.has(erased)
        alone = KuboStore(node.api_url, offline=True)
        with pytest.raises(NotFound):
            alone.get(erased, max_bytes=MIB)
        for index in (0, 6, 8, 255, 256, 299):
            opened = open_document(alone, CUSTOMS, BATCH.manifest_digest, index)
            assert opened.content == f"document {index}".encode()
        assert all(alone.has(cid) for cid, _ in BATCH.blocks() if cid != erased)
        alone.close()
    hurried = KuboStore(swarm[0].api_url, timeout_s=1)
    with pytest.raises(NotFound, match="no peer gave it in time"):
        open_document(hurried, CUSTOMS, BATCH.manifest_digest, 7)
    hurried.close()


class DyingStore(KuboStore):
    """A node that goes away at one of the calls by which a tile's pin is narrowed."""

    left = 99

    def _pin(self, cids: Sequence[Cid], *, recursive: bool) -> None:
        self._count(0 if recursive else len(cids))
        super()._pin(cids, recursive=recursive)

    def _unpin(self, cids: Sequence[Cid]) -> None:
        self._count(len(cids))
        super()._unpin(cids)

    def _count(self, size: int) -> None:
        self.left -= bool(size)
        if not self.left:
            raise Unavailable("gone")


def erase_again(store: KuboStore, manifest: Digest32, erased: Cid) -> None:
    del erased
    erase([store], BatchReader(store, manifest), 0)


def repair_and_collect(store: KuboStore, manifest: Digest32, erased: Cid) -> None:
    """As `tamga contents repair` does, which has the note of the erasure."""
    del manifest
    together = ReplicatedStore([store], required=1)
    assert together.repair({erased}).done
    together.collect()
    assert together.repair({erased}).done == []


@pytest.mark.parametrize("finish", [erase_again, repair_and_collect])
@pytest.mark.parametrize("dies_at", [1, 2, 3, 4])
def test_an_erasure_that_died_at_any_call_is_finished_by_the_next_or_a_repair(
    swarm: tuple[KuboNode, ...],
    stores: list[KuboStore],
    dies_at: int,
    finish: Callable[[KuboStore, Digest32, Cid], None],
) -> None:
    """Also if another erasure on the node collects in between."""
    batch = seal([text_document(n) for n in range(3)])
    stores[0].put_batch(batch.blocks(), batch.pins())
    dying = DyingStore(swarm[0].api_url, timeout_s=10, offline=True)
    dying.left = dies_at
    with pytest.raises(Unavailable, match="gone"):
        erase([dying], BatchReader(dying, batch.manifest_digest), 0)
    dying.left = 99
    erased, *others = [one.envelope for one in batch.documents]
    if finish is erase_again:
        dying.collect()
    finish(dying, batch.manifest_digest, erased)
    wanted = {batch.manifest.tiles[0].cid: False, raw_cid(batch.manifest_digest): True, **dict.fromkeys(others, True)}
    assert dying.pins() == wanted
    assert not dying.has(erased)
    assert BatchReader(dying, batch.manifest_digest).open(2, CUSTOMS).content == b"document 2"
    dying.close()


def test_a_block_that_a_disk_damaged_is_mended_once_kubo_dropped_it(
    swarm: tuple[KuboNode, ...], stores: list[KuboStore]
) -> None:
    batch = seal([text_document(n) for n in range(3)])
    together = ReplicatedStore([KuboStore(node.api_url, timeout_s=10, offline=True) for node in swarm], required=2)
    together.put_batch(batch.blocks(), batch.pins())
    cid = batch.documents[1].envelope
    block = dict(batch.blocks())[cid]
    (path,) = (one for one in (swarm[0].repo / "blocks").glob("*/*.data") if one.read_bytes() == block)
    path.chmod(0o600)
    path.write_bytes(bytes(len(block)))
    first = together.stores[0]
    with pytest.raises(Tampered):
        first.get(cid, max_bytes=MIB)
    assert together.mend().done == [(0, cid, "damaged")], "Kubo does not write a block that it has"
    assert together.get(cid, max_bytes=MIB) == block
    list(stores[0]._client._client.request("/repo/verify", decoder="json", opts={"drop": "true"}))
    assert not first.has(cid)
    assert together.mend().done == [(0, cid, "mended")]
    assert first.get(cid, max_bytes=MIB) == block
    together.close()


def test_large_envelopes_have_the_same_cids_as_kubo_gives_them(stores: list[KuboStore], tmp_path: Path) -> None:
    store = stores[0]
    content = b"".join(hashlib.sha256(bytes([n])).digest() * (MIB // 32) for n in range(3)) + b"and a little more"
    link, blocks = build_file(content[at : at + MIB] for at in range(0, len(content), MIB))
    assert _added(store, content) == cid_text(link.cid)
    batch = seal([DocumentInput(content, "application/octet-stream")])
    store.put_batch(batch.blocks(), batch.pins())
    store.collect()
    batch_reader = BatchReader(store, batch.manifest_digest)
    assert batch_reader.open(0, CUSTOMS).content == content
    batch_reader.open_to_file(0, CUSTOMS, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == content
    sealed = b"".join(store._client.cat(batch_reader.envelope(0), stream=True))
    assert _added(store, sealed) == batch_reader.envelope(0)
    assert len(blocks) == 5


def _added(store: KuboStore, content: bytes) -> str:
    """CID that Kubo itself gives a file, in the layout that our formats fix."""
    layout = {"cid-version": "1", "raw-leaves": "true", "max-file-links": "1024", "chunker": f"size-{MIB}"}
    body, headers = multipart.stream_files(io.BytesIO(content), chunk_size=MIB)
    answers = store._client._client.request(
        "/add", decoder="json", data=body, headers=headers, opts={**layout, "pin": "false"}
    )
    return str(answers[-1]["Hash"])


def test_kubo_takes_the_file_of_a_file_store(stores: list[KuboStore], tmp_path: Path) -> None:
    """A CAR file written here is read by Kubo as it stands, index and all."""
    files = FileStore(tmp_path)
    files.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))
    (path,) = (tmp_path / "cars").iterdir()
    with path.open("rb") as file:
        body, headers = multipart.stream_files(file, chunk_size=MIB)
        stores[1]._client._client.request(
            "/dag/import", decoder="json", data=body, headers=headers, opts={"pin-roots": "true"}
        )
    assert stores[1].pins() == files.pins()
    files.close()


def test_what_is_not_there(stores: list[KuboStore]) -> None:
    cid = block_cid(b"nowhere")
    assert not stores[0].has(cid)
    hurried = KuboStore(stores[0]._address, timeout_s=1)
    with pytest.raises((NotFound, Unavailable)):
        hurried.get(cid, max_bytes=10)
    hurried.close()
    stores[0].repin([], [cid])


def test_many_blocks_are_sought_at_once(swarm: tuple[KuboNode, ...], stores: list[KuboStore]) -> None:
    first, second = stores
    first.put_batch(BATCH.blocks()[:20], [])
    second.put_batch(BATCH.blocks(), BATCH.pins())
    nowhere = [block_cid(b"%d" % number) for number in range(300)]
    wanted = [cid for cid, _ in BATCH.blocks()]
    hurried = KuboStore(swarm[0].api_url, timeout_s=3)
    assert hurried.absent([*nowhere[:150], *wanted, *nowhere[150:]]) == set(nowhere)
    assert all(first.has(cid) for cid in wanted), "what a peer gave is here"
    together = ReplicatedStore([hurried, KuboStore("http://127.0.0.1:9", timeout_s=1)], required=1)
    assert together.absent(wanted) == frozenset()
    with pytest.raises(Unavailable):
        together.absent(nowhere[:3])  # the node that is away may have them
    together.close()
    alone = KuboStore(swarm[1].api_url, offline=True)
    assert alone.absent([*wanted[:3], *nowhere]) == set(nowhere)
    alone.close()


def test_wrong_bytes_and_missing_roots_pin_nothing(stores: list[KuboStore]) -> None:
    store = stores[0]
    with pytest.raises(Tampered):
        store.put_batch([(block_cid(b"a"), b"b")], [])
    big = bytes(2 * MIB + 1)
    with pytest.raises(LimitExceeded):
        store.put_batch([(block_cid(big), big)], [])
    with pytest.raises(LimitExceeded):
        store.get(_small(store), max_bytes=3)
    assert set(store.pins()) == {_small(store)}


def _small(store: KuboStore) -> str:
    cid = block_cid(b"small")
    store.put_batch([(cid, b"small")], [Pin(cid, recursive=True)])
    return cid


def test_a_node_that_is_away() -> None:
    away = KuboStore("http://127.0.0.1:9", timeout_s=2)
    cid = raw_cid(BATCH.manifest_digest)
    for ask in (
        lambda: away.get(cid, max_bytes=MIB),
        lambda: away.has(cid),
        lambda: away.put_batch(BATCH.blocks(), BATCH.pins()),
        lambda: away.absent([cid, block_cid(b"x")]),
        away.pins,
        away.collect,
    ):
        with pytest.raises(Unavailable):
            ask()
    away.close()


@pytest.mark.parametrize("address", ["", "127.0.0.1:5001", "ftp://127.0.0.1", "/ip4/127.0.0.1/udp/1", "http://"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(Malformed):
        KuboStore(address)
