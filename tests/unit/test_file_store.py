"""The file store: durable, the same CIDs, damage seen on read, erasure that leaves every neighbour in place.

Given a stored batch
    it should be one CAR file, readable by anyone, whose roots are its pins
    it should hold an index that memory does not, and say so if the disk does not either
    it should survive a new process, a lost or broken locator, leftovers of a crash and being stored again
Given damage on disk
    it should never give out changed bytes
Given pins that changed
    it should drop exactly what nothing keeps, also for other processes
Given a folder that cannot be used
    it should say so as Unavailable, with nothing half-written
"""

import errno
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.adapters import car_entries, car_file
from ledger.adapters.file_store import FileStore
from ledger.adapters.replicas import ReplicatedStore
from ledger.domain import car
from ledger.domain.cid import block_cid, cid_bytes, cid_text, raw_cid, verify_block
from ledger.domain.errors import LimitExceeded, NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.domain.limits import MIB
from ledger.ports.content_store import Pin
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader, open_document
from tests.support.evidence import CUSTOMS, seal, text_document

BATCH = seal([text_document(n) for n in range(300)])
OTHER = seal([text_document(n) for n in range(5)], seed="other")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FileStore]:
    made = FileStore(tmp_path)
    yield made
    made.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "cars").iterdir())


def test_a_batch_is_one_file_with_the_same_cids(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    (file,) = files(tmp_path)
    for cid, block in BATCH.blocks():
        assert store.get(cid, max_bytes=MIB) == block
    assert store.pins() == {pin.cid: True for pin in BATCH.pins()}
    assert store.pinned([cid for cid, _ in BATCH.blocks()]) == store.pins()
    with file.open("rb") as raw:
        layout = car.parse_v2_header(raw.read(car.V2_START))
        raw.seek(layout.data)
        roots, used = car.read_header(raw)
        blocks = dict(car.read_sections(raw, layout.data_bytes - used))
    assert [cid_text(root) for root in roots] == [pin.cid for pin in BATCH.pins()]
    assert {cid_text(cid): block for cid, block in blocks.items()} == dict(BATCH.blocks())


def test_pins_known_only_after_the_blocks_leave_a_hole_and_no_harm(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))
    assert store.pins() == {pin.cid: True for pin in BATCH.pins()}
    assert open_document(store, CUSTOMS, BATCH.manifest_digest, 299).content == b"document 299"


