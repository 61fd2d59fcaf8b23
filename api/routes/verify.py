"""`POST /v1/verify`: anyone may verify a file or a proof."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Final

import orjson
from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import AfterValidator
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile as Upload

from api.access import CallerDep
from api.faults import Misfit
from api.judging import Judging
from api.known import PATTERNS, proof_of
from api.places import under
from api.schemas.verification import VerificationOut, told
from api.shares import ANONYMOUS, SIGNED_IN_FILES
from api.strict import Handler, StrictRoute
from ledger.bootstrap.facade import Facade
from ledger.domain.caller import Asked
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_ANONYMOUS_BYTES, MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant
from ledger.services.verification import LIGHT_BYTES, Case, Submitted, is_light


def _instant_text(text: str | None) -> str | None:
    """The text, which is an instant's: what is wrong with it is told with all that is wrong with the form."""
    if text is not None:
        try:
            instant(text)
        except Malformed as error:
            raise Misfit(error.faults[0].code, error.faults[0].text) from error
    return text


RECORD = "Record id, 0x hex, in place of a file: for signed-in callers with a right to its use."
MRN = "MRN, or declaration id: judges the record of the declaration's data. For signed-in callers with a right to it."
PERMIT = "Permit id (0x hex), or the number of its document. For signed-in callers with a right to the permit."
AT = "Past instant for which the status is asked: RFC 3339, or unix seconds. Now, if not given."
IsInstant: Final = AfterValidator(_instant_text)
FILES: Final = ("file", "proof")
Work = Callable[[Callable[[], Case]], Awaitable[Case]]
"""Does what it is given beside the event loop, if its caller may take more of this worker's time."""


@dataclass(frozen=True)
class Given:
    """What a request asks about.

    Attributes:
        file, proof: The uploads.
        named: In place of a proof, what the document is known under here; at most one of `PATTERNS`.
        at: Instant that status is asked for [unix s].
    """

    file: Upload | None = None
    proof: Upload | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    at: int | None = None


class FilesAlone(StrictRoute):
    """Takes a form of files alone, from who does not sign in, as it is.

    FastAPI and pydantic judge all others. Of this one they would find, field by field, that nothing else is there,
    which takes them longer than the verdict.
    """

    def checked(self, handle: Handler) -> Handler:
        """See the base class."""

        async def either(request: Request) -> Response:
            files = await _files_alone(request)
            if files is None:
                return await handle(request)
            try:
                return await _verdict(request, None, Given(files.get("file"), files.get("proof")))
            finally:
                for upload in files.values():
                    await upload.close()

        return either


router = APIRouter(tags=["verify"], route_class=FilesAlone)


@router.post("/v1/verify", response_model=VerificationOut, summary="Is it intact, who issued it, was it in force?")
async def verify(
    request: Request,
    caller: CallerDep,
    file: Annotated[UploadFile | None, File(description="The document.")] = None,
    proof: Annotated[UploadFile | None, File(description="Its proof file, `*.tamga.json`.")] = None,
    record: Annotated[str | None, Form(description=RECORD, pattern=PATTERNS["record"])] = None,
    mrn: Annotated[str | None, Form(description=MRN, pattern=PATTERNS["mrn"])] = None,
    permit: Annotated[str | None, Form(description=PERMIT, pattern=PATTERNS["permit"])] = None,
    at: Annotated[str | None, Form(description=AT), IsInstant] = None,
    at_query: Annotated[str | None, Query(alias="at", description=AT), IsInstant] = None,
) -> Response:
    """Judge one document: `file`, `proof` or both; or what is known here under `record`, `mrn` or `permit`.

    Answers 200 whatever the verdict, also while the chain cannot be asked: then integrity is answered, the rest is
    UNDETERMINED. A PDF may carry its proof. What the document was used for is told only to those with a right to know.

    A file has up to 64 MiB, without a sign-in 16 MiB; of JSON files over 1 MiB few are read at a time: else 503. Files
    are counted by the time that it takes to read them: who needs more than its share is told to come again (429).
    """
    if at is not None and at_query is not None and at != at_query:
        raise Malformed(Fault("given_twice", "/query/at", "`at` stands in the form and in the URL, with other values"))
    wanted = at if at is not None else at_query
    named = {name: text for name, text in (("record", record), ("mrn", mrn), ("permit", permit)) if text is not None}
    if len(named) > 1 or (named and proof is not None):
        raise Malformed(Fault("too_many", "/body", "name one of `record`, `mrn`, `permit`, or give a proof"))
    return await _verdict(request, caller, Given(file, proof, named, None if wanted is None else instant(wanted)))


async def _files_alone(request: Request) -> dict[str, Upload] | None:
    """The form, if it is `file`, `proof` or both, each once, and the request says nothing else; None otherwise."""
    if "authorization" in request.headers or request.url.query:
        return None
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    given = (await request.form()).multi_items()  # read once: whoever asks for it again gets the same
    files = {name: value for name, value in given if name in FILES and isinstance(value, Upload)}
    return files if 0 < len(files) == len(given) else None


async def _verdict(request: Request, caller: Asked, given: Given) -> Response:
    state = request.app.state
    facade: Facade = state.facade
    judging: Judging = state.judging
    share = ANONYMOUS if caller is None else SIGNED_IN_FILES
    work = partial(state.file_shares.at_once, state.rates.of(request.scope), share)
    with under("/body"):
        case = await _case(facade, caller, given, work)
    found = await judging(case)
    if caller is not None:
        found = await run_in_threadpool(facade.uses.told, found, caller)
    return Response(orjson.dumps(told(found)), media_type="application/json")


async def _case(facade: Facade, caller: Asked, given: Given, work: Work) -> Case:
    """The document, examined: here if that takes no time, as `work` of its caller's if it does."""
    if not given.named and _size(given.file) + _size(given.proof) <= LIGHT_BYTES:
        submitted = _submitted(given)
        if is_light(submitted):
            return facade.verifier.examine(submitted)
        return await work(partial(facade.verifier.examine, submitted))
    return await work(partial(_examined, facade, caller, given))


def _examined(facade: Facade, caller: Asked, given: Given) -> Case:
    known = next((proof_of(facade, caller, kind, text) for kind, text in given.named.items()), None)
    return facade.verifier.examine(_submitted(given, known, signed_in=caller is not None))


def _submitted(given: Given, known: bytes | None = None, *, signed_in: bool = False) -> Submitted:
    proof = _read(given.proof, MAX_PROOF_FILE_BYTES) if known is None else known
    return Submitted(content=_whole(given.file, signed_in=signed_in), proof=proof, at=given.at)


def _size(upload: Upload | None) -> int:
    return 0 if upload is None else upload.size or 0


def _whole(upload: Upload | None, *, signed_in: bool) -> bytes | None:
    """The file's bytes: a part of it would be judged as another file. Raises `LimitExceeded`."""
    most = MAX_UPLOAD_BYTES if signed_in else MAX_ANONYMOUS_BYTES
    content = _read(upload, most)
    if content is not None and len(content) > most:
        raise LimitExceeded(
            "a file to be verified here" if signed_in else "a file to be verified without a sign-in", most
        )
    return content


def _read(upload: Upload | None, most_bytes: int) -> bytes | None:
    """The upload's bytes, at most one more than allowed, so that whoever reads them sees that they are too many."""
    return None if upload is None else upload.file.read(most_bytes + 1)
