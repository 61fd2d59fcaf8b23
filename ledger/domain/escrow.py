"""The law of an escrow: its states, what leads from one to another, and where the money goes.

Source: domain guide 4.8, design §5. Twin of `contracts/libraries/EscrowTransitions.sol` and of the amounts of
`TradeEscrow`; numbers are those of `ITradeEscrow` and stand in events for ever. Amounts are integers in minor units. A
pair that is absent from the table is refused.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from ledger.domain.errors import ActRefused


class EscrowState(IntEnum):
    """State of an escrow."""

    NONE = 0
    FUNDED = 1
    PRESENTED = 2
    DISPUTED = 3
    PAID = 4
    REFUNDED = 5
    RESOLVED = 6
    CANCELLED = 7


class EscrowAction(IntEnum):
    """What may be done to an escrow."""

    PAY_PART = 0
    PRESENT = 1
    CLAIM_RELEASE = 2
    ACCEPT = 3
    DISPUTE = 4
    ARBITRATE = 5
    REFUND = 6
    PROPOSE = 7
    SPLIT = 8


_OPEN: Final = (EscrowState.FUNDED, EscrowState.PRESENTED)
_HELD: Final = (*_OPEN, EscrowState.DISPUTED)

NEXT: Final = {
    **{(state, EscrowAction.PAY_PART): state for state in _OPEN},
    (EscrowState.FUNDED, EscrowAction.PRESENT): EscrowState.FUNDED,
    (EscrowState.FUNDED, EscrowAction.CLAIM_RELEASE): EscrowState.PAID,
    (EscrowState.PRESENTED, EscrowAction.ACCEPT): EscrowState.PAID,
    **{(state, EscrowAction.DISPUTE): EscrowState.DISPUTED for state in _OPEN},
    (EscrowState.DISPUTED, EscrowAction.ARBITRATE): EscrowState.RESOLVED,
    (EscrowState.FUNDED, EscrowAction.REFUND): EscrowState.REFUNDED,
    **{(state, EscrowAction.PROPOSE): state for state in _HELD},
    **{(state, EscrowAction.SPLIT): EscrowState.CANCELLED for state in _HELD},
}
"""PAY_PART that leaves nothing ends PAID; PRESENT of the last document ends PRESENTED: see `Escrow`."""


def apply(state: EscrowState, action: EscrowAction) -> EscrowState:
    """Return the state after `action`.

    Raises:
        ActRefused: The table has no such pair.
    """
    if (state, action) not in NEXT:
        raise ActRefused("EscrowStateForbids", {"state": state.name, "action": action.name})
    return NEXT[state, action]


@dataclass(frozen=True)
class Escrow:
    """An escrow's state and money.

    Attributes:
        state: Where it is.
        amount: Still held.
        paid: To the seller so far.
        returned: To the buyer so far; `amount + paid + returned` never changes.
        required: Number of documents to present.
        presented: Bits of those presented.
    """

    state: EscrowState
    amount: int
    paid: int = 0
    returned: int = 0
    required: int = 0
    presented: int = 0

    def move(self, action: EscrowAction, *, to_seller: int = 0, to_buyer: int = 0) -> "Escrow":
        """Do `action` and let money go. Raises `ActRefused` where the table or the amount forbids it."""
        after = apply(self.state, action)
        left = self.amount - to_seller - to_buyer
        if left < 0:
            raise ActRefused("AmountTooLarge", {"amount": to_seller + to_buyer, "limit": self.amount})
        if action is EscrowAction.PAY_PART and left == 0:
            after = EscrowState.PAID
        paid, returned = self.paid + to_seller, self.returned + to_buyer
        return replace(self, state=after, amount=left, paid=paid, returned=returned)

    def present(self, requirement: int) -> "Escrow":
        """Present one of the documents. Raises `ActRefused` for one that is unknown or was presented before."""
        after = apply(self.state, EscrowAction.PRESENT)
        if requirement >= self.required:
            raise ActRefused("UnknownRequirement", {"requirement": requirement})
        if self.presented >> requirement & 1:
            raise ActRefused("PresentedBefore", {"requirement": requirement})
        presented = self.presented | 1 << requirement
        complete = presented == (1 << self.required) - 1
        return replace(self, state=EscrowState.PRESENTED if complete else after, presented=presented)
