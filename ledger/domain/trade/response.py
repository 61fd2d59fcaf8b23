"""Customs' answers to a declarant (domain guide 3.2), as they follow from the acts on a declaration, oldest first.

| answer | from |
|---|---|
| 02 received | Prelodged, Lodged |
| 03 rejected | Rejected, with the errors of its sealed list where this facade can read it |
| 01 accepted | Accepted |
| 05 physical control, 06 documents required | Routed to a control of that kind |
| 07 new version | VersionMade, with the changed paths of the request |
| 11 request granted or refused | RequestRefused; a grant is told by 07 or 10 itself |
| 13 assessment | Assessed, with the totals of the charges posted beside it |
| 08 released | ItemsSettled that left the declaration RELEASED |
| 09 cleared | Cleared |
| 10 invalidated | Invalidated |
| 14 insufficient funds | Assessed, where a guarantee that the declaration names had not enough free at that block |
| 15 reminder | RecoveryStarted |
| 16 exited | Exited |
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

from ledger.domain.declaration import ControlKind, DeclarationStatus
from ledger.domain.errors import Fault
from ledger.domain.ids import Digest32

MEANINGS: Final = {
    "01": "accepted: legally registered",
    "02": "received, not yet accepted",
    "03": "rejected",
    "05": "physical control: the goods are held",
    "06": "additional documents are required",
    "07": "data corrected: a new version",
    "08": "the goods are released",
    "09": "cleared",
    "10": "invalidated",
    "11": "request refused",
    "13": "duty and tax assessment",
    "14": "insufficient funds: the guarantee has not enough free",
    "15": "payment reminder: recovery has begun",
    "16": "the goods have left the territory",
}


@dataclass(frozen=True)
class Charge:
    """Total of one charge [minor units]."""

    code: str
    minor: int


@dataclass(frozen=True)
class Response:
    """One answer.

    Attributes:
        function: Response function code, two digits.
        reference: The answer's own reference, 32 hex digits; the same event gives the same.
        issued_at: Time of the act [unix s].
        declaration_id: MRN; before acceptance the declaration id in decimal digits.
        version: Legal version that it is about; 1 before acceptance.
        lrn: The declarant's reference; None where this facade cannot read it.
        reason: Reason code of the act; None if it has none.
        errors: What customs found wrong.
        statement: Why the declarant asked for the change.
        changes: Paths and new values of a new version.
        charges: Totals of an assessment.
        lacking: Amount that a guarantee could not cover [minor units], and the guarantee's reference (GRN).
    """

    function: str
    reference: str
    issued_at: int
    declaration_id: str
    version: int
    lrn: str | None = None
    reason: int | None = None
    errors: tuple[Fault, ...] = ()
    statement: str | None = None
    changes: tuple[tuple[str, str | None], ...] = ()
    charges: tuple[Charge, ...] = ()
    lacking: tuple[int, str] | None = None

    @property
    def meaning(self) -> str:
        """What it means, in words."""
        return MEANINGS[self.function]


class Block(Protocol):
    """Where an event stands."""

    @property
    def number(self) -> int:
        """Height."""

    @property
    def time(self) -> int:
        """Block time [unix s]."""


class Acted(Protocol):
    """What an event of a case must tell."""

    @property
    def name(self) -> str:
        """Event name."""

    @property
    def args(self) -> Mapping[str, Any]:
        """Arguments by name."""

    @property
    def block(self) -> Block:
        """Its block."""

    @property
    def tx_hash(self) -> bytes:
        """Its transaction."""

    @property
    def log_index(self) -> int:
        """Its position in the block."""


Event = TypeVar("Event", bound=Acted)

Fields = Callable[[Digest32], Mapping[str, Any]]
"""Fields of a record by JSON pointer, as far as this facade can read it."""
Lacking = Callable[[str, int], int | None]
"""Amount that cannot be charged to a guarantee, by its reference, as of a height [minor units]; None if it can be, or
if no guarantee of the debtor's has that reference."""


def responses(case: int, events: Iterable[Event], fields: Fields, lacking: Lacking) -> Iterator[tuple[Event, Response]]:
    """Each answer and the act that it follows from.

    Args:
        case: Declaration id.
        events: All acts on the case, oldest first.
        fields: What this facade can read of a sealed record; nothing for one that it cannot.
        lacking: What the debt's guarantees lacked.
    """
    life = _Life(case, fields, lacking)
    for event in events:
        answer = life.take(event)
        if answer is not None:
            yield event, answer
        if event.name == "Assessed":
            yield from ((event, lack) for lack in life.uncovered(event))


