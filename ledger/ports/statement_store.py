"""What the documents that this participant can read say, and where they contradict one another.

What is kept is statements, each with the records that make it: a declaration is sealed in parts and as a whole, so most
are made by two records, and a later version repeats most of the one before. Rebuilt with the records, and forgotten
with them: `RecordStore.forget`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.ids import ParticipantId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.statements import Stated

FIRST: Final = 0
"""The place before the first contradiction."""
MAX_PLACE: Final = 10**15 - 1
"""Largest place."""


@dataclass(frozen=True)
class Noted:
    """A contradiction that was noted.

    Attributes:
        place: Its place among those noted, the cursor of a listing: 1 to `MAX_PLACE`, drawn at random, so that it tells
            neither how many there are nor a place in another store, or in this one before it was rebuilt.
        contradiction: What it is; each side is shown in the first record of those that say it.
        standing: Whether both statements are still their issuers' last word on it.
    """

    place: int
    contradiction: Contradiction
    standing: bool


class StatementStore(ABC):
    """Statements and contradictions. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def unknown(self, stated: Sequence[Stated]) -> Sequence[Stated]:
        """Those of these that are not kept yet, in their order: a batch may be read again after a restart."""

    @abstractmethod
    def last_words(self, abouts: Collection[str]) -> Sequence[Stated]:
        """The last statement of each issuer and document type about each item of these consignments."""

    @abstractmethod
    def remember(self, stated: Sequence[Stated], found: Sequence[Contradiction]) -> None:
        """Keep statements and what they contradict, in one transaction; a repeat changes nothing.

        A statement takes the place of its issuer's last one of the same document type on the same item, which is kept;
        one that is equal to that is the same statement, made by one more record.

        Raises:
            Conflict: Another process keeps some at this moment; call again.
        """

    @abstractmethod
    def noted(
        self,
        *,
        sides: Collection[ParticipantId] | None = None,
        about: str | None = None,
        after: int = FIRST,
        limit: int = 100,
    ) -> Sequence[Noted]:
        """Contradictions in the order in which they were noted.

        Args:
            sides: Only those of which one of these issued a side; None: all.
            about: Only of this consignment.
            after: Only those noted later than the one of this place; none if there is no such place.
            limit: At most so many.
        """

    @abstractmethod
    def has_place(self, place: int) -> bool:
        """Whether a contradiction has, or had before it was forgotten, this place; `FIRST` is always there."""
