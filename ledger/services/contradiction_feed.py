"""What was found contradictory since a number, for one reader: both sides of it are told, and customs.

A contradiction's number is this facade's own count, no place in the chain: who follows begins with the first. A facade
that reads its documents anew counts anew; a reader that was further then than the count is now begins again.
"""

from typing import Final

from ledger.domain.caller import Caller
from ledger.domain.cursors import AFTER
from ledger.domain.errors import Fault, Malformed
from ledger.domain.rights import sides_shown
from ledger.ports.index_store import Position
from ledger.ports.statement_store import Noted, StatementStore
from ledger.services.feed import Fed

PAGE: Final = 100
"""Contradictions told in one step."""


class ContradictionFeed:
    """Reads what was noted. A position is a number and 0."""

    def __init__(self, statements: StatementStore) -> None:
        self._statements = statements

    def end(self) -> Position:
        """Where a reader begins that names no place: before the first, since what stands is news to it."""
        return 0, 0

    def begun(self, after: Position, *, named: str = AFTER) -> Position:
        """`after`, which was noted here.

        Args:
            after: Where a reader was told that it is.
            named: Where in its request that stands.

        Raises:
            Malformed: So many were never noted here.
        """
        if after[0] > (last := self._statements.last_number()):
            text = f"{after[0]} is not there: the last is {last}, so this cursor is of another facade, or from before "
            raise Malformed(Fault("cursor_ahead", named, f"{text}this one read its documents anew"))
        return after

    def step(self, caller: Caller, after: Position) -> Fed[Noted] | None:
        """What comes next after a position; None: nothing yet. Raises `Unavailable`."""
        start = after[0] if after[0] <= self._statements.last_number() else 0
        found = self._statements.noted(sides=sides_shown(caller), after=start, limit=PAGE)
        return Fed(found, (found[-1].number, 0)) if found else None
