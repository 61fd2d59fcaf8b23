"""`POST /v1/verify/many`: thousands of documents in one request."""

from functools import partial
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from api.access import CallerDep
from api.deps import BackgroundDep, FacadeDep
from api.known import proof_of
from api.many import Duplex, as_it_comes, judge_lines
from api.shares import ANONYMOUS, SIGNED_IN
from api.strict import StrictRoute

NDJSON: Final = "application/x-ndjson"


class Lines(StrictRoute):
    """A route that takes lines of JSON."""

    media_types = (NDJSON,)


router = APIRouter(tags=["verify"], route_class=Lines)


@router.post("/v1/verify/many", summary="Thousands of documents in one request", response_class=StreamingResponse)
def verify_many(facade: FacadeDep, caller: CallerDep, background: BackgroundDep, request: Request) -> StreamingResponse:
    """One JSON object a line in (`id`, and `proof`, `sha256`, `at` as needed), one answer a line out, in order.

    In place of `proof` a line of a signed-in caller may name a `record`, an `mrn` or a `permit`.

    Answers stream while later lines still arrive, within a moment also where few do. A line that cannot be read gets a
    `problem`, and the others their answers. If the rest of the body is not taken (too large, too slow, this process
    ends), a last line without an id says why. Who sends more than its share of this facade's time is read more slowly,
    and loses nothing.
    """
    used = partial(facade.uses.told, caller=caller)
    known = partial(proof_of, facade, caller)
    share = ANONYMOUS if caller is None else SIGNED_IN
    work = partial(request.app.state.shares.work, request.app.state.rates.of(request.scope), share)
    body = as_it_comes(request.stream(), lambda: background.leaving)
    return Duplex(judge_lines(facade.verifier, body, used, known, work), media_type=NDJSON)
