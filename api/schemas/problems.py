"""Problems, RFC 9457."""

from typing import Any

from pydantic import Field

from api.schemas.base import Shape


class FaultOut(Shape):
    """One thing that is wrong with an input."""

    code: str
    path: str
    text: str


class ContractErrorOut(Shape):
    """A contract's own error."""

    name: str
    arguments: dict[str, Any]


class ProblemOut(Shape):
    """RFC 9457 problem."""

    type: str = Field(examples=["urn:tamga:problem:malformed"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable code.")
    retryable: bool = Field(description="Whether asking again, unchanged, can help.")
    faults: list[FaultOut] | None = None
    error: ContractErrorOut | None = None
    limit: int | None = None
