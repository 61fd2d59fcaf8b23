"""Verdicts about documents."""

from typing import Any

from pydantic import Field

from api.schemas.base import MEANT, BlockOut, Shape, Value
from ledger.domain.plain import plain, rfc3339
from ledger.domain.verdict import Question, Reason, Verdict, Verification


class FragmentOut(Shape):
    """The answer to one question."""

    name: Question = Field(description="The question.")
    verdict: Verdict = Field(description="The answer.")
    reason: Reason = Field(description="Why, as a stable code.")
    text: str = Field(description="Why, in words.")
    evidence: dict[str, Value] = Field(description=f"What the answer rests on, as the question has it. {MEANT}")


class VerificationOut(Shape):
    """All answers about one document."""

    overall: Verdict = Field(description="INVALID if any is; VALID only if all that apply are; else UNDETERMINED.")
    at: str = Field(description="The instant that status was asked for, RFC 3339 UTC.")
    block: BlockOut | None = Field(description="The one final block of all reads; null if the chain was not asked.")
    fragments: list[FragmentOut] = Field(description="One per question, in a fixed order.")


def told(verification: Verification) -> dict[str, Any]:
    """A verification as `VerificationOut` describes it, in plain JSON values: there may be thousands, so no models."""
    block = verification.block
    return {
        "overall": verification.overall.value,
        "at": rfc3339(verification.at),
        "block": None if block is None else BlockOut.of(block).model_dump(),
        "fragments": [
            {
                "name": fragment.name.value,
                "verdict": fragment.verdict.value,
                "reason": fragment.reason.value,
                "text": fragment.text,
                "evidence": plain(fragment.evidence),
            }
            for fragment in verification.fragments
        ],
    }
