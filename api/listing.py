"""What routes that list folded rows share: parameters, and the page as a shape."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar

from fastapi import Depends, Query
from pydantic import AfterValidator, WithJsonSchema

from api.access import SignedInDep
from api.deps import FacadeDep
from api.faults import Misfit
from api.places import under
from api.schemas.base import BlockOut
from api.schemas.pages import PageOut
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Caller
from ledger.domain.errors import Fault, Malformed
from ledger.domain.folding.words import STATES
from ledger.domain.ids import ParticipantId
from ledger.domain.plain import instant
from ledger.domain.profiles import Names
from ledger.ports.state_store import Party, Row
from ledger.services.queries import MAX_PAGE, Asked, Moment

AsOf = Annotated[str | None, Query(description="As of this instant: RFC 3339, or unix seconds. Now, if not given.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=128)]
MAX_STATES = 16
"""States in one filter: more than any entity has."""
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Rows per page.")]
Someone = Annotated[int | None, Query(ge=1, lt=2**53, description="Only where this participant has that part.")]
Office = Annotated[int | None, Query(ge=0, lt=1 << 24, description="Only of this customs office.")]
Regime = Annotated[int | None, Query(ge=0, lt=10_000, description="Only to this procedure.", examples=[4000])]
Since = Annotated[str | None, Query(description="Only what began then or later: RFC 3339, or unix seconds.")]
Until = Annotated[str | None, Query(description="Only what began then or before: as `since`, and not before it.")]
DocumentType = Annotated[int | None, Query(ge=0, lt=1 << 24, description="Only of this document type.")]

Shown = TypeVar("Shown")


def _checked(kind: str) -> AfterValidator:
    """Takes states of entities of a kind, with commas between: a word that is none of theirs would list nothing."""

    def check(text: str | None) -> str | None:
        given, known = words(text), STATES[kind]
        if len(given) > MAX_STATES or not {*given} <= {*known}:
            raise Misfit("unknown_word", f"one of these is needed: {', '.join(known)}")
        return text

    return AfterValidator(check)


def _described(kind: str) -> WithJsonSchema:
    """As a list, which `api.app` says is one text with commas."""
    one = {"type": "string", "enum": list(STATES[kind])}
    return WithJsonSchema({"type": "array", "items": one, "minItems": 1, "maxItems": MAX_STATES})


_STATE = Query(description="Only in one of these states, with commas between.")
DeclarationState = Annotated[str | None, _checked("declaration"), _described("declaration"), _STATE]
PermitState = Annotated[str | None, _checked("permit"), _described("permit"), _STATE]
ApplicationState = Annotated[str | None, _checked("application"), _described("application"), _STATE]
RecordState = Annotated[str | None, _checked("record"), _described("record"), _STATE]
DebtState = Annotated[str | None, _checked("debt"), _described("debt"), _STATE]
GuaranteeState = Annotated[str | None, _checked("guarantee"), _described("guarantee"), _STATE]
RefundState = Annotated[str | None, _checked("refund"), _described("refund"), _STATE]
MoveState = Annotated[str | None, _checked("bank_move"), _described("bank_move"), _STATE]
ParticipantState = Annotated[str | None, _checked("participant"), _described("participant"), _STATE]
KeyState = Annotated[str | None, _checked("key"), _described("key"), _STATE]
PowerState = Annotated[str | None, _checked("power"), _described("power"), _STATE]
RuleState = Annotated[str | None, _checked("rule"), _described("rule"), _STATE]
RegimeState = Annotated[str | None, _checked("regime"), _described("regime"), _STATE]
FallbackState = Annotated[str | None, _checked("fallback"), _described("fallback"), _STATE]


def instant_of(text: str | None, name: str = "as_of") -> int | None:
    """The instant that the parameter of that name holds [unix s]. Raises `Malformed`."""
    return None if text is None else instant(text, path=f"/query/{name}")


def words(text: str | None) -> tuple[str, ...]:
    """States asked for; none: any."""
    return () if text is None else tuple(text.split(","))


def parties(**roles: int | None) -> tuple[Party, ...]:
    """Parties asked for, by role; a role left out is None."""
    return tuple(Party(ParticipantId(number), role) for role, number in roles.items() if number is not None)


@dataclass(frozen=True)
class Listing:
    """A request for a list of folded rows.

    Attributes:
        caller: Who asks.
        as_of: As of which instant [unix s]; None for now.
        after: `next` of the page before; None for the first.
        limit: Rows per page.
        since, until: When what is listed has to have begun [unix s]; None: at any time.
    """

    facade: Facade
    caller: Caller
    as_of: int | None
    after: str | None
    limit: int
    since: int | None
    until: int | None

    def page(
        self,
        asked: Asked,
        show: Callable[[Row, Moment, Names], Shown],
        only: Callable[[Row], bool] = lambda _: True,
    ) -> PageOut[Shown]:
        """A page of rows, each as `show` gives it; without those that `only` leaves out."""
        begun = replace(asked, since=self.since, until=self.until)
        with under("/query"):
            page = self.facade.queries.page(begun, as_of=self.as_of, after=self.after, limit=self.limit)
        return PageOut[Shown](
            as_of=BlockOut.of(page.moment.block),
            items=[show(row, page.moment, self.facade.names) for row in page.rows if only(row)],
            next=page.next,
        )


def listing(
    facade: FacadeDep,
    caller: SignedInDep,
    as_of: AsOf = None,
    after: Cursor = None,
    limit: Limit = 100,
    since: Since = None,
    until: Until = None,
) -> Listing:
    """What every list takes beside its own filters."""
    first, last = instant_of(since, "since"), instant_of(until, "until")
    if first is not None and last is not None and last < first:
        raise Malformed(Fault("period", "/query/since", "the period ends before it begins"))
    return Listing(facade, caller, instant_of(as_of), after, limit, first, last)


ListingDep = Annotated[Listing, Depends(listing)]
