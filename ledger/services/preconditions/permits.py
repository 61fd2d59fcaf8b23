"""What the law asks of acts on permits, and of a permit's use by a declaration (domain guide 4.2, 4.4)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from ledger.domain.errors import ActRefused
from ledger.domain.permit import MAX_QUANTITY, NEXT, PermitAction, PermitState, in_line_unit, worth
from ledger.domain.reason_codes import PermitReason
from ledger.domain.roles import Role
from ledger.services.preconditions.asked import PARTICIPANTS, AskedAct, NotTold, Precondition
from ledger.services.preconditions.common import in_force, may, moved_by, reason_among, wherever

PERMITS: Final = "PermitRegistry"
MAX_LINES: Final = 100


def _permit(asked: AskedAct) -> Any:
    return asked.kept("permitHead", asked.args["permit"])


def _application(asked: AskedAct) -> Any:
    return asked.kept("applicationOf", asked.args["application"])


def _forbidden(name: str) -> Callable[[AskedAct, int], ActRefused]:
    return lambda asked, state: ActRefused("PermitStateForbids", {"entity": asked.args[name], "state": state})


def accredited(who: Callable[[AskedAct], int], doc_type: Callable[[AskedAct], int]) -> Precondition:
    """The agency may issue documents of the type now."""

    def judge(asked: AskedAct) -> Iterator[ActRefused]:
        agency, of_type = who(asked), doc_type(asked)
        if not of_type or not asked.tell(PARTICIPANTS, "accreditedAt", agency, of_type, asked.head.time):
            values = {"participant": agency, "docType": of_type, "instant": asked.head.time}
            yield ActRefused("NotAccredited", values)

    return judge


def new_permit(asked: AskedAct) -> Iterator[ActRefused]:
    """The request was not done before."""
    key = keccak(encode(["uint64", "bytes32"], [asked.participant, asked.args["requestId"]]))
    if asked.tell(asked.target, "permitHead", key)["version"]:
        yield ActRefused("AlreadyDone", {"key": key})


def valid_period(asked: AskedAct) -> Iterator[ActRefused]:
    """The validity does not end before it begins, nor has it ended."""
    first, last = asked.args["validFrom"], asked.args["validUntil"]
    if first > last or last < asked.head.time:
        yield ActRefused("BadValidity", {"from": first, "until": last})


def some_lines(asked: AskedAct) -> Iterator[ActRefused]:
    """1 to 100 lines, each with a quantity."""
    lines = asked.args["lines"]
    if not 1 <= len(lines) <= MAX_LINES:
        yield ActRefused("BadLineCount", {"count": len(lines), "limit": MAX_LINES})
    for number, line in enumerate(lines):
        if not 0 < line["authorised"] <= MAX_QUANTITY:
            yield ActRefused("BadQuantity", {"line": number, "quantity": line["authorised"]})


def lines_kept(asked: AskedAct) -> Iterator[ActRefused]:
    """No line is left out, and none authorises less than was used of it."""
    lines, held = asked.args["lines"], _permit(asked)["lines"]
    if len(lines) < held:
        yield ActRefused("BadLineCount", {"count": len(lines), "limit": MAX_LINES})
    for number, line in enumerate(lines[:held]):
        _, _, reserved, written_off = asked.entity("lineOf", asked.args["permit"], number)
        used = reserved + written_off
        if line["authorised"] < used:
            yield ActRefused("BelowUse", {"line": number, "authorised": line["authorised"], "used": used})


def addressed_here(asked: AskedAct) -> Iterator[ActRefused]:
    """The application was addressed to the actor's agency, or to one for which it stands in."""
    application, found, own = asked.args["application"], _application(asked), asked.participant
    agency = found["agency"]
    if own not in (
        agency,
        asked.tell(PARTICIPANTS, "successorOf", agency),
        asked.tell(asked.target, "reassignedTo", agency, found["docType"]),
    ):
        yield ActRefused("NotAddressee", {"application": application, "agency": agency, "actor": own})


def of_the_type_applied_for(asked: AskedAct) -> Iterator[ActRefused]:
    """The permit is of the type that was applied for."""
    expected, actual = _application(asked)["docType"], asked.args["docType"]
    if expected != actual:
        yield ActRefused("TypeMismatch", {"expected": expected, "actual": actual})


def in_force_now(asked: AskedAct) -> Iterator[ActRefused]:
    """It has neither expired nor is it used up."""
    stored = _permit(asked)["state"]
    state = asked.entity("stateAt", asked.args["permit"], asked.head.time)
    if stored == PermitState.ACTIVE and state != PermitState.ACTIVE:
        yield ActRefused("PermitStateForbids", {"entity": asked.args["permit"], "state": state})


def transferable(asked: AskedAct) -> Iterator[ActRefused]:
    """Permits of the type may pass to another holder, and every line gets its new terms."""
    permit, head = asked.args["permit"], _permit(asked)
    if not asked.tell(asked.target, "isTransferable", head["docType"]):
        yield ActRefused("NotTransferable", {"permit": permit, "docType": head["docType"]})
    if len(asked.args["terms"]) != head["lines"]:
        yield ActRefused("BadLineCount", {"count": len(asked.args["terms"]), "limit": head["lines"]})


