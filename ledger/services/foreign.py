"""Judging documents of other systems, by the questions and in the order of ours."""

from ledger.domain.errors import Malformed, Unavailable
from ledger.domain.foreign.judging import judge_credential, judge_wrapped
from ledger.domain.foreign.reading import read_foreign
from ledger.domain.foreign.stores import ChainAnswers, calls_of
from ledger.domain.foreign.wrapped import Wrapped
from ledger.domain.verdict import Fragment, Question, Reason, Verdict
from ledger.ports.foreign import ForeignWorld


def judge_foreign(content: bytes, world: ForeignWorld | None, *, at: int, now: int) -> tuple[Fragment, ...] | None:
    """Answer all questions but `use` about a document of another system; None if it is none that is known here.

    Args:
        content: The file.
        world: What can be asked of other systems; None: nothing.
        at: Instant that status is asked for [unix s].
        now: The present [unix s].
    """
    try:
        document = read_foreign(content)
    except Malformed as error:
        shown = [{"code": f.code, "path": f.path, "text": f.text} for f in error.faults]
        malformed = Reason.DOCUMENT_MALFORMED
        return (Fragment(Question.INTEGRITY, Verdict.INVALID, malformed, {"faults": shown}),)
    if document is None:
        return None
    if not isinstance(document, Wrapped):
        return judge_credential(document, at=at)
    known = {} if world is None else world.issuers()
    return judge_wrapped(document, _answers(document, world), known, at=at, now=now)


def _answers(document: Wrapped, world: ForeignWorld | None) -> ChainAnswers | None:
    calls = calls_of(document)
    if world is None or document.chain_id is None or not calls:
        return None
    try:
        return world.ask(document.chain_id, calls)
    except Unavailable:
        return None
