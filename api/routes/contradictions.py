"""`GET /v1/contradictions`: where documents that this facade can read say different things of the same goods."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import SignedInDep
from api.deps import FacadeDep
from api.listing import Cursor
from api.places import under
from api.schemas.contradictions import ContradictionsOut
from api.tagged import Tagged
from ledger.domain.cursors import number, read_bound, write_bound
from ledger.domain.rights import sides_shown
from ledger.ports.statement_store import FIRST

router = APIRouter(tags=["ledger"], route_class=Tagged)

ABOUT = "Only about this consignment: `ucr:…` or `mrn:…`."
MAX_PAGE = 500


@router.get("/v1/contradictions", summary="Where documents contradict one another")
def contradictions(
    facade: FacadeDep,
    caller: SignedInDep,
    about: Annotated[str | None, Query(pattern="^(ucr|mrn):[!-~]{1,70}$", description=ABOUT)] = None,
    after: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Contradictions per page.")] = 100,
) -> ContradictionsOut:
    """Commodity, origin, quantity, value or party differ between two issuers' documents on the same consignment.

    Found as documents arrive and as acts become final that change which are in force, on what this facade's participant
    can read: a declaration counts from its lodgement, a proposed amendment beside it while it waits, and nothing that
    was rejected, annulled, suspended, revoked or replaced. Of what no declaration holds the newest of an issuer's
    documents of one type counts. A facade that reads an item and not the declaration's header, as an agency's, takes
    the item as said whatever became of the declaration.

    Customs sees all of them, everyone else those in which it issued one of the documents, and one of the two is of a
    type that needs accreditation: both sides see both values. What differs between two others is for customs alone.
    """
    sides = sides_shown(caller)
    marks = ["contradictions", about, None if sides is None else sorted(map(int, sides))]
    with under("/query"):
        begin = FIRST if after is None else number(*read_bound(after, 1, marks))
        facade.contradictions.begun((begin, 0))
    found = facade.statements.noted(sides=sides, about=about, after=begin, limit=limit + 1)
    page = list(found[:limit])
    following = write_bound([page[-1].place], marks) if len(found) > limit else None
    return ContradictionsOut.of(page, following, facade.names)
