"""Authorisations, documents and permits."""

from typing import Any

from scripts.gas.meter import Slots, entity, request
from scripts.gas.stage import (
    BROKERAGE,
    ERROR,
    EVIDENCE,
    FOREVER,
    IMPORTER,
    KEY,
    LICENCE,
    QUANTITY,
    QUARANTINE,
    TERMS,
    Stage,
)

ANCHOR_GOAL, REVOKE_GOAL = 58_000, 52_500
HAZARD, CAUSE_REMOVED, BREACH = 105, 109, 104
"""`PermitReasons`."""


def authorisations(stage: Stage) -> None:
    """A broker's licence and a power of attorney."""
    stage.act(
        "licensing", "authorisations.licenseBroker", (BROKERAGE, 0, 0, FOREVER, EVIDENCE),
        Slots(read=(KEY, "standing of the broker"), new=("licence",)),
    )  # fmt: skip
    stage.act(
        "trader", "authorisations.grantPower", (request("power"), BROKERAGE, 7, 0, FOREVER, EVIDENCE),
        Slots(read=(KEY, "standing of the broker"), new=("request", "power of attorney")),
    )  # fmt: skip


def documents(stage: Stage) -> None:
    """Anchors, changes of status, a grant."""
    known = Slots(read=(KEY, "accreditation", "anchor before"), new=("anchor",))
    _anchor(stage, "documents.anchor.first", 1, 1, Slots(read=(KEY, "accreditation"), new=("anchor",)))
    _anchor(stage, "documents.anchor.single", 2, 1, known)
    _anchor(stage, "documents.anchor.batch_1000", 3, 1_000, known, goal=ANCHOR_GOAL)
    first, later = Slots(read=(KEY,), new=("status",)), Slots(read=(KEY,), changed=("status",))
    _status(stage, "suspend", "a", 0, first)
    _status(stage, "reinstate", "a", 1, later)
    _status(stage, "revoke", "b", 0, first, goal=REVOKE_GOAL)
    _status(stage, "supersede", "c", 0, first)
    stage.act("agency", "documents.grantAccess", (request("grant"),), Slots(read=(KEY,), new=("grant",)))


def permits(stage: Stage) -> None:
    """An application, permits of one line, and what becomes of one of them."""
    apply_ = (request("application"), LICENCE, QUARANTINE, EVIDENCE)
    stage.act(
        "trader", "permits.applyFor", apply_,
        Slots(read=(KEY, "accreditation of the agency"), new=("application",)),
    )  # fmt: skip
    issue = Slots(read=(KEY, "accreditation"), new=("head", "terms of the line", "balance of the line", "history"))
    _issue(stage, "permits.issue.one_line", "permit", bytes(32), issue)
    answered = Slots(issue.read, ("application",), (*issue.new, "permit of the application"))
    _issue(stage, "permits.issue.on_application", "answer", entity(IMPORTER, "application"), answered)
    later = Slots(read=(KEY,), changed=("head", "history"))
    for version, (function, reason) in enumerate(
        (("suspend", HAZARD), ("reinstate", CAUSE_REMOVED), ("revoke", BREACH)), 1
    ):
        stage.act("agency", f"permits.{function}", (entity(QUARANTINE, "answer"), version, reason, EVIDENCE), later)


def _anchor(stage: Stage, name: str, sequence: int, size: int, slots: Slots, **more: Any) -> None:
    head = sequence << 56 | LICENCE << 32 | size
    stage.act("service", name, (head, request(f"root {name}"), request(f"manifest {name}")), slots, **more)


def _status(stage: Stage, function: str, record: str, version: int, slots: Slots, **more: Any) -> None:
    args = (QUARANTINE, request(f"record {record}"), version, ERROR, EVIDENCE)
    stage.act("agency", f"documents.{function}", args, slots, **more)


def _issue(stage: Stage, name: str, as_: str, application: bytes, slots: Slots) -> None:
    lines = [{"terms": TERMS, "authorised": 1_000 * QUANTITY}]
    stage.act("agency", name, (request(as_), LICENCE, 0, FOREVER, lines, False, EVIDENCE, application), slots)
