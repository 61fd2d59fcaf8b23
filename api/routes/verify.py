"""`POST /v1/verify`: anyone may verify a file or a proof."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import StreamingResponse

from api.access import CallerDep
from api.deps import FacadeDep
from api.many import Duplex, judge_lines
from api.routes.ledger import CASE, case_named
from api.schemas.verification import VerificationOut
from ledger.bootstrap import Facade
from ledger.domain.caller import Caller
from ledger.domain.errors import Fault, Malformed, NotSignedIn
from ledger.domain.ids import RecordId
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant
from ledger.services.verification import Submitted

router = APIRouter(tags=["verify"])

NDJSON = "application/x-ndjson"
RECORD = "Record id, 0x hex, in place of a file: for signed-in callers with a right to its use."
MRN = "MRN, or declaration id: judges the record of the declaration's data. For signed-in callers with a right to it."
PERMIT = "Permit id (0x hex), or the number of its document. For signed-in callers with a right to the permit."
AT = "Past instant for which the status is asked: RFC 3339, or unix seconds. Now, if not given."


@router.post("/v1/verify", summary="Is it intact, who issued it, was it in force?")
def verify(
    facade: FacadeDep,
    caller: CallerDep,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    proof: Annotated[UploadFile | None, File(description="Its proof file, `*.tamga.json`.")] = None,
    record: Annotated[str | None, Form(description=RECORD, pattern="^0x[0-9a-f]{64}$")] = None,
    mrn: Annotated[str | None, Form(description=MRN, pattern=CASE)] = None,
    permit: Annotated[str | None, Form(description=PERMIT, pattern="^(?:0x[0-9a-f]{64}|[!-~]{1,70})$")] = None,
    at: Annotated[str | None, Form(description=AT)] = None,
    at_query: Annotated[str | None, Query(alias="at", description=AT)] = None,
) -> VerificationOut:
    """Judge one document: `file`, `proof` or both; or what is known here under `record`, `mrn` or `permit`.

    Answers 200 whatever the verdict, also while the chain cannot be asked: then integrity is answered, the rest is
    UNDETERMINED. A PDF may carry its proof. What the document was used for is told only to those with a right to know.
    """
    if at is not None and at_query is not None and at != at_query:
        raise Malformed(Fault("given_twice", "/at", "`at` stands in the form and in the URL, with other values"))
    wanted = at if at is not None else at_query
    named = {name: text for name, text in (("record", record), ("mrn", mrn), ("permit", permit)) if text is not None}
    if len(named) > 1 or (named and proof is not None):
        raise Malformed(Fault("too_many", "", "name one of `record`, `mrn`, `permit`, or give a proof"))
    submitted = Submitted(
        content=_read(file, MAX_UPLOAD_BYTES),
        proof=_known(facade, caller, named) if named else _read(proof, MAX_PROOF_FILE_BYTES),
        at=None if wanted is None else instant(wanted),
    )
    return VerificationOut.of(facade.uses.told(facade.verifier.verify(submitted), caller))


@router.post("/v1/verify/many", summary="Thousands of documents in one request", response_class=StreamingResponse)
def verify_many(facade: FacadeDep, caller: CallerDep, request: Request) -> StreamingResponse:
    """One JSON object a line in (`id`, and `proof`, `sha256`, `at` as needed), one answer a line out, in order.

    Answers stream while later lines still arrive. A line that cannot be read gets a `problem`, and the others their
    answers.
    """
    told = partial(facade.uses.told, caller=caller)
    return Duplex(judge_lines(facade.verifier, request.stream(), told), media_type=NDJSON)


def _known(facade: Facade, caller: Caller | None, named: Mapping[str, str]) -> bytes:
    """Proof file of what is known here under one name. Raises `NotSignedIn` or `NotFound`."""
    if caller is None:
        raise NotSignedIn("without a sign-in a file or a proof is needed: POST /v1/session")
    ((kind, text),) = named.items()
    match kind:
        case "record":
            return facade.uses.proof_of_record(RecordId(bytes.fromhex(text[2:])), caller)
        case "permit":
            return facade.uses.proof_of_permit(text, caller)
        case _:
            return facade.uses.proof_of_declaration(case_named(facade, text), text, caller)


def _read(upload: UploadFile | None, most_bytes: int) -> bytes | None:
    """The upload's bytes, at most one more than allowed, so that whoever reads them sees that they are too many."""
    return None if upload is None else upload.file.read(most_bytes + 1)
