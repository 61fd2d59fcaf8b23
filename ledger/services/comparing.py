"""Comparing documents as they arrive, and again when what is in force changes.

Customs reads every document that a declaration cites, so it compares most. Blocks are followed one by one and in step
with the documents, so that who reads the chain anew finds what was found when it grew.
"""

from collections.abc import Sequence
from typing import Final

from ledger.domain.trade.contradictions import Contradiction
from ledger.domain.trade.said import Said
from ledger.ports.statement_store import StatementStore
from ledger.services.force import Forces

BLOCKS: Final = 1_000
"""Blocks followed in one step."""


class Comparing:
    """Keeps statements in step with final blocks. One at a time per store: another one gets `Conflict`.

    Every method raises `Unavailable` while the database is away, and `Conflict` when another process works on the same;
    call again: what was begun is finished then.
    """

    def __init__(self, statements: StatementStore, forces: Forces) -> None:
        self._statements, self._forces = statements, forces

    def followed(self) -> int:
        """Height up to which the chain was followed."""
        return self._statements.followed()

    def follow(self, to: int) -> bool:
        """Follow final blocks up to height `to`, not too many at a time; True if some are left."""
        done = self._statements.followed()
        last = min(to, done + BLOCKS)
        if last <= done:
            return False
        for block, changed in self._forces.changes(done + 1, last):
            self._statements.follow(block, changed)
            self.settle()
        self._statements.follow(last, ())
        return last < to

    def arrived(self, documents: Sequence[Said]) -> Sequence[Contradiction]:
        """Keep what documents say; returns what they contradict and was not told before."""
        self._statements.remember(documents)
        return self.settle()

    def settle(self) -> Sequence[Contradiction]:
        """Compare what is due: an erasure, or an end in the middle of something, leaves some."""
        due = self._statements.due()
        if not due:
            return ()
        at = self._statements.followed()
        return self._statements.settle(self._forces.of(due, block=at), at=at)
