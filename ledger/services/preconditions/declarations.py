"""What the law asks of acts on declarations (domain guide 4.1, 5), as `contracts/libraries/Declaration*.sol` has it.

A release and a clearance tell all of their reasons by themselves, in one refusal; what is asked before that is here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ledger.domain.declaration import (
    MAX_ITEMS,
    NEXT,
    AgencyDecision,
    AppealState,
    DeclarationAct,
    DeclarationStatus,
    ItemOutcome,
    OpenRequest,
    RefusalKind,
    Representation,
)
from ledger.domain.errors import ActRefused
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import MAX_TIME
from ledger.domain.roles import Role
from ledger.services.lodged_before import request_key
from ledger.services.preconditions import cases, permits, together
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, NotTold, Precondition
from ledger.services.preconditions.cases import RULES, SCOPE_APPEAL, SCOPE_LODGE, case_of
from ledger.services.preconditions.common import given, in_force, may

TRADERS: Final = Role.DECLARANT | Role.BROKER
_A = DeclarationAct
REOPENING: Final[Mapping[RefusalKind, DeclarationAct]] = {
    RefusalKind.REJECTION: _A.REOPEN_REJECTION,
    RefusalKind.AMENDMENT: _A.REOPEN_REQUEST,
    RefusalKind.CANCELLATION: _A.REOPEN_REQUEST,
    RefusalKind.ITEM: _A.REOPEN_ITEM,
    RefusalKind.AGENCY_DECISION: _A.REOPEN_ITEM,
}
"""What was refused → the row of the table of statuses by which an appeal opens it again."""


# ----- lodging


def _lodgement(asked: AskedAct) -> Mapping[str, Any]:
    found: Mapping[str, Any] = asked.args["lodgement"]
    return found


def represents_importer(asked: AskedAct) -> Iterator[ActRefused]:
    """SELF exactly when the importer itself declares; else a broker with a power of attorney in force."""
    wanted, own = _lodgement(asked), asked.participant
    itself = own == wanted["importer"]
    if itself != (wanted["representation"] == Representation.SELF):
        yield ActRefused("WrongRepresentation", {})
    if itself:
        return
    if not asked.roles & Role.BROKER:
        yield ActRefused("NotParty", {"participant": own, "expected": wanted["importer"]})
    elif not asked.represents(wanted["importer"], SCOPE_LODGE):
        yield ActRefused("NotRepresented", {"broker": own, "client": wanted["importer"], "scope": SCOPE_LODGE})


def new_request(asked: AskedAct) -> Iterator[ActRefused]:
    """The request was not done before."""
    key = request_key(ParticipantId(asked.participant), asked.args["requestId"])
    if asked.tell(asked.target, "caseOfRequest", key):
        yield ActRefused("AlreadyDone", {"key": key})


def complete_lodgement(asked: AskedAct) -> Iterator[ActRefused]:
    """Items, office, record and reference are there; the importer takes part; registry and regime are open."""
    wanted, registry = _lodgement(asked), asked.tell(asked.target, "registryVersion")
    if not 1 <= wanted["itemCount"] <= MAX_ITEMS:
        yield ActRefused("BadItemCount", {"count": wanted["itemCount"], "limit": MAX_ITEMS})
    if wanted["office"] == 0:
        yield ActRefused("WrongOffice", {"office": 0, "ofCase": 0})
    if not any(wanted["dataRecord"]) or not any(wanted["lrnMac"]):
        yield ActRefused("EvidenceNeeded", {})
    if not asked.is_active(wanted["importer"]):
        yield ActRefused("NotActive", {"participant": wanted["importer"]})
    if not asked.tell(RULES, "opensCases", registry):
        yield ActRefused("RegistryIsClosed", {"registryVersion": registry})
    if not asked.tell(RULES, "regimeAt", wanted["regime"], asked.tell(RULES, "version"))["open"]:
        yield ActRefused("UnknownRegime", {"regime": wanted["regime"]})


# ----- appeals


def _refusal(asked: AskedAct) -> Any:
    found = asked.entity("refusalOf", asked.args["caseId"], asked.args["refusal"])
    if found["state"] == AppealState.NONE:
        raise NotTold
    return found


def refusal_is(state: AppealState) -> Precondition:
    """The refusal is there, and in that state."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        if _refusal(asked)["state"] != state:
            yield ActRefused("NotAppealable", {"refusal": asked.args["refusal"]})

    return judge


