"""From what a chain answers to verdicts: steps 5 to 8 of verification, pure, one function per question."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from ledger.domain.anchor import anchor_word, unpack_h
from ledger.domain.document_types import needs_accreditation
from ledger.domain.plain import rfc3339
from ledger.domain.profiles import Names, shown
from ledger.domain.proof import AnchorRef, Place
from ledger.domain.record import Record
from ledger.domain.verdict import Fragment, Question, Reason, Verdict

ANY_ANCHOR: Final = 1 << 16 | 1 << 24
"""Roles whose key may anchor (contracts/types/Roles.sol)."""
COMPROMISED: Final = 1
"""Flag of a key declared compromised (contracts/types/Participant.sol)."""


class DocumentState(IntEnum):
    """Standing of a record on chain (contracts/types/Document.sol)."""

    ACTIVE = 0
    SUSPENDED = 1
    REVOKED = 2
    SUPERSEDED = 3
    SUSPENDED_BY_AUTHORITY = 4


FINAL_STATES: Final = frozenset({DocumentState.REVOKED, DocumentState.SUPERSEDED})
"""What no later change undoes."""
_REASON_OF: Final[Mapping[DocumentState, Reason]] = {
    DocumentState.SUSPENDED: Reason.SUSPENDED,
    DocumentState.SUSPENDED_BY_AUTHORITY: Reason.SUSPENDED,
    DocumentState.REVOKED: Reason.REVOKED,
    DocumentState.SUPERSEDED: Reason.SUPERSEDED,
}


@dataclass(frozen=True)
class KeyStanding:
    """What the ParticipantRegistry says of the anchoring key at the anchor's time, as known at the block read.

    Attributes:
        participant: To whom the key belonged; 0: to nobody.
        blocked_from: First second from which it may not act; 0: not blocked.
        flags: Why it is blocked.
        entitled: Participant in whose name it could act; 0: in nobody's.
        roles: What it could do.
        accredited: Whether the issuer was accredited for the anchor's document type; True for type 0.
    """

    participant: int
    blocked_from: int
    flags: int
    entitled: int
    roles: int
    accredited: bool


@dataclass(frozen=True)
class DocumentStanding:
    """What the DocumentRegistry says of a record at an instant, as known at the block read.

    Attributes:
        state: Standing.
        since: Of which change [unix s]; 0: as issued.
    """

    state: DocumentState
    since: int


@dataclass(frozen=True)
class Found:
    """What the block that a proof names holds of its anchor, read from the chain.

    Attributes:
        place: Where the anchor's event stands in it; None: it is not there.
        is_read: Whether the block's events could be read; a node may keep states and no old events.
    """

    place: Place | None = None
    is_read: bool = True


def anchor_evidence(anchor: AnchorRef) -> dict[str, Any]:
    """The anchor that a proof names, without its place: that stands under no hash, so it is told only as read."""
    return {"contract": anchor.contract, "sequence": unpack_h(anchor.head).seq, "root": anchor.root}


def place_evidence(place: Place | None) -> dict[str, Any]:
    """A place that was read from the chain; nothing for none."""
    if place is None:
        return {}
    return {"block_number": place.block_number, "block_hash": place.block_hash, "tx_hash": place.tx_hash}


def judge_anchor(anchor: AnchorRef, stored: bytes, found: Found) -> Fragment:
    """Step 5: whether the chain holds the anchor, and whether it stands where the proof says.

    Args:
        anchor: What the proof names.
        stored: The word in the issuer's slot; zero if there is none.
        found: What the block that the proof names holds of it.
    """
    evidence = anchor_evidence(anchor)
    if not any(stored):
        return Fragment(Question.ANCHOR, Verdict.INVALID, Reason.NOT_ANCHORED, evidence)
    if stored != anchor_word(anchor.issuer, anchor.head, anchor.root, anchor.manifest, anchor.time):
        return Fragment(Question.ANCHOR, Verdict.INVALID, Reason.ANCHOR_DIFFERS, evidence)
    evidence |= place_evidence(found.place)
    if found.is_read and found.place != anchor.place:
        return Fragment(Question.ANCHOR, Verdict.VALID, Reason.ANCHORED_OTHER_BLOCK, evidence)
    return Fragment(Question.ANCHOR, Verdict.VALID, Reason.ANCHORED, evidence)


def judge_issuer(record: Record, anchor: AnchorRef, standing: KeyStanding, names: Names) -> Fragment:
    """Step 6: whether the issuer was entitled to issue this when it anchored it."""
    head = unpack_h(anchor.head)
    evidence: dict[str, Any] = {
        "participant": shown(anchor.issuer, names),
        "key": "0x" + head.key.hex(),
        "document_type": record.type,
        "at": rfc3339(anchor.time),
    }
    wrong = _issuer_fault(record, anchor, standing)
    if wrong is None:
        return Fragment(Question.ISSUER, Verdict.VALID, Reason.ENTITLED, evidence)
    match wrong:
        case Reason.ISSUER_DIFFERS:
            evidence["record_participant"] = shown(record.issuer, names)
        case Reason.TYPE_DIFFERS:
            evidence["anchored_type"] = head.doc_type
        case Reason.KEY_COMPROMISED:
            evidence["compromised_from"] = rfc3339(standing.blocked_from)
        case _:
            pass
    return Fragment(Question.ISSUER, Verdict.INVALID, wrong, evidence)


def record_fault(record: Record, anchor: AnchorRef) -> Reason | None:
    """What of a record its anchor does not bear out, whoever signed that: its issuer, or its type; None: nothing."""
    doc_type = unpack_h(anchor.head).doc_type
    if record.issuer != anchor.issuer:
        return Reason.ISSUER_DIFFERS
    if doc_type and doc_type != record.type:
        return Reason.TYPE_DIFFERS
    return Reason.NOT_ACCREDITED if not doc_type and needs_accreditation(record.type) else None


def _issuer_fault(record: Record, anchor: AnchorRef, standing: KeyStanding) -> Reason | None:
    fault = record_fault(record, anchor)
    if fault is not None:
        return fault
    if standing.participant != anchor.issuer:
        return Reason.NOT_ENTITLED
    if standing.flags & COMPROMISED and standing.blocked_from <= anchor.time:
        return Reason.KEY_COMPROMISED
    if standing.entitled != anchor.issuer or not standing.roles & ANY_ANCHOR:
        return Reason.NOT_ENTITLED
    return None if standing.accredited else Reason.NOT_ACCREDITED


def judge_status(record: Record, anchored: int, standing: DocumentStanding, at: int, latest: int) -> Fragment:
    """Step 7: whether the document was in force at `at`, both ends of its validity inclusive.

    Args:
        record: The record, whose own validity counts too.
        anchored: When it was anchored [unix s].
        standing: What the registry says for `at`.
        at: The instant asked about [unix s].
        latest: The later of clock and block read [unix s]; beyond it only what is final can be told.
    """
    evidence = {
        "at": rfc3339(at),
        "valid_from": rfc3339(record.valid_from),
        "valid_until": None if record.valid_until is None else rfc3339(record.valid_until),
    }
    if at < anchored:
        return Fragment(Question.STATUS, Verdict.UNDETERMINED, Reason.BEFORE_ANCHOR, evidence)
    evidence |= {"state": standing.state.name, "since": rfc3339(standing.since or anchored)}
    if standing.state in FINAL_STATES:
        return Fragment(Question.STATUS, Verdict.INVALID, _REASON_OF[standing.state], evidence)
    if record.valid_until is not None and at > record.valid_until:
        return Fragment(Question.STATUS, Verdict.INVALID, Reason.EXPIRED, evidence)
    if at > latest:
        return Fragment(Question.STATUS, Verdict.UNDETERMINED, Reason.AT_IN_FUTURE, evidence)
    if standing.state is not DocumentState.ACTIVE:
        return Fragment(Question.STATUS, Verdict.INVALID, _REASON_OF[standing.state], evidence)
    if at < record.valid_from:
        return Fragment(Question.STATUS, Verdict.INVALID, Reason.NOT_YET_IN_FORCE, evidence)
    return Fragment(Question.STATUS, Verdict.VALID, Reason.IN_FORCE, evidence)


def judge_time(anchor: AnchorRef, found: Found) -> Fragment:
    """Step 8: the anchor's word holds its block's time, so an anchor that is there proves it."""
    evidence: dict[str, Any] = {"time": rfc3339(anchor.time)}
    if found.place is not None:
        evidence["block_number"] = found.place.block_number
    return Fragment(Question.TIME, Verdict.VALID, Reason.BLOCK_TIME, evidence)
