"""A contract's refusal in the terms of the trade."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.errors import ActRefused
from ledger.domain.plain import in_unit, in_units
from ledger.domain.refusal_texts import HELD, OWN, TEXTS
from ledger.domain.roles import Role

PLACE: Final = re.compile(r"\{(\w+)\}")
ROLES: Final = frozenset({"anyOf", "roles", "allowed"})
"""Arguments that are sets of roles, told by their names."""
LISTS: Final = "first32"
"""The argument of a refused release or clearance that holds its reasons."""


def explain(refusal: ActRefused) -> str:
    """What the refusal means, in one sentence; the error's bare name for one that is not in the table."""
    text = TEXTS.get(refusal.error) or OWN.get(refusal.error)
    if text is None:
        return f"The contract refuses it: {refusal.error}."
    return PLACE.sub(lambda place: _shown(refusal.error, place[1], refusal.arguments), text)


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
    told = in_units(LISTS, reason)
    code, item, agency = str(told["code"]), int(told["item"]), told["agency"]
    check = str(told["checkCode"]) if told["checkCode"] else ""
    return {"code": code, "item": item, "agency": agency, "text": reason_text(code, item, agency or 0, check)}


def _shown(error: str, name: str, arguments: Mapping[str, Any]) -> str:
    if name not in arguments:
        return "?"
    value = arguments[name]
    if name in ROLES and isinstance(value, int):
        return ", ".join(Role(value).names) or "none"
    told = in_unit(error, name, value)
    return "none" if told is None else str(told)
