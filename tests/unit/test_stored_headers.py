"""A header found in the content store by its record id alone, among batches of which many are not to be had.

given batches of its issuer that nobody has, newer than its own
  when its own is here            → it is found, and no peer is asked
  when its own is at a peer       → all that is not here is asked for at once, manifests and then tiles, and it is found
  when another header is sought   → what nobody gave is not asked for again
  when there is no such record    → None
given newer anchors of what is no batch, and of a batch for others that names its record → it is found all the same
given a content store that is away → that is said: it is not that the header cannot be read
"""

from collections.abc import Collection

import pytest

from ledger.domain.cid import raw_cid
from ledger.domain.errors import Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Cid, Digest32, RecordId
from ledger.services.headers import StoredHeaders
from ledger.services.sealing import SealedBatch
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, ISSUER, STRANGER, seal, text_document
from tests.support.fake_chain import FakeChain

OWN = seal([text_document(number) for number in range(300)], seed="own")
HEADER = OWN.documents[299].record_id
LOST = 20


class Store(MemoryStore):
    """Counts what peers are asked for; they have what is not here."""

    def __init__(self) -> None:
        super().__init__()
        self.sought: list[int] = []
        self.at_peers: dict[Cid, bytes] = {}
        self.is_away = False

    def has(self, cid: Cid) -> bool:
        if self.is_away:
            raise Unavailable("the store is away")
        return super().has(cid)

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        self.sought.append(len(cids))
        self.blocks |= {cid: self.at_peers[cid] for cid in cids if cid in self.at_peers}
        return super().absent(cids)

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        assert cid in self.blocks, "peers would be waited for, for this block alone"
        return super()._read(cid, max_bytes)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def chain() -> FakeChain:
    made = FakeChain()
    anchored(made, OWN.manifest_digest)
    for number in range(LOST):
        anchored(made, Digest32(bytes([number + 1]) * 32))
    return made


def anchored(chain: FakeChain, manifest: Digest32) -> None:
    chain.mine(("DocumentRegistry", "Anchored", {"issuer": ISSUER, "manifest": manifest}))


def found(headers: StoredHeaders, record: RecordId = HEADER) -> bool:
    header = headers(record, (ISSUER, ISSUER + 1))
    return header is not None and header.record == OWN.documents[299].record


def put(store: Store, batch: SealedBatch) -> None:
    store.put_batch(batch.blocks(), batch.pins())


def test_what_is_here_is_found_without_peers(store: Store, chain: FakeChain) -> None:
    put(store, OWN)
    assert found(StoredHeaders(chain, store, CUSTOMS))
    assert store.sought == []


def test_what_is_not_here_is_asked_for_at_once_and_once(store: Store, chain: FakeChain) -> None:
    blocks = dict(OWN.blocks())
    tiles = [tile.cid for tile in OWN.manifest.tiles]
    store.at_peers = {cid: blocks.pop(cid) for cid in (raw_cid(OWN.manifest_digest), *tiles)}
    store.blocks = blocks
    headers = StoredHeaders(chain, store, CUSTOMS)
    assert found(headers)
    assert store.sought == [LOST + 1, len(tiles)]
    assert headers(RecordId(bytes(32)), (ISSUER,)) is None
    assert store.sought == [LOST + 1, len(tiles)]


def test_what_others_anchor_hides_no_header(store: Store, chain: FakeChain) -> None:
    put(store, OWN)
    for junk in (b"no manifest", b"{}"):
        store.blocks[raw_cid(digest(junk))] = junk
        anchored(chain, digest(junk))
    anchored(chain, OWN.manifest_digest)
    del store.blocks[OWN.documents[0].envelope]
    assert found(StoredHeaders(chain, store, CUSTOMS))
    assert not found(StoredHeaders(chain, store, CUSTOMS), OWN.documents[0].record_id)
    assert StoredHeaders(chain, store, STRANGER)(HEADER, (ISSUER,)) is None


def test_a_store_that_is_away_says_so(store: Store, chain: FakeChain) -> None:
    put(store, OWN)
    store.is_away = True
    with pytest.raises(Unavailable, match="the store is away"):
        StoredHeaders(chain, store, CUSTOMS)(HEADER, (ISSUER,))
