"""Declarations: lodging, acceptance, control, release, and what may follow."""

from typing import Final

from ledger.domain.declaration import ControlKind, JointKind
from scripts.gas.meter import Slots, entity, request
from scripts.gas.stage import (
    CUSTOMS,
    EVIDENCE,
    EXPORT,
    KEY,
    PARTIES,
    ROLE_CALL,
    Stage,
    decisions,
    entries,
    items,
    joint,
    on,
)

WRITE_OFF_GOAL: Final = 45_000
OWN: Final = (KEY, PARTIES)
"""Nobody decides a declaration of its own participant."""
CITED: Final = "declaration that rests on the record"
FISCAL: Final = ("debt versions", "debt amounts", "debt cover")
PERMIT: Final = ("head of the permit", *ROLE_CALL)
ENTER: Final = Slots(
    read=(*OWN, "standing of the agency", *PERMIT, "terms of the line"),
    changed=("case", "balance of the line"),
    new=("item", "check", "permit used", "quantity used", "use of the permit"),
)
RELEASE: Final = Slots(
    read=(*OWN, "hands", "control", *FISCAL, "check", "permit used", "quantity used", *PERMIT),
    changed=("case", "instants", "item", "use of the permit", "balance of the line"),
)
"""The instants: the second of a full release."""
NEXT_ITEM: Final = Slots(read=("check", "permit used", "quantity used"), changed=("item", "use of the permit"))
REFUSAL: Final = ("who refused and when", "what was refused")


def lodging(stage: Stage) -> None:
    """By the importer, by a broker, before arrival; a rejection."""
    stage.lodged("before all")
    read = (KEY, "standing of the importer", "registry open", "rule version", "regime")
    new = ("request", "local reference", "case", "parties", "record", CITED)
    lodge = Slots(read, ("number of cases",), (*new, "instants"))
    stage.act("trader", "declarations.lodge.self", stage.lodgement("self", 1), lodge)
    stage.next_case()
    by_broker = Slots((*read, "licence", "power of attorney"), lodge.changed, lodge.new)
    stage.act("broker", "declarations.lodge.broker", stage.lodgement("broker", 1, broker=True), by_broker)
    reject = Slots(read=OWN, changed=("case",), new=REFUSAL)
    stage.act("officer", "declarations.reject", on(stage.next_case(), 1), reject)
    prelodge = Slots(read, ("number of cases",), new)
    stage.act("trader", "declarations.preLodge", stage.lodgement("early", 1), prelodge)
    case = stage.next_case()
    present = Slots(read=OWN, changed=("case",), new=("instants",))
    stage.act("trader", "declarations.present", on(case, 1), present)
    _staged_acceptance(stage, case)


def _staged_acceptance(stage: Stage, case: int) -> None:
    begin = Slots(read=(KEY, "rule version"), changed=("case", PARTIES))
    stage.act("officer", "declarations.beginAcceptance", on(case, 2, ruleVersion=1), begin)
    entered = {"caseId": case, "expectedVersion": 3, **items(1), **entries(1)}
    stage.act("officer", "declarations.enterItems.one_item", entered, ENTER)
    seal = Slots(
        read=(*OWN, "rule version", "regime", "AEO of the importer", "control", *ROLE_CALL),
        changed=("case",),
        new=("debt case",),
    )
    stage.act("officer", "declarations.sealAcceptance", on(case, 4), seal, keep=False)
    taken_out = Slots(
        read=("key of the actor", "permit used", "quantity used", *PERMIT),
        changed=("case", PARTIES, "item", "use of the permit", "balance of the line"),
    )
    stage.act("officer", "declarations.abandon.one_item", on(case, 4, keep=0), taken_out)