class _Life:
    """What has to be remembered from act to act."""

    def __init__(self, case: int, fields: Fields, lacking: Lacking) -> None:
        self._id, self._version, self._fields, self._lacking = str(case), 1, fields, lacking
        self._lrn: str | None = None
        self._guarantees: tuple[str, ...] = ()
        self._asked: Mapping[str, Any] = {}
        self._posted: dict[str, int] = {}

    def take(self, event: Acted) -> Response | None:
        """The answer to an act; None for one that has none."""
        args = event.args
        self._version = max(1, int(args.get("version", 0))) if event.name in _VERSIONED else self._version
        match event.name:
            case "Prelodged" | "Lodged":
                header = self._fields(args["lodgement"]["dataRecord"])
                self._lrn, self._guarantees = _text(header.get("/lrn")), _texts(header.get("/guarantees"))
                return self._answer("02", event)
            case "Rejected":
                return self._answer("03", event, errors=_errors(self._fields(args["evidence"])))
            case "Accepted":
                self._id = args["mrn"].rstrip(b"\0").decode("ascii", "replace")
                return self._answer("01", event)
            case "Requested":
                self._asked = self._fields(args["evidence"])
            case "ChargePosted":
                self._posted[args["code"].rstrip(b"\0").decode("ascii", "replace")] = int(args["total"])
            case "Assessed":
                charges = tuple(Charge(code, minor) for code, minor in self._posted.items())
                return self._answer("13", event, charges=charges)
            case "Routed" if args["kind"] != ControlKind.NONE:
                return self._answer("05" if args["kind"] == ControlKind.PHYSICAL else "06", event)
            case "VersionMade":
                asked = {} if args["byCustoms"] else self._asked
                self._guarantees = _texts(self._fields(args["dataRecord"]).get("/guarantees"))
                return self._answer("07", event, statement=_text(asked.get("/statement")), changes=_changes(asked))
            case "PcaClosed" if any(args["dataRecord"]):  # customs' own next version
                self._version = int(args["version"])
                self._guarantees = _texts(self._fields(args["dataRecord"]).get("/guarantees"))
                return self._answer("07", event)
            case "ItemsSettled" if args["status"] == DeclarationStatus.RELEASED:
                return self._answer("08", event)
            case name if name in _PLAIN:
                return self._answer(_PLAIN[name], event)
            case _:
                pass
        return None

    def uncovered(self, event: Acted) -> Iterator[Response]:
        """Answer 14 for each guarantee named in the declaration that does not cover what was assessed."""
        for reference in self._guarantees:
            amount = self._lacking(reference, event.block.number)
            if amount is not None:
                plain = self._answer("14", event, lacking=(amount, reference))
                own = hashlib.sha256(f"{plain.reference}/14/{reference}".encode()).hexdigest()[:32]
                yield replace(plain, reference=own, reason=None)

    def _answer(self, function: str, event: Acted, **more: Any) -> Response:
        reference = hashlib.sha256(event.tx_hash + event.log_index.to_bytes(4)).hexdigest()[:32]
        reason = event.args.get("reason")
        return Response(function, reference, event.block.time, self._id, self._version, self._lrn, reason, **more)


_PLAIN: Final = {
    "RequestRefused": "11",
    "Cleared": "09",
    "Invalidated": "10",
    "RecoveryStarted": "15",
    "Exited": "16",
}
"""Acts whose answer needs nothing but themselves."""
_VERSIONED: Final = frozenset({"Accepted", "VersionMade"})
"""Acts that give the legal version; others of the case carry it too, debts carry their own."""


def _errors(fields: Mapping[str, Any]) -> tuple[Fault, ...]:
    return tuple(Fault(*map(str, each)) for each in _rows(fields.get("/errors"), 3))


def _changes(fields: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    return tuple((str(path), _text(after)) for path, _, after in _rows(fields.get("/changes"), 3))


def _rows(value: Any, width: int) -> Sequence[Sequence[Any]]:
    found = value if isinstance(value, list) else []
    return [row for row in found if isinstance(row, list) and len(row) == width]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
