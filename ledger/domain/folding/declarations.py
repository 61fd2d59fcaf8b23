"""Declarations: main status, tracks, legal versions, items' outcomes, refusals (domain guide 4.1, 4.4).

`outcomes` has one letter an item, in order: H held, R released, C conditionally released, D denied (refused), S seized,
T seized after a conditional release.
"""

from collections.abc import Sequence
from typing import Any, Final

from ledger.domain.declaration import DeclarationStatus, after_items
from ledger.domain.events import declaration_entity
from ledger.domain.folding.book import Book, Emitted, Rule, Rules, State, by_bytes, by_number, party, record, text, word
from ledger.domain.ids import CaseId

REGISTRY: Final = "DeclarationRegistry"
LETTERS: Final = {"HELD": "H", "RELEASED": "R", "CONDITIONALLY_RELEASED": "C", "REFUSED": "D", "SEIZED": "S"}
"""Outcome → its letter."""
OUTCOMES: Final = {**{letter: outcome for outcome, letter in LETTERS.items()}, "T": "SEIZED"}
"""Letter → outcome."""


def _lodge(status: str) -> Rule:
    def rule(state: State, event: Emitted, book: Book) -> None:
        lodged = event.args.get("lodgement", {})
        state |= {
            "case": event.args["caseId"],
            "status": status,
            "declarant": event.args.get("declarant", 0),
            "importer": lodged.get("importer", 0),
            "carrier": lodged.get("carrier", 0),
            "representation": word("Representation", lodged.get("representation", 0)),
            "office": lodged.get("office", 0),
            "officer": None,
            "regime": lodged.get("regime", 0),
            "item_count": lodged.get("itemCount", 0),
            "data_record": record(lodged.get("dataRecord")),
            "mrn": None,
            "version": 0,
            "versions": [],
            "control": "UNROUTED",
            "control_kind": "NONE",
            "irregularity_notified": False,
            "request": "NONE",
            "rule_version": 0,
            "lodged_at": event.block.time if status == "LODGED" else 0,
            **dict.fromkeys(("accepted_at", "arrived_at", "exited_at", "released_at"), 0),
            "outcomes": "",
            "agencies": [],
            "permits": [],
            "refusals": {},
        }
        for role in ("declarant", "importer", "carrier"):
            party(state, state[role], role)

    return rule


def _becomes(status: str) -> Rule:
    def rule(state: State, event: Emitted, book: Book) -> None:
        state["status"] = status

    return rule


def _presented(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "LODGED", "lodged_at": event.block.time}


def _rejected(state: State, event: Emitted, book: Book) -> None:
    state["status"] = "REJECTED"
    _refuse(state, event, "REJECTION")


def _begun(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "ACCEPTING", "rule_version": event.args.get("ruleVersion", 0)}


def _entered(state: State, event: Emitted, book: Book) -> None:
    for entry in event.args.get("agencies", ()):
        party(state, entry["agency"], "agency")
        _add(state, "agencies", entry["agency"])
    for use in event.args.get("uses", ()):
        _add(state, "permits", use["permit"])


def _taken_over(state: State, event: Emitted, book: Book) -> None:
    """Who was asked before keeps its sight: what it decided stays its own."""
    successor = event.args.get("successor", 0)
    party(state, successor, "agency")
    _add(state, "agencies", successor)


def _abandoned(state: State, event: Emitted, book: Book) -> None:
    state["status"] = "ACCEPTING" if event.args.get("kept") else "LODGED"


def _accepted(state: State, event: Emitted, book: Book) -> None:
    state |= {
        "status": "ACCEPTED",
        "version": 1,
        "mrn": text(event.args.get("mrn")),
        "accepted_at": event.block.time,
        "outcomes": "H" * state.get("item_count", 0),
    }
    _version(state, event, state.get("data_record"), by_customs=False)


def _requested(state: State, event: Emitted, book: Book) -> None:
    state["request"] = word("OpenRequest", event.args.get("request", 0))
    state["proposed_record"] = record(event.args.get("dataRecord"))


def _request_refused(state: State, event: Emitted, book: Book) -> None:
    refused = word("OpenRequest", event.args.get("request", 0))
    _refuse(state, event, refused, proposed_record=state.pop("proposed_record", None))
    state["request"] = "NONE"


