"""A content store in memory that keeps the port's promises and remembers what was read."""

from collections.abc import Iterable, Mapping

from ledger.domain.cid import block_cid, cid_bytes, cid_text, is_dag_pb
from ledger.domain.dagpb import Link, decode_node, encode_node
from ledger.domain.errors import NotFound
from ledger.domain.hashing import digest
from ledger.domain.ids import Cid, Digest32
from ledger.domain.limits import TILE_LEAVES
from ledger.domain.manifest import encode_manifest
from ledger.ports.content_store import ContentStore, Pin
from ledger.services.sealing import SealedBatch


class MemoryStore(ContentStore):
    def __init__(self) -> None:
        self.blocks: dict[Cid, bytes] = {}
        self.reads: list[Cid] = []
        self._pins: dict[Cid, bool] = {}

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        new = dict(blocks)
        self.blocks.update(new)
        self._pins.update((pin.cid, pin.recursive) for pin in pins)

    def has(self, cid: Cid) -> bool:
        return cid in self.blocks

    def pins(self) -> Mapping[Cid, bool]:
        return dict(self._pins)

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        self._pins.update((pin.cid, pin.recursive) for pin in add)
        for cid in remove:
            self._pins.pop(cid, None)

    def collect(self) -> None:
        kept: set[Cid] = set()
        for root, recursive in self._pins.items():
            waiting = [root]
            while waiting:
                cid = waiting.pop()
                kept.add(cid)
                if recursive and is_dag_pb(cid):
                    waiting += [cid_text(link.cid) for link in decode_node(self.blocks[cid])[0]]
        self.blocks = {cid: block for cid, block in self.blocks.items() if cid in kept}

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        self.reads.append(cid)
        if cid not in self.blocks:
            raise NotFound("block", cid)
        return self.blocks[cid][:max_bytes]


def forge_envelope(batch: SealedBatch, index: int, envelope: bytes) -> tuple[MemoryStore, Digest32]:
    """A store in which a batch has another envelope in place, with tile and manifest made to fit."""
    blocks = dict(batch.blocks())
    number = index // TILE_LEAVES
    ref = batch.manifest.tiles[number]
    links, data = decode_node(blocks[ref.cid])
    links[index % TILE_LEAVES] = Link(cid_bytes(block_cid(envelope)), len(envelope))
    tile = encode_node(links, data)
    tiles = list(batch.manifest.tiles)
    tiles[number] = ref._replace(digest=digest(tile))
    manifest = encode_manifest(batch.manifest._replace(tiles=tuple(tiles)))
    store = MemoryStore()
    store.blocks = {
        **blocks,
        block_cid(envelope): envelope,
        tiles[number].cid: tile,
        block_cid(manifest): manifest,
    }
    return store, digest(manifest)
