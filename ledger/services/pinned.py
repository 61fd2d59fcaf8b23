"""Answers of a chain at one block, kept while that block is asked for: there they can never be others.

Proofs of one batch share nearly all that is asked about them, and so do requests one after the other; a new block, or
another one at the same height, begins with nothing.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Final

from ledger.domain.errors import ActRefused
from ledger.domain.ids import Address, BlockHash
from ledger.ports.chain import ChainReader, Head

Call = tuple[str | Address, str, tuple[Any, ...]]
"""Contract, by name or address; function; arguments."""
MOST_KEPT: Final = 50_000
"""Answers of one block: a few for each batch and key that is asked about."""


class PinnedReads:
    """Reads that proofs share; may be used by several threads.

    Args:
        reader: The ledger's chain.
    """

    def __init__(self, reader: ChainReader) -> None:
        self._reader = reader
        self._kept: tuple[BlockHash | None, dict[Hashable, Any]] = (None, {})

    def chain(self, at: Head) -> tuple[int, BlockHash]:
        """Chain id and genesis."""
        kept = self._at(at)
        if "chain" not in kept:
            kept["chain"] = self._reader.chain_id(), self._reader.genesis()
        found: tuple[int, BlockHash] = kept["chain"]
        return found

    def is_listed(self, address: Address, contract: str, at: Head) -> bool:
        """Whether the Directory ever listed `address` under that name."""
        kept, asked = self._at(at), ("listed", address, contract)
        if asked not in kept:
            kept[asked] = self._reader.is_listed(address, contract, at=at)
        return bool(kept[asked])

    def hashes(self, numbers: Sequence[int], at: Head) -> dict[int, BlockHash]:
        """Hashes of the blocks at these heights, none above `at`; one that the node does not tell is left out."""
        kept = self._at(at)
        missing = [number for number in dict.fromkeys(numbers) if ("block", number) not in kept]
        for head in self._reader.blocks(missing) if missing else []:
            if head is not None:
                kept["block", head.number] = head.hash
        return {number: kept["block", number] for number in numbers if ("block", number) in kept}

    def answers(self, calls: Sequence[Call], at: Head, beside: Sequence[Call] = ()) -> dict[Call, Any]:
        """Answers of view functions, a revert as `ActRefused`; those of `beside` are asked with them and not kept."""
        kept = self._at(at)
        missing = [*(call for call in dict.fromkeys(calls) if call not in kept), *beside]
        found = dict(zip(missing, self._reader.call_many(missing, at=at), strict=True)) if missing else {}
        once = set(beside)
        kept.update((c, told) for c, told in found.items() if c not in once and not isinstance(told, ActRefused))
        return {call: found[call] if call in found else kept[call] for call in (*calls, *beside)}

    def _at(self, block: Head) -> dict[Hashable, Any]:
        known, kept = self._kept
        if known != block.hash or len(kept) > MOST_KEPT:
            kept = {}
            self._kept = (block.hash, kept)
        return kept
