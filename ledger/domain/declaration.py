"""A goods declaration's law: main status, control track, agencies' decisions, outcomes.

Source: domain guide 3.6, 3.7, 4.1, 4.4. The tables are the twins of `contracts/libraries/DeclarationTransitions.sol`
and `ControlTransitions.sol`; numbers are those of `contracts/types/Declaration.sol` and stand in events for ever. A
pair that is absent from a table is refused.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from ledger.domain.errors import ActRefused

MAX_ITEMS: Final = 999
"""Goods items of one declaration, as on the single administrative document."""
FIRST_NATIONAL_REASON: Final = 1000
"""Reason codes from here on are a national list."""


class DeclarationStatus(IntEnum):
    """Main status. PARTLY_RELEASED: some items have an outcome, not all."""

    NONE = 0
    PRELODGED = 1
    LODGED = 2
    REJECTED = 3
    ACCEPTING = 4
    ACCEPTED = 5
    PARTLY_RELEASED = 6
    RELEASED = 7
    CLEARED = 8
    INVALIDATED = 9
    PCA_OPEN = 10


class DeclarationAct(IntEnum):
    """Acts that move, or need, a main status."""

    PRELODGE = 0
    LODGE = 1
    PRESENT = 2
    REJECT = 3
    BEGIN_ACCEPTANCE = 4
    ENTER_ITEMS = 5
    ABANDON = 6
    SEAL = 7
    REQUEST_AMENDMENT = 8
    GRANT_AMENDMENT = 9
    CORRECT = 10
    REQUEST_CANCELLATION = 11
    GRANT_CANCELLATION = 12
    REFUSE_REQUEST = 13
    ROUTE = 14
    CONTROL = 15
    DECIDE_ITEMS = 16
    CONFIRM_ARRIVAL = 17
    CONFIRM_EXIT = 18
    SEIZE = 19
    LIFT_SEIZURE = 20
    RELEASE = 21
    REFUSE_ITEMS = 22
    CLEAR = 23
    INVALIDATE = 24
    OPEN_PCA = 25
    CLOSE_PCA = 26
    RETURN_PERMITS = 27
    REASSIGN = 28
    REOPEN_REJECTION = 29
    REOPEN_REQUEST = 30
    REOPEN_ITEM = 31
    CLAIM = 32
    SUPPLEMENT = 33


class Representation(IntEnum):
    """In whose name a declaration is made."""

    SELF = 0
    DIRECT = 1
    INDIRECT = 2


class ControlState(IntEnum):
    """Control track of one version."""

    UNROUTED = 0
    NONE = 1
    REQUIRED = 2
    IN_PROGRESS = 3
    SATISFACTORY = 4
    DISCREPANCY = 5


class ControlKind(IntEnum):
    """What a routing asks for; a higher number is stricter."""

    NONE = 0
    DOCUMENTARY = 1
    PHYSICAL = 2


class ControlAct(IntEnum):
    """Acts on the control track."""

    ROUTE_NONE = 0
    ROUTE_REQUIRED = 1
    LOWER_TO_NONE = 2
    LOWER_TO_DOCUMENTARY = 3
    START = 4
    RECORD_SATISFACTORY = 5
    RECORD_DISCREPANCY = 6
    DISMISS = 7
    SETTLE_BY_SEIZURE = 8
    REOPEN_FINDING = 9
    NEW_VERSION = 10


class AgencyDecision(IntEnum):
    """Decision of an agency on one of its checks of an item (3.7)."""

    PENDING = 0
    NOT_REQUIRED = 1
    HOLD = 2
    RELEASE = 3
    REFUSE = 4
    NO_MATCH = 5


class ItemOutcome(IntEnum):
    """Outcome of an item (4.4). HELD: none yet."""

    HELD = 0
    RELEASED = 1
    CONDITIONALLY_RELEASED = 2
    REFUSED = 3
    SEIZED = 4


class OpenRequest(IntEnum):
    """What the declarant has asked for and customs has not decided."""

    NONE = 0
    AMENDMENT = 1
    CANCELLATION = 2


class JointKind(IntEnum):
    """Acts that one person proposes and another countersigns."""

    LOWER_CONTROL = 0
    LIFT_SEIZURE = 1
    INVALIDATE = 2


class RefusalKind(IntEnum):
    """What was refused and can be appealed against."""

    REJECTION = 0
    AMENDMENT = 1
    CANCELLATION = 2
    ITEM = 3
    AGENCY_DECISION = 4


class AppealState(IntEnum):
    """Life of a refusal."""

    NONE = 0
    REFUSED = 1
    APPEALED = 2
    UPHELD = 3
    OVERTURNED = 4


class HeldFor(IntEnum):
    """Why goods are held. Codes of the whole declaration come with item 0."""

    CONTROL_UNROUTED = 0
    CONTROL_OPEN = 1
    CONTROL_DISCREPANCY = 2
    DEBT_NOT_ASSESSED = 3
    DEBT_UNPAID = 4
    NOT_ARRIVED = 5
    COURT_HOLD = 6
    SEIZED = 7
    NOT_ENTERED = 8
    HAS_OUTCOME = 9
    AGENCY_PENDING = 10
    AGENCY_HOLD = 11
    AGENCY_REFUSED = 12
    AGENCY_NO_MATCH = 13
    AGENCY_EXPIRED = 14
    PERMIT_UNUSABLE = 15
    SECURITY_NEEDED = 16
    CONDITION_OPEN = 17
    DEBT_UNSETTLED = 18
    NOT_EXITED = 19
    NEEDS_OFFICER = 20
    DATA_INCOMPLETE = 21
    APPEAL_OPEN = 22
    NOTHING_PENDING = 23


class DeclarationReason(IntEnum):
    """Reason codes of acts, `contracts/types/DeclarationReasons.sol`.

    National ones start at `FIRST_NATIONAL_REASON`. GREEN_LANE is emitted by the contract and never given.
    """

    NONE = 0
    REGULAR = 301
    DATA_FAULT = 302
    DOCUMENT_FAULT = 303
    ON_REQUEST = 304
    ENTERED_IN_ERROR = 305
    CONTROL_FINDING = 306
    OTHER_AUTHORITY = 307
    COURT_ORDER = 308
    HARMLESS = 309
    GOODS_ABSENT = 310
    LEGAL_GROUND = 311
    COMPETENCE = 312
    AUDIT_FINDING = 313
    FALLBACK = 314
    GREEN_LANE = 315


@dataclass(frozen=True)
class Reason:
    """One reason why goods are held.

    Attributes:
        item: Goods item number; 0 for the whole declaration.
        code: What is missing.
        agency: Participant whose decision is missing; 0 unless the code is an agency's.
        check_code: The agency's check; 0 unless the code is an agency's.
        use: Number of the item's permit use, from 0; 0 unless the code is PERMIT_UNUSABLE.
    """

    item: int
    code: HeldFor
    agency: int
    check_code: int
    use: int

    @classmethod
    def from_chain(cls, decoded: Any) -> "Reason":
        """Reads the ABI tuple of the contract's `Reason`, by name or in order.

        Raises:
            ValueError: The code is not one of `HeldFor`.
        """
        names = ("item", "code", "agency", "checkCode", "use")
        values = [decoded[name] for name in names] if isinstance(decoded, dict) else list(decoded)
        item, code, agency, check_code, use = values
        return cls(item, HeldFor(code), agency, check_code, use)


_S = DeclarationStatus
_A = DeclarationAct
_UNDER_RELEASE: Final = (_S.ACCEPTED, _S.PARTLY_RELEASED, _S.RELEASED)

MOVES: Final[dict[DeclarationAct, tuple[tuple[DeclarationStatus, ...], DeclarationStatus]]] = {
    _A.PRELODGE: ((_S.NONE,), _S.PRELODGED),
    _A.LODGE: ((_S.NONE,), _S.LODGED),
    _A.PRESENT: ((_S.PRELODGED,), _S.LODGED),
    _A.REJECT: ((_S.LODGED,), _S.REJECTED),
    _A.BEGIN_ACCEPTANCE: ((_S.LODGED,), _S.ACCEPTING),
    _A.ABANDON: ((_S.ACCEPTING,), _S.LODGED),
    _A.SEAL: ((_S.ACCEPTING,), _S.ACCEPTED),
    _A.GRANT_CANCELLATION: ((_S.ACCEPTED,), _S.INVALIDATED),
    _A.CLEAR: ((_S.RELEASED,), _S.CLEARED),
    _A.INVALIDATE: ((_S.ACCEPTED, _S.RELEASED, _S.CLEARED), _S.INVALIDATED),
    _A.OPEN_PCA: ((_S.RELEASED, _S.CLEARED), _S.PCA_OPEN),
    _A.CLOSE_PCA: ((_S.PCA_OPEN,), _S.CLEARED),
    _A.REOPEN_REJECTION: ((_S.REJECTED,), _S.LODGED),
}
"""Acts that move the status: where from, where to. ABANDON gives LODGED once nothing is entered any more,
CLOSE_PCA gives CLEARED once nothing stands against clearance."""

STAYS: Final[dict[DeclarationAct, tuple[DeclarationStatus, ...]]] = {
    _A.ENTER_ITEMS: (_S.ACCEPTING, _S.ACCEPTED, _S.PARTLY_RELEASED),
    _A.REQUEST_AMENDMENT: (_S.ACCEPTED,),
    _A.GRANT_AMENDMENT: (_S.ACCEPTED,),
    _A.CORRECT: (_S.ACCEPTED,),
    _A.REQUEST_CANCELLATION: (_S.ACCEPTED,),
    _A.REFUSE_REQUEST: (*_UNDER_RELEASE, _S.CLEARED),
    _A.ROUTE: (_S.LODGED, _S.ACCEPTING, *_UNDER_RELEASE),
    _A.CONTROL: _UNDER_RELEASE,
    _A.DECIDE_ITEMS: _UNDER_RELEASE,
    _A.CONFIRM_ARRIVAL: (_S.PRELODGED, _S.LODGED, _S.ACCEPTING, _S.ACCEPTED, _S.PARTLY_RELEASED),
    _A.CONFIRM_EXIT: (_S.PARTLY_RELEASED, _S.RELEASED, _S.PCA_OPEN),
    _A.SEIZE: _UNDER_RELEASE,
    _A.LIFT_SEIZURE: (*_UNDER_RELEASE, _S.CLEARED),
    _A.RELEASE: _UNDER_RELEASE,
    _A.REFUSE_ITEMS: _UNDER_RELEASE,
    _A.RETURN_PERMITS: (_S.INVALIDATED,),
    _A.REASSIGN: (
        _S.PRELODGED,
        _S.LODGED,
        _S.ACCEPTING,
        _S.ACCEPTED,
        _S.PARTLY_RELEASED,
        _S.RELEASED,
        _S.CLEARED,
        _S.INVALIDATED,
        _S.PCA_OPEN,
    ),
    _A.REOPEN_REQUEST: (*_UNDER_RELEASE, _S.CLEARED, _S.INVALIDATED),
    _A.REOPEN_ITEM: (*_UNDER_RELEASE, _S.CLEARED, _S.INVALIDATED),
    _A.CLAIM: (_S.PRELODGED, _S.LODGED),
    _A.SUPPLEMENT: _UNDER_RELEASE,
}
"""Acts that need a status and do not move it themselves; after acts on items `after_items` says what it is. Of an
annulled case nothing opens: there an appeal is decided, and no more. A RELEASED case is routed only while goods are out
on a condition."""

NEXT: Final[dict[tuple[DeclarationStatus, DeclarationAct], DeclarationStatus]] = {
    **{(start, act): end for act, (starts, end) in MOVES.items() for start in starts},
    **{(start, act): start for act, starts in STAYS.items() for start in starts},
}
"""The whole table of the main status."""

_C = ControlState
_K = ControlAct

NEXT_CONTROL: Final[dict[tuple[ControlState, ControlAct], ControlState]] = {
    (_C.UNROUTED, _K.ROUTE_NONE): _C.NONE,
    (_C.UNROUTED, _K.ROUTE_REQUIRED): _C.REQUIRED,
    (_C.UNROUTED, _K.LOWER_TO_NONE): _C.NONE,
    (_C.UNROUTED, _K.LOWER_TO_DOCUMENTARY): _C.REQUIRED,
    (_C.NONE, _K.ROUTE_REQUIRED): _C.REQUIRED,
    (_C.REQUIRED, _K.ROUTE_REQUIRED): _C.REQUIRED,
    (_C.REQUIRED, _K.LOWER_TO_NONE): _C.NONE,
    (_C.REQUIRED, _K.LOWER_TO_DOCUMENTARY): _C.REQUIRED,
    (_C.REQUIRED, _K.START): _C.IN_PROGRESS,
    (_C.IN_PROGRESS, _K.RECORD_SATISFACTORY): _C.SATISFACTORY,
    (_C.IN_PROGRESS, _K.RECORD_DISCREPANCY): _C.DISCREPANCY,
    (_C.SATISFACTORY, _K.REOPEN_FINDING): _C.DISCREPANCY,
    (_C.DISCREPANCY, _K.DISMISS): _C.SATISFACTORY,
    (_C.DISCREPANCY, _K.SETTLE_BY_SEIZURE): _C.SATISFACTORY,
    **{(state, _K.NEW_VERSION): _C.UNROUTED for state in ControlState},
}
"""The control track. REQUIRED to REQUIRED changes the kind: upwards by one person, downwards by two. From UNROUTED
the control is lowered below what the version before was to have and did not get."""


def next_status(status: DeclarationStatus, act: DeclarationAct) -> DeclarationStatus:
    """Status after `act`.

    Raises:
        ActRefused: `NotInStatus`, as the contract has it.
    """
    try:
        return NEXT[status, act]
    except KeyError:
        raise ActRefused("NotInStatus", {"act": act, "status": status}) from None


def next_control(state: ControlState, act: ControlAct) -> ControlState:
    """State of the control track after `act`.

    Raises:
        ActRefused: `NotInControl`, as the contract has it.
    """
    try:
        return NEXT_CONTROL[state, act]
    except KeyError:
        raise ActRefused("NotInControl", {"act": act, "state": state}) from None


def after_items(count: int, open_items: int, denied_items: int) -> DeclarationStatus:
    """Status of a declaration under release, by its items.

    Args:
        count: Goods items.
        open_items: Items without outcome.
        denied_items: Items refused or seized.
    """
    if open_items + denied_items == count:
        return DeclarationStatus.ACCEPTED
    return DeclarationStatus.RELEASED if open_items == 0 else DeclarationStatus.PARTLY_RELEASED
