"""A contract's refusal in the terms of the trade."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.codes import ENUMS
from ledger.domain.errors import ActRefused
from ledger.domain.plain import plain, rfc3339
from ledger.domain.refusal_texts import HELD, OWN, TEXTS
from ledger.domain.roles import Role

PLACE: Final = re.compile(r"\{(\w+)\}")
TIMES: Final = frozenset(
    {"instant", "earliest", "latest", "until", "from", "barredUntil", "dueAt", "deadline", "timeout", "validUntil"}
)
"""Arguments that are instants [unix s]; as parts of a range of items `from` is none."""
STATES: Final[Mapping[tuple[str, str], str]] = {
    ("NotInStatus", "status"): "DeclarationStatus",
    ("NotInControl", "state"): "ControlState",
    ("RequestIsOpen", "request"): "OpenRequest",
    ("ItemHasOutcome", "outcome"): "ItemOutcome",
    ("PermitStateForbids", "state"): "PermitState",
    ("PermitNotUsable", "state"): "PermitState",
    ("UseForbids", "state"): "UseState",
    ("FiscalStateForbids", "state"): "FiscalState",
    ("GuaranteeStateForbids", "state"): "GuaranteeState",
    ("RefundStateForbids", "state"): "RefundState",
    ("EscrowStateForbids", "state"): "EscrowState",
    ("WrongDecisionState", "state"): "DecisionState",
    ("WrongCondition", "condition"): "EscrowCondition",
}
"""Enumeration of an error's argument."""
LISTS: Final = "first32"
"""The argument of a refused release or clearance that holds its reasons."""


def explain(refusal: ActRefused) -> str:
    """What the refusal means, in one sentence; the error's bare name for one that is not in the table."""
    text = TEXTS.get(refusal.error) or OWN.get(refusal.error)
    if text is None:
        return f"The contract refuses it: {refusal.error}."
    return PLACE.sub(lambda place: _shown(refusal.error, place[1], refusal.arguments.get(place[1])), text)


def reasons(refusal: ActRefused) -> list[dict[str, Any]]:
    """What stands against a release or clearance, each with its words; none for other refusals."""
    found: Sequence[Mapping[str, Any]] = refusal.arguments.get(LISTS, ())
    return [_reason(each) for each in found]


def reason_text(code: str, item: int, agency: int, check: str) -> str:
    """One reason in words: `Item 2: the agency has not decided (participant 3, check PHY)`."""
    whole = HELD.get(code, code)
    by = [f"participant {agency}" if agency else "", f"check {check}" if check else ""]
    shown = ", ".join(filter(None, by))
    subject = f"Item {item}" if item else "The declaration"
    return f"{subject}: {whole}" + (f" ({shown})" if shown else "")


def _reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    names = ENUMS["HeldFor"]
    code = names[reason["code"]] if reason["code"] < len(names) else str(reason["code"])
    check = str(reason["checkCode"]) if reason["checkCode"] else ""
    item, agency = int(reason["item"]), int(reason["agency"])
    return {"code": code, "item": item, "agency": agency or None, "text": reason_text(code, item, agency, check)}


def _shown(error: str, name: str, value: Any) -> str:
    enumeration = STATES.get((error, name))
    if enumeration is not None and isinstance(value, int):
        names = ENUMS[enumeration]
        return names[value] if value < len(names) else str(value)
    match value:
        case int() if name in ("anyOf", "roles", "allowed"):
            return ", ".join(Role(value).names) or "none"
        case int() if name in TIMES and error != "BadRange":
            return rfc3339(value)
        case bytes() if name == "mrn":
            return value.rstrip(b"\0").decode("ascii", "replace")
        case None:
            return "?"
        case _:
            return str(plain(value))
