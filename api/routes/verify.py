"""`POST /v1/verify`: anyone may verify a file or a proof."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import StreamingResponse

from api.access import Anyone
from api.deps import FacadeDep
from api.many import Duplex, judge_lines
from api.schemas.verification import VerificationOut
from ledger.domain.errors import Fault, Malformed
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant
from ledger.services.verification import Submitted

router = APIRouter(tags=["verify"], dependencies=[Anyone])

NDJSON = "application/x-ndjson"
AT = "Past instant for which the status is asked: RFC 3339, or unix seconds. Now, if not given."


@router.post("/v1/verify", summary="Is it intact, who issued it, was it in force?")
def verify(
    facade: FacadeDep,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    proof: Annotated[UploadFile | None, File(description="Its proof file, `*.tamga.json`.")] = None,
    at: Annotated[str | None, Form(description=AT)] = None,
    at_query: Annotated[str | None, Query(alias="at", description=AT)] = None,
) -> VerificationOut:
    """Judge one document; one of `file` and `proof` is needed.

    Answers 200 whatever the verdict, also while the chain cannot be asked: then integrity is answered, the rest is
    UNDETERMINED. What it was used for is told only to those with a right to know.
    """
    if at is not None and at_query is not None and at != at_query:
        raise Malformed(Fault("given_twice", "/at", "`at` stands in the form and in the URL, with other values"))
    wanted = at if at is not None else at_query
    submitted = Submitted(
        content=_read(file, MAX_UPLOAD_BYTES),
        proof=_read(proof, MAX_PROOF_FILE_BYTES),
        at=None if wanted is None else instant(wanted),
    )
    return VerificationOut.of(facade.verifier.verify(submitted))


@router.post("/v1/verify/many", summary="Thousands of documents in one request", response_class=StreamingResponse)
def verify_many(facade: FacadeDep, request: Request) -> StreamingResponse:
    """One JSON object a line in (`id`, and `proof`, `sha256`, `at` as needed), one answer a line out, in order.

    Answers stream while later lines still arrive. A line that cannot be read gets a `problem`, and the others their
    answers.
    """
    return Duplex(judge_lines(facade.verifier, request.stream()), media_type=NDJSON)


def _read(upload: UploadFile | None, most_bytes: int) -> bytes | None:
    """The upload's bytes, at most one more than allowed, so that whoever reads them sees that they are too many."""
    return None if upload is None else upload.file.read(most_bytes + 1)
