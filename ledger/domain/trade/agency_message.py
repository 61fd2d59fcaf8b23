"""A border agency's messages to customs (Defra's JSON): its decisions on items, and whether a notification is a permit.

A decision code begins with what it means: C clear, H hold, N refuse, X no match (domain guide 3.7).
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.declaration import AgencyDecision
from ledger.domain.fields import array_of, malformed, text_of, uint_of
from ledger.domain.limits import MAX_GOODS_ITEMS

MEANINGS: Final = {
    "C": AgencyDecision.RELEASE,
    "H": AgencyDecision.HOLD,
    "N": AgencyDecision.REFUSE,
    "X": AgencyDecision.NO_MATCH,
}
MAX_CHECKS: Final = 16
"""Checks of one item, as the contract has it."""
VALIDATED: Final = "Validated"
"""Status of a notification whose goods the agency has passed."""


@dataclass(frozen=True)
class Decision:
    """An agency's decision on one of its checks of an item.

    Attributes:
        item: Goods item number.
        check: National check code (`H219`).
        decision: What it means.
    """

    item: int
    check: str
    decision: AgencyDecision


def read_decisions(message: dict[str, Any]) -> tuple[Decision, ...]:
    """Decisions of a notification. Raises `Malformed` for a field of another kind, or an unknown code."""
    items = array_of(message.get("items"), "/items", at_least=1, at_most=MAX_GOODS_ITEMS)
    return tuple(
        _decision(item, check, f"/items/{n}", f"/items/{n}/checks/{m}")
        for n, item in enumerate(items)
        for m, check in enumerate(_checks(item, f"/items/{n}"))
    )


def _checks(item: Any, path: str) -> list[Any]:
    if type(item) is not dict:
        raise malformed("type", path, "an object is needed here")
    return array_of(item.get("checks"), f"{path}/checks", at_most=MAX_CHECKS)


def _decision(item: dict[str, Any], check: Any, path: str, check_path: str) -> Decision:
    if type(check) is not dict:
        raise malformed("type", check_path, "an object is needed here")
    number = uint_of(item.get("itemNumber"), f"{path}/itemNumber", at_least=1, at_most=MAX_GOODS_ITEMS)
    code = text_of(check.get("decisionCode"), f"{check_path}/decisionCode", at_most=8)
    meaning = MEANINGS.get(code[0])
    if meaning is None:
        raise malformed("unknown_decision", f"{check_path}/decisionCode", f"{code} is no decision known here")
    return Decision(number, text_of(check.get("checkCode"), f"{check_path}/checkCode", at_most=8), meaning)


def is_decisions(message: dict[str, Any]) -> bool:
    """Whether a JSON object is a decision notification."""
    header = message.get("header")
    return isinstance(header, dict) and "decisionNumber" in header and "items" in message


def is_notification(message: dict[str, Any]) -> bool:
    """Whether a JSON object is an import pre-notification."""
    return {"ReferenceNumber", "ImportNotificationType", "Status"} <= message.keys()
