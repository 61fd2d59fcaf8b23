"""Every act whose guards can be judged from outside, by contract and function.

An act that is absent has one reason to be refused, or none beyond its actor's authority: the contract tells it.
"""

from collections.abc import Mapping
from typing import Final

from ledger.services.preconditions.asked import Precondition
from ledger.services.preconditions.debts import DEBT_ACTS
from ledger.services.preconditions.declarations import DECLARATIONS
from ledger.services.preconditions.escrows import ESCROW_ACTS
from ledger.services.preconditions.guarantees import GUARANTEE_ACTS
from ledger.services.preconditions.permits import PERMIT_ACTS
from ledger.services.preconditions.refunds import REFUND_ACTS

PRECONDITIONS: Final[Mapping[str, Mapping[str, tuple[Precondition, ...]]]] = {
    "DeclarationRegistry": DECLARATIONS,
    "PermitRegistry": PERMIT_ACTS,
    "DebtLedger": {**DEBT_ACTS, **GUARANTEE_ACTS, **REFUND_ACTS},
    "TradeEscrow": ESCROW_ACTS,
}