def in_time(asked: AskedAct) -> Iterator[ActRefused]:
    """The period of appeal runs: that of the rules cited at acceptance, or of today's if there was none."""
    case = case_of(asked)
    version = case["ruleVersion"] if case["acceptedAt"] else asked.tell(RULES, "version")
    period = asked.tell(RULES, "regimeAt", case["regime"], version)["appealPeriod"]
    until = min(_refusal(asked)["refusedAt"] + period, MAX_TIME)
    if asked.head.time > until:
        yield ActRefused("AppealTooLate", {"until": until})


def from_above(asked: AskedAct) -> Iterator[ActRefused]:
    """An officer of a higher office, no party, and not the one who refused."""
    case, refusal, own = case_of(asked), _refusal(asked), asked.participant
    if own in (case["importer"], case["declarant"]):
        yield ActRefused("OwnDeclaration", {"participant": own})
    than = case["office"] if refusal["agency"] else refusal["office"]
    if not asked.tell(PARTICIPANTS, "isHigherOffice", asked.office, than):
        yield ActRefused("NotHigherOffice", {"office": asked.office, "than": than})
    if refusal["by"] == asked.actor:
        yield ActRefused("SamePerson", {"actor": asked.actor})


def can_reopen(asked: AskedAct) -> Iterator[ActRefused]:
    """Where the decision overturns: the status lets what was refused open again, beside no other request."""
    if not asked.args["overturned"]:
        return
    case, kind = case_of(asked), _refusal(asked)["kind"]
    act = REOPENING[RefusalKind(kind)]
    if (case["status"], act) not in NEXT:
        yield ActRefused("NotInStatus", {"act": act, "status": case["status"]})
    annulled = case["status"] == DeclarationStatus.INVALIDATED
    if act is _A.REOPEN_REQUEST and not annulled and case["request"] != OpenRequest.NONE:
        yield ActRefused("RequestIsOpen", {"request": case["request"]})


# ----- entering items


def items_wait(asked: AskedAct) -> Iterator[ActRefused]:
    """While accepting, the range follows the items entered; later, each of its items waits to be entered.

    An item that an appeal reopened at the version for which it was entered keeps its checks: none is listed for it.
    """
    case, first, last = case_of(asked), asked.args["from"], asked.args["to"]
    if case["status"] == DeclarationStatus.ACCEPTING and first != case["entered"] + 1:
        yield ActRefused("BadRange", {"from": first, "to": last, "limit": case["itemCount"]})
    if not case["acceptedAt"]:
        return
    listed = {entry["item"] for entry in asked.args["agencies"]}
    for number in range(first, last + 1):
        item = asked.entity("item", asked.args["caseId"], number)
        if not item["pending"]:
            yield ActRefused("ItemNotPending", {"item": number})
        elif item["outcome"] != ItemOutcome.HELD:
            yield ActRefused("ItemHasOutcome", {"item": number, "outcome": item["outcome"]})
        elif item["enteredVersion"] == case["version"] and number in listed:
            yield ActRefused("ChecksStand", {"item": number})


def uses_would_reserve(asked: AskedAct) -> Iterator[ActRefused]:
    """Every permit that is cited can be reserved as asked, by the dates of the acceptance.

    Items that are entered anew first give back what they hold: what will then be there is the contract's to say.
    """
    accepted_at = case_of(asked)["acceptedAt"]
    taken: Counter[Any] = Counter()
    for index, use in enumerate(asked.args["uses"]):
        for objection in permits.use_fits(asked, use, index, taken, accepted_at or asked.head.time):
            if not (accepted_at and objection.error == "NotEnoughAvailable"):
                yield objection


# ----- agencies


def of_this_version(asked: AskedAct) -> Iterator[ActRefused]:
    """The decisions are on the version that is in force."""
    cited, actual = asked.args["version"], case_of(asked)["version"]
    if cited != actual:
        yield ActRefused("WrongLegalVersion", {"cited": cited, "actual": actual})


def refusals_have_a_reason(asked: AskedAct) -> Iterator[ActRefused]:
    """Who refuses an item says why."""
    if any(decision["decision"] == AgencyDecision.REFUSE for decision in asked.args["decisions"]):
        yield from cases.some_reason(asked)


