"""Problems, RFC 9457."""

from typing import Final

from pydantic import Field
from pydantic.config import JsonDict

from api.errors import codes
from api.fault_codes import CODES as FAULT_CODES
from api.fault_codes import CONTRACTS_OWN
from api.schemas.base import MEANT, Shape, Value
from ledger.domain.errors import ActRefused
from ledger.domain.plain import in_units
from ledger.domain.refusal import explain, reasons


class FaultOut(Shape):
    """One thing that is wrong with an input."""

    code: str = Field(
        description="Stable code: one of ours, or the name of the contract's own error.",
        json_schema_extra={"anyOf": [{"enum": [*sorted(FAULT_CODES)]}, {"pattern": CONTRACTS_OWN}]},
    )
    path: str = Field(description="Where: `/body/…`, `/query/…`, `/path/…`, `/header/…`, or a place in the message.")
    text: str = Field(description="What is wrong, in words.")


class HeldOut(Shape):
    """One thing that stands against a release or clearance."""

    code: str = Field(examples=["DEBT_UNPAID"])
    item: int = Field(description="Goods item; 0: the declaration.")
    agency: int | None = Field(description="Participant; null unless it is an agency's.")
    text: str = Field(description="In words.")


class RefusalOut(Shape):
    """A contract's refusal."""

    name: str = Field(description="The contract's own error.", examples=["NotAuthorised"])
    text: str = Field(description="What it means, in words.")
    arguments: dict[str, Value] = Field(description=f"The error's own fields. {MEANT}")
    reasons: list[HeldOut] = Field(description="All that stands against a release or clearance; else empty.")

    @classmethod
    def of(cls, refusal: ActRefused) -> "RefusalOut":
        """The shape of a refusal."""
        return cls(
            name=refusal.error,
            text=explain(refusal),
            arguments=in_units(refusal.error, refusal.arguments),
            reasons=[HeldOut(**reason) for reason in reasons(refusal)],
        )


CODES: Final = tuple(sorted(codes()))
"""What a problem's `code` can be."""
EXAMPLE: Final[JsonDict] = {
    "type": "urn:tamga:problem:act_refused",
    "title": "The contract refuses this act",
    "status": 409,
    "detail": "The goods cannot be released; reasons: 1.",
    "code": "act_refused",
    "path": "/body",
    "retryable": False,
    "error": {
        "name": "ReleaseRefused",
        "text": "The goods cannot be released; reasons: 1.",
        "arguments": {"count": 1},
        "reasons": [
            {
                "code": "AGENCY_PENDING",
                "item": 2,
                "agency": 17,
                "text": "Item 2: the agency has not decided (participant 17, check 851)",
            }
        ],
    },
}


class ProblemOut(Shape, json_schema_extra={"examples": [EXAMPLE]}):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:tamga:problem:malformed"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable code.", json_schema_extra={"enum": [*CODES]})
    path: str = Field(
        description="Where in the request: `/path/case`, `/header/Idempotency-Key`; empty: all or nothing of it.",
        examples=["/body"],
    )
    retryable: bool = Field(description="Whether asking again, unchanged, can help.")
    faults: list[FaultOut] | None = None
    error: RefusalOut | None = None
    others: list[RefusalOut] | None = Field(None, description="What else stands against the act, beside `error`.")
    limit: int | None = None
