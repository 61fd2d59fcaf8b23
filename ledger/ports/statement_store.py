"""What the documents that this participant can read say, and where they contradict one another.

Rebuilt with the records, and forgotten with them: `RecordStore.forget`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ledger.domain.ids import ParticipantId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.statements import Stated


@dataclass(frozen=True)
class Noted:
    """A contradiction that was noted.

    Attributes:
        number: In the order in which they were noted, from 1: the cursor of a listing.
        contradiction: What it is.
        standing: Whether both documents are still their issuers' last word on it.
    """

    number: int
    contradiction: Contradiction
    standing: bool


class StatementStore(ABC):
    """Statements and contradictions. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def last_words(self, abouts: Collection[str]) -> Sequence[Stated]:
        """The newest statement of each issuer and document type about each item of these consignments."""

    @abstractmethod
    def remember(self, stated: Sequence[Stated], found: Sequence[Contradiction]) -> None:
        """Keep statements and what they contradict, in one transaction; a repeat changes nothing.

        A statement takes the place of its issuer's earlier one of the same document type on the same item, which is
        kept.
        """

    @abstractmethod
    def noted(
        self,
        *,
        sides: Collection[ParticipantId] | None = None,
        about: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Sequence[Noted]:
        """Contradictions in the order in which they were noted.

        Args:
            sides: Only those of which one of these issued a side; None: all.
            about: Only of this consignment.
            after: Only with a higher number.
            limit: At most so many.
        """

    @abstractmethod
    def last_number(self) -> int:
        """Number of the contradiction noted last, also if it was forgotten since; 0 before the first."""