def decisions_fit(asked: AskedAct) -> Iterator[ActRefused]:
    """Each decision is one, on an item that waits for this check of the actor's agency."""
    decisions = asked.args["decisions"]
    if not decisions:
        yield ActRefused("BadOrder", {"position": 0})
    count = case_of(asked)["itemCount"]
    for decision in decisions:
        yield from _decision_fits(asked, decision, count)


def _decision_fits(asked: AskedAct, decision: Mapping[str, Any], count: int) -> Iterator[ActRefused]:
    number, made, until = decision["item"], decision["decision"], decision["validUntil"]
    passes = made in (AgencyDecision.RELEASE, AgencyDecision.NOT_REQUIRED)
    if made == AgencyDecision.PENDING or (passes and until < asked.head.time):
        yield ActRefused("BadDecision", {"item": number, "decision": made, "validUntil": until})
    if not 1 <= number <= count:
        yield ActRefused("BadRange", {"from": number, "to": number, "limit": count})
        return
    case_id, agency, code = asked.args["caseId"], asked.participant, decision["checkCode"]
    item = asked.entity("item", case_id, number)
    if item["outcome"] not in (ItemOutcome.HELD, ItemOutcome.CONDITIONALLY_RELEASED):
        yield ActRefused("ItemHasOutcome", {"item": number, "outcome": item["outcome"]})
    if item["pending"]:
        yield ActRefused("ItemIsPending", {"item": number})
    checks = [(check["agency"], check["checkCode"]) for check in asked.entity("checks", case_id, number)]
    if (agency, code) not in checks:
        yield ActRefused("NotRequired", {"item": number, "agency": agency, "checkCode": code})


_lodging = (may(TRADERS), represents_importer, new_request, complete_lodgement)
_declarants = (cases.known_reason, may(TRADERS), cases.is_party(SCOPE_LODGE))
_entering = (cases.agencies_active, uses_would_reserve)

