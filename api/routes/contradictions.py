"""`GET /v1/contradictions`: where documents that this facade can read say different things of the same goods."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.access import SignedInDep
from api.deps import FacadeDep
from api.schemas.contradictions import ContradictionsOut
from api.tagged import Tagged
from ledger.domain.rights import sides_shown

router = APIRouter(tags=["ledger"], route_class=Tagged)

ABOUT = "Only about this consignment: `ucr:…` or `mrn:…`."
MAX_PAGE = 500


@router.get("/v1/contradictions", summary="Where documents contradict one another")
def contradictions(
    facade: FacadeDep,
    caller: SignedInDep,
    about: Annotated[str | None, Query(pattern="^(ucr|mrn):[!-~]{1,70}$", description=ABOUT)] = None,
    after: Annotated[str | None, Query(pattern="^[0-9]{1,15}$", description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Contradictions per page.")] = 100,
) -> ContradictionsOut:
    """Commodity, origin, quantity, value or party differ between two issuers' documents on the same consignment.

    Found as documents arrive, on what this facade's participant can read. Customs sees all of them, everyone else those
    in which it issued one of the documents: both sides see both values.
    """
    found = facade.statements.noted(
        sides=sides_shown(caller), about=about, after=0 if after is None else int(after), limit=limit + 1
    )
    return ContradictionsOut.of(list(found[:limit]), len(found) > limit, facade.names)
