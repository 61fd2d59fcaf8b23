"""Permits with their balances, and applications (domain guide 4.2).

A replacement takes over the balances of what it replaces: from then on they are told on the live permit, whichever
permit a declaration had cited. Quantities are scaled by `permit.QUANTITY_SCALE`.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.events import declaration_entity
from ledger.domain.folding.book import Book, Emitted, Rules, State, by_bytes, party, record, word
from ledger.domain.ids import CaseId

REGISTRY: Final = "PermitRegistry"


def _applied(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    state |= {
        "application": args["application"],
        "status": "APPLIED",
        "version": 1,
        "trader": args["trader"],
        "agency": args["agency"],
        "document_type": args["docType"],
        "evidence": record(args.get("evidence")),
        "applied_at": event.block.time,
        "permit": None,
    }
    party(state, args["trader"], "applicant")
    party(state, args["agency"], "agency")


def _refused(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "REFUSED", "version": event.args["version"], "reason": event.args["reason"]}


def _answered(state: State, event: Emitted, book: Book) -> None:
    state |= {"status": "ISSUED", "version": state.get("version", 0) + 1, "permit": event.args["permit"]}


def _issued(state: State, event: Emitted, book: Book) -> None:
    args = event.args
    root, application = args.get("root"), record(args.get("application"))
    lines = [
        {
            "terms": line["terms"],
            "authorised": line["authorised"],
            "available": line["authorised"],
            "reserved": 0,
            "written_off": 0,
        }
        for line in args.get("lines", ())
    ]
    state |= {
        "permit": args["permit"],
        "root": root,
        "stored": "ACTIVE",
        "version": 1,
        "issuer": args.get("issuer", 0),
        "document_type": args.get("docType", 0),
        "valid_from": args.get("validFrom", 0),
        "valid_until": args.get("validUntil", 0),
        "single_use": bool(args.get("singleUse")),
        "evidence": record(args.get("evidence")),
        "issued_at": event.block.time,
        "application": application,
        "holder": None,
        "replaced_by": None,
        "lines": lines,
        "consumed": 0,
    }
    if root != args["permit"] and isinstance(root, bytes):
        _take_over(state, root, book)
    party(state, state["issuer"], "issuer")
    if application is not None:
        trader = book.read(f"application:0x{application.hex()}").get("trader")
        state["holder"] = trader
        party(state, trader, "applicant")
        party(state, trader, "holder")
    _worth(state)


def _take_over(state: State, root: bytes, book: Book) -> None:
    """Balances, holder and parties of the permit that this one replaces."""
    replaced = book.open(_live(f"permit:0x{root.hex()}", book, new=state["permit"]))
    for line, before in zip(state["lines"], replaced.get("lines", ()), strict=False):
        line |= {"reserved": before["reserved"], "written_off": before["written_off"]}
        line["available"] = line["authorised"] - before["reserved"] - before["written_off"]
    state |= {name: replaced.get(name) for name in ("consumed", "holder", "application")}
    for participant, roles in replaced.get("parties", {}).items():
        for role in roles:
            party(state, int(participant), role)
    replaced["replaced_by"] = state["permit"]


def _changed(state: State, event: Emitted, book: Book) -> None:
    state |= {
        "stored": word("PermitState", event.args["state"]),
        "version": event.args["version"],
        "reason": event.args.get("reason", 0),
    }
    _worth(state)


def _transferred(state: State, event: Emitted, book: Book) -> None:
    for line, terms in zip(state.get("lines", ()), event.args["terms"], strict=False):
        line["terms"] = terms
    state["holder"] = None  # the new terms name it, and only a use opens them


def _used(state: State, event: Emitted, book: Book) -> None:
    entity = _live(f"permit:0x{event.args['permit'].hex()}", book)
    live = book.open(entity)
    _count(live, event.args)
    importer = book.read(declaration_entity(CaseId(event.args["caseId"]))).get("importer")
    if importer:  # the registry compared the terms, which name the holder
        live["holder"] = importer
        party(live, importer, "holder")
    _worth(live)


def _count(live: State, args: Mapping[str, Any]) -> None:
    number = args.get("line", 0)
    lines = live.get("lines", [])
    if number < len(lines):
        lines[number] |= {
            "available": args["available"],
            "reserved": args["reserved"],
            "written_off": args["writtenOff"],
        }
    step = {"WRITTEN_OFF": 1, "RESTORED": -1}.get(word("UseState", args.get("state", 0)), 0)
    live["consumed"] = live.get("consumed", 0) + step


def _live(entity: str, book: Book, *, new: bytes | None = None) -> str:
    """The permit that holds the balances: the last in the row of replacements."""
    while isinstance(after := book.read(entity).get("replaced_by"), bytes) and after != new:
        entity = f"permit:0x{after.hex()}"
    return entity


def _worth(state: State) -> None:
    """What the permit is worth (`permit.worth`), but for the passing of time."""
    stored = state.get("stored", "NONE")
    lines = state.get("lines", ())
    left = any(line["available"] or line["reserved"] for line in lines)
    consumed = state.get("single_use") and state.get("consumed", 0) > 0
    exhausted = stored == "ACTIVE" and (consumed or not left)
    state["status"] = "EXHAUSTED" if exhausted else stored
    if stored in ("ACTIVE", "SUSPENDED"):
        state |= {"ends": state.get("valid_until", 0), "after": "EXPIRED"}
    else:
        state.pop("ends", None)
        state.pop("after", None)


_APPLICATION: Final = by_bytes("application", "application")
_PERMIT: Final = by_bytes("permit", "permit")

RULES: Final[Rules] = {
    (REGISTRY, "PermitApplied"): ((_APPLICATION, _applied),),
    (REGISTRY, "PermitRefused"): ((_APPLICATION, _refused),),
    (REGISTRY, "PermitIssued"): ((_PERMIT, _issued), (_APPLICATION, _answered)),
    (REGISTRY, "PermitChanged"): ((_PERMIT, _changed),),
    (REGISTRY, "PermitTransferred"): ((_PERMIT, _transferred),),
    (REGISTRY, "PermitUsed"): ((_PERMIT, _used),),
}
