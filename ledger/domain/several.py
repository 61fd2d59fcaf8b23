"""One file under several records: a bare file does not say which of them its bearer means."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ledger.domain.verdict import Fragment, Question, Reason, Verdict, Verification

OF_THE_FILE = (Question.INTEGRITY, Question.CONTENT, Question.USE)
"""What is answered of the file itself, whoever anchored it."""


def settle(found: Sequence[Verification]) -> Verification:
    """The last of these answers, if all come to the same; else that they differ, with each of them as evidence.

    Anybody may anchor anybody's file in their own name. So a file that its issuer revoked must not become valid, nor
    one that is in force invalid, by what somebody else says of it.

    Args:
        found: Of one file, one for each issuer and type that it is known under, the newest last; at least one.
    """
    last = found[-1]
    if len({each.overall for each in found}) == 1:
        return last
    evidence = {"records": [_told(each) for each in found]}
    return replace(last, fragments=tuple(_left_open(fragment, evidence) for fragment in last.fragments))


def _left_open(fragment: Fragment, evidence: dict[str, Any]) -> Fragment:
    if fragment.name in OF_THE_FILE:
        return fragment
    told = evidence if fragment.name is Question.ISSUER else {}
    return Fragment(fragment.name, Verdict.UNDETERMINED, Reason.SEVERAL_RECORDS, told)


def _told(found: Verification) -> dict[str, Any]:
    """Which record, and the first answer that decides its verdict."""
    overall = found.overall
    deciding = next((each for each in found.fragments if each.verdict is overall), found.fragments[0])
    issuer = found[Question.ISSUER].evidence
    return {
        "record_id": found[Question.INTEGRITY].evidence["record_id"],
        "issuer": issuer.get("participant"),
        "document_type": issuer.get("document_type"),
        "overall": overall,
        "because": {"question": deciding.name, "reason": deciding.reason},
    }
