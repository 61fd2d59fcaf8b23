"""Verifying thousands of documents in one request: one JSON object a line in, one a line out, in the same order.

    {"id": "7", "proof": {…}, "sha256": "hex32", "at": "2026-11-23T09:00:00Z"}
    {"id": "7", "overall": "VALID", …}                or   {"id": "7", "problem": {…}}

`sha256` is the file's, or of its RFC 8785 form if its claim says that it is JSON; `proof`, `sha256` and `at` may be
left out as in `POST /v1/verify`; in place of `proof` a signed-in caller may name a `record`, an `mrn` or a `permit`.
Lines are judged in groups, each at one block, while later ones still arrive; none waits for others that do not come.
If the rest of the body is not taken, what came before is answered, and one more line without an id says why:
{"id": null, "problem": {…}}.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.errors import problem_of
from api.known import PATTERNS
from api.limits import CutShortError
from api.schemas.verification import told
from ledger.domain import canonical
from ledger.domain.errors import Fault, Malformed, TamgaError, Unavailable
from ledger.domain.fields import hex_of, text_of
from ledger.domain.ids import Digest32
from ledger.domain.limits import KIB, MAX_PROOF_FILE_BYTES, MIB
from ledger.domain.plain import instant
from ledger.domain.verdict import Verification
from ledger.services.verification import Submitted, Verifier

GROUP: Final = 256
"""Documents judged together."""
GROUP_BYTES: Final = MIB
"""Lines of so many bytes are judged though they are fewer: read at once, they hold others up [bytes]."""
WAITS_S: Final = 0.05
"""How long a line waits for others to be judged with; those that come while some are judged are the next group [s]."""
LEAVING_S: Final = 0.5
"""How often a body that does not come is left to see whether this process is to end [s]."""
MAX_LINE_BYTES: Final = MAX_PROOF_FILE_BYTES + 4 * KIB
MAX_ID_CHARACTERS: Final = 200
_FIELDS: Final = frozenset({"id", "proof", "sha256", "at", *PATTERNS})

Value = TypeVar("Value")


@dataclass(frozen=True)
class Line:
    """One line as read.

    Attributes:
        id: The caller's name for it; None if it could not be read.
        submitted: What to judge; None if the line is at fault.
        fault: What is wrong with it.
    """

    id: str | None
    submitted: Submitted | None
    fault: TamgaError | None = None


class Duplex(StreamingResponse):
    """Answers while the request still arrives.

    Starlette's own response reads the request's channel to notice a client that goes away, and would take the body.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; end quietly if the client went away."""
        del scope, receive  # the body is its own reader's
        with suppress(ClientDisconnect):
            await self.stream_response(send)


Used = Callable[[Verification], Verification]
"""Adds what the caller may know beside the verdict."""
Known = Callable[[str, str], bytes]
"""Proof file of what is known here under a name of that kind."""
Work = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""Does what it is given beside the event loop."""


async def judge_lines(
    verifier: Verifier, body: AsyncIterator[bytes], used: Used, known: Known, work: Work
) -> AsyncIterator[bytes]:
    """Give one answer line for each line of `body`; one more, the last, if `body` was cut short.

    Args:
        verifier: Judges them.
        body: The lines, in pieces cut anywhere; an empty one where no more came for a moment.
        used, known: See the types.
        work: Does a piece of the work beside the event loop, when it is its turn.
    """
    cut: Mapping[str, Any] | None = None
    waiting, ends, since = bytearray(), 0, 0.0
    try:
        async for piece in body:
            waiting += piece
            since = since if ends else time.monotonic()
            ends += piece.count(b"\n")
            is_due = not piece or time.monotonic() - since >= WAITS_S
            if ends >= GROUP or (ends and (is_due or len(waiting) >= GROUP_BYTES)):
                end, ends = waiting.rfind(b"\n") + 1, 0
                taken, waiting = bytes(waiting[:end]), waiting[end:]
                yield await work(partial(_answers, verifier, taken, used, known))
            if not ends:
                del waiting[MAX_LINE_BYTES + 1 :]  # a line over the bound: cut there, so that its reader refuses it
    except CutShortError as error:
        cut = error.problem
        del waiting[waiting.rfind(b"\n") + 1 :]  # a line of which the rest does not come
    if waiting:
        yield await work(partial(_answers, verifier, bytes(waiting), used, known))
    if cut is not None:
        yield _line({"id": None, "problem": cut})