def _version_made(state: State, event: Emitted, book: Book) -> None:
    data = record(event.args.get("dataRecord"))
    if state.get("control") not in ("UNROUTED", "NONE", "REQUIRED"):  # served: nothing is left of what was asked for
        state["control_kind"] = "NONE"
    state |= {
        "version": event.args["version"],
        "data_record": data,
        "control": "UNROUTED",
        "irregularity_notified": False,
        "request": "NONE",
    }
    state.pop("proposed_record", None)
    _version(state, event, data, by_customs=bool(event.args.get("byCustoms")))


def _supplemented(state: State, event: Emitted, book: Book) -> None:
    """The full data of a simplified declaration: the same legal version."""
    state["data_record"] = record(event.args.get("dataRecord"))


def _invalidated(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "INVALIDATED", "request": "NONE"}


def _routed(state: State, event: Emitted, book: Book) -> None:
    state["control"] = word("ControlState", event.args.get("control", 0))
    state["control_kind"] = word("ControlKind", event.args.get("kind", 0))


def _controlled(state: State, event: Emitted, book: Book) -> None:
    state["control"] = word("ControlState", event.args.get("control", 0))


def _irregular(state: State, event: Emitted, book: Book) -> None:
    state["irregularity_notified"] = True


def _agency_refused(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    item = {"item": args.get("item", 0), "to_item": args.get("item", 0), "agency": args.get("agency", 0)}
    _refuse(state, event, "AGENCY_DECISION", **item, check_code=args.get("checkCode", 0))


def _items_refused(state: State, event: Emitted, book: Book) -> None:
    _refuse(state, event, "ITEM", item=event.args.get("from", 0), to_item=event.args.get("to", 0))


def _arrived(state: State, event: Emitted, book: Book) -> None:
    state["arrived_at"] = event.block.time


def _exited(state: State, event: Emitted, book: Book) -> None:
    state["exited_at"] = event.block.time


def _items_settled(state: State, event: Emitted, book: Book) -> None:
    outcome = word("ItemOutcome", event.args.get("outcome", 0))
    first, last = event.args.get("from", 0), event.args.get("to", 0)
    if outcome != "REFUSED" and "H" in state.get("outcomes", "")[first - 1 : last]:
        state["exited_at"] = 0  # what is released now has not left with the rest
    _settle(state, event, first, last, LETTERS.get(outcome, "?"))


def _seized(state: State, event: Emitted, book: Book) -> None:
    _exchange(state, event, {"H": "S", "C": "T"})


def _seizure_lifted(state: State, event: Emitted, book: Book) -> None:
    if "T" in state.get("outcomes", "")[event.args.get("from", 0) - 1 : event.args.get("to", 0)]:
        state["exited_at"] = 0  # nor has what is at disposal again
    _exchange(state, event, {"S": "H", "T": "C"})


def _pca_closed(state: State, event: Emitted, book: Book) -> None:
    state["status"] = word("DeclarationStatus", event.args.get("status", 0))
    data = record(event.args.get("dataRecord"))
    if data is not None:
        state |= {"version": event.args["version"], "data_record": data}
        _version(state, event, data, by_customs=True)


def _reassigned(state: State, event: Emitted, book: Book) -> None:
    officer = event.args.get("officer", "0x")
    state["office"] = event.args.get("office", 0)
    state["officer"] = officer if officer.strip("0x") else None


def _appealed(state: State, event: Emitted, book: Book) -> None:
    refusal = state.get("refusals", {}).get(str(event.args.get("refusal")))
    if refusal is not None:
        refusal["state"] = "APPEALED"


def _appeal_decided(state: State, event: Emitted, book: Book) -> None:
    refusal = state.get("refusals", {}).get(str(event.args.get("refusal")))
    if refusal is None:
        return
    overturned = bool(event.args.get("overturned"))
    refusal["state"] = "OVERTURNED" if overturned else "UPHELD"
    state["status"] = word("DeclarationStatus", event.args.get("status", 0))
    if not overturned or state["status"] == "INVALIDATED":  # of an annulled case nothing opens
        return
    match refusal["kind"]:
        case "AMENDMENT" | "CANCELLATION" as request:
            state |= {"request": request, "proposed_record": refusal.get("proposed_record")}
        case "ITEM":
            _settle(state, event, refusal["item"], refusal["to_item"], "H")


def _refuse(state: State, event: Emitted, kind: str, **more: Any) -> None:
    number = str(event.args.get("refusal", 0))
    told = {
        "kind": kind,
        "state": "REFUSED",
        "refused_at": event.block.time,
        "version": state.get("version", 0),
        **more,
    }
    state.setdefault("refusals", {})[number] = told


def _version(state: State, event: Emitted, data: bytes | None, *, by_customs: bool) -> None:
    made = {
        "version": state["version"],
        "data_record": data,
        "made_at": event.block.time,
        "by_customs": by_customs,
        "reason": event.args.get("reason", 0),
    }
    state.setdefault("versions", []).append(made)


def _settle(state: State, event: Emitted, first: int, last: int, letter: str) -> None:
    before = state.get("outcomes", "")
    outcomes = before[: first - 1] + letter * (last - first + 1) + before[last:]
    status = after_items(len(outcomes), outcomes.count("H"), sum(map(outcomes.count, "DST")))
    state |= {"outcomes": outcomes, "status": status.name}
    if status is DeclarationStatus.RELEASED and set(outcomes) == {"R"}:
        state["released_at"] = event.block.time


def _exchange(state: State, event: Emitted, letters: dict[str, str]) -> None:
    """What a seizure, or its lifting, makes of each item's letter."""
    before = state.get("outcomes", "")
    for number in range(event.args.get("from", 0), event.args.get("to", 0) + 1):
        letter = letters.get(before[number - 1 : number], "?")
        _settle(state, event, number, number, letter)
    state["status"] = word("DeclarationStatus", event.args.get("status", 0))


def _add(state: State, name: str, value: Any) -> None:
    known: list[Any] = state.setdefault(name, [])
    if value not in known:
        known.append(value)


def _fallback(step: str) -> Rule:
    def rule(state: State, event: Emitted, book: Book) -> None:
        args = event.args
        state |= {"case": args["caseId"], "status": step}
        match step:
            case "ENTERED":
                state |= {"act": args["act"], "occurred_at": args["occurredAt"], "entered_at": event.block.time}
                state |= {"entered_by": args["actor"], "evidence": record(args.get("evidence"))}
            case "CONFIRMED":
                state |= {"confirmed_by": args["actor"], "confirmed_at": event.block.time}
            case _:
                state |= {"used_by": args["actor"], "used_at": event.block.time}
        for participant, roles in book.read(declaration_entity(CaseId(args["caseId"]))).get("parties", {}).items():
            for role in roles:
                party(state, int(participant), role)

    return rule


_CASE: Final = by_number("declaration", "caseId")
_FALLBACK: Final = by_bytes("fallback", "key")

_ON_CASE: Final[dict[str, Rule]] = {
    "Prelodged": _lodge("PRELODGED"),
    "Lodged": _lodge("LODGED"),
    "Presented": _presented,
    "Rejected": _rejected,
    "AcceptanceBegun": _begun,
    "ItemsEntered": _entered,
    "ChecksTakenOver": _taken_over,
    "AcceptanceAbandoned": _abandoned,
    "Accepted": _accepted,
    "Requested": _requested,
    "RequestRefused": _request_refused,
    "VersionMade": _version_made,
    "Supplemented": _supplemented,
    "Invalidated": _invalidated,
    "Routed": _routed,
    "Controlled": _controlled,
    "IrregularityNotified": _irregular,
    "ItemRefusedByAgency": _agency_refused,
    "ItemsRefused": _items_refused,
    "Arrived": _arrived,
    "Exited": _exited,
    "ItemsSettled": _items_settled,
    "Seized": _seized,
    "SeizureLifted": _seizure_lifted,
    "Cleared": _becomes("CLEARED"),
    "PcaOpened": _becomes("PCA_OPEN"),
    "PcaClosed": _pca_closed,
    "Reassigned": _reassigned,
    "Appealed": _appealed,
    "AppealDecided": _appeal_decided,
}

RULES: Final[Rules] = {
    **{(REGISTRY, name): ((_CASE, rule),) for name, rule in _ON_CASE.items()},
    (REGISTRY, "FallbackEntered"): ((_FALLBACK, _fallback("ENTERED")),),
    (REGISTRY, "FallbackConfirmed"): ((_FALLBACK, _fallback("CONFIRMED")),),
    (REGISTRY, "FallbackUsed"): ((_FALLBACK, _fallback("USED")),),
}


def outcomes_in_words(letters: str) -> Sequence[str]:
    """Outcome of each item, in order."""
    return [OUTCOMES.get(letter, letter) for letter in letters]
