"""Answers of a chain at one block, kept while that block is asked for: there they can never be others.

Proofs of one batch share nearly all that is asked about them, and so do requests one after the other; a new block, or
another one at the same height, begins with nothing.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final

from ledger.domain.errors import ActRefused
from ledger.domain.ids import Address, BlockHash
from ledger.ports.chain import ChainReader, Event, Head

Call = tuple[str | Address, str, tuple[Any, ...]]
"""Contract, by name or address; function; arguments."""
MOST_KEPT: Final = 50_000
"""Answers of one block: a few for each batch and key that is asked about."""
_CHAIN: Final = "chain"


class NotFinalAnyMore(Exception):
    """The block that was asked at is not the newest final one now. Caught here and in `asking`, never told."""


class PinnedReads:
    """What the chain says at one block.

    Args:
        reader: The ledger's chain.
        block: A final block.
        known: Whether it was seen before now: then `once` has to show that it still is the newest final one.
        kept: What was answered at it.
    """

    def __init__(self, reader: ChainReader, block: Head, *, known: bool, kept: dict[Hashable, Any]) -> None:
        self.block = block
        self._reader, self._known, self._kept = reader, known, kept

    def chain(self) -> tuple[int, BlockHash]:
        """Chain id and genesis."""
        if _CHAIN not in self._kept:
            self._new()
            self._kept[_CHAIN] = self._reader.chain_id(), self._reader.genesis()
        found: tuple[int, BlockHash] = self._kept[_CHAIN]
        return found

    def is_listed(self, address: Address, contract: str) -> bool:
        """Whether the Directory ever listed `address` under that name."""
        asked = ("listed", address, contract)
        if asked not in self._kept:
            self._new()
            self._kept[asked] = self._reader.is_listed(address, contract, at=self.block)
        return bool(self._kept[asked])

    def events_in(self, numbers: Iterable[int], contract: str, event: str, addresses: Sequence[Address]) -> list[Event]:
        """Events of that name at these addresses, versions of `contract`, in blocks of these heights up to this one.

        Raises `Unavailable` also where the node answers and keeps no logs of a block.
        """
        wanted = [(number, address) for number in dict.fromkeys(numbers) for address in addresses]
        missing = [each for each in wanted if ("events", event, *each) not in self._kept]
        if missing:
            self._new()
            asked = list(dict.fromkeys(number for number, _ in missing))
            found: dict[Hashable, list[Event]] = {("events", event, n, a): [] for n in asked for a in addresses}
            for each in self._reader.events_in(asked, contract, event, addresses):
                found["events", event, each.block.number, each.contract].append(each)
            self._kept.update(found)
        return [each for number, address in wanted for each in self._kept["events", event, number, address]]

    def answers(self, calls: Sequence[Call], once: Sequence[Call] = ()) -> dict[Call, Any]:
        """Answers of view functions, a revert as `ActRefused`; those of `once` are asked with them and not kept."""
        asked = self.needed(calls, once)
        return self.told(calls, asked, self._ask(asked) if asked else [])

    def needed(self, calls: Sequence[Call], once: Sequence[Call]) -> list[Call]:
        """What has to be asked for these answers. Raises `NotFinalAnyMore` if that would not show that all is new."""
        missing = [call for call in dict.fromkeys(calls) if call not in self._kept]
        if missing or not once:
            self._new()
        return [*missing, *once]

    def told(self, calls: Sequence[Call], asked: Sequence[Call], answered: Sequence[Any]) -> dict[Call, Any]:
        """Answers to `calls`, and to all that was asked, of which only `calls` are kept."""
        found = dict(zip(asked, answered, strict=True))
        for call in calls:
            if call in found and not isinstance(found[call], ActRefused):
                self._kept[call] = found[call]
        return {call: self._kept[call] for call in calls if call in self._kept} | found

    def _ask(self, calls: Sequence[Call]) -> Sequence[Any]:
        if not self._known:
            return self._reader.call_many(calls, at=self.block)
        answers = self._reader.call_many_if_final(calls, at=self.block)
        if answers is None:
            raise NotFinalAnyMore
        return answers

    def _new(self) -> None:
        """What is kept does not do, or nothing would show that the block still is the newest: that is asked first."""
        if self._known:
            raise NotFinalAnyMore


class Newest:
    """Gives reads at the newest final block; may be used by several threads."""

    def __init__(self, reader: ChainReader) -> None:
        self._reader = reader
        self._last: tuple[Head | None, dict[Hashable, Any]] = (None, {})

    def seen(self) -> PinnedReads | None:
        """Reads at the last block that was asked for, if all else is known there; None at first."""
        block, kept = self._last
        return None if block is None else PinnedReads(self._reader, block, known=True, kept=kept)

    def now(self) -> PinnedReads:
        """Reads at the block that is the newest final one now."""
        block, (known, kept) = self._reader.final_head(), self._last
        if known != block or len(kept) > MOST_KEPT:
            kept = {}
            self._last = (block, kept)
        return PinnedReads(self._reader, block, known=False, kept=kept)
