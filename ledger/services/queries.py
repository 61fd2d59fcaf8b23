"""Lists and single rows of the read model, each read as of one block, by what the reader may see.

A list is cut into pages by the position at which its entities were born. A page's cursor names the block that the
first page was read at, so that later pages are of the same state whatever is mined meanwhile; if that block was
undone, the cursor is refused and the list has to be begun anew. A cursor is good for its own list alone, see
`ledger.domain.cursors`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ledger.domain.cursors import number, read_bound, write_bound
from ledger.domain.errors import Conflict, Fault, Malformed, NotFound, Unavailable
from ledger.domain.folding.money import SUPPLY
from ledger.domain.plain import rfc3339
from ledger.ports.chain import Head
from ledger.ports.clock import Clock
from ledger.ports.index_store import IndexStore, Position
from ledger.ports.state_store import Issued, Party, Row, StateStore, Wanted

MAX_PAGE: Final = 500
"""Rows per page."""
HASH_DIGITS: Final = 16
"""Of the block's hash in a cursor: tells an undone block from its successor."""


@dataclass(frozen=True)
class Moment:
    """What an answer is read at.

    Attributes:
        block: The last block that counts.
        at: The instant asked about [unix s]; expiry is judged by it.
    """

    block: Head
    at: int


@dataclass(frozen=True)
class Asked:
    """What a reader asks for.

    Attributes:
        kind: Of entity.
        reader: Only what this one is a party of; None: a reader who may see all.
        inherited: What the reader may see beside its own.
        parties: Only with these parties.
        statuses: Only in these states; none: any.
        office: Only of this customs office.
        document_type: Only of this type.
        regime: Only declarations to this procedure: 4000.
        since: Only what began at this instant or later [unix s].
        until: Only what began at this instant or before [unix s].
    """

    kind: str
    reader: Party | None = None
    parties: Collection[Party] = ()
    statuses: Collection[str] = ()
    office: int | None = None
    document_type: int | None = None
    regime: int | None = None
    since: int | None = None
    until: int | None = None
    inherited: Collection[Issued] = ()

    def marks(self) -> list[Any]:
        """What tells this list from all others. Not what was inherited: that is asked of the contracts at each page."""
        reader = None if self.reader is None else [int(self.reader.participant), self.reader.role]
        parties = sorted([int(party.participant), party.role] for party in self.parties)
        filters = (self.office, self.document_type, self.regime, self.since, self.until)
        return [self.kind, reader, parties, sorted(self.statuses), *filters]


@dataclass(frozen=True)
class Page:
    """A part of a list.

    Attributes:
        moment: What all its pages are read at.
        rows: Newest entity first.
        next: Cursor of what comes after; None if this was all.
    """

    moment: Moment
    rows: Sequence[Row] = field(default_factory=list)
    next: str | None = None


@dataclass(frozen=True)
class Supply:
    """Of the settlement token, since the first block [minor units]."""

    minted: int = 0
    redeemed: int = 0


class Queries:
    """Reads the folded rows."""

    def __init__(self, index: IndexStore, states: StateStore, clock: Clock) -> None:
        self._index, self._states, self._clock = index, states, clock

    def moment(self, as_of: int | None = None) -> Moment:
        """The block and instant of an answer.

        Args:
            as_of: Instant asked about [unix s]; None: now, which is the later of clock and newest block.

        Raises:
            NotFound: The ledger had no block by then.
            Unavailable: The index holds nothing yet.
        """
        newest = self._index.cursor()
        if newest is None:
            raise Unavailable("the index holds no block yet")
        if as_of is None:
            return Moment(newest, max(self._clock.now(), newest.time))
        block = self._index.block_at(as_of)
        if block is None:
            raise NotFound("block at or before", str(as_of))
        return Moment(block, as_of)

    def page(self, asked: Asked, *, as_of: int | None = None, after: str | None = None, limit: int = 100) -> Page:
        """Return a page of a list.

        Args:
            asked: Of what.
            as_of: Instant asked about [unix s]; with `after`, that of the first page counts, and no other is taken.
            after: `next` of the page before.
            limit: At most so many rows.

        Raises:
            Malformed: `after` is none of ours, or of another list; or `as_of` is not that of the first page.
            Conflict: The block that the list was begun at was undone.
            NotFound, Unavailable: As `moment`.
        """
        moment, before = (self.moment(as_of), None) if after is None else self._resume(asked, after, as_of)
        wanted = self._wanted(asked, moment.at)
        found = self._states.listed(wanted, block=moment.block.number, before=before, limit=limit + 1)
        rows = list(found[:limit])
        return Page(moment, rows, _cursor(asked, moment, rows[-1].born) if len(found) > limit else None)

    def _wanted(self, asked: Asked, at: int) -> Wanted:
        """The same for the store. The reader's own parties come first: lists are walked by them."""
        own = () if asked.reader is None else (asked.reader,)
        return Wanted(
            asked.kind,
            at,
            (*own, *asked.parties),
            asked.statuses or None,
            asked.office,
            asked.document_type,
            asked.regime,
            asked.inherited if own else (),
            born_from=0 if asked.since is None else self._height_at(asked.since - 1) + 1,
            born_until=None if asked.until is None else self._height_at(asked.until),
        )

    def _height_at(self, instant: int) -> int:
        """Height of the last block at or before an instant [unix s]; -1 before the first."""
        block = self._index.block_at(instant)
        return -1 if block is None else block.number

    def row(self, entity: str, moment: Moment) -> Row:
        """Return one row. Raises `NotFound` if there is none."""
        found = self._states.row(entity, block=moment.block.number)
        if found is None:
            raise NotFound(*entity.split(":", 1))
        return found

    def supply(self, moment: Moment) -> Supply:
        """What was minted and redeemed by then; nothing, before the first time."""
        row = self._states.row(SUPPLY, block=moment.block.number)
        return Supply() if row is None else Supply(row.state.get("minted", 0), row.state.get("redeemed", 0))

    def _resume(self, asked: Asked, cursor: str, as_of: int | None) -> tuple[Moment, Position]:
        height, digits, instant, *born = read_bound(cursor, 5, asked.marks())
        at = number(instant)
        if as_of is not None and as_of != at:
            raise Malformed(Fault("other_list", "/as_of", f"the list of this cursor was begun as of {rfc3339(at)}"))
        block = self._index.block(number(height))
        if block is None or block.hash.hex()[:HASH_DIGITS] != digits:
            raise Conflict("the block at which this list was begun was undone; begin it anew")
        return Moment(block, at), (number(born[0]), number(born[1]))


def _cursor(asked: Asked, moment: Moment, born: Position) -> str:
    digits = moment.block.hash.hex()[:HASH_DIGITS]
    return write_bound((moment.block.number, digits, moment.at, *born), asked.marks())
