"""Several stores as one: the required number, reads around damage and absence, repair and its report."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from ledger.adapters.file_store import FileStore
from ledger.adapters.replicas import ReplicatedStore
from ledger.domain.cid import block_cid, raw_cid
from ledger.domain.errors import NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.domain.limits import MIB
from ledger.ports.content_store import Pin
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader, open_document
from ledger.services.seeking import seek
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, seal, text_document

BATCH = seal([text_document(n) for n in range(5)])
MANIFEST = raw_cid(BATCH.manifest_digest)


class Away(MemoryStore):
    """A store that can be told to be away."""

    away = False
    away_after_batch = False
    fails: BaseException | None = None

    def _check(self) -> None:
        if self.away:
            raise Unavailable("the store is away")

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        self._check()
        if self.fails:
            raise self.fails
        super().put_batch(blocks, pins)
        self.away = self.away_after_batch

    def has(self, cid: Cid) -> bool:
        self._check()
        return super().has(cid)

    def pins(self) -> Mapping[Cid, bool]:
        self._check()
        return super().pins()

    def collect(self) -> None:
        self._check()
        super().collect()

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        self._check()
        super().repin(add, remove)

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        self._check()
        return super()._read(cid, max_bytes)


@pytest.fixture
def stores() -> list[Away]:
    return [Away(), Away(), Away()]


def test_a_batch_sealed_while_it_is_stored_reaches_every_store(stores: list[Away]) -> None:
    ReplicatedStore(stores, required=3).put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))
    for store in stores:
        assert store.blocks == dict(BATCH.blocks())
        assert store.pins() == {pin.cid: True for pin in BATCH.pins()}


@pytest.mark.parametrize(("required", "away", "kept"), [(2, 1, True), (2, 2, False), (1, 2, True), (3, 1, False)])
def test_the_required_number_decides(stores: list[Away], required: int, away: int, kept: bool) -> None:
    for store in stores[3 - away :]:
        store.away = True
    together = ReplicatedStore(stores, required=required)
    if kept:
        together.put_batch(BATCH.blocks(), BATCH.pins())
    else:
        with pytest.raises(Unavailable, match=f"{3 - away} of {required} replicas"):
            together.put_batch(BATCH.blocks(), BATCH.pins())


@pytest.mark.parametrize("interrupted", [False, True])
def test_what_too_few_took_stays_pinned_nowhere(stores: list[Away], interrupted: bool) -> None:
    """Nobody will count on it, so it must be collected; an interruption is no exception."""
    together = ReplicatedStore(stores, required=3)
    stores[2].fails = KeyboardInterrupt() if interrupted else Unavailable("full")
    with pytest.raises(KeyboardInterrupt if interrupted else Unavailable):
        together.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))
    assert [store.pins() for store in stores] == [{}, {}, {}]
    together.collect()
    assert [store.blocks for store in stores] == [{}, {}, {}]


def test_what_was_pinned_before_stays_as_it_was(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    tile = BATCH.manifest.tiles[0].cid
    stores[0].repin([Pin(tile, recursive=False)], [])
    before = [store.pins() for store in stores]
    stores[2].fails = Unavailable("full")
    with pytest.raises(Unavailable, match=r"2 of 3 replicas: store 2: full$"):
        together.put_batch(BATCH.blocks(), BATCH.pins())
    assert [store.pins() for store in stores] == before


def test_a_store_that_goes_before_it_could_unpin_is_named(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)

    def and_then_away() -> Iterator[tuple[Cid, bytes]]:
        yield from BATCH.blocks()
        stores[1].away = stores[2].away = True

    stores[0].away_after_batch = True
    with pytest.raises(Unavailable, match="it may stay pinned in store 0"):
        together.put_batch(and_then_away(), BATCH.pins())
    stores[0].away = False
    assert stores[0].pins()
    with pytest.raises(Unavailable, match="away"):
        together.pinned([MANIFEST])
    stores[1].away = stores[2].away = False
    assert together.pinned([MANIFEST]) == {}, "one replica is not the two that are required"


def test_pinned_is_what_the_required_number_pins(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    stores[0].away = True
    assert together.pinned([MANIFEST]) == {MANIFEST: True}
    with pytest.raises(Unavailable):
        together.pinned([MANIFEST, block_cid(b"x")])  # the store that is away might pin it, with another


def test_reads_go_around_absence_and_damage(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    stores[0].away = True
    stores[1].blocks[MANIFEST] += b"\0"
    assert open_document(together, CUSTOMS, BATCH.manifest_digest, 4).content == b"document 4"
    assert together.has(MANIFEST)


def test_no_store_is_asked_beyond_the_one_that_has_it(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())

    def hangs(_: Cid) -> bool:
        raise AssertionError("asked in vain")

    stores[1].has = hangs  # type: ignore[method-assign]  # one instance hangs
    assert together.get(MANIFEST, max_bytes=MIB) == dict(BATCH.blocks())[MANIFEST]


def test_what_nobody_has_is_told_of_many_at_once(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    nowhere = [block_cid(bytes([number])) for number in range(3)]
    for store in stores[:2]:
        del store.blocks[MANIFEST]
    assert seek(together, [MANIFEST, *nowhere, *nowhere]) == together.absent([MANIFEST, *nowhere]) == set(nowhere)
    stores[0].away = True
    assert seek(together, [MANIFEST]) == frozenset()
    asked: list[Cid] = []
    has = together.has

    def counted(cid: Cid) -> bool:
        asked.append(cid)
        return has(cid)

    together.has = counted  # type: ignore[method-assign]  # counts
    with pytest.raises(Unavailable):
        seek(together, [*nowhere, MANIFEST])
    assert asked == nowhere[:1], "a store that is away, or hangs, is asked once"


def test_the_gravest_problem_is_told(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    cid = block_cid(b"x")
    with pytest.raises(NotFound):
        together.get(cid, max_bytes=MIB)
    assert not together.has(cid)
    stores[2].away = True
    for ask in (lambda: together.get(cid, max_bytes=MIB), lambda: together.has(cid), together.pins):
        with pytest.raises(Unavailable):
            ask()
    stores[1].blocks[cid] = b"y"
    with pytest.raises(Tampered):
        together.get(cid, max_bytes=MIB)


def test_a_missing_replica_is_repaired_and_reported(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)
    stores[2].away = True
    together.put_batch(BATCH.blocks(), BATCH.pins())
    assert together.repair() == ([], {2: "the store is away"}, len(BATCH.pins()))
    stores[2].away = False
    assert [(one.store, one.cid, one.how) for one in together.repair().done] == [
        (2, pin.cid, "copied") for pin in BATCH.pins()
    ]
    assert stores[2].blocks == dict(BATCH.blocks())
    assert together.repair().done == []


def test_an_erasure_that_a_store_missed_is_made_good(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    erase(stores[:2], BatchReader(together, BATCH.manifest_digest), 3)
    tile = BATCH.manifest.tiles[0].cid
    report = together.repair().done
    assert (2, tile, "narrowed") in report
    together.collect()
    assert not any(store.has(BATCH.documents[3].envelope) for store in stores)
    for store in stores:
        assert open_document(store, CUSTOMS, BATCH.manifest_digest, 4).content == b"document 4"
    assert together.repair().done == []


def test_a_second_erasure_in_a_tile_that_a_store_missed_does_not_come_back(stores: list[Away]) -> None:
    """The tile is direct everywhere by then, so only the erasure's own note tells it from a missing replica."""
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    batch = BatchReader(together, BATCH.manifest_digest)
    erase(stores, batch, 3)
    stores[2].away = True
    with pytest.raises(Unavailable, match="not erased from 1 of 3 stores: the store is away"):
        erase(stores, batch, 1)
    stores[2].away = False
    erased = {BATCH.documents[n].envelope for n in (1, 3)}
    assert together.repair(erased).done == [(2, BATCH.documents[1].envelope, "unpinned")]
    together.collect()
    assert not any(store.has(cid) for store in stores for cid in erased)
    for store in stores:
        assert open_document(store, CUSTOMS, BATCH.manifest_digest, 4).content == b"document 4"
    assert together.repair(erased).done == []


