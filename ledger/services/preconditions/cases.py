"""Who may act on a declaration, and in what state: what its acts ask in common (domain guide 4.1, 5)."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ledger.domain.declaration import (
    FIRST_NATIONAL_REASON,
    NEXT,
    ControlState,
    DeclarationAct,
    DeclarationReason,
    DeclarationStatus,
    ItemOutcome,
    OpenRequest,
)
from ledger.domain.errors import ActRefused
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, Precondition
from ledger.services.preconditions.common import in_force, may, moved_by

RULES: Final = "RuleRegistry"
SCOPE_LODGE, SCOPE_APPEAL = 1, 4
"""Scopes of a power of attorney."""
OFFICE_BOUND: Final = Role.CUSTOMS_OFFICER | Role.CUSTOMS_INSPECTOR
"""Roles that act only in the case's office, even when their key names none."""


# ----- what is read


def case_of(asked: AskedAct) -> Any:
    """The declaration that the act names."""
    return asked.entity("state", asked.args["caseId"])


def status_of(asked: AskedAct) -> int:
    """Its main status."""
    return int(case_of(asked)["status"])


def revision(name: str) -> Callable[[AskedAct], int]:
    """Reads one of its revisions."""
    return lambda asked: int(case_of(asked)[name])


# ----- who


def is_party(scope: int) -> Precondition:
    """The importer itself, or a broker with a power of attorney that covers the act now, whoever lodged."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        importer, own = case_of(asked)["importer"], asked.participant
        if own == importer:
            return
        if not asked.roles & Role.BROKER:
            yield ActRefused("NotParty", {"participant": own, "expected": importer})
        elif not asked.represents(importer, scope):
            yield ActRefused("NotRepresented", {"broker": own, "client": importer, "scope": scope})

    return judge


def of_customs(roles: Role) -> Precondition:
    """An officer of the case's office, no party to it."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        case, own, office = case_of(asked), asked.participant, asked.office
        bound = office != 0 or asked.roles & roles & OFFICE_BOUND
        if bound and office != case["office"]:
            yield ActRefused("WrongOffice", {"office": office, "ofCase": case["office"]})
        if own in (case["importer"], case["declarant"]):
            yield ActRefused("OwnDeclaration", {"participant": own})

    return judge


def from_office_or_above(asked: AskedAct) -> Iterator[ActRefused]:
    """An officer of the case's office, or a key for appeals of an office above it; no party to it."""
    case, own, office = case_of(asked), asked.participant, asked.office
    if not asked.roles & Role.CUSTOMS_OFFICER or office != case["office"]:
        if not asked.roles & Role.CUSTOMS_APPEAL:
            yield ActRefused("WrongOffice", {"office": office, "ofCase": case["office"]})
        elif not asked.tell(PARTICIPANTS, "isHigherOffice", office, case["office"]):
            yield ActRefused("NotHigherOffice", {"office": office, "than": case["office"]})
    if own in (case["importer"], case["declarant"]):
        yield ActRefused("OwnDeclaration", {"participant": own})


def carrier_or_customs(asked: AskedAct) -> Iterator[ActRefused]:
    """The carrier named at lodging, or an officer of the case's office."""
    carrier, own = case_of(asked)["carrier"], asked.participant
    if asked.roles & Role.CARRIER and own == carrier:
        return
    if asked.roles & Role.CUSTOMS_OFFICER:
        yield from of_customs(Role.CUSTOMS_OFFICER)(asked)
    else:
        yield ActRefused("NotParty", {"participant": own, "expected": carrier})


def assigned(asked: AskedAct) -> Iterator[ActRefused]:
    """The case is not in the hands of another officer."""
    officer = case_of(asked)["officer"]
    if int(officer, 16) and asked.roles & Role.CUSTOMS_OFFICER and officer != asked.actor:
        yield ActRefused("NotAssigned", {"assigned": officer})


def officers(act: DeclarationAct, roles: Role = Role.CUSTOMS_OFFICER) -> tuple[Precondition, ...]:
    """What every act of an officer on the main status begins with."""
    return (known_reason, may(roles), of_customs(roles), assigned, *step(act))


def on_goods(act: DeclarationAct) -> tuple[Precondition, ...]:
    """Acts on the goods' own track."""
    roles = Role.CARRIER | Role.CUSTOMS_OFFICER
    return known_reason, may(roles), carrier_or_customs, in_force(revision("goodsRevision")), in_status(act)


def on_control(act: DeclarationAct) -> tuple[Precondition, ...]:
    """Acts on the control track."""
    return in_force(revision("controlRevision")), in_status(act)


def step(act: DeclarationAct) -> tuple[Precondition, ...]:
    """Acts on the main status."""
    return in_force(revision("revision")), in_status(act)


# ----- in what state


def in_status(act: DeclarationAct) -> Precondition:
    """The main status allows the act."""
    return moved_by(NEXT, act, status_of, lambda _, status: ActRefused("NotInStatus", {"act": act, "status": status}))


def routable(asked: AskedAct) -> Iterator[ActRefused]:
    """What is released is routed no more, but for goods on a condition."""
    case = case_of(asked)
    if case["status"] == DeclarationStatus.RELEASED and not case["conditionalItems"]:
        yield ActRefused("NotInStatus", {"act": DeclarationAct.ROUTE, "status": case["status"]})


