"""A content store in memory that keeps the port's promises and remembers what was read."""

from collections.abc import Iterable, Mapping

from ledger.domain.cid import cid_text, is_dag_pb
from ledger.domain.dagpb import decode_node
from ledger.domain.errors import NotFound
from ledger.domain.ids import Cid
from ledger.ports.content_store import ContentStore, Pin


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
