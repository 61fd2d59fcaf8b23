"""Authorisations, documents and permits."""

from typing import Any, Final

from ledger.domain.reason_codes import PermitReason, RegistryReason
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
BEFORE: Final = ("word before", "end of the word before")
"""What an authorisation was stays readable for every instant."""
PROPOSAL: Final = ("proposer and reason", "findings")
BEFORE_FIRST: Final = ("length of the history", *BEFORE)


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


def lives_of_authorisations(stage: Stage) -> None:
    """An AEO's authorisation from application to revocation, a foreign one, a licence and a power to their ends.

    Played last: an importer on the green lane would be routed by its authorisation.
    """
    apply_ = Slots(read=(KEY, "proposal"), new=("request", "authorisation"))
    stage.act("trader", "authorisations.applyForAeo", (request("aeo"), EVIDENCE), apply_)
    first = Slots(read=(KEY,), changed=("authorisation",), new=BEFORE_FIRST)
    then = Slots(read=(KEY,), changed=("authorisation", "length of the history"), new=BEFORE)
    stage.act("AEO unit", "authorisations.reviewAeo", (IMPORTER, 1, EVIDENCE), first)
    _aeo(stage, "refuseAeo", 2, then, keep=False)
    granted = (IMPORTER, 2, 1, 1, 0, FOREVER, EVIDENCE)
    stage.act("AEO unit", "authorisations.grantAeo", granted, then)
    withdrawn = Slots((*then.read, "proposal"), then.changed, then.new)
    stage.act("trader", "authorisations.withdrawAeo", (3, EVIDENCE), withdrawn, keep=False)
    _aeo(stage, "suspendAeo", 3, then)
    _aeo(stage, "reinstateAeo", 4, then)
    stage.act(
        "AEO unit", "authorisations.proposeAeoRevocation", (IMPORTER, 5, 0, RegistryReason.FRAUD, EVIDENCE),
        Slots(then.read, then.changed, (*then.new, *PROPOSAL)),
    )  # fmt: skip
    stage.act(
        "second AEO unit", "authorisations.confirmAeoRevocation", (IMPORTER, 6),
        Slots(then.read, (*then.changed, *PROPOSAL), then.new),
    )  # fmt: skip
    foreign = (request("foreign"), b"CN", request("foreign id"), 2, 1, 0, FOREVER, EVIDENCE)
    stage.act("AEO unit", "authorisations.recognizeForeignAeo", foreign, apply_)
    stage.act("AEO unit", "authorisations.endForeignAeo", (b"CN", request("foreign id"), 1, ERROR, EVIDENCE), first)
    stage.act("trader", "authorisations.revokePower", (BROKERAGE, 1, ERROR), first)
    for version, function in enumerate(("suspendLicence", "reinstateLicence", "revokeLicence"), 1):
        slots = first if version == 1 else then
        stage.act("licensing", f"authorisations.{function}", (BROKERAGE, version, ERROR, EVIDENCE), slots)


def _aeo(stage: Stage, function: str, version: int, slots: Slots, **more: Any) -> None:
    args = (IMPORTER, version, RegistryReason.COMPLIANCE, EVIDENCE)
    stage.act("AEO unit", f"authorisations.{function}", args, slots, **more)


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
    stage.play("trader", "permits.applyFor", (request("second"), *apply_[1:]))
    refused = (entity(IMPORTER, "second"), 1, PermitReason.QUOTA, EVIDENCE)
    stage.act("agency", "permits.refuse", refused, Slots(read=(KEY,), changed=("application",)))
    later = Slots(read=(KEY,), changed=("head", "history"))
    for version, (function, reason) in enumerate(
        (("suspend", PermitReason.HAZARD), ("reinstate", PermitReason.CAUSE_REMOVED), ("revoke", PermitReason.BREACH)),
        1,
    ):
        stage.act("agency", f"permits.{function}", (entity(QUARANTINE, "answer"), version, reason, EVIDENCE), later)


def changes_of_permits(stage: Stage) -> None:
    """A unit declared for a line; a permit that passes to another holder, where its type allows that."""
    stage.meter.govern("transferable", [("PermitRegistry", "setTransferable", (LICENCE, 0, True))])
    lines = [{"terms": TERMS, "authorised": QUANTITY}]
    issued = (request("moved"), LICENCE, 0, FOREVER, lines, False, EVIDENCE, bytes(32))
    stage.play("agency", "permits.issue", issued)
    permit = entity(QUARANTINE, "moved")
    unit = (permit, 1, 0, request("terms in tonnes"), 1_000, 1, PermitReason.CLERICAL_ERROR, EVIDENCE)
    stage.act(
        "agency", "permits.declareUnit", unit,
        Slots(
            read=(KEY, "terms of the line"), changed=("head", "history"),
            new=("number of units", "terms of the unit", "factors"),
        ),
    )  # fmt: skip
    moved = (permit, 2, [request("terms of the next holder")], PermitReason.HOLDER_REQUEST, EVIDENCE)
    stage.act(
        "agency", "permits.transfer.one_line", moved,
        Slots(
            read=(KEY, "type"), changed=("head", "history", "terms of the line", "number of units"),
        ),
    )  # fmt: skip


def replacement(stage: Stage) -> None:
    """A permit with uses replaced; played last, as it changes what later uses read."""
    lines = [{"terms": TERMS, "authorised": 2_000 * QUANTITY}]
    args = (request("next"), entity(QUARANTINE, "permit"), 1, 0, FOREVER, lines, PermitReason.CLERICAL_ERROR, EVIDENCE)
    stage.act(
        "agency", "permits.replace.one_line", args,
        Slots(
            read=(KEY, "accreditation", "terms of the line"),
            changed=("head replaced", "history", "balance of the line"),
            new=("head", "history of the new one", "root of the new one", "live one of the root"),
        ),
    )  # fmt: skip


def _anchor(stage: Stage, name: str, sequence: int, size: int, slots: Slots, **more: Any) -> None:
    head = sequence << 56 | LICENCE << 32 | size
    stage.act("service", name, (head, request(f"root {name}"), request(f"manifest {name}")), slots, **more)


def _status(stage: Stage, function: str, record: str, version: int, slots: Slots, **more: Any) -> None:
    args = (QUARANTINE, request(f"record {record}"), version, ERROR, EVIDENCE)
    stage.act("agency", f"documents.{function}", args, slots, **more)


def _issue(stage: Stage, name: str, as_: str, application: bytes, slots: Slots) -> None:
    lines = [{"terms": TERMS, "authorised": 1_000 * QUANTITY}]
    stage.act("agency", name, (request(as_), LICENCE, 0, FOREVER, lines, False, EVIDENCE, application), slots)
