"""Why goods are held, in words that a trader understands, and who can do something about it (domain guide 4.4).

The contracts answer for a declaration that was accepted. Before that nothing can be released, and what the procedure
will ask for is known from the rule book in force: both are told here in the same form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ledger.domain.declaration import DeclarationStatus, HeldFor


class Mover(Enum):
    """Whose act is awaited."""

    CUSTOMS = "customs"
    AGENCY = "agency"
    TRADER = "trader"
    CARRIER = "carrier"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Explanation:
    """A reason in words.

    Attributes:
        text: What is missing.
        mover: Whose act is awaited.
        remedy: What that act is.
    """

    text: str
    mover: Mover
    remedy: str


class NotYet(Enum):
    """What is missing before a declaration is accepted, and no contract tells."""

    NOT_PRESENTED = "NOT_PRESENTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    ACCEPTANCE_OPEN = "ACCEPTANCE_OPEN"


BEFORE_ACCEPTANCE: Final = {
    DeclarationStatus.PRELODGED: NotYet.NOT_PRESENTED,
    DeclarationStatus.LODGED: NotYet.NOT_ACCEPTED,
    DeclarationStatus.ACCEPTING: NotYet.ACCEPTANCE_OPEN,
}


def before_acceptance(state: Mapping[str, Any], procedure: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Reasons in the contract's form, of a declaration that is not accepted yet: all that is known to be missing.

    Args:
        state: As the contract tells it (`DeclarationState`), in one of the statuses of `BEFORE_ACCEPTANCE`.
        procedure: What the rule book asks of its procedure (`Regime`).
    """
    status = DeclarationStatus(state["status"])
    codes = [BEFORE_ACCEPTANCE[status].name, HeldFor.CONTROL_UNROUTED.name]
    if procedure["paysDuty"]:
        codes.append(HeldFor.DEBT_NOT_ASSESSED.name)
    if procedure["needsSecurity"]:
        codes.append(HeldFor.SECURITY_NEEDED.name)
    if procedure["needsArrival"] and not state["arrivedAt"]:
        codes.append(HeldFor.NOT_ARRIVED.name)
    entered = state["entered"] if status is DeclarationStatus.ACCEPTING else state["itemCount"]
    places = [(0, code) for code in codes]
    places += [(item, HeldFor.NOT_ENTERED.name) for item in range(entered + 1, state["itemCount"] + 1)]
    return [{"item": item, "code": code, "agency": 0, "checkCode": 0, "use": 0} for item, code in places]


