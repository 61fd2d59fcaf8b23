"""Where sealed bytes are kept. This class does the checking, subclasses the I/O.

The CID finds the bytes, the digest in it proves them: what a store returns is hashed again before anyone sees it.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import final

from ledger.domain.cid import block_cid, verify_block
from ledger.domain.errors import LimitExceeded, Tampered
from ledger.domain.ids import Cid


@dataclass(frozen=True, slots=True)
class Pin:
    """What must stay: a tile recursively keeps its envelopes, a manifest stands for itself.

    Attributes:
        cid: Root of what is kept.
        recursive: With everything it links to.
    """

    cid: Cid
    recursive: bool


class ContentStore(ABC):
    """Content-addressed blocks (IPFS blocks: raw or dag-pb), kept while pinned."""

    @final
    def get(self, cid: Cid, *, max_bytes: int) -> bytes:
        """Return the block named by `cid`.

        Raises:
            LimitExceeded: It is larger than `max_bytes` [bytes].
            Tampered: The bytes do not hash to `cid`.
            NotFound: This store says that it does not have it.
            Unavailable: Nobody answered in time.
        """
        block = self._read(cid, max_bytes + 1)  # one more, so that the check below can fire
        if len(block) > max_bytes:
            raise LimitExceeded(f"block {cid}", max_bytes)
        if not verify_block(cid, block):
            raise Tampered(f"the store returned other bytes for {cid}: {block_cid(block)}")
        return block

    @abstractmethod
    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """Keep all blocks durably and pin the roots; returns only when a crash can no longer lose them.

        `blocks` is read once, to its end, before `pins`: a batch can be sealed while it is stored, and its pins known
        last. Until it returns, nothing may count on any of it; if it raises, nothing of the batch is pinned, except by
        a store that went away before it could be asked to unpin it, which is then named.
        The CIDs were computed by the caller; a store that computes its own compares and raises `Tampered`.
        Repeating it changes nothing.

        Raises:
            Unavailable: The store is away, read-only or full.
        """

    @abstractmethod
    def has(self, cid: Cid) -> bool:
        """Whether the block is here, without fetching it from elsewhere."""

    def absent(self, cids: Collection[Cid]) -> frozenset[Cid]:
        """Those of `cids` that nobody gives now, a store's peers included, which are asked for all of them at once.

        What a peer gives is here afterwards, until it is collected.

        Raises:
            Unavailable: The store is away.
        """
        return frozenset(cid for cid in cids if not self.has(cid))

    @abstractmethod
    def pins(self) -> Mapping[Cid, bool]:
        """Pinned roots and whether recursively."""

    def pinned(self, cids: Collection[Cid]) -> Mapping[Cid, bool]:
        """Those of `cids` that are pinned themselves, and whether recursively."""
        found = self.pins()
        return {cid: found[cid] for cid in cids if cid in found}

    @abstractmethod
    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """Add pins, then remove pins; used by erasure.

        Adding a root that is pinned the other way changes it to the way given. Removing what is not pinned is no error.
        """

    @abstractmethod
    def collect(self) -> None:
        """Drop every block that no pin keeps."""

    @abstractmethod
    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        """Read up to `max_bytes` of the block."""
