"""The contracts' enumerations, number by number, so that answers show words.

A test compares every name with the Solidity sources.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

ENUMS: Final[Mapping[str, Sequence[str]]] = {
    "DeclarationStatus": (
        "NONE",
        "PRELODGED",
        "LODGED",
        "REJECTED",
        "ACCEPTING",
        "ACCEPTED",
        "PARTLY_RELEASED",
        "RELEASED",
        "CLEARED",
        "INVALIDATED",
        "PCA_OPEN",
    ),
    "ControlState": (
        "UNROUTED",
        "NONE",
        "REQUIRED",
        "IN_PROGRESS",
        "SATISFACTORY",
        "DISCREPANCY",
    ),
    "ControlKind": (
        "NONE",
        "DOCUMENTARY",
        "PHYSICAL",
    ),
    "OpenRequest": (
        "NONE",
        "AMENDMENT",
        "CANCELLATION",
    ),
    "Representation": (
        "SELF",
        "DIRECT",
        "INDIRECT",
    ),
    "ItemOutcome": (
        "HELD",
        "RELEASED",
        "CONDITIONALLY_RELEASED",
        "REFUSED",
        "SEIZED",
    ),
    "AgencyDecision": (
        "PENDING",
        "NOT_REQUIRED",
        "HOLD",
        "RELEASE",
        "REFUSE",
        "NO_MATCH",
    ),
    "HeldFor": (
        "CONTROL_UNROUTED",
        "CONTROL_OPEN",
        "CONTROL_DISCREPANCY",
        "DEBT_NOT_ASSESSED",
        "DEBT_UNPAID",
        "NOT_ARRIVED",
        "COURT_HOLD",
        "SEIZED",
        "NOT_ENTERED",
        "HAS_OUTCOME",
        "AGENCY_PENDING",
        "AGENCY_HOLD",
        "AGENCY_REFUSED",
        "AGENCY_NO_MATCH",
        "AGENCY_EXPIRED",
        "PERMIT_UNUSABLE",
        "SECURITY_NEEDED",
        "CONDITION_OPEN",
        "DEBT_UNSETTLED",
        "NOT_EXITED",
        "NEEDS_OFFICER",
        "DATA_INCOMPLETE",
        "APPEAL_OPEN",
        "NOTHING_PENDING",
    ),
    "FiscalState": (
        "NONE",
        "ASSESSED",
        "PAID",
        "SECURED",
        "DEFERRED",
        "EXEMPT",
        "OVERDUE",
        "RECOVERY",
        "SETTLED",
    ),
    "PermitState": (
        "NONE",
        "APPLIED",
        "REFUSED",
        "ISSUED",
        "ACTIVE",
        "SUSPENDED",
        "REVOKED",
        "REPLACED",
        "EXHAUSTED",
        "EXPIRED",
    ),
    "UseState": (
        "NONE",
        "RESERVED",
        "WRITTEN_OFF",
        "FREED",
        "RESTORED",
    ),
    "ParticipantStatus": ("NONE", "ACTIVE", "SUSPENDED", "RETIRED"),
    "AeoState": ("NONE", "APPLIED", "IN_REVIEW", "ACTIVE", "REFUSED", "SUSPENDED", "REVOKED", "WITHDRAWN"),
    "LicenceState": ("NONE", "ACTIVE", "SUSPENDED", "REVOKED"),
    "SecurityType": ("CASH_DEPOSIT", "BANK_GUARANTEE", "PLEDGE", "INSURANCE_POLICY", "WAIVER"),
    "GuaranteeState": ("NONE", "OFFERED", "REFUSED", "ACTIVE", "CALLED", "CANCELLED", "EXPIRED"),
    "EscrowState": ("NONE", "FUNDED", "PRESENTED", "DISPUTED", "PAID", "REFUNDED", "RESOLVED", "CANCELLED"),
    "EscrowCondition": ("RELEASE", "DOCUMENTS"),
    "DecisionState": ("NONE", "OPEN", "WAITING", "READY", "EXECUTED", "LAPSED"),
    "JointKind": ("LOWER_CONTROL", "LIFT_SEIZURE", "INVALIDATE"),
    "RefundState": ("NONE", "CLAIMED", "IN_REVIEW", "APPROVED", "REFUSED", "APPEALED", "UPHELD", "OFFSET", "PAID"),
}
"""Names of each enumeration's members, in order."""

FIELDS: Final[Mapping[str, str]] = {
    "status": "DeclarationStatus",
    "control": "ControlState",
    "controlKind": "ControlKind",
    "request": "OpenRequest",
    "representation": "Representation",
    "outcome": "ItemOutcome",
    "decision": "AgencyDecision",
    "code": "HeldFor",
    "basis": "FiscalState",
}
"""Enumeration of a field in the states that the declaration registry and the debt ledger answer."""


def named(enumeration: str, number: int) -> str:
    """The member's name; the bare number for one that a newer contract added."""
    names = ENUMS[enumeration]
    return names[number] if number < len(names) else str(number)


def in_words(value: Any, fields: Mapping[str, str] = FIELDS) -> Any:
    """A decoded answer with the numbers of `fields` as words, in lists and structs too."""
    if isinstance(value, Mapping):
        return {
            name: named(fields[name], item) if name in fields and isinstance(item, int) else in_words(item, fields)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [in_words(item, fields) for item in value]
    return value
