"""A trader's statement: what it owed at the beginning of a period, every movement in it, what it owed at the end.

One account per participant over all offices (domain guide 1, trader account). Opening balance + Σ entries = closing
balance, for what is owed and for the prepaid account alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import ParticipantId
from ledger.ports.index_store import IndexStore
from ledger.ports.state_store import Party, Row, StateStore, Wanted
from ledger.services.queries import Moment, Queries

NOTHING_YET: Final = -1
"""Height before the first block."""


@dataclass(frozen=True)
class Balance:
    """An account at an instant [minor units].

    Attributes:
        owed: Charged − paid + refunded over all cases; negative when overpaid.
        prepaid: On the prepaid account.
    """

    owed: int = 0
    prepaid: int = 0


@dataclass(frozen=True)
class Statement:
    """An account over a period, both ends inclusive.

    Attributes:
        moment: End of the period, and the block that holds it.
        opening: Before its first second.
        closing: After its last.
        entries: Movements in it, oldest first.
    """

    participant: ParticipantId
    moment: Moment
    opening: Balance
    closing: Balance
    entries: Sequence[Row]


class Accounts:
    """Reads accounts from the folded rows."""

    def __init__(self, index: IndexStore, states: StateStore, queries: Queries, *, most: int = 10_000) -> None:
        """`most`: entries of one statement; a longer period is refused, never cut."""
        self._index, self._states, self._queries, self._most = index, states, queries, most

    def balance(self, participant: ParticipantId, *, as_of: int | None = None) -> tuple[Moment, Balance]:
        """An account at an instant [unix s]; zero for one that never moved. Raises as `Queries.moment`."""
        moment = self._queries.moment(as_of)
        return moment, self._balance(participant, moment.block.number)

    def statement(self, participant: ParticipantId, *, first: int, last: int | None = None) -> Statement:
        """Return the account over `first`..`last` [unix s]; to now if `last` is None.

        Raises:
            Malformed: The period is empty, or holds more entries than one statement.
            NotFound, Unavailable: As `Queries.moment`.
        """
        moment = self._queries.moment(last)
        if first > moment.at:
            raise Malformed(Fault("period", "/from", "the period ends before it begins"))
        before = self._index.block_at(first - 1) if first > 0 else None
        start = NOTHING_YET if before is None else before.number
        wanted = Wanted("entry", moment.at, [Party(participant)], born_from=start + 1)
        entries = self._states.listed(wanted, block=moment.block.number, limit=self._most + 1)[::-1]
        if len(entries) > self._most:
            raise Malformed(Fault("period", "/from", f"more than {self._most} entries: ask for a shorter period"))
        end = moment.block.number
        return Statement(
            participant, moment, self._balance(participant, start), self._balance(participant, end), entries
        )

    def _balance(self, participant: ParticipantId, block: int) -> Balance:
        row = self._states.row(f"account:{participant}", block=block)
        return Balance() if row is None else Balance(row.state["balance"], row.state["prepaid"])