async def as_it_comes(body: AsyncIterator[bytes], leaving: Callable[[], bool]) -> AsyncIterator[bytes]:
    """`body`, and an empty piece at each pause, so that what came before it is answered.

    Raises `CutShortError` once this process was told to end, for the same reason.
    """
    coming: asyncio.Future[bytes] | None = None
    patience = WAITS_S
    try:
        while not leaving():
            if coming is None:
                coming = asyncio.ensure_future(anext(body))
            await asyncio.wait([coming], timeout=patience)
            if not coming.done():
                if patience == WAITS_S:
                    yield b""
                patience = LEAVING_S
            else:
                ended, coming, patience = coming, None, WAITS_S
                try:
                    piece = ended.result()
                except StopAsyncIteration:
                    return
                yield piece
    finally:
        if coming is not None:
            coming.cancel()
    raise CutShortError(problem_of(Unavailable("this process is ending; send what was not answered again")))


def _answers(verifier: Verifier, text: bytes, used: Used, known: Known) -> bytes:
    """The answers to some lines; blank ones have none."""
    lines = [line for line in text.split(b"\n") if line.strip()]
    groups = (lines[first : first + GROUP] for first in range(0, len(lines), GROUP))
    return b"".join(_judge(verifier, group, used, known) for group in groups)


def _judge(verifier: Verifier, lines: Sequence[bytes], used: Used, known: Known) -> bytes:
    read = [_read(line, known) for line in lines]
    judged = iter(_judged(verifier, [line.submitted for line in read if line.submitted is not None]))
    answers: list[dict[str, Any]] = []
    for line in read:
        found = next(judged) if line.fault is None else line.fault
        if isinstance(found, TamgaError):
            answers.append({"id": line.id, "problem": problem_of(found)})
        else:
            answers.append({"id": line.id, **told(used(found))})
    return b"".join(map(_line, answers))


def _judged(verifier: Verifier, submitted: Sequence[Submitted]) -> Sequence[Verification | Unavailable]:
    """Judge documents together; while our records are away, those that need them are told so, and the others judged."""
    try:
        return verifier.verify_many(submitted)
    except Unavailable as outage:
        proven = iter(verifier.verify_many([each for each in submitted if each.proof is not None]))
        return [outage if each.proof is None else next(proven) for each in submitted]


def _line(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)


def _read(line: bytes, known: Known) -> Line:
    name: str | None = None
    try:
        value, faults = _object(line), _Faults()
        name = faults.unless(lambda: text_of(value.get("id"), "/id", at_most=MAX_ID_CHARACTERS))
        return Line(name, _submitted(value, known, faults))
    except TamgaError as error:
        return Line(name, None, error)


def _object(line: bytes) -> dict[str, Any]:
    value = canonical.loads(line, max_bytes=MAX_LINE_BYTES)
    if not isinstance(value, dict):
        raise Malformed(Fault("type", "", "an object is needed here"))
    return value


class _Faults(list[Fault]):
    """All that is wrong with a line."""

    def unless(self, read: Callable[[], Value]) -> Value | None:
        """What is read; None, and what is wrong with it noted, if it does not fit."""
        try:
            return read()
        except Malformed as error:
            self.extend(error.faults)
            return None


def _submitted(value: dict[str, Any], known: Known, faults: _Faults) -> Submitted:
    """What a line asks about. Raises `Malformed` with all that is wrong with it, `faults` first."""
    unknown = sorted(value.keys() - _FIELDS)
    faults += [Fault("unknown_field", f"/{field[:64]}", "no such field") for field in unknown[:8]]
    proof, at, digest = value.get("proof"), value.get("at"), value.get("sha256")
    asked_at = None if at is None else faults.unless(lambda: instant(text_of(at, "/at", at_most=64)))
    file_digest = None if digest is None else faults.unless(lambda: Digest32(hex_of(digest, "/sha256")))
    given = [kind for kind in PATTERNS if value.get(kind) is not None]
    named = [(kind, faults.unless(partial(text_of, value[kind], f"/{kind}", at_most=70))) for kind in given]
    if proof is None and digest is None and not named:
        faults.append(Fault("nothing_given", "", "`sha256` or `proof` is needed"))
    if len(named) > 1 or (named and proof is not None):
        faults.append(Fault("too_many", "", "name one of `record`, `mrn`, `permit`, or give a proof"))
    if faults:
        raise Malformed(*faults)
    found = next((known(kind, name) for kind, name in named if name is not None), None)
    return Submitted(proof=found if proof is None else canonical.dumps(proof), at=asked_at, digest=file_digest)
