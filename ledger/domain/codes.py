"""The contracts' enumerations, number by number, so that answers show words.

A test compares every name with the Solidity sources.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.units import ENUMERATIONS

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
    "DeclarationAct": (
        "PRELODGE",
        "LODGE",
        "PRESENT",
        "REJECT",
        "BEGIN_ACCEPTANCE",
        "ENTER_ITEMS",
        "ABANDON",
        "SEAL",
        "REQUEST_AMENDMENT",
        "GRANT_AMENDMENT",
        "CORRECT",
        "REQUEST_CANCELLATION",
        "GRANT_CANCELLATION",
        "REFUSE_REQUEST",
        "ROUTE",
        "CONTROL",
        "DECIDE_ITEMS",
        "CONFIRM_ARRIVAL",
        "CONFIRM_EXIT",
        "SEIZE",
        "LIFT_SEIZURE",
        "RELEASE",
        "REFUSE_ITEMS",
        "CLEAR",
        "INVALIDATE",
        "OPEN_PCA",
        "CLOSE_PCA",
        "RETURN_PERMITS",
        "REASSIGN",
        "REOPEN_REJECTION",
        "REOPEN_REQUEST",
        "REOPEN_ITEM",
        "CLAIM",
        "SUPPLEMENT",
    ),
    "ControlAct": (
        "ROUTE_NONE",
        "ROUTE_REQUIRED",
        "LOWER_TO_NONE",
        "LOWER_TO_DOCUMENTARY",
        "START",
        "RECORD_SATISFACTORY",
        "RECORD_DISCREPANCY",
        "DISMISS",
        "SETTLE_BY_SEIZURE",
        "REOPEN_FINDING",
        "NEW_VERSION",
    ),
    "RefusalKind": ("REJECTION", "AMENDMENT", "CANCELLATION", "ITEM", "AGENCY_DECISION"),
    "AppealState": (
        "NONE",
        "REFUSED",
        "APPEALED",
        "UPHELD",
        "OVERTURNED",
    ),
    "DocumentStatus": (
        "ACTIVE",
        "SUSPENDED",
        "REVOKED",
        "SUPERSEDED",
        "SUSPENDED_BY_AUTHORITY",
    ),
    "DocumentAction": (
        "SUSPEND",
        "REINSTATE",
        "REVOKE",
        "SUPERSEDE",
    ),
    "PaymentSource": (
        "TOKEN",
        "PREPAID",
        "GUARANTEE",
        "OFFSET",
    ),
}
"""Names of each enumeration's members, in order."""


def named(enumeration: str, number: int) -> str:
    """The member's name; the bare number for one that a newer contract added."""
    names = ENUMS[enumeration]
    return names[number] if number < len(names) else str(number)


def in_words(value: Any, fields: Mapping[str, str] = ENUMERATIONS) -> Any:
    """A decoded answer with the numbers of `fields` as words, in lists and structs too."""
    if isinstance(value, Mapping):
        return {
            name: named(fields[name], item) if name in fields and isinstance(item, int) else in_words(item, fields)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [in_words(item, fields) for item in value]
    return value
