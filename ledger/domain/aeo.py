"""The law of an authorised economic operator's authorisation: its states and what leads from one to another.

Source: domain guide 4.6. Twin of `contracts/libraries/AeoLifecycle.sol`; numbers are those of
`contracts/types/Authorisation.sol` and stand in events for ever. Expiry is computed, never a state. A pair that is
absent from the table is refused.
"""

from enum import IntEnum
from typing import Final

from ledger.domain.errors import ActRefused


class AeoState(IntEnum):
    """State of an operator's authorisation."""

    NONE = 0
    APPLIED = 1
    IN_REVIEW = 2
    ACTIVE = 3
    REFUSED = 4
    SUSPENDED = 5
    REVOKED = 6
    WITHDRAWN = 7


class AeoAction(IntEnum):
    """What the operator (APPLY, WITHDRAW) and the AEO unit do to an authorisation."""

    APPLY = 0
    REVIEW = 1
    GRANT = 2
    REFUSE = 3
    SUSPEND = 4
    REINSTATE = 5
    REVOKE = 6
    WITHDRAW = 7


NEXT: Final = {
    (AeoState.NONE, AeoAction.APPLY): AeoState.APPLIED,
    (AeoState.REFUSED, AeoAction.APPLY): AeoState.APPLIED,
    (AeoState.REVOKED, AeoAction.APPLY): AeoState.APPLIED,
    (AeoState.WITHDRAWN, AeoAction.APPLY): AeoState.APPLIED,
    (AeoState.APPLIED, AeoAction.REVIEW): AeoState.IN_REVIEW,
    (AeoState.APPLIED, AeoAction.WITHDRAW): AeoState.WITHDRAWN,
    (AeoState.IN_REVIEW, AeoAction.GRANT): AeoState.ACTIVE,
    (AeoState.IN_REVIEW, AeoAction.REFUSE): AeoState.REFUSED,
    (AeoState.IN_REVIEW, AeoAction.WITHDRAW): AeoState.WITHDRAWN,
    (AeoState.ACTIVE, AeoAction.SUSPEND): AeoState.SUSPENDED,
    (AeoState.ACTIVE, AeoAction.REVOKE): AeoState.REVOKED,
    (AeoState.ACTIVE, AeoAction.WITHDRAW): AeoState.WITHDRAWN,
    (AeoState.SUSPENDED, AeoAction.REINSTATE): AeoState.ACTIVE,
    (AeoState.SUSPENDED, AeoAction.REVOKE): AeoState.REVOKED,
    (AeoState.SUSPENDED, AeoAction.WITHDRAW): AeoState.WITHDRAWN,
}

NEXT_ONCE_EXPIRED: Final = {
    **NEXT,
    (AeoState.ACTIVE, AeoAction.APPLY): AeoState.APPLIED,
    (AeoState.SUSPENDED, AeoAction.APPLY): AeoState.APPLIED,
}
"""Once the validity has ended the operator may apply again."""


def apply(state: AeoState, action: AeoAction, *, expired: bool) -> AeoState:
    """Return the state after `action`.

    Args:
        expired: The validity has ended.

    Raises:
        ActRefused: The table has no such pair.
    """
    table = NEXT_ONCE_EXPIRED if expired else NEXT
    if (state, action) not in table:
        raise ActRefused("WrongAeoState", {"state": state.name, "action": action.name})
    return table[state, action]
