"""What the documents that this participant can read say, and where they contradict one another.

What is kept is statements, each with the records that make it: a declaration is sealed in parts and as a whole, so most
are made by two records, and a later version repeats most of the one before. What an issuer's documents of one type say
of one thing is a *last word* on it if a record that makes it is in force: of each declaration the version in force, and
an amendment that waits for customs' answer beside it; of all else the newest, unless a declaration in force is newer. A
contradiction is between two statements that were last words at the same time. Rebuilt with the records, and forgotten
with them: `RecordStore.forget`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ledger.domain.ids import ParticipantId, RecordId
from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.force import Force
from ledger.domain.trade.said import Said
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
        contradiction: What it is; each side is shown in the first record that says it with the most force.
        standing: Whether both statements are last words now.
    """

    place: int
    contradiction: Contradiction
    standing: bool


class Due(NamedTuple):
    """A record whose force is not known, or may have changed.

    Attributes:
        record_id: The record.
        issuer: Its issuer.
        headers: Headers of that issuer that name it as part of what they declare; sorted.
    """

    record_id: RecordId
    issuer: ParticipantId
    headers: tuple[RecordId, ...]


class StatementStore(ABC):
    """Statements and contradictions. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def remember(self, documents: Sequence[Said]) -> None:
        """Keep what documents say; those whose force that may change are due. A repeat changes nothing.

        Raises:
            Conflict: Another process keeps some at this moment; call again.
        """

    @abstractmethod
    def followed(self) -> int:
        """Height up to which the chain was followed; `chainview.NOTHING` if it was not."""

    @abstractmethod
    def follow(self, to: int, changed: Collection[RecordId]) -> None:
        """The chain was followed up to height `to`: these, and what they are the headers of, are due."""

    @abstractmethod
    def due(self) -> Sequence[Due]:
        """All that is due, in the order in which it came."""

    @abstractmethod
    def settle(self, forces: Mapping[Due, Force], *, at: int) -> Sequence[Contradiction]:
        """Keep the force of all that is due, find the last words anew, and compare those that were none before.

        Args:
            forces: Of each that is due, in order.
            at: Height as of which it was found.

        Returns:
            What is contradictory and was not noted before.

        Raises:
            Conflict: Meanwhile something else is due, or the chain was followed further; call again.
        """

    @abstractmethod
    def last_words(self, abouts: Collection[str]) -> Sequence[Stated]:
        """The last words on these consignments, each in the first record that says it with the most force."""

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
            sides: Only those of which one of these issued a side, and a side is in a document that needs accreditation:
                who is no authority learns nothing of what another such says; None: all.
            about: Only of this consignment.
            after: Only those noted later than the one of this place; none if there is no such place.
            limit: At most so many.
        """

    @abstractmethod
    def has_place(self, place: int) -> bool:
        """Whether a contradiction has, or had before it was forgotten, this place; `FIRST` is always there."""
