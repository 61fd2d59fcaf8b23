"""Words of states by kind of entity: all that a row of that kind can be in, so all that a list can be filtered by."""

from collections.abc import Mapping, Sequence
from typing import Final

from ledger.domain.codes import ENUMS
from ledger.domain.judging import DocumentState


def _of(enumeration: str) -> Sequence[str]:
    return [word for word in ENUMS[enumeration] if word != "NONE"]


STATES: Final[Mapping[str, Sequence[str]]] = {
    "declaration": _of("DeclarationStatus"),
    "permit": [word for word in _of("PermitState") if word not in ("APPLIED", "REFUSED", "ISSUED")],
    "application": ["APPLIED", "REFUSED", "ISSUED"],
    "record": [state.name for state in DocumentState],
    "debt": ENUMS["FiscalState"],
    "guarantee": _of("GuaranteeState"),
    "refund": _of("RefundState"),
    "bank_move": ["MINTED", "REDEEMED"],
    "participant": _of("ParticipantStatus"),
    "key": ["REGISTERED", "SUSPENDED", "RETIRED", "COMPROMISED"],
    "power": ["GIVEN", "REVOKED"],
    "rule": ["IN_FORCE", "REMOVED"],
    "regime": ["OPEN", "CLOSED"],
    "fallback": ["ENTERED", "CONFIRMED", "USED"],
}
"""Expiry included, which is read from a row and never written. NONE is a debt's alone: opened, and nothing assessed."""
