"""Whose rows a caller's lists are made of: the store filters by it, so that nothing is counted that may not be seen."""

from ledger.domain import rights
from ledger.domain.caller import Caller
from ledger.domain.errors import NotFound
from ledger.domain.ids import ParticipantId
from ledger.domain.roles import Role
from ledger.ports.state_store import ANY, OWN, Party


def of_cases(caller: Caller) -> Party | None:
    """Declarations, permits, documents: None for who reads all of them, else whose they are.

    That its participant was asked as an agency counts for an agency's keys alone.
    """
    if caller.has_any(rights.ALL_CASES):
        return None
    return Party(caller.participant, ANY if caller.has_any(Role.OGA) else OWN)


def of_money(caller: Caller) -> Party | None:
    """Debts, payments, guarantees, refunds."""
    return None if caller.has_any(rights.MONEY) else Party(caller.participant)


def of_authorisations(caller: Caller) -> Party | None:
    """Powers of attorney."""
    return None if caller.has_any(rights.AUTHORISATIONS) else Party(caller.participant)


def insist_on_account(caller: Caller, participant: ParticipantId) -> None:
    """Return if the caller may see the account. Raises `NotFound` if not."""
    if not rights.may_read_account(caller, participant):
        raise NotFound("account", str(participant))


def insist_on_audit(caller: Caller) -> None:
    """Return if the caller audits the ledger or customs' work. Raises `NotFound` if not, as for what is not there."""
    if not caller.has_any(Role.AUDITOR | Role.CUSTOMS_AUDIT):
        raise NotFound("list", "of the auditor")


def insist_on_money(caller: Caller) -> None:
    """Return if the caller may see the settlement token's supply. Raises `NotFound` if not."""
    if not caller.has_any(rights.MONEY):
        raise NotFound("list", "of the treasury")