def known_reason(asked: AskedAct) -> Iterator[ActRefused]:
    """The reason code is on the list, or a national one, or none."""
    reason = asked.args["reason"]
    listed = DeclarationReason.REGULAR <= reason <= DeclarationReason.FALLBACK
    if reason and reason < FIRST_NATIONAL_REASON and not listed:
        yield ActRefused("UnknownReason", {"reason": reason})


def some_reason(asked: AskedAct) -> Iterator[ActRefused]:
    """A reason is given."""
    if not asked.args["reason"]:
        yield ActRefused("ReasonNeeded", {})


def amendable(asked: AskedAct) -> Iterator[ActRefused]:
    """No control has started, no irregularity was notified (Revised Kyoto Convention, standard 3.27)."""
    case = case_of(asked)
    if case["control"] > ControlState.REQUIRED:
        yield ActRefused("ControlStarted", {"state": case["control"]})
    if case["irregularityNotified"]:
        yield ActRefused("IrregularityWasNotified", {})


def nothing_asked(asked: AskedAct) -> Iterator[ActRefused]:
    """No request is open."""
    request = case_of(asked)["request"]
    if request != OpenRequest.NONE:
        yield ActRefused("RequestIsOpen", {"request": request})


def was_asked(request: OpenRequest) -> Precondition:
    """That request is open."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        found = case_of(asked)["request"]
        if found != request:
            yield ActRefused("RequestNotOpen", {"asked": request, "open": found})

    return judge


def no_open_control(asked: AskedAct) -> Iterator[ActRefused]:
    """Nothing is being checked, and no finding stands."""
    control = case_of(asked)["control"]
    if control in (ControlState.REQUIRED, ControlState.IN_PROGRESS, ControlState.DISCREPANCY):
        yield ActRefused("ControlStarted", {"state": control})


def never_released(asked: AskedAct) -> Iterator[ActRefused]:
    """No goods were released ever: else two officers annul the case."""
    if case_of(asked)["wasReleased"]:
        yield ActRefused("WasReleased", {})


def nothing_seized(asked: AskedAct) -> Iterator[ActRefused]:
    """No item is seized: two officers lift that first. The first one is told, as the contract does."""
    case = case_of(asked)
    for number in range(1, case["itemCount"] + 1 if case["deniedItems"] else 1):
        outcome = asked.entity("item", asked.args["caseId"], number)["outcome"]
        if outcome == ItemOutcome.SEIZED:
            yield ActRefused("ItemHasOutcome", {"item": number, "outcome": outcome})
            return


def found_wanting(asked: AskedAct) -> Iterator[ActRefused]:
    """A control ended in a discrepancy."""
    control = case_of(asked)["control"]
    if control != ControlState.DISCREPANCY:
        yield ActRefused("NoFinding", {"state": control})


def found_by_another(asked: AskedAct) -> Iterator[ActRefused]:
    """A second officer finds a discrepancy harmless, not the one who found it."""
    if case_of(asked)["controlledBy"] == asked.actor:
        yield ActRefused("SamePerson", {"actor": asked.actor})


def not_claimed(fact: str) -> Precondition:
    """What the case's `fact` says was not asked for before."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        found = case_of(asked)[fact]
        if any(found) if isinstance(found, bytes) else found:
            yield ActRefused("AlreadyClaimed", {"caseId": asked.args["caseId"]})

    return judge


def some_office(asked: AskedAct) -> Iterator[ActRefused]:
    """A case belongs to an office."""
    if not asked.args["office"]:
        yield ActRefused("WrongOffice", {"office": 0, "ofCase": case_of(asked)["office"]})


def rules_in_force(asked: AskedAct) -> Iterator[ActRefused]:
    """The version of the rules that is cited is the one in force."""
    cited = asked.args["ruleVersion"]
    if asked.tell(RULES, "version") != cited:
        yield ActRefused("RuleNotInForce", {"ruleVersion": cited})


def regime_open(asked: AskedAct) -> Iterator[ActRefused]:
    """The regime of the case stands open in the rules that are cited."""
    regime = case_of(asked)["regime"]
    if not asked.tell(RULES, "regimeAt", regime, asked.args["ruleVersion"])["open"]:
        yield ActRefused("UnknownRegime", {"regime": regime})


def agencies_active(asked: AskedAct) -> Iterator[ActRefused]:
    """Every agency that is to decide on an item takes part."""
    for agency in dict.fromkeys(entry["agency"] for entry in asked.args["agencies"]):
        if not asked.is_active(agency):
            yield ActRefused("NotActive", {"participant": agency})


def a_range(asked: AskedAct) -> Iterator[ActRefused]:
    """The items are among those declared."""
    first, last, count = asked.args["from"], asked.args["to"], case_of(asked)["itemCount"]
    if not 1 <= first <= last <= count:
        yield ActRefused("BadRange", {"from": first, "to": last, "limit": count})


def items_open(asked: AskedAct) -> Iterator[ActRefused]:
    """None of the items has an outcome that is final: a conditional release can still be undone."""
    for number in range(asked.args["from"], asked.args["to"] + 1):
        outcome = asked.entity("item", asked.args["caseId"], number)["outcome"]
        if outcome not in (ItemOutcome.HELD, ItemOutcome.CONDITIONALLY_RELEASED):
            yield ActRefused("ItemHasOutcome", {"item": number, "outcome": outcome})


def everything_entered(asked: AskedAct) -> Iterator[ActRefused]:
    """Every item was entered."""
    case = case_of(asked)
    if case["entered"] != case["itemCount"]:
        yield ActRefused("NotAllEntered", {"entered": case["entered"], "itemCount": case["itemCount"]})
