"""A document's law: how its status on the chain moves.

Source: domain guide 4.8. Twin of `contracts/libraries/DocumentLifecycle.sol`; numbers are those of
`contracts/types/Document.sol` and stand in events for ever. REVOKED and SUPERSEDED are ends; EXPIRED is computed from
the record itself. A triple that is absent from the table is refused.
"""

from enum import IntEnum
from typing import Final

from ledger.domain.errors import ActRefused
from ledger.domain.judging import DocumentState


class DocumentAction(IntEnum):
    """What the issuer, or its supervising authority, does to a document's status."""

    SUSPEND = 0
    REINSTATE = 1
    REVOKE = 2
    SUPERSEDE = 3


_ISSUER, _AUTHORITY = False, True
_ACTIVE, _SUSPENDED, _BY_AUTHORITY = (
    DocumentState.ACTIVE,
    DocumentState.SUSPENDED,
    DocumentState.SUSPENDED_BY_AUTHORITY,
)

NEXT: Final = {
    (_ACTIVE, DocumentAction.SUSPEND, _ISSUER): DocumentState.SUSPENDED,
    (_ACTIVE, DocumentAction.SUSPEND, _AUTHORITY): DocumentState.SUSPENDED_BY_AUTHORITY,
    (_ACTIVE, DocumentAction.REVOKE, _ISSUER): DocumentState.REVOKED,
    (_ACTIVE, DocumentAction.REVOKE, _AUTHORITY): DocumentState.REVOKED,
    (_ACTIVE, DocumentAction.SUPERSEDE, _ISSUER): DocumentState.SUPERSEDED,
    (_SUSPENDED, DocumentAction.SUSPEND, _AUTHORITY): DocumentState.SUSPENDED_BY_AUTHORITY,
    (_SUSPENDED, DocumentAction.REINSTATE, _ISSUER): DocumentState.ACTIVE,
    (_SUSPENDED, DocumentAction.REINSTATE, _AUTHORITY): DocumentState.ACTIVE,
    (_SUSPENDED, DocumentAction.REVOKE, _ISSUER): DocumentState.REVOKED,
    (_SUSPENDED, DocumentAction.REVOKE, _AUTHORITY): DocumentState.REVOKED,
    (_BY_AUTHORITY, DocumentAction.REINSTATE, _AUTHORITY): DocumentState.ACTIVE,
    (_BY_AUTHORITY, DocumentAction.REVOKE, _ISSUER): DocumentState.REVOKED,
    (_BY_AUTHORITY, DocumentAction.REVOKE, _AUTHORITY): DocumentState.REVOKED,
}
"""By state, action, and whether the authority acts instead of the issuer."""


def apply(state: DocumentState, action: DocumentAction, *, by_authority: bool) -> DocumentState:
    """Return the status after `action`.

    Raises:
        ActRefused: The table has no such triple.
    """
    if (state, action, by_authority) not in NEXT:
        raise ActRefused("NoTransition", {"from": state.name, "action": action.name})
    return NEXT[state, action, by_authority]