def known_line(asked: AskedAct) -> Iterator[ActRefused]:
    """The permit has that line."""
    if asked.args["line"] >= _permit(asked)["lines"]:
        yield ActRefused("UnknownLine", {"permit": asked.args["permit"], "line": asked.args["line"]})


def use_fits(
    asked: AskedAct, use: Mapping[str, Any], index: int, taken: Counter[Any], as_of: int
) -> Iterator[ActRefused]:
    """All that stands against one use of a permit by a goods item.

    Args:
        asked: An act of a declaration registry, whose case the asker may read.
        use: A `PermitUse`.
        index: Its place in the act.
        taken: What earlier uses of the act take of each line; this one is added.
        as_of: Instant whose permits count [unix s]; whether they may be used is asked of now.
    """
    if not asked.may_read:
        raise NotTold
    permit, line, quantity = use["permit"], use["line"], use["quantity"]
    head = asked.tell(PERMITS, "permitHead", permit)
    if not head["version"]:
        yield ActRefused("UnknownPermit", {"permit": permit})
        return
    standing = _standing(asked, permit, head, as_of)
    if standing != PermitState.ACTIVE or not head["validFrom"] <= as_of <= head["validUntil"]:
        state = worth(standing, head["validUntil"], exhausted=False, at=as_of)
        yield ActRefused("PermitNotUsable", {"permit": permit, "state": state})
    if not 0 < quantity <= MAX_QUANTITY:
        yield ActRefused("BadQuantity", {"line": index, "quantity": quantity})
    if line >= head["lines"]:
        yield ActRefused("UnknownLine", {"permit": permit, "line": line})
        return
    terms, available, _, _ = asked.tell(PERMITS, "lineOf", permit, line)
    if use["terms"] != terms:
        unit, numerator, denominator = asked.tell(PERMITS, "unitOf", permit, line, use["terms"])
        if not unit:
            values = {"permit": permit, "line": line, "expected": terms, "actual": use["terms"]}
            yield ActRefused("TermsMismatch", values)
            return
        try:
            quantity = in_line_unit(quantity, numerator, denominator)
        except ActRefused as refused:
            yield refused
            return
    available -= taken[permit, line]
    taken[permit, line] += quantity
    if available < quantity:
        values = {"permit": permit, "line": line, "available": available, "asked": quantity}
        yield ActRefused("NotEnoughAvailable", values)


def _standing(asked: AskedAct, permit: bytes, head: Mapping[str, Any], as_of: int) -> PermitState:
    """State of now; of a permit that was replaced after `as_of`, that of the one in its place."""
    stored = PermitState(head["state"])
    if stored is not PermitState.REPLACED:
        return stored
    if asked.tell(PERMITS, "stateAt", permit, as_of) == PermitState.REPLACED:
        return stored
    return PermitState(asked.tell(PERMITS, "permitHead", asked.tell(PERMITS, "liveOf", permit))["state"])


def _is_answer(asked: AskedAct) -> bool:
    return any(asked.args["application"])


def _change(action: PermitAction) -> tuple[Precondition, ...]:
    """What every act of an agency on its permit begins with; whose it is, the contract says first of all."""
    return (
        may(Role.OGA),
        in_force(lambda asked: int(_permit(asked)["version"])),
        moved_by(NEXT, action, lambda asked: int(_permit(asked)["state"]), _forbidden("permit")),
        reason_among(PermitReason.INCOMPLETE, PermitReason.ORDER),
    )


def _answer(action: PermitAction) -> tuple[Precondition, ...]:
    return (
        addressed_here,
        moved_by(NEXT, action, lambda asked: int(_application(asked)["state"]), _forbidden("application")),
    )


_issuing = (new_permit, valid_period, some_lines)

PERMIT_ACTS: Final[Mapping[str, tuple[Precondition, ...]]] = {
    "applyFor": (
        may(Role.DECLARANT | Role.BROKER),
        accredited(lambda asked: int(asked.args["agency"]), lambda asked: int(asked.args["docType"])),
    ),
    "refuse": (
        may(Role.OGA),
        in_force(lambda asked: int(_application(asked)["version"])),
        *_answer(PermitAction.REFUSE),
        reason_among(PermitReason.INCOMPLETE, PermitReason.ORDER),
    ),
    "issue": (
        may(Role.OGA),
        accredited(lambda asked: asked.participant, lambda asked: int(asked.args["docType"])),
        *_issuing,
        wherever(_is_answer, *_answer(PermitAction.ISSUE), of_the_type_applied_for),
    ),
    "suspend": _change(PermitAction.SUSPEND),
    "reinstate": _change(PermitAction.REINSTATE),
    "revoke": _change(PermitAction.REVOKE),
    "replace": (
        *_change(PermitAction.REPLACE),
        in_force_now,
        accredited(lambda asked: asked.participant, lambda asked: int(_permit(asked)["docType"])),
        *_issuing,
        lines_kept,
    ),
    "transfer": (*_change(PermitAction.TRANSFER), in_force_now, transferable),
    "declareUnit": (*_change(PermitAction.DECLARE_UNIT), known_line),
}
"""Acts of the PermitRegistry, each with all that can be judged of it from outside."""