def clearing(stage: Stage) -> int:
    """From acceptance to the decisions of a declaration of one item; returns it."""
    case = stage.lodged("course")
    accept = Slots(
        read=(*ENTER.read[:1], *ENTER.read[2:], "rule version", "regime", "AEO of the importer", "control",
              "role of openCase"),
        changed=(*ENTER.changed, PARTIES),
        new=(*ENTER.new, "debt case"),
    )  # fmt: skip
    stage.act("officer", "declarations.accept.one_item", on(case, 1, ruleVersion=1, **entries(1)), accept)
    route = Slots(read=(*OWN, "case"), new=("control", "hands"))
    stage.act("risk", "declarations.route", on(case, 0, control=ControlKind.PHYSICAL), route)
    start = Slots(read=(*OWN, "case"), changed=("control",), new=("hands",))
    stage.act("inspector", "declarations.startControl", on(case, 1), start)
    record = Slots(read=(*OWN, "case", "hands"), changed=("control",))
    stage.act("inspector", "declarations.recordControl", on(case, 2, satisfactory=True), record)
    decide = Slots(read=(*OWN, "case", "item"), changed=("check", "instants"), new=("revision of the agency",))
    stage.act("agency", "declarations.decideItems.one_item", decisions(case, 1), decide)
    arrive = Slots(read=(*OWN, "case"), changed=("instants",))
    stage.act("carrier", "declarations.confirmArrival", on(case, 0), arrive)
    return case


def release(stage: Stage, case: int) -> None:
    """Release of one item, and what a further one costs; clearance; audit."""
    stage.act("officer", "declarations.release.one_item", on(case, 2, **items(1)), RELEASE)
    clear = Slots(read=(*OWN, "instants", *FISCAL), changed=("case",))
    stage.act("officer", "declarations.clear", on(case, 3), clear)
    audit = Slots(read=OWN, changed=("case",))
    stage.act("auditor", "declarations.openPca", on(case, 4), audit)
    stage.act("auditor", "declarations.closePca", on(case, 5, dataRecord=bytes(32)), audit)

    two = stage.ready("two", 2)
    first = "declarations.release.first_of_two"
    partly = Slots(RELEASE.read, tuple(name for name in RELEASE.changed if name != "instants"))
    stage.act("officer", first, on(two, 2, **items(1)), partly, keep=False)
    both = Slots((*RELEASE.read, *NEXT_ITEM.read), (*RELEASE.changed, *NEXT_ITEM.changed))
    stage.act("officer", "declarations.release.two_items", on(two, 2, **items(2)), both)
    each = "declarations.release.each_further_item"
    stage.meter.between(each, first, "declarations.release.two_items", NEXT_ITEM, WRITE_OFF_GOAL)


def requests(stage: Stage) -> None:
    """Amendment and cancellation, asked, refused, granted; a correction."""
    case = stage.accepted("requests")
    ask = Slots(read=(*OWN, "control"), changed=("case",), new=("proposed record", CITED))
    stage.act("trader", "declarations.requestAmendment", on(case, 2, dataRecord=request("amended")), ask)
    refuse = Slots(read=OWN, changed=("case", "proposed record"), new=(*REFUSAL, "record refused"))
    stage.act("officer", "declarations.refuseRequest", on(case, 3), refuse, keep=False)
    grant = Slots(
        read=(*OWN, "control", *ROLE_CALL),
        changed=("case", "proposed record", "debt case"),
        new=("record of the version", "time of the version", "control"),
    )
    stage.act("officer", "declarations.grantAmendment.no_items", on(case, 3, changedItems=[]), grant)
    stage.act("trader", "declarations.requestCancellation", on(case, 4), Slots(read=OWN, changed=("case",)))
    cancel = Slots(
        read=(*OWN, "control", "permit used", "quantity used", *PERMIT, "role of closeCase"),
        changed=("case", "control", "use of the permit", "balance of the line", "debt case"),
    )
    stage.act("officer", "declarations.grantCancellation.one_item", on(case, 5, returnTo=1), cancel)
    found = stage.accepted("found")
    notify = Slots(read=(*OWN, "case"), new=("control",))
    stage.act("officer", "declarations.notifyIrregularity", on(found, 0), notify)
    stage.play("risk", "declarations.route", on(found, 1, control=ControlKind.DOCUMENTARY))
    stage.play("inspector", "declarations.startControl", on(found, 2))
    stage.play("inspector", "declarations.recordControl", on(found, 3, satisfactory=False))
    dismiss = Slots(read=(*OWN, "case"), changed=("control",))
    stage.act("officer", "declarations.dismissDiscrepancy", on(found, 4), dismiss, keep=False)
    correct = Slots(
        read=(*OWN, *ROLE_CALL),
        changed=("case", "control", "debt case"),
        new=("record of the version", "time of the version", "pending items", CITED),
    )
    args = on(found, 2, dataRecord=request("corrected"), changedItems=[1])
    stage.act("officer", "declarations.correct.one_item", args, correct)


