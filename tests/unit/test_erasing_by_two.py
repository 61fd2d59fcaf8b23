"""Two machines of one issuer that erase from one tile at the same time, each with its own view of what is pinned.

given an erasure that has seen the tile pinned whole, and another that is done from beginning to end then
  when the first goes on                → both documents are gone, and all others are there, pinned
  when the other's envelope is here again, unpinned, as a node has what it fetched for a reader
                                        → it is not pinned, and gone with the next collection
given a neighbour that is missing, and that nobody ordered to be erased
  when a document is erased             → nothing is narrowed, and the neighbour is named
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from ledger.adapters.file_store import FileStore
from ledger.domain.errors import NotFound
from ledger.domain.ids import Cid, RecordId
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader
from tests.support.evidence import CUSTOMS, seal, text_document

BATCH = seal([text_document(n) for n in range(5)])
FIRST, SECOND = BATCH.documents[0], BATCH.documents[1]
TILE = BATCH.manifest.tiles[0].cid


class Slow(FileStore):
    """Somebody else is at work between what it learns of pins and what it does."""

    meanwhile: Callable[[], None] | None = None

    def pins(self) -> Mapping[Cid, bool]:
        found = super().pins()
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found


class Orders:
    """What the chain knows to be erased: an order comes before its erasure."""

    def __init__(self) -> None:
        self.records: set[RecordId] = set()

    def __call__(self, records: Sequence[RecordId]) -> frozenset[RecordId]:
        return self.records.intersection(records)

    def erase(self, store: FileStore, leaf: int) -> None:
        self.records.add(BATCH.documents[leaf].record_id)
        erase([store], BatchReader(store, BATCH.manifest_digest), leaf, ordered=self)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = FileStore(tmp_path)
    store.put_batch(BATCH.blocks(), BATCH.pins())
    store.close()
    return tmp_path


@pytest.mark.parametrize("comes_back", [False, True])
def test_what_the_other_erased_meanwhile_is_not_pinned(folder: Path, comes_back: bool) -> None:
    orders, ours, theirs = Orders(), Slow(folder), FileStore(folder)

    def other() -> None:
        orders.erase(theirs, 0)
        assert not theirs.has(FIRST.envelope)
        if comes_back:
            theirs.put_batch([(FIRST.envelope, dict(BATCH.blocks())[FIRST.envelope])], [])

    ours.meanwhile = other
    orders.erase(ours, 1)
    assert not any(ours.has(gone.envelope) for gone in (FIRST, SECOND))
    assert {cid: how for cid, how in ours.pins().items() if how} == {
        **{pin.cid: True for pin in BATCH.pins() if pin.cid != TILE},
        **{document.envelope: True for document in BATCH.documents[2:]},
    }
    assert ours.pins()[TILE] is False
    batch = BatchReader(ours, BATCH.manifest_digest)
    assert [batch.open(leaf, CUSTOMS).content for leaf in (2, 3, 4)] == [b"document 2", b"document 3", b"document 4"]


def test_a_neighbour_that_is_lost_stops_the_erasure(folder: Path) -> None:
    store = FileStore(folder)
    store.repin([], [TILE])
    store.collect()
    lost = BATCH.documents[2].envelope
    store.put_batch([(cid, block) for cid, block in BATCH.blocks() if cid != lost], BATCH.pins())
    with pytest.raises(NotFound, match=lost):
        Orders().erase(store, 1)
    assert store.pins()[TILE] is True
    assert store.has(SECOND.envelope)