EXPLANATIONS: Final[Mapping[HeldFor | NotYet, Explanation]] = {
    NotYet.NOT_PRESENTED: Explanation(
        "The declaration was given before the goods arrived, and they are not presented yet.",
        Mover.TRADER,
        "The declarant presents the goods: the declaration is lodged with that.",
    ),
    NotYet.NOT_ACCEPTED: Explanation(
        "Customs has not accepted the declaration yet.",
        Mover.CUSTOMS,
        "An officer of its office accepts it, naming each item's checks and permits, or rejects it with its faults.",
    ),
    NotYet.ACCEPTANCE_OPEN: Explanation(
        "Customs has begun to accept the declaration, and not finished.",
        Mover.CUSTOMS,
        "The accepting officer enters the items that are left, and seals the acceptance.",
    ),
    HeldFor.CONTROL_UNROUTED: Explanation(
        "It has not been decided yet whether the goods are controlled.", Mover.CUSTOMS, "Customs risk routes the case."
    ),
    HeldFor.CONTROL_OPEN: Explanation(
        "A control of the goods or documents is not finished.", Mover.CUSTOMS, "The inspector records the result."
    ),
    HeldFor.CONTROL_DISCREPANCY: Explanation(
        "The control found something that differs from the declaration.",
        Mover.CUSTOMS,
        "Customs corrects the declaration, seizes the items, or finds the difference harmless.",
    ),
    HeldFor.DEBT_NOT_ASSESSED: Explanation(
        "The duty has not been assessed for this version of the declaration.", Mover.CUSTOMS, "Revenue assesses it."
    ),
    HeldFor.DEBT_UNPAID: Explanation(
        "The duty is neither paid nor secured nor deferred.",
        Mover.TRADER,
        "Pay it, secure it with a guarantee, or ask for deferment.",
    ),
    HeldFor.NOT_ARRIVED: Explanation(
        "The arrival of the goods has not been confirmed.",
        Mover.CARRIER,
        "The carrier named at lodging, or customs, confirms it.",
    ),
    HeldFor.COURT_HOLD: Explanation(
        "A court holds the goods.", Mover.CUSTOMS, "Two officers lift the seizure once the court allows it."
    ),
    HeldFor.SEIZED: Explanation("The goods are seized.", Mover.CUSTOMS, "Two officers lift the seizure."),
    HeldFor.NOT_ENTERED: Explanation(
        "Customs has not entered the checks and permits of this item for the current version.",
        Mover.CUSTOMS,
        "The accepting officer enters them.",
    ),
    HeldFor.HAS_OUTCOME: Explanation(
        "This item already has its outcome.", Mover.NOBODY, "Nothing: ask for the release of the other items."
    ),
    HeldFor.AGENCY_PENDING: Explanation(
        "An agency has not decided yet.", Mover.AGENCY, "The agency decides on its check."
    ),
    HeldFor.AGENCY_HOLD: Explanation(
        "An agency holds the item.", Mover.AGENCY, "The agency decides once its inspection is done."
    ),
    HeldFor.AGENCY_REFUSED: Explanation(
        "An agency refused the item.", Mover.TRADER, "Appeal, or agree with customs to re-export or destroy the goods."
    ),
    HeldFor.AGENCY_NO_MATCH: Explanation(
        "An agency could not find the permit that was cited.",
        Mover.TRADER,
        "Amend the declaration with the right permit.",
    ),
    HeldFor.AGENCY_EXPIRED: Explanation(
        "An agency's decision is no longer valid.", Mover.AGENCY, "The agency decides anew."
    ),
    HeldFor.PERMIT_UNUSABLE: Explanation(
        "A permit that the item needs is suspended, revoked, or not reserved in full.",
        Mover.TRADER,
        "Have the agency reinstate it, or amend the declaration with another permit.",
    ),
    HeldFor.SECURITY_NEEDED: Explanation(
        "Release on condition, or in this procedure, needs security for the duty.",
        Mover.TRADER,
        "Secure it with a guarantee.",
    ),
    HeldFor.CONDITION_OPEN: Explanation(
        "An item was released on a condition that is not fulfilled yet.",
        Mover.CUSTOMS,
        "The result that was pending comes in, and the item is released in full.",
    ),
    HeldFor.DEBT_UNSETTLED: Explanation(
        "The duty is deferred or secured, not paid.", Mover.TRADER, "Pay it: clearance waits for payment."
    ),
    HeldFor.NOT_EXITED: Explanation(
        "The exit of the goods has not been confirmed.",
        Mover.CARRIER,
        "The carrier named at lodging, or customs, confirms it.",
    ),
    HeldFor.DATA_INCOMPLETE: Explanation(
        "The full data of the simplified declaration are not lodged yet.", Mover.TRADER, "Lodge them."
    ),
    HeldFor.APPEAL_OPEN: Explanation(
        "An appeal against a refusal is not decided yet.", Mover.CUSTOMS, "An officer of a higher office decides it."
    ),
    HeldFor.NOTHING_PENDING: Explanation(
        "No result of a control is awaited, so nothing calls for a condition.",
        Mover.CUSTOMS,
        "An officer releases the goods in full.",
    ),
    HeldFor.NEEDS_OFFICER: Explanation(
        "This release is not automatic: it needs an officer.", Mover.CUSTOMS, "An officer releases the goods."
    ),
}
"""Each reason of the contracts and of `before_acceptance`; a test keeps it complete."""
REASONS: Final[Mapping[str, HeldFor | NotYet]] = {each.name: each for each in EXPLANATIONS}
"""By their stable codes."""