def refusals(stage: Stage) -> None:
    """Items refused and appealed for, seized and given free, a case reassigned, an act on paper, an annulment."""
    case = stage.accepted("refused", 2)
    refuse = Slots(
        read=(*OWN, "permit used", "quantity used", *PERMIT),
        changed=("case", PARTIES, "item", "use of the permit", "balance of the line"),
        new=REFUSAL,
    )
    stage.act("officer", "declarations.refuseItems.one_item", on(case, 2, **items(1)), refuse)
    appeal = {"requestId": request("appeal"), "refusal": 1, "lrnMac": bytes(32), **on(case, 0)}
    del appeal["expectedVersion"]
    asked = Slots(read=(*OWN, "case", "regime"), changed=(REFUSAL[0], REFUSAL[1]), new=("request",))
    stage.act("trader", "declarations.appeal", appeal, asked)
    upheld = Slots(read=(*OWN, "case"), changed=REFUSAL)
    stage.act("appeals", "declarations.decideAppeal.upheld", on(case, 2, refusal=1, overturned=False), upheld)
    seize = Slots(read=OWN, changed=("case", "item"))
    stage.act("officer", "declarations.seize.one_item", on(case, 3, **items(2, 2), settlesFinding=False), seize)
    lift = joint(case, JointKind.LIFT_SEIZURE, 2) | {"from": 2}
    propose = Slots(read=(*OWN, "case"), new=("proposer", "fields proposed"))
    stage.act("officer", "declarations.propose", {"requestId": request("lift"), "act": lift}, propose)
    signed = {"proposal": entity(CUSTOMS, "lift"), "expectedVersion": 4, "act": lift}
    second = Slots(read=(*OWN, "key of the proposer", "fields proposed"), changed=("case", "item", "proposer"))
    stage.act("second officer", "declarations.countersign.lift_seizure", signed, second)
    paper = (request("paper"), case, stage.meter.contracts.function("DeclarationRegistry", "seize").selector)
    entered = Slots(read=(*OWN, "case", "instants"), new=("officer and case", "act and instant", "paper"))
    stage.act("officer", "declarations.enterFallback", (*paper, stage.meter.now(), EVIDENCE), entered)
    confirm = Slots(read=(*OWN, "case", "officer and case", "paper"), changed=("act and instant",), new=("ready",))
    stage.act("second officer", "declarations.confirmFallback", (entity(CUSTOMS, "paper"), 1, EVIDENCE), confirm)
    move = Slots(read=(*OWN, *ROLE_CALL), changed=("case", "debt case"), new=("officer of the case",))
    args = on(case, 5, office=1702, officer="0x" + "11" * 20)
    stage.act("officer", "declarations.reassign", args, move)


def conditions(stage: Stage) -> None:
    """A release under a condition; an annulment's permits given back."""
    case = stage.accepted("condition")
    stage.play("risk", "declarations.route", on(case, 0, control=ControlKind.PHYSICAL))
    stage.play("inspector", "declarations.startControl", on(case, 1))
    stage.play("agency", "declarations.decideItems", decisions(case, 1))
    stage.play("carrier", "declarations.confirmArrival", on(case, 0))
    stage.assessed(case, 100)
    stage.secured(case, 100)
    slots = Slots(
        read=(*(name for name in RELEASE.read if name != "debt versions"), "role of bindSecurity"),
        changed=(*(name for name in RELEASE.changed if name != "instants"), "debt versions"),
    )
    stage.act("officer", "declarations.releaseConditionally.one_item", on(case, 2, **items(1)), slots)
    other = stage.accepted("annulled")
    stage.play("trader", "declarations.requestCancellation", on(other, 2))
    stage.play("officer", "declarations.grantCancellation", on(other, 3, returnTo=0))
    back = Slots(
        read=(*OWN, "permit used", "quantity used", *PERMIT),
        changed=("case", "use of the permit", "balance of the line"),
        new=("items returned",),
    )
    args = {"caseId": other, "expectedVersion": 4, "to": 1}
    stage.act("officer", "declarations.returnPermits.one_item", args, back)


def exports(stage: Stage) -> None:
    """The exit of exported goods."""
    case = stage.released("export", regime=EXPORT)
    leave = Slots(read=(*OWN, "case"), changed=("instants",))
    stage.act("carrier", "declarations.confirmExit", on(case, 0), leave)
