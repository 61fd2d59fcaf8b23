"""The read model's folded rows: the state of every entity, with every version of it. Disposable, as the whole index.

A row's state is what `domain.folding` wrote. The state "as of" an instant is that after the last block with a time at
or before it: the version whose blocks hold that height.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.ids import ParticipantId
from ledger.ports.index_store import Position


@dataclass(frozen=True)
class Row:
    """One version of an entity's state.

    Attributes:
        entity: `declaration:72057594037927937`.
        kind: The word before the colon.
        born: Where the entity's first event stands; entities of a kind are listed by it.
        first_block: Height from which this version holds.
        end_block: Height from which the next one does; None while there is none.
        state: As `domain.folding` wrote it.
    """

    entity: str
    kind: str
    born: Position
    first_block: int
    end_block: int | None
    state: Mapping[str, Any]

    def status(self, at: int) -> str:
        """Word that holds at `at` [unix s]: expiry is read here, it is nobody's act."""
        ends = self.state.get("ends")
        word: str = self.state["after"] if ends is not None and at > ends else self.state.get("status", "")
        return word


ANY: Final = ""
"""Any role."""
AGENCY: Final = "agency"
"""Role of who was asked on items of a declaration, or for a permit."""
ISSUER: Final = "issuer"
"""Role of the agency that issued a permit."""
OWN: Final = "own"
"""Any role but that of an agency."""


@dataclass(frozen=True)
class Party:
    """Only entities of this participant, in this role."""

    participant: ParticipantId
    role: str = ANY


@dataclass(frozen=True, order=True)
class Issued:
    """What one agency issued, or was asked for, of one type; None: of all."""

    issuer: ParticipantId
    document_type: int | None


@dataclass(frozen=True)
class Wanted:
    """What a listing asks for.

    Attributes:
        kind: Of entity.
        parties: All of these must be parties of it. A reader's right is the first of them.
        inherited: What the first party sees beside its own: of these issuers, of these types.
        statuses: Words at `at`; None: any.
        at: Instant of the question [unix s].
        office: Customs office; None: any.
        document_type: u24; None: any.
        regime: Of a declaration, requested and previous procedure: 4000; None: any.
        born_from: Only entities born at this height or above.
        born_until: Only entities born at this height or below; None: any.
    """

    kind: str
    at: int
    parties: Sequence[Party] = ()
    statuses: Collection[str] | None = None
    office: int | None = None
    document_type: int | None = None
    regime: int | None = None
    inherited: Collection[Issued] = ()
    born_from: int = 0
    born_until: int | None = None


class StateStore(ABC):
    """Folded rows as of a block. Every method raises `Unavailable` while the database is away."""

    @abstractmethod
    def row(self, entity: str, *, block: int) -> Row | None:
        """The entity's state after the block at this height; None if there was none yet."""

    @abstractmethod
    def rows(self, entities: Collection[str], *, block: int) -> Mapping[str, Row]:
        """`row` of each that there is."""

    @abstractmethod
    def versions(self, entity: str, *, block: int, after: int = -1, limit: int = 100) -> Sequence[Row]:
        """Versions from first to the one of `block`, oldest first, those that begin above height `after`."""

    @abstractmethod
    def listed(self, wanted: Wanted, *, block: int, before: Position | None = None, limit: int = 100) -> Sequence[Row]:
        """Rows as of `block`, newest entity first, those born before `before`. The cost is of what it gives."""

    @abstractmethod
    def is_party(self, entity: str, participant: ParticipantId, *, block: int) -> bool:
        """Whether the participant was a party of the entity by then."""