def test_storing_again_changes_nothing(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    before = {path.name: path.read_bytes() for path in files(tmp_path)}
    store.put_batch(BATCH.blocks(), BATCH.pins())
    assert {path.name: path.read_bytes() for path in files(tmp_path)} == before


def test_a_new_process_finds_everything(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    again = FileStore(tmp_path)
    assert open_document(again, CUSTOMS, BATCH.manifest_digest, 7).content == b"document 7"
    again.put_batch(OTHER.blocks(), OTHER.pins())  # seen by the first one too
    assert open_document(store, CUSTOMS, OTHER.manifest_digest, 4).content == b"document 4"
    again.close()


@pytest.mark.parametrize("broken", [None, b"", b"not a database" * 1000])
def test_the_locator_is_disposable(tmp_path: Path, broken: bytes | None) -> None:
    first = FileStore(tmp_path)
    first.put_batch(BATCH.blocks(), BATCH.pins())
    first.close()
    for path in tmp_path.glob("locator*"):
        path.unlink()
    if broken is not None:
        (tmp_path / "locator.sqlite").write_bytes(broken)
    second = FileStore(tmp_path)
    assert open_document(second, CUSTOMS, BATCH.manifest_digest, 7).content == b"document 7"
    assert second.pins() == {pin.cid: True for pin in BATCH.pins()}
    second.close()


def test_what_is_not_here(store: FileStore) -> None:
    cid = block_cid(b"elsewhere")
    assert not store.has(cid)
    with pytest.raises(NotFound):
        store.get(cid, max_bytes=10)
    with pytest.raises(NotFound):
        store.repin([Pin(cid, recursive=True)], [])


def test_reading_is_bounded(store: FileStore) -> None:
    cid, block = BATCH.blocks()[0]
    store.put_batch(BATCH.blocks(), BATCH.pins())
    assert store.get(cid, max_bytes=len(block)) == block
    with pytest.raises(LimitExceeded):
        store.get(cid, max_bytes=len(block) - 1)


def test_blocks_that_are_not_what_they_are_called(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(Tampered):
        store.put_batch([(block_cid(b"a"), b"b")], [])
    big = bytes(2 * MIB + 1)
    with pytest.raises(LimitExceeded):
        store.put_batch([(block_cid(big), big)], [])
    assert files(tmp_path) == []


def test_a_batch_that_fails_half_way_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    def blocks() -> Iterator[tuple[Cid, bytes]]:
        yield BATCH.blocks()[0]
        raise RuntimeError("the document could not be read")

    with pytest.raises(RuntimeError):
        store.put_batch(blocks(), BATCH.pins())
    assert files(tmp_path) == []
    assert store.pins() == {}


@pytest.mark.parametrize("at", ["section", "index", "header", "end"])
def test_damage_is_seen_on_read(tmp_path: Path, at: str) -> None:
    first = FileStore(tmp_path)
    first.put_batch(OTHER.blocks(), OTHER.pins())
    first.close()
    (file,) = files(tmp_path)
    raw = bytearray(file.read_bytes())
    layout = car.parse_v2_header(bytes(raw[: car.V2_START]))
    cid, block = OTHER.blocks()[0]
    where = {"section": raw.find(block) + 50, "index": layout.index_at + 5, "header": layout.data + 3, "end": None}[at]
    if where is None:
        raw = raw[:-1]
    else:
        raw[where] ^= 1
    file.write_bytes(raw)
    second = FileStore(tmp_path)
    with pytest.raises((Tampered, NotFound)):
        second.get(cid, max_bytes=MIB)
    second.close()
    (tmp_path / "locator.sqlite").unlink()
    third = FileStore(tmp_path)
    assert bool(third.damaged()) is (at != "section")
    with pytest.raises((Tampered, NotFound)):
        third.get(cid, max_bytes=MIB)
    third.close()


def test_a_damaged_file_is_not_told_of_once_its_batch_was_stored_again(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(OTHER.blocks(), OTHER.pins())
    store.close()
    (path,) = files(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    (tmp_path / "locator.sqlite").unlink()
    again = FileStore(tmp_path)
    assert list(again.damaged()) == [path.name]
    again.put_batch(OTHER.blocks(), OTHER.pins())
    cid, block = OTHER.blocks()[0]
    assert again.get(cid, max_bytes=MIB) == block
    assert again.damaged() == {}
    again.close()


def test_every_flipped_byte_of_a_file_is_refused_or_harmless(tmp_path: Path) -> None:
    """No flip anywhere in the file makes the store give out bytes that do not hash to their CID."""
    batch = seal([text_document(1)], seed="one")
    first = FileStore(tmp_path)
    first.put_batch(batch.blocks(), batch.pins())
    first.close()
    (file,) = files(tmp_path)
    raw = file.read_bytes()
    for at in range(0, len(raw), 7):
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        store = FileStore(tmp_path)
        for cid, block in batch.blocks():
            try:
                assert store.get(cid, max_bytes=MIB) == block
            except (Tampered, NotFound, LimitExceeded):
                continue
        store.close()


@pytest.mark.parametrize("opened", ["before", "after"])
def test_a_locator_damaged_behind_its_first_page_is_made_anew(tmp_path: Path, opened: str) -> None:
    """It is never synced, so a crash may leave any of its pages unwritten."""
    store = FileStore(tmp_path)
    store.put_batch(BATCH.blocks(), BATCH.pins())
    store.close()
    locator = tmp_path / "locator.sqlite"
    if opened == "before":
        store = FileStore(tmp_path)
        store._locator._connection.execute("PRAGMA cache_size = 0")
    whole = locator.read_bytes()
    with locator.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (len(whole) - 4096))
    if opened == "after":
        store = FileStore(tmp_path)
    for cid, block in BATCH.blocks():
        assert store.get(cid, max_bytes=MIB) == block
    assert store.pins() == {pin.cid: True for pin in BATCH.pins()}
    store.put_batch(OTHER.blocks(), OTHER.pins())
    store.close()
    again = FileStore(tmp_path)
    assert again.pins() == {pin.cid: True for pin in (*BATCH.pins(), *OTHER.pins())}
    again.close()


def test_a_locator_that_another_keeps_busy_is_used_again_afterwards(store: FileStore, tmp_path: Path) -> None:
    store._locator._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "locator.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            store.put_batch(BATCH.blocks(), BATCH.pins())
    store.put_batch(BATCH.blocks(), BATCH.pins())
    assert open_document(store, CUSTOMS, BATCH.manifest_digest, 299).content == b"document 299"


def test_damage_to_the_pins_is_named_and_nothing_is_dropped_for_it(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), [Pin(pin.cid, recursive=False) for pin in BATCH.pins()])
    pins = tmp_path / "pins.json"
    pins.write_bytes(pins.read_bytes()[:-7])
    for call in (store.pins, store.collect, lambda: store.repin([], [BATCH.pins()[0].cid])):
        with pytest.raises(Unavailable, match=r"pins\.json is damaged"):
            call()
    assert open_document(store, CUSTOMS, BATCH.manifest_digest, 299).content == b"document 299"


def test_erasing_one_document_keeps_every_other(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    store.put_batch(OTHER.blocks(), OTHER.pins())
    erased = BATCH.documents[7].envelope
    tile = BATCH.manifest.tiles[0].cid
    others = [Pin(one.envelope, recursive=True) for one in BATCH.documents[:256] if one.envelope != erased]
    store.repin([*others, Pin(tile, recursive=False)], [])
    assert store.pins()[tile] is False
    assert store.pinned([tile, erased, others[0].cid]) == {tile: False, others[0].cid: True}
    store.collect()
    assert not store.has(erased)
    block = dict(BATCH.blocks())[erased]
    assert all(block not in path.read_bytes() for path in files(tmp_path))
    again = FileStore(tmp_path)
    for index in (0, 6, 8, 255, 256, 299):
        assert open_document(again, CUSTOMS, BATCH.manifest_digest, index).content == f"document {index}".encode()
    with pytest.raises(NotFound):
        open_document(again, CUSTOMS, BATCH.manifest_digest, 7)
    assert open_document(again, CUSTOMS, OTHER.manifest_digest, 4).content == b"document 4"
    assert len(again.pins()) == len(others) + len(BATCH.pins()) + len(OTHER.pins())
    store.collect()
    assert len(files(tmp_path)) == 2
    again.close()


def damaged(folder: Path, old: bytes, new: bytes) -> FileStore:
    """The store with some bytes of its only CAR file changed."""
    (path,) = files(folder)
    raw = path.read_bytes()
    assert raw.count(old) == 1
    path.write_bytes(raw.replace(old, new))
    return FileStore(folder)


def flipped(block: bytes) -> bytes:
    return block[:-1] + bytes([block[-1] ^ 1])


ERASED, NEIGHBOUR = OTHER.documents[0].envelope, OTHER.documents[1].envelope
BLOCKS = dict(OTHER.blocks())
NEIGHBOURS_HEAD = car.section_head(cid_bytes(NEIGHBOUR), len(BLOCKS[NEIGHBOUR]))


@pytest.mark.parametrize(
    ("old", "new", "becomes"),
    [
        (BLOCKS[NEIGHBOUR], flipped(BLOCKS[NEIGHBOUR]), Tampered),
        (NEIGHBOURS_HEAD, bytes([NEIGHBOURS_HEAD[0] ^ 1]) + NEIGHBOURS_HEAD[1:], NotFound),
        (NEIGHBOURS_HEAD, bytes([NEIGHBOURS_HEAD[0], NEIGHBOURS_HEAD[1] ^ 8]) + NEIGHBOURS_HEAD[2:], NotFound),
    ],
    ids=["a block", "a length, a little", "a length, by far"],
)
def test_damage_beside_it_does_not_keep_a_document_from_being_erased(
    store: FileStore, tmp_path: Path, old: bytes, new: bytes, becomes: type[Exception]
) -> None:
    store.put_batch(OTHER.blocks(), OTHER.pins())
    again = damaged(tmp_path, old, new)
    erase([again], BatchReader(again, OTHER.manifest_digest), 0)
    assert not again.has(ERASED)
    assert not any(BLOCKS[ERASED] in path.read_bytes() for path in files(tmp_path))
    for cid in BLOCKS.keys() - {ERASED, NEIGHBOUR}:
        assert again.get(cid, max_bytes=MIB) == BLOCKS[cid]
    with pytest.raises(becomes):
        again.get(NEIGHBOUR, max_bytes=MIB)
    again.close()


def test_a_damaged_tile_keeps_what_is_stored_with_it_and_no_other_batch(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(OTHER.blocks(), OTHER.pins())
    tile = OTHER.manifest.tiles[0].cid
    again = damaged(tmp_path, BLOCKS[tile], flipped(BLOCKS[tile]))
    again.put_batch(BATCH.blocks(), BATCH.pins())
    erase([again], BatchReader(again, BATCH.manifest_digest), 7)
    assert not again.has(BATCH.documents[7].envelope)
    for cid in BLOCKS.keys() - {tile}:
        assert again.get(cid, max_bytes=MIB) == BLOCKS[cid]
    again.close()


def test_an_erasure_beside_a_damaged_tile_is_unfinished_until_it_is_mended(store: FileStore, tmp_path: Path) -> None:
    other = FileStore(tmp_path / "other")
    for one in (store, other):
        one.put_batch(BATCH.blocks(), BATCH.pins())
    tile = dict(BATCH.blocks())[BATCH.manifest.tiles[1].cid]
    again = damaged(tmp_path, tile, flipped(tile))
    together = ReplicatedStore([again, other], required=2)
    for n, finished in ((7, False), (7, True), (299, True)):
        if finished:
            together.mend()
            erase(together.stores, BatchReader(together, BATCH.manifest_digest), n)
        else:
            with pytest.raises(Unavailable, match="not erased from 1 of 2 stores"):
                erase(together.stores, BatchReader(together, BATCH.manifest_digest), n)
        assert [one.has(BATCH.documents[n].envelope) for one in together.stores] == [not finished, False]
    left = {cid for cid, _ in BATCH.blocks()} - {BATCH.documents[n].envelope for n in (7, 299)}
    assert all(one.has(cid) for one in together.stores for cid in left)
    together.close()


def test_a_car_file_that_cannot_be_read_stops_no_erasure_elsewhere(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(OTHER.blocks(), OTHER.pins())
    (path,) = files(tmp_path)
    path.write_bytes(b"no CAR file" + path.read_bytes()[11:])
    again = FileStore(tmp_path)
    again.put_batch(BATCH.blocks(), BATCH.pins())
    erase([again], BatchReader(again, BATCH.manifest_digest), 7)
    assert not again.has(BATCH.documents[7].envelope)
    assert path.exists()
    again.close()


def test_damage_in_an_index_loses_no_block_to_a_collection(store: FileStore, tmp_path: Path) -> None:
    """The entry names a block that nothing keeps, and the file is written anew under the name that it has."""
    store.put_batch(OTHER.blocks(), OTHER.pins())
    (path,) = files(tmp_path)
    raw = path.read_bytes()
    at = raw.rindex(cid_bytes(NEIGHBOUR)[4:]) + 31
    path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    again = FileStore(tmp_path)
    again.collect()
    assert path.read_bytes() == raw
    for cid, block in BLOCKS.items():
        assert again.get(cid, max_bytes=MIB) == block
    again.close()


@pytest.mark.parametrize("located", [True, False])
@pytest.mark.parametrize("byte", [car.V2_START - 1, car.V2_START - 9, car.V2_START - 17])
@pytest.mark.parametrize("value", [0x01, 0x40, 0x80, 0xFF])
def test_a_header_that_points_anywhere(store: FileStore, tmp_path: Path, located: bool, byte: int, value: int) -> None:
    """The highest byte of each of the three numbers in it, which reach further than a file's offsets."""
    store.put_batch(OTHER.blocks(), OTHER.pins())
    store.close()
    (path,) = files(tmp_path)
    raw = path.read_bytes()
    path.write_bytes(raw[:byte] + bytes([value]) + raw[byte + 1 :])
    if not located:
        for file in tmp_path.glob("locator*"):
            file.unlink()
    again = FileStore(tmp_path)
    with pytest.raises(Tampered if located else NotFound):
        again.get(ERASED, max_bytes=MIB)
    assert bool(again.damaged()) is not located
    again.close()


def test_an_index_that_points_anywhere(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(OTHER.blocks(), OTHER.pins())
    (path,) = files(tmp_path)
    raw = path.read_bytes()
    for value in (0x01, 0x80, 0xFF):
        at = raw.rindex(cid_bytes(NEIGHBOUR)[4:]) + car.ENTRY_BYTES - 1
        path.write_bytes(raw[:at] + bytes([value]) + raw[at + 1 :])
        again = FileStore(tmp_path)
        with pytest.raises(Tampered):
            again.get(NEIGHBOUR, max_bytes=MIB)
        again.close()


def test_unpinned_batches_go_and_come_back(store: FileStore, tmp_path: Path) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    store.repin([], [pin.cid for pin in BATCH.pins()])
    assert store.pins() == {}
    assert store.pinned([pin.cid for pin in BATCH.pins()]) == {}
    assert store.has(raw_cid(BATCH.manifest_digest))
    store.put_batch(BATCH.blocks(), BATCH.pins())  # pinned again, though the file is the same
    store.collect()
    assert store.has(raw_cid(BATCH.manifest_digest))
    store.repin([], [pin.cid for pin in BATCH.pins()])
    store.collect()
    assert files(tmp_path) == []
    assert not store.has(raw_cid(BATCH.manifest_digest))


def test_a_pinned_tree_with_a_hole_stops_the_collection(store: FileStore) -> None:
    blocks = [pair for pair in BATCH.blocks() if pair[0] != BATCH.manifest.tiles[1].cid]
    store.put_batch(blocks, BATCH.pins())
    with pytest.raises(NotFound):
        store.collect()
    assert store.has(BATCH.documents[0].envelope)


def test_leftovers_of_a_crash_go_and_work_in_progress_stays(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "cars" / f".{'0' * 16}.car.tmp").write_bytes(b"half a batch")
    with car_file.CarWriter(tmp_path / "cars", expected_roots=1) as writer:
        writer.add(*BATCH.blocks()[0])
        FileStore(tmp_path).close()
        assert len(files(tmp_path)) == 1  # the writer's own
        writer.commit([])
    assert store.get(BATCH.blocks()[0][0], max_bytes=MIB) == BATCH.blocks()[0][1]


def test_an_index_larger_than_memory_gives_the_same_file(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_batch(BATCH.blocks(), BATCH.pins())
    (before,) = files(tmp_path)
    whole = before.read_bytes()
    before.unlink()
    monkeypatch.setattr(car_entries, "_HELD_BYTES", 1_000)
    store.put_batch(BATCH.blocks(), BATCH.pins())
    (after,) = files(tmp_path)
    assert (after.name, after.read_bytes()) == (before.name, whole)


def test_no_room_for_an_index_larger_than_memory(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(car_entries, "_HELD_BYTES", 1_000)
    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(Unavailable, match="No space left"):
        store.put_batch(BATCH.blocks(), BATCH.pins())
    monkeypatch.undo()
    monkeypatch.setattr(car_entries, "_HELD_BYTES", 1_000)
    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    with pytest.raises(Unavailable, match="No space left"):
        store.put_batch(BATCH.blocks(), BATCH.pins())
    assert files(tmp_path) == []
    assert store.pins() == {}


def test_rename_comes_after_the_sync(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash at any call before the rename leaves no batch; from the rename on all of it is durable."""
    calls: list[str] = []
    real_sync, real_rename = os.fsync, Path.rename

    def sync(descriptor: int) -> None:
        calls.append("sync folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "sync file")
        real_sync(descriptor)

    def rename(self: Path, target: Path) -> Path:
        calls.append("rename")
        return real_rename(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", rename)
    store.put_batch(OTHER.blocks(), OTHER.pins())
    assert calls == ["sync file", "rename", "sync folder"]


@pytest.mark.parametrize("failing", ["fsync", "rename"])
def test_a_full_disk_is_named_and_leaves_nothing(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if failing == "fsync" else Path, failing, fail)
    with pytest.raises(Unavailable, match="No space left"):
        store.put_batch(OTHER.blocks(), OTHER.pins())
    monkeypatch.undo()
    assert files(tmp_path) == []
    assert store.pins() == {}
    store.put_batch(OTHER.blocks(), OTHER.pins())
    assert len(store.pins()) == 2


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable):
        FileStore(tmp_path / "file")


def test_threads_share_a_store(store: FileStore) -> None:
    batches = [seal([text_document(n)], seed=f"thread {n}") for n in range(80)]  # more than files kept open
    problems: list[BaseException] = []

    def work(mine: int) -> None:
        try:
            for batch in batches[mine::4]:
                store.put_batch(batch.blocks(), batch.pins())
            for batch in batches[mine::4]:
                for cid, block in batch.blocks():
                    assert verify_block(cid, block)
                    assert store.get(cid, max_bytes=MIB) == block
        except BaseException as bad:  # noqa: BLE001 - whatever ended the thread is told by the test
            problems.append(bad)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store.collect()
    assert len(store.pins()) == 160
