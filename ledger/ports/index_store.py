"""The read model: disposable, rebuilt from the chain. Trusted for nothing: verification asks the chain itself."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.ids import Digest32, RecordId
from ledger.ports.chain import Event, Head

Position = tuple[int, int]
"""Where an event stands: block number, log index."""


class IndexStore(ABC):
    """Blocks, decoded events, and the states folded from them (read through `StateStore`).

    Applying and rolling back are exact inverses, each in one transaction with the cursor. Every method raises
    `Unavailable` while the database is away.
    """

    @abstractmethod
    def cursor(self) -> Head | None:
        """The last applied block; None for an empty store."""

    @abstractmethod
    def finalized(self) -> int:
        """Height of the last block known to be final; `chainview.NOTHING` if there is none."""

    @abstractmethod
    def block(self, number: int) -> Head | None:
        """A stored block."""

    @abstractmethod
    def block_at(self, time: int) -> Head | None:
        """The last stored block whose time is at or before `time` [unix s]: the state "at T" is the state there."""

    @abstractmethod
    def apply(self, blocks: Sequence[Head], events: Sequence[Event]) -> None:
        """Append blocks that link to the cursor, with their events.

        Raises:
            Conflict: The blocks do not link to the cursor: another follower moved it.
        """

    @abstractmethod
    def finalize(self, to: int) -> None:
        """Blocks up to height `to` are final. Going back is refused with `Conflict`."""

    @abstractmethod
    def roll_back(self, to: int) -> None:
        """Undo every block above height `to`. Raises `Conflict` if one of them is final."""

    @abstractmethod
    def events(
        self,
        *,
        entities: Collection[str] | None = None,
        name: str | None = None,
        first_block: int | None = None,
        last_block: int | None = None,
        after: Position | None = None,
        until_time: int | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """Events in chain order.

        Args:
            entities: Only of one of these entities (`declaration:72057594037927937`).
            name: Only events of this name.
            first_block: Only of this height or above.
            last_block: Only of this height or below.
            after: Only later than this.
            until_time: Only of blocks up to this time [unix s].
            limit: At most so many.
        """

    @abstractmethod
    def event_at(self, position: Position) -> Event | None:
        """The event that stands there."""

    @abstractmethod
    def linked(self, entity: str, kinds: Collection[str]) -> frozenset[str]:
        """Entities of these kinds (`permit`, `document`) that share an event with `entity`."""

    @abstractmethod
    def last_event(self, *, entity: str, name: str, until_time: int | None = None) -> Event | None:
        """The newest such event of `entity`, up to `until_time` [unix s]."""

    @abstractmethod
    def changes(self, number: int) -> Sequence[tuple[Any, ...]]:
        """Every folded row that the block at this height wrote, in an order of its own: to compare two stores."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything, to be rebuilt from the chain."""


@dataclass(frozen=True)
class KnownRecord:
    """A record that this participant can read, with what proves it.

    Attributes:
        record_id: The record's id.
        content: SHA-256 that its `content` claim names; None if it has no such claim, or one that is closed to us.
        anchored: Where its anchor's event stands.
        proof: The proof file's bytes.
        number: The document's own number, as its record states it; None if it has none, or one that is closed to us.
    """

    record_id: RecordId
    content: Digest32 | None
    anchored: Position
    proof: bytes
    number: str | None = None


class RecordStore(ABC):
    """Records of this participant, found again by their content. Rebuilt from chain, content store and key ring."""

    @abstractmethod
    def remember(self, records: Sequence[KnownRecord], *, searched_to: Position | None = None) -> None:
        """Keep records; one already there is replaced by its newer proof.

        Args:
            records: What to keep.
            searched_to: Anchors up to this position have now been looked through.
        """

    @abstractmethod
    def forget(self, record_id: RecordId) -> None:
        """Drop a record, its proof and what it said: its document was erased. Nothing happens if it is not there."""

    @abstractmethod
    def searched_to(self) -> Position | None:
        """Position up to which anchors were looked through; None if none."""

    @abstractmethod
    def owe(self, anchored: Position, *, again_at: int) -> None:
        """Note that nobody gave the batch of this anchor, and when to ask again [unix s]: it may come yet."""

    @abstractmethod
    def owed(self, *, at: int) -> Position | None:
        """The batch to ask for again first; None if none is due at `at` [unix s]."""

    @abstractmethod
    def settle(self, anchored: Position) -> None:
        """The batch was had: nothing is owed of it."""

    @abstractmethod
    def by_content(self, content: Digest32) -> Sequence[KnownRecord]:
        """The newest records whose content has this hash, at most `MAX_RECORDS_OF_A_FILE` and one, oldest first."""

    @abstractmethod
    def by_number(self, number: str) -> Sequence[KnownRecord]:
        """Records of documents with this number, oldest first."""

    @abstractmethod
    def by_id(self, record_id: RecordId) -> KnownRecord | None:
        """One record."""