DECLARATIONS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    **together.TOGETHER,
    "preLodge": _lodging,
    "lodge": _lodging,
    "present": (*_declarants, *cases.step(_A.PRESENT)),
    "requestAmendment": (
        *_declarants,
        *cases.step(_A.REQUEST_AMENDMENT),
        given("dataRecord"),
        cases.amendable,
        cases.nothing_asked,
    ),
    "requestCancellation": (
        *_declarants,
        *cases.step(_A.REQUEST_CANCELLATION),
        cases.never_released,
        cases.nothing_asked,
    ),
    "declareSimplified": (*_declarants, *cases.step(_A.CLAIM), cases.not_claimed("dataIncomplete")),
    "claimForeignAeo": (*_declarants, *cases.step(_A.CLAIM), cases.not_claimed("foreignAeo")),
    "supplement": (*_declarants, *cases.step(_A.SUPPLEMENT), given("dataRecord")),
    "appeal": (
        cases.known_reason,
        may(TRADERS),
        cases.is_party(SCOPE_APPEAL),
        refusal_is(AppealState.REFUSED),
        in_time,
    ),
    "reject": (*cases.officers(_A.REJECT, Role.CUSTOMS_OFFICER | Role.SERVICE_REJECT), given("evidence")),
    "accept": (*cases.officers(_A.BEGIN_ACCEPTANCE), cases.rules_in_force, *_entering, cases.regime_open),
    "beginAcceptance": (*cases.officers(_A.BEGIN_ACCEPTANCE), cases.rules_in_force),
    "enterItems": (
        may(Role.CUSTOMS_OFFICER),
        cases.of_customs(Role.CUSTOMS_OFFICER),
        cases.assigned,
        *cases.step(_A.ENTER_ITEMS),
        cases.a_range,
        items_wait,
        *_entering,
    ),
    "abandon": (*cases.officers(_A.ABANDON), cases.some_reason),
    "sealAcceptance": (*cases.officers(_A.SEAL), cases.everything_entered),
    "grantAmendment": (*cases.officers(_A.GRANT_AMENDMENT), cases.was_asked(OpenRequest.AMENDMENT), cases.amendable),
    "grantCancellation": (
        *cases.officers(_A.GRANT_CANCELLATION),
        cases.was_asked(OpenRequest.CANCELLATION),
        cases.never_released,
        cases.no_open_control,
        cases.nothing_seized,
    ),
    "refuseRequest": (*cases.officers(_A.REFUSE_REQUEST), cases.some_reason),
    "correct": (
        *cases.officers(_A.CORRECT),
        given("evidence"),
        given("dataRecord"),
        cases.nothing_asked,
        cases.found_wanting,
    ),
    "release": (*cases.officers(_A.RELEASE, Role.CUSTOMS_OFFICER | Role.SERVICE_AUTO_RELEASE), cases.a_range),
    "releaseConditionally": (*cases.officers(_A.RELEASE), cases.a_range),
    "refuseItems": (*cases.officers(_A.REFUSE_ITEMS), cases.some_reason, cases.a_range, cases.items_open),
    "seize": (
        cases.known_reason,
        may(Role.CUSTOMS_OFFICER),
        cases.of_customs(Role.CUSTOMS_OFFICER),
        *cases.step(_A.SEIZE),
        cases.some_reason,
        cases.a_range,
        cases.items_open,
    ),
    "clear": cases.officers(_A.CLEAR),
    "decideAppeal": (
        cases.known_reason,
        may(Role.CUSTOMS_APPEAL),
        from_above,
        in_force(lambda asked: int(_refusal(asked)["revision"])),
        refusal_is(AppealState.APPEALED),
        cases.some_reason,
        can_reopen,
    ),
    "openPca": (
        cases.known_reason,
        may(Role.CUSTOMS_AUDIT),
        cases.of_customs(Role.CUSTOMS_AUDIT),
        *cases.step(_A.OPEN_PCA),
    ),
    "closePca": (
        cases.known_reason,
        may(Role.CUSTOMS_AUDIT),
        cases.of_customs(Role.CUSTOMS_AUDIT),
        *cases.step(_A.CLOSE_PCA),
        given("evidence"),
    ),
    "confirmArrival": cases.on_goods(_A.CONFIRM_ARRIVAL),
    "confirmExit": cases.on_goods(_A.CONFIRM_EXIT),
    "startControl": (
        cases.known_reason,
        may(Role.CUSTOMS_INSPECTOR),
        cases.of_customs(Role.CUSTOMS_INSPECTOR),
        *cases.on_control(_A.CONTROL),
    ),
    "recordControl": (
        cases.known_reason,
        may(Role.CUSTOMS_INSPECTOR),
        cases.of_customs(Role.CUSTOMS_INSPECTOR),
        *cases.on_control(_A.CONTROL),
        given("evidence"),
    ),
    "dismissDiscrepancy": (
        cases.known_reason,
        may(Role.CUSTOMS_OFFICER),
        cases.of_customs(Role.CUSTOMS_OFFICER),
        cases.assigned,
        *cases.on_control(_A.CONTROL),
        cases.some_reason,
        cases.found_by_another,
    ),
    "notifyIrregularity": (
        cases.known_reason,
        may(cases.OFFICE_BOUND),
        cases.of_customs(cases.OFFICE_BOUND),
        cases.assigned,
        *cases.on_control(_A.CONTROL),
        cases.some_reason,
    ),
    "decideItems": (
        cases.known_reason,
        may(Role.OGA),
        together.not_a_party,
        in_force(lambda asked: int(asked.entity("agencyRevision", asked.args["caseId"], asked.participant))),
        cases.in_status(_A.DECIDE_ITEMS),
        of_this_version,
        refusals_have_a_reason,
        decisions_fit,
    ),
    "returnPermits": (
        may(Role.CUSTOMS_OFFICER),
        cases.of_customs(Role.CUSTOMS_OFFICER),
        *cases.step(_A.RETURN_PERMITS),
    ),
    "reassign": (
        cases.known_reason,
        may(Role.CUSTOMS_OFFICER | Role.CUSTOMS_APPEAL),
        cases.from_office_or_above,
        *cases.step(_A.REASSIGN),
        cases.some_reason,
        cases.some_office,
    ),
    "route": (
        cases.known_reason,
        may(Role.CUSTOMS_RISK),
        cases.of_customs(Role.CUSTOMS_RISK),
        *cases.on_control(_A.ROUTE),
        cases.routable,
    ),
}
"""Acts of the DeclarationRegistry, each with all that can be judged of it from outside."""
