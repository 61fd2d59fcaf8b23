"""The settlement token against the bank: every mint has its money, all money is minted, and the sums agree.

supply = Σ minted − Σ burned is compared with the bank's booked balance; a difference is shown, never corrected (domain
guide, settlement token and bank).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.ids import Digest32
from ledger.domain.trade.bank_statement import BankEntry, BankStatement


class Disagreement(StrEnum):
    """What is wrong about one bank reference."""

    BOOKED_NOT_MINTED = "booked_not_minted"
    BOOKED_NOT_REDEEMED = "booked_not_redeemed"
    MINTED_NOT_BOOKED = "minted_not_booked"
    REDEEMED_NOT_BOOKED = "redeemed_not_booked"
    OTHER_AMOUNT = "other_amount"
    BOOKED_TWICE = "booked_twice"


@dataclass(frozen=True)
class Move:
    """A mint or a redemption.

    Attributes:
        reference: SHA-256 of the bank's reference.
        is_mint: A redemption otherwise.
        amount: [minor units].
        moved_at: [unix s].
    """

    reference: Digest32
    is_mint: bool
    amount: int
    moved_at: int


@dataclass(frozen=True)
class Difference:
    """One bank reference on which the two books disagree.

    Attributes:
        reference: SHA-256 of the bank's reference.
        text: The reference itself; None where only the ledger has it.
        booked: By the bank [minor units]; None: not in this period.
        moved: On the ledger [minor units]; None: not by its end.
    """

    what: Disagreement
    reference: Digest32
    text: str | None
    booked: int | None
    moved: int | None


@dataclass(frozen=True)
class Matched:
    """What a comparison found.

    Attributes:
        agreed: References on which both books say the same.
        supply: Minted less redeemed by the statement's end [minor units].
        closing: The bank's booked balance then [minor units].
        differences: In the statement's order, then those that only the ledger has, the oldest first.
    """

    agreed: int
    supply: int
    closing: int
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """Whether both books say the same."""
        return not self.differences and self.supply == self.closing


def match(statement: BankStatement, moves: Sequence[Move]) -> Matched:
    """Compare a bank's statement with all mints and redemptions.

    A booked entry may have been minted before the period, as soon as the bank announced it; a mint of the period whose
    money is not in the statement is a difference.
    """
    until = [move for move in moves if move.moved_at <= statement.last]
    by_key = {(move.reference, move.is_mint): move for move in until}
    found, agreed = [], 0
    times = Counter((entry.reference, entry.is_credit) for entry in statement.entries)
    for entry in dict.fromkeys(statement.entries):
        move = by_key.get((entry.on_chain, entry.is_credit))
        wrong = _wrong(entry, move, times[entry.reference, entry.is_credit])
        agreed += wrong is None
        if wrong is not None:
            moved = None if move is None else move.amount
            found.append(Difference(wrong, entry.on_chain, entry.reference, entry.amount, moved))
    booked = {(entry.on_chain, entry.is_credit) for entry in statement.entries}
    for move in sorted(until, key=lambda each: each.moved_at):
        if move.moved_at >= statement.first and (move.reference, move.is_mint) not in booked:
            what = Disagreement.MINTED_NOT_BOOKED if move.is_mint else Disagreement.REDEEMED_NOT_BOOKED
            found.append(Difference(what, move.reference, None, None, move.amount))
    supply = sum(move.amount if move.is_mint else -move.amount for move in until)
    return Matched(agreed, supply, statement.closing, tuple(found))


def _wrong(entry: BankEntry, move: Move | None, times: int) -> Disagreement | None:
    if times > 1:
        return Disagreement.BOOKED_TWICE
    if move is None:
        return Disagreement.BOOKED_NOT_MINTED if entry.is_credit else Disagreement.BOOKED_NOT_REDEEMED
    return None if move.amount == entry.amount else Disagreement.OTHER_AMOUNT
