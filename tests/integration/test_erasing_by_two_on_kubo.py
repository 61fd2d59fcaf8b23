"""Two machines of one issuer that erase from one tile on the same real Kubo nodes, at the same time.

given an erasure that waits around any of its calls, while another of the same tile is done from beginning to end
  when garbage is collected before each further call of the first
    → both documents are gone from both nodes; the tile and every other document are there, and pinned
  when it comes to the second node only after the first is done
    → the same: what is gone from the first node is not fetched from the second
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial

import pytest

from ledger.adapters.kubo import KuboStore
from ledger.devnet.kubo import KuboNode
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Cid, RecordId
from ledger.services.erasing import erase
from ledger.services.opening import BatchReader
from ledger.services.sealing import SealedBatch
from tests.support.evidence import CUSTOMS, seal, text_document

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]
SIZE = 4


class Stepping(KuboStore):
    """A store whose every call to the node is a step, before which others may be at work."""

    step: Callable[[], None] = staticmethod(lambda: None)

    def has(self, cid: Cid) -> bool:
        self.step()
        return super().has(cid)

    def collect(self) -> None:
        self.step()
        super().collect()

    def _all_pins(self) -> dict[Cid, bool]:
        self.step()
        found = super()._all_pins()
        self.step()
        return found

    def _pin(self, cids: Sequence[Cid], *, recursive: bool) -> None:
        self.step()
        super()._pin(cids, recursive=recursive)


class Orders:
    """What the chain knows to be erased: an order comes before its erasure."""

    def __init__(self) -> None:
        self.records: set[RecordId] = set()

    def __call__(self, records: Collection[RecordId]) -> frozenset[RecordId]:
        return self.records.intersection(records)


class Meanwhile:
    """Has another erase the first document at one step, and collects before each step after it."""

    def __init__(self, at: int, stores: Sequence[KuboStore], act: Callable[[], None]) -> None:
        self._at, self._stores, self._act = at, stores, act
        self.steps, self._busy = 0, False

    def __call__(self) -> None:
        if self._busy:
            return
        self._busy = True
        if self.steps == self._at:
            self._act()
        elif self.steps > self._at:
            for store in self._stores:
                store.collect()
        self.steps += 1
        self._busy = False


def erased(stores: Sequence[KuboStore], batch: SealedBatch, leaf: int, orders: Orders) -> None:
    """As the command does, which says when to do it again."""
    orders.records.add(batch.documents[leaf].record_id)
    for last in (False, False, True):
        with suppress(*(() if last else (Unavailable,))):
            erase(stores, BatchReader(stores[0], batch.manifest_digest), leaf, ordered=orders)
            return


def state(store: KuboStore, batch: SealedBatch) -> Mapping[str, object]:
    reader = BatchReader(store, batch.manifest_digest)
    here = [store.has(document.envelope) for document in batch.documents]
    return {
        "here": here,
        "tile": store.pins().get(batch.manifest.tiles[0].cid),
        "pinned": [store.pins().get(document.envelope) for document in batch.documents],
        "read": [reader.open(leaf, CUSTOMS).content for leaf in range(SIZE) if here[leaf]],
    }


@pytest.mark.parametrize("at_once", [2, 1])
def test_nothing_is_lost_and_nothing_comes_back(swarm: tuple[KuboNode, ...], at_once: int) -> None:
    alone = [KuboStore(node.api_url, timeout_s=10, offline=True) for node in swarm]
    steps, at = 1, 0
    while at < steps:
        batch = seal([text_document(n) for n in range(SIZE)], f"{at_once} step {at}")
        ours = [Stepping(node.api_url, timeout_s=10) for node in swarm]
        theirs = [KuboStore(node.api_url, timeout_s=10) for node in swarm]
        for store in alone:
            store.put_batch(batch.blocks(), batch.pins())
        orders = Orders()
        meanwhile = Meanwhile(at, alone, partial(erased, theirs[:at_once], batch, 0, orders))
        for store in ours:
            store.step = meanwhile
        erased(ours, batch, 1, orders)
        if theirs[at_once:]:
            erased(theirs[at_once:], batch, 0, orders)
        steps = meanwhile.steps
        for store in alone:
            store.collect()
            assert state(store, batch) == {
                "here": [False, False, True, True],
                "tile": False,
                "pinned": [None, None, True, True],
                "read": [b"document 2", b"document 3"],
            }, f"the other came at step {at} of {steps}"
        for store in (*ours, *theirs):
            store.close()
        at += 1
    assert steps > 20
    for store in alone:
        store.close()
