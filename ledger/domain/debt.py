"""A debt's law: what a fiscal case, a guarantee and a refund claim are worth, and the journal behind a case.

Source: domain guide 4.3, invariants 3 and 8. Twins of `contracts/libraries/DebtTransitions.sol`, `GuaranteeMath.sol`
and `RefundTransitions.sol`; numbers are those of the interfaces and stand in events for ever. Amounts are integers in
minor units. How an assessment is calculated: `duty.py`.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Final

from ledger.domain.errors import ActRefused


class FiscalState(IntEnum):
    """Fiscal track of one version of a declaration. SECURED, PAID and OVERDUE are computed."""

    NONE = 0
    ASSESSED = 1
    PAID = 2
    SECURED = 3
    DEFERRED = 4
    EXEMPT = 5
    OVERDUE = 6
    RECOVERY = 7
    SETTLED = 8


RELEASING: Final = frozenset(
    {FiscalState.PAID, FiscalState.SECURED, FiscalState.DEFERRED, FiscalState.EXEMPT, FiscalState.SETTLED}
)
"""States with which goods may be released (domain guide 4.4)."""


@dataclass(frozen=True)
class DebtCase:
    """The stored amounts and marks of a fiscal case, as `IDebtLedger.DebtCase` names them."""

    declaration_version: int
    assessed_version: int = 0
    basis: FiscalState = FiscalState.NONE
    closed: bool = False
    due_at: int = 0
    assessed: int = 0
    paid: int = 0
    refunded: int = 0
    settled: int = 0
    secured: int = 0
    approved: int = 0

    @property
    def owed(self) -> int:
        """Still to pay: assessed − (paid − refunded − approved), at least 0."""
        return max(0, self.assessed - (self.paid - self.refunded - self.approved))

    @property
    def credit(self) -> int:
        """Paid over what is assessed, and not yet approved for refund."""
        return max(0, self.paid - self.refunded - self.approved - self.assessed)

    @property
    def held(self) -> int:
        """Money of the case that is still in the ledger."""
        return self.paid - self.refunded - self.settled

    def state(self, at: int) -> FiscalState:
        """Return the fiscal state at `at` [unix s]; the due second itself is in time."""
        if self.closed or self.basis is FiscalState.NONE or self.assessed_version != self.declaration_version:
            return FiscalState.NONE
        if self.owed == 0:
            if self.basis in (FiscalState.SETTLED, FiscalState.EXEMPT):
                return self.basis
            return FiscalState.PAID if self.assessed else FiscalState.ASSESSED
        if self.basis is FiscalState.RECOVERY:
            return FiscalState.RECOVERY
        if self.basis is FiscalState.DEFERRED:
            return FiscalState.DEFERRED if at <= self.due_at else FiscalState.OVERDUE
        return FiscalState.SECURED if self.secured >= self.owed else FiscalState.ASSESSED


class Account(Enum):
    """Accounts of a case's double entry; their balances always sum to 0."""

    TRADER = "trader"
    TREASURY = "treasury"
    SUSPENSE = "suspense"


class EntryKind(Enum):
    """Journal entries: the value is the event that posts it."""

    CHARGE = "ChargePosted"
    PAYMENT = "Paid"
    REVENUE = "RevenueMoved"
    REFUND = "RefundPaid"


_POSTINGS: Final = {
    EntryKind.CHARGE: (Account.TRADER, Account.TREASURY),
    EntryKind.PAYMENT: (Account.SUSPENSE, Account.TRADER),
    EntryKind.REVENUE: (Account.TREASURY, Account.SUSPENSE),
    EntryKind.REFUND: (Account.TRADER, Account.SUSPENSE),
}


def posting(kind: EntryKind, amount: int) -> dict[Account, int]:
    """Return what an entry of `amount` (a charge or revenue may be negative) does to each account."""
    less, more = _POSTINGS[kind]
    return {less: -amount, more: amount}


class GuaranteeState(IntEnum):
    """State of a guarantee. CALLED, CANCELLED and EXPIRED are computed."""

    NONE = 0
    OFFERED = 1
    REFUSED = 2
    ACTIVE = 3
    CALLED = 4
    CANCELLED = 5
    EXPIRED = 6


