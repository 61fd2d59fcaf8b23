"""What was found contradictory since a place, for one reader: customs is told all, a side what `noted` shows it.

A contradiction's place is this facade's own, none in the chain: who follows begins with the first. A facade that reads
its documents anew gives other places, so that a place tells whether it is of before; who has one begins again.
"""

from typing import Final

from ledger.domain.caller import Caller
from ledger.domain.cursors import AFTER
from ledger.domain.errors import Fault, Malformed
from ledger.domain.rights import sides_shown
from ledger.ports.index_store import Position
from ledger.ports.statement_store import FIRST, Noted, StatementStore
from ledger.services.feed import Fed

PAGE: Final = 100
"""Contradictions told in one step."""


class ContradictionFeed:
    """Reads what was noted. A position is a place and 0."""

    def __init__(self, statements: StatementStore) -> None:
        self._statements = statements

    def end(self) -> Position:
        """Where a reader begins that names no place: before the first, since what stands is news to it."""
        return FIRST, 0

    def begun(self, after: Position, *, named: str = AFTER) -> Position:
        """`after`, which was noted here.

        Args:
            after: Where a reader was told that it is.
            named: Where in its request that stands.

        Raises:
            Malformed: No contradiction ever had that place here.
        """
        if not self._statements.has_place(after[0]):
            text = "is not there: this cursor is of another facade, or from before this one read its documents anew"
            raise Malformed(Fault("cursor_elsewhere", named, f"{after[0]} {text}: begin again, with {FIRST}"))
        return after

    def step(self, caller: Caller, after: Position) -> Fed[Noted] | None:
        """What comes next after a position; None: nothing yet. Raises `Unavailable`."""
        start = after[0] if self._statements.has_place(after[0]) else FIRST
        found = self._statements.noted(sides=sides_shown(caller), after=start, limit=PAGE)
        return Fed(found, (found[-1].place, 0)) if found else None
