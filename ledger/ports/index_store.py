"""The read model: disposable, rebuilt from the chain."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ledger.ports.chain import Event, Head


class IndexStore(ABC):
    """Blocks and decoded events.

    Applying and rolling back are exact inverses, each in one transaction with the cursor.
    """

    @abstractmethod
    def cursor(self) -> Head | None:
        """The last applied block; None for an empty store."""

    @abstractmethod
    def block(self, number: int) -> Head | None:
        """A stored block."""

    @abstractmethod
    def apply(self, blocks: Sequence[Head], events: Sequence[Event]) -> None:
        """Append blocks that link to the cursor, with their events. Raises `Conflict` if they do not link."""

    @abstractmethod
    def roll_back(self, to: int) -> None:
        """Undo every block above height `to`."""

    @abstractmethod
    def events(
        self,
        *,
        entity: str | None = None,
        name: str | None = None,
        after: tuple[int, int] | None = None,
        until_time: int | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """Events in chain order.

        Args:
            entity: Only of this entity (`declaration:72057594037927937`).
            after: Only later than this (block number, log index).
            until_time: Only of blocks up to this time [unix s].
        """