@dataclass(frozen=True)
class Guarantee:
    """Amounts and marks of a guarantee; `limit = free + reserved + called`.

    Attributes:
        state: OFFERED, REFUSED or ACTIVE.
        valid_until: Last second for new reservations [unix s], inclusive.
        cancelled_from: First second of cancellation [unix s]; 0 without notice.
        pending: Offered and not yet accepted; not part of the limit.
    """

    state: GuaranteeState
    valid_until: int
    cancelled_from: int = 0
    free: int = 0
    reserved: int = 0
    called: int = 0
    pending: int = 0

    def __post_init__(self) -> None:
        if min(self.free, self.reserved, self.called, self.pending) < 0:
            raise ActRefused("Panic", {"code": 0x11})

    @property
    def limit(self) -> int:
        """What was accepted and not given back."""
        return self.free + self.reserved + self.called

    def accept(self) -> "Guarantee":
        """Move pending → free."""
        return replace(self, free=self.free + self.pending, pending=0)

    def reserve(self, amount: int) -> "Guarantee":
        """Move free → reserved."""
        return replace(self, free=self.free - amount, reserved=self.reserved + amount)

    def unreserve(self, amount: int) -> "Guarantee":
        """Move reserved → free."""
        return replace(self, reserved=self.reserved - amount, free=self.free + amount)

    def call(self, amount: int) -> "Guarantee":
        """Move reserved → called."""
        return replace(self, reserved=self.reserved - amount, called=self.called + amount)

    def take_back(self, amount: int) -> "Guarantee":
        """Move called → free."""
        return replace(self, called=self.called - amount, free=self.free + amount)

    def give_back(self) -> tuple["Guarantee", int]:
        """Empty free and pending; return what is left and the amount given back."""
        return replace(self, free=0, pending=0), self.free + self.pending

    def worth(self, at: int) -> GuaranteeState:
        """Return the state at `at` [unix s]: valid to the last second, cancelled from its first.

        What is wholly called stays what it is while a top-up is pending.
        """
        if self.state not in (GuaranteeState.OFFERED, GuaranteeState.ACTIVE):
            return self.state
        if self.cancelled_from and at >= self.cancelled_from:
            return GuaranteeState.CANCELLED
        if at > self.valid_until:
            return GuaranteeState.EXPIRED
        spent = self.called > 0 and not (self.free or self.reserved or self.pending)
        return GuaranteeState.CALLED if spent else self.state


class RefundState(IntEnum):
    """State of a refund claim. UPHELD is a refusal upheld on appeal."""

    NONE = 0
    CLAIMED = 1
    IN_REVIEW = 2
    APPROVED = 3
    REFUSED = 4
    APPEALED = 5
    UPHELD = 6
    OFFSET = 7
    PAID = 8


class RefundAction(IntEnum):
    """What may be done to a refund claim."""

    REVIEW = 0
    APPROVE = 1
    REFUSE = 2
    APPEAL = 3
    UPHOLD = 4
    OVERTURN = 5
    PAY = 6
    SET_OFF = 7


NEXT_REFUND: Final = {
    (RefundState.CLAIMED, RefundAction.REVIEW): RefundState.IN_REVIEW,
    (RefundState.IN_REVIEW, RefundAction.REVIEW): RefundState.IN_REVIEW,
    (RefundState.IN_REVIEW, RefundAction.APPROVE): RefundState.APPROVED,
    (RefundState.IN_REVIEW, RefundAction.REFUSE): RefundState.REFUSED,
    (RefundState.REFUSED, RefundAction.APPEAL): RefundState.APPEALED,
    (RefundState.APPEALED, RefundAction.UPHOLD): RefundState.UPHELD,
    (RefundState.APPEALED, RefundAction.OVERTURN): RefundState.IN_REVIEW,
    (RefundState.APPROVED, RefundAction.PAY): RefundState.PAID,
    (RefundState.APPROVED, RefundAction.SET_OFF): RefundState.OFFSET,
}
"""REVIEW of what is in review is for another reviewer, in place of one who has lost its office."""


def apply_refund(state: RefundState, action: RefundAction) -> RefundState:
    """Return the state of a claim after `action`.

    Raises:
        ActRefused: The table has no such pair.
    """
    if (state, action) not in NEXT_REFUND:
        raise ActRefused("RefundStateForbids", {"state": state.name, "action": action.name})
    return NEXT_REFUND[state, action]