def test_a_damaged_store_does_not_keep_the_others_from_erasing(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    erased = BATCH.documents[3].envelope

    def fail() -> None:
        raise Tampered("damaged")

    stores[0].collect = fail  # type: ignore[method-assign]  # one instance fails
    stores[1].away = True
    with pytest.raises(Tampered, match="damaged"):
        erase(stores, BatchReader(together, BATCH.manifest_digest), 3)
    assert not stores[2].has(erased)


def test_an_erased_document_does_not_come_back_to_a_new_disk(stores: list[Away]) -> None:
    """The only store that missed the erasure is by then the only one that has the tile at all."""
    together = ReplicatedStore(stores[:2], required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    erased = BATCH.documents[3].envelope
    erase(stores[:1], BatchReader(together, BATCH.manifest_digest), 3)
    together = ReplicatedStore([stores[2], stores[1]], required=2)
    tile = BATCH.manifest.tiles[0].cid
    report = together.repair({erased}).done
    assert not any(cid == erased for _, cid, how in report if how == "copied")
    assert [(store, how) for store, cid, how in report if cid == tile] == [(0, "copied"), (1, "narrowed")]
    together.collect()
    for store in stores[1:]:
        assert not store.has(erased)
        assert store.pins() == stores[0].pins()
        assert open_document(store, CUSTOMS, BATCH.manifest_digest, 4).content == b"document 4"
    assert together.repair({erased}).done == []


def test_an_erasure_that_was_noted_and_not_begun_is_done_by_the_repair(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    erased = {BATCH.documents[n].envelope for n in (3, 1)}
    tile = BATCH.manifest.tiles[0].cid
    report = together.repair(erased).done
    assert {(cid, how) for _, cid, how in report} == {(tile, "narrowed"), *((cid, "unpinned") for cid in erased)}
    assert {(cid, how) for _, cid, how in together.repair(erased).done} == {(cid, "unpinned") for cid in erased}, (
        "still there until they are collected, should the first repair have died before"
    )
    together.collect()
    for store in stores:
        assert not any(store.has(cid) for cid in erased)
        assert set(store.blocks) == {cid for cid, _ in BATCH.blocks()} - erased
    assert together.repair(erased).done == []


def test_damaged_and_missing_blocks_are_mended_from_another_store(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    assert together.mend().done == []
    tile, gone, bad = BATCH.manifest.tiles[0].cid, BATCH.documents[1].envelope, BATCH.documents[3].envelope
    stores[0].blocks[tile] = b"x"
    del stores[0].blocks[gone]
    stores[2].blocks[bad] = b"x"
    assert together.repair().done == [], "pins are whole"
    assert set(together.mend().done) == {(0, tile, "mended"), (0, gone, "mended"), (2, bad, "mended")}
    for store in stores:
        assert store.blocks == dict(BATCH.blocks())
    assert together.mend().done == []


def test_what_no_store_has_sound_is_told_and_the_rest_is_mended(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=3)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    bad, other = BATCH.documents[1].envelope, BATCH.documents[3].envelope
    for store in stores:
        store.blocks[bad] = b"x"
    del stores[1].blocks[other]
    assert set(together.mend().done) == {*((place, bad, "damaged") for place in range(3)), (1, other, "mended")}
    stores[1].away = True
    assert together.mend().trouble == {1: "the store is away"}


def test_a_damaged_file_is_mended_as_often_as_it_is_damaged(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    together = ReplicatedStore([FileStore(folder) for folder in folders], required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    cid = BATCH.documents[1].envelope
    block = dict(BATCH.blocks())[cid]
    for _ in range(2):
        for path in (folders[0] / "cars").iterdir():
            at = path.read_bytes().find(block)
            if at >= 0:
                with path.open("r+b") as file:
                    file.seek(at)
                    file.write(b"\xff" * 9)
        with pytest.raises(Tampered):
            together.stores[0].get(cid, max_bytes=MIB)
        assert together.mend().done == [(0, cid, "mended")]
        assert together.stores[0].get(cid, max_bytes=MIB) == block
        again = FileStore(folders[0])
        assert again.get(cid, max_bytes=MIB) == block
        again.close()
    assert together.mend().done == []
    together.close()


def test_a_store_that_is_away_keeps_no_other_from_pinning_and_collecting(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    stores[0].away = True
    with pytest.raises(Unavailable, match="not pinned anew: store 0: the store is away"):
        together.repin([Pin(MANIFEST, recursive=False)], [BATCH.manifest.tiles[0].cid])
    with pytest.raises(Unavailable, match="not collected: store 0: the store is away"):
        together.collect()
    assert [set(store.blocks) for store in stores[1:]] == [{MANIFEST}, {MANIFEST}]
    stores[0].away = False
    together.repin([Pin(MANIFEST, recursive=False)], [BATCH.manifest.tiles[0].cid])
    together.collect()
    assert [store.pins() for store in stores] == [{MANIFEST: False}] * 3
    assert set(stores[0].blocks) == {MANIFEST}


def test_damage_in_one_store_is_told_before_absence_and_the_others_are_done(stores: list[Away]) -> None:
    together = ReplicatedStore(stores, required=2)
    together.put_batch(BATCH.blocks(), BATCH.pins())
    stores[0].away = True
    del stores[1].blocks[MANIFEST]

    def lacking(add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        raise NotFound("block", MANIFEST)

    stores[1].repin = lacking  # type: ignore[method-assign]  # one instance fails
    with pytest.raises(NotFound):
        together.repin([], [pin.cid for pin in BATCH.pins()])
    assert stores[2].pins() == {}


def test_a_batch_goes_to_the_stores_that_answer(stores: list[Away]) -> None:
    stores[0].away = True
    together = ReplicatedStore(stores, required=2)
    together.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))
    assert (len(stores[0].blocks), len(stores[1].blocks), len(stores[2].blocks)) == (0, 7, 7)
    for store in stores:
        store.away = True
    with pytest.raises(Unavailable, match="none of 3 stores answers: the store is away"):
        together.put_batch(iter(BATCH.blocks()), iter(BATCH.pins()))


def test_numbers_that_make_no_sense() -> None:
    for required in (0, 2):
        with pytest.raises(ValueError, match="replicas"):
            ReplicatedStore([MemoryStore()], required=required)
