"""From a time stamp given as a file's proof to the answers of the usual questions, pure."""

from collections.abc import Mapping
from typing import Final

from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.plain import rfc3339
from ledger.domain.timestamp import Certificates, Stamp, is_signed, is_trusted, read_stamp
from ledger.domain.verdict import Fragment, Question, Reason, Verdict

_NOT_TOLD: Final = (
    Fragment(Question.ANCHOR, Verdict.NOT_APPLICABLE, Reason.NOT_ANCHORED_BY_FORM),
    Fragment(Question.ISSUER, Verdict.UNDETERMINED, Reason.STAMP_SAYS_NOTHING),
    Fragment(Question.STATUS, Verdict.UNDETERMINED, Reason.STAMP_SAYS_NOTHING),
)


def judge_stamp(response: bytes, content: bytes | None, trusted: Mapping[str, Certificates]) -> tuple[Fragment, ...]:
    """Answer each question about a file whose proof is an RFC 3161 response.

    Args:
        response: The response.
        content: The file; None: not given.
        trusted: Authorities that this participant trusts, by name.
    """
    try:
        stamp = read_stamp(response)
    except Malformed as error:
        shown = [{"code": f.code, "path": f.path, "text": f.text} for f in error.faults]
        return (Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.STAMP_MALFORMED, {"faults": shown}),)
    except LimitExceeded as error:
        return (Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.TOO_LARGE, {"limit": str(error)}),)
    return (_integrity(stamp, content), _content(stamp, content), *_NOT_TOLD, _time(stamp, trusted))


def _integrity(stamp: Stamp, content: bytes | None) -> Fragment:
    evidence = {"format": "RFC 3161", "hash": stamp.algorithm.name, "imprint": stamp.imprint}
    if not is_signed(stamp):
        return Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.STAMP_UNSIGNED, evidence)
    if content is not None and not stamp.is_of(content):
        return Fragment(Question.INTEGRITY, Verdict.INVALID, Reason.STAMP_OF_ANOTHER, evidence)
    return Fragment(Question.INTEGRITY, Verdict.VALID, Reason.STAMP_INTACT, evidence)


def _content(stamp: Stamp, content: bytes | None) -> Fragment:
    if content is None:
        return Fragment(Question.CONTENT, Verdict.NOT_APPLICABLE, Reason.CONTENT_NOT_GIVEN)
    if stamp.is_of(content):
        return Fragment(Question.CONTENT, Verdict.VALID, Reason.CONTENT_MATCHES)
    return Fragment(Question.CONTENT, Verdict.INVALID, Reason.STAMP_OF_ANOTHER)


def _time(stamp: Stamp, trusted: Mapping[str, Certificates]) -> Fragment:
    evidence = {"time": rfc3339(stamp.time), "stamped_by": stamp.signer.subject.rfc4514_string()}
    known = next((name for name, certificates in trusted.items() if is_trusted(stamp, certificates)), None)
    if known is None or not is_signed(stamp):
        return Fragment(Question.TIME, Verdict.UNDETERMINED, Reason.STAMPED_BY_UNKNOWN, evidence)
    return Fragment(Question.TIME, Verdict.VALID, Reason.STAMPED, {**evidence, "known_as": known})
