"""`POST /v1/verify`: anyone may verify a file or a proof."""

from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import Response, StreamingResponse

from api.access import CallerDep
from api.deps import FacadeDep
from api.known import PATTERNS, proof_of
from api.many import Duplex, judge_lines
from api.places import under
from api.schemas.verification import VerificationOut, told
from api.strict import StrictRoute
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant
from ledger.services.verification import Submitted

router = APIRouter(tags=["verify"], route_class=StrictRoute)

NDJSON = "application/x-ndjson"
RECORD = "Record id, 0x hex, in place of a file: for signed-in callers with a right to its use."
MRN = "MRN, or declaration id: judges the record of the declaration's data. For signed-in callers with a right to it."
PERMIT = "Permit id (0x hex), or the number of its document. For signed-in callers with a right to the permit."
AT = "Past instant for which the status is asked: RFC 3339, or unix seconds. Now, if not given."


@router.post("/v1/verify", response_model=VerificationOut, summary="Is it intact, who issued it, was it in force?")
@under("/body")
def verify(
    facade: FacadeDep,
    caller: CallerDep,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    proof: Annotated[UploadFile | None, File(description="Its proof file, `*.tamga.json`.")] = None,
    record: Annotated[str | None, Form(description=RECORD, pattern=PATTERNS["record"])] = None,
    mrn: Annotated[str | None, Form(description=MRN, pattern=PATTERNS["mrn"])] = None,
    permit: Annotated[str | None, Form(description=PERMIT, pattern=PATTERNS["permit"])] = None,
    at: Annotated[str | None, Form(description=AT)] = None,
    at_query: Annotated[str | None, Query(alias="at", description=AT)] = None,
) -> Response:
    """Judge one document: `file`, `proof` or both; or what is known here under `record`, `mrn` or `permit`.

    Answers 200 whatever the verdict, also while the chain cannot be asked: then integrity is answered, the rest is
    UNDETERMINED. A PDF may carry its proof. What the document was used for is told only to those with a right to know.

    A file has up to 64 MiB, without a sign-in 16 MiB; of JSON files over 1 MiB few are read at a time: else 503.
    """
    if at is not None and at_query is not None and at != at_query:
        raise Malformed(Fault("given_twice", "/query/at", "`at` stands in the form and in the URL, with other values"))
    wanted = at if at is not None else at_query
    named = {name: text for name, text in (("record", record), ("mrn", mrn), ("permit", permit)) if text is not None}
    if len(named) > 1 or (named and proof is not None):
        raise Malformed(Fault("too_many", "", "name one of `record`, `mrn`, `permit`, or give a proof"))
    known = next((proof_of(facade, caller, kind, text) for kind, text in named.items()), None)
    submitted = Submitted(
        content=_whole(file),
        proof=_read(proof, MAX_PROOF_FILE_BYTES) if known is None else known,
        at=None if wanted is None else instant(wanted, path="/query/at" if at is None else "/body/at"),
    )
    found = facade.uses.told(facade.verifier.verify(submitted), caller)
    return Response(orjson.dumps(told(found)), media_type="application/json")


@router.post("/v1/verify/many", summary="Thousands of documents in one request", response_class=StreamingResponse)
def verify_many(facade: FacadeDep, caller: CallerDep, request: Request) -> StreamingResponse:
    """One JSON object a line in (`id`, and `proof`, `sha256`, `at` as needed), one answer a line out, in order.

    In place of `proof` a line of a signed-in caller may name a `record`, an `mrn` or a `permit`.

    Answers stream while later lines still arrive. A line that cannot be read gets a `problem`, and the others their
    answers. If the rest of the body is not taken (too large, too slow), a last line without an id says why.
    """
    used = partial(facade.uses.told, caller=caller)
    known = partial(proof_of, facade, caller)
    return Duplex(judge_lines(facade.verifier, request.stream(), used, known), media_type=NDJSON)


def _whole(upload: UploadFile | None) -> bytes | None:
    """The file's bytes: a part of it would be judged as another file. Raises `LimitExceeded`."""
    content = _read(upload, MAX_UPLOAD_BYTES)
    if content is not None and len(content) > MAX_UPLOAD_BYTES:
        raise LimitExceeded("a file to be verified here", MAX_UPLOAD_BYTES)
    return content


def _read(upload: UploadFile | None, most_bytes: int) -> bytes | None:
    """The upload's bytes, at most one more than allowed, so that whoever reads them sees that they are too many."""
    return None if upload is None else upload.file.read(most_bytes + 1)
