"""What the law asks of acts on declarations that several have a part in (domain guide 4.1, 4.9).

Acts of two persons, acts that were done on paper while the ledger was away, an agency's checks that pass to its
successor, records that customs cites. No view tells of proposals and entries, nor of who had which duty on a case:
those guards are the contract's alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from ledger.domain.declaration import NEXT_CONTROL, ControlAct, ControlKind, DeclarationAct, ItemOutcome, JointKind
from ledger.domain.errors import ActRefused
from ledger.domain.roles import Role
from ledger.services.preconditions import cases
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, NotTold, Precondition
from ledger.services.preconditions.cases import OFFICE_BOUND, case_of
from ledger.services.preconditions.common import given, in_force, may

CITING: Final = (
    Role.CUSTOMS_OFFICER | Role.CUSTOMS_INSPECTOR | Role.CUSTOMS_REVENUE | Role.CUSTOMS_AUDIT | Role.CUSTOMS_APPEAL
)
FALLBACK: Final = OFFICE_BOUND | Role.CUSTOMS_RISK | Role.OGA
_K = JointKind
STATUS_ACT: Final[Mapping[JointKind, DeclarationAct]] = {
    _K.LOWER_CONTROL: DeclarationAct.ROUTE,
    _K.LIFT_SEIZURE: DeclarationAct.LIFT_SEIZURE,
    _K.INVALIDATE: DeclarationAct.INVALIDATE,
}


def not_a_party(asked: AskedAct) -> Iterator[ActRefused]:
    """Nobody decides on a declaration of its own participant."""
    case, own = case_of(asked), asked.participant
    if own in (case["importer"], case["declarant"]):
        yield ActRefused("OwnDeclaration", {"participant": own})


# ----- two persons


def _joint(preconditions: Callable[[AskedAct], tuple[Precondition, ...]]) -> Precondition:
    """What is asked of the act that two persons do, named as in an act of one."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        act = replace(asked, args={**asked.args, **asked.args["act"]})
        for precondition in preconditions(act):
            try:
                yield from precondition(act)
            except NotTold:
                continue

    return judge


def _kind(asked: AskedAct) -> JointKind:
    return JointKind(asked.args["kind"])


def _proposers(asked: AskedAct) -> Role:
    return Role.CUSTOMS_RISK if _kind(asked) is _K.LOWER_CONTROL else Role.CUSTOMS_OFFICER


def _proposal(asked: AskedAct) -> tuple[Precondition, ...]:
    """Of the first person."""
    kind, roles = _kind(asked), _proposers(asked)
    return (
        cases.known_reason,
        may(roles),
        cases.of_customs(roles),
        cases.assigned,
        cases.some_reason,
        *((given("evidence"),) if kind is _K.INVALIDATE else ()),
        cases.in_status(STATUS_ACT[kind]),
        *((cases.routable,) if kind is _K.LOWER_CONTROL else ()),
    )


def _countersignature(asked: AskedAct) -> tuple[Precondition, ...]:
    """Of the second person, when the act takes effect."""
    kind, roles = _kind(asked), _proposers(asked) | Role.CUSTOMS_OFFICER
    revision = "controlRevision" if kind is _K.LOWER_CONTROL else "revision"
    on_kind = {_K.LOWER_CONTROL: (cases.routable, lowered), _K.LIFT_SEIZURE: (cases.a_range, seized), _K.INVALIDATE: ()}
    return (
        cases.known_reason,
        may(roles),
        cases.of_customs(roles),
        in_force(cases.revision(revision)),
        cases.in_status(STATUS_ACT[kind]),
        *on_kind[kind],
    )


def lowered(asked: AskedAct) -> Iterator[ActRefused]:
    """The control becomes a lower one; none at all comes with a legal version only."""
    case, wanted = case_of(asked), asked.args["control"]
    step = ControlAct.LOWER_TO_NONE if wanted == ControlKind.NONE else ControlAct.LOWER_TO_DOCUMENTARY
    early = wanted == ControlKind.NONE and case["version"] == 0
    if (case["control"], step) not in NEXT_CONTROL or early or wanted >= case["controlKind"]:
        yield ActRefused("NotInControl", {"act": step, "state": case["control"]})


def seized(asked: AskedAct) -> Iterator[ActRefused]:
    """Each of the items is seized."""
    for number in range(asked.args["from"], asked.args["to"] + 1):
        if asked.entity("item", asked.args["caseId"], number)["outcome"] != ItemOutcome.SEIZED:
            yield ActRefused("ItemNotSeized", {"item": number})


# ----- on paper


def while_it_was_lodged(asked: AskedAct) -> Iterator[ActRefused]:
    """What was done on paper was done after the lodging, and not later than now."""
    occurred, earliest, latest = asked.args["occurredAt"], case_of(asked)["lodgedAt"], asked.head.time
    if not earliest <= occurred <= latest:
        yield ActRefused("BadInstant", {"instant": occurred, "earliest": earliest, "latest": latest})


# ----- successors, citations


def is_successor(asked: AskedAct) -> Iterator[ActRefused]:
    """Governance named the actor's agency in the place of the one whose checks it takes over."""
    agency, own = asked.args["agency"], asked.participant
    if asked.tell(PARTICIPANTS, "successorOf", agency) != own:
        yield ActRefused("NotSuccessor", {"agency": agency, "actor": own})


def records_are_named(asked: AskedAct) -> Iterator[ActRefused]:
    """No record is left empty."""
    if not all(map(any, asked.args["records"])):
        yield ActRefused("EvidenceNeeded", {})


TOGETHER: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "propose": (_joint(_proposal),),
    "countersign": (_joint(_countersignature),),
    "enterFallback": (may(FALLBACK), cases.of_customs(FALLBACK), given("evidence"), while_it_was_lodged),
    "confirmFallback": (may(Role.CUSTOMS_OFFICER),),
    "takeOverChecks": (
        cases.known_reason,
        may(Role.OGA),
        not_a_party,
        is_successor,
        in_force(lambda asked: int(asked.entity("agencyRevision", asked.args["caseId"], asked.args["agency"]))),
        cases.in_status(DeclarationAct.DECIDE_ITEMS),
        cases.a_range,
    ),
    "citeRecords": (may(CITING), not_a_party, records_are_named),
}
"""Acts of the DeclarationRegistry that take more than one, each with all that can be judged of it from outside."""
