"""Lines of `POST /v1/verify/many`. They are read and written by `api.many`, thousands at a time, so without models."""

from typing import Any, Final

from pydantic import Field, RootModel
from pydantic.config import JsonDict

from api.known import PATTERNS
from api.many import MAX_ID_CHARACTERS
from api.schemas.base import Shape
from api.schemas.problems import ProblemOut
from api.schemas.verification import VerificationOut

LINE_EXAMPLE: Final[JsonDict] = {"id": "7", "sha256": "1f" * 32, "at": "2026-11-23T09:00:00Z"}


class LineIn(Shape, json_schema_extra={"examples": [LINE_EXAMPLE]}):
    """A document to be judged: `proof`, `sha256` or both, or what is known here under one name."""

    id: str = Field(max_length=MAX_ID_CHARACTERS, description="The caller's name for it.")
    proof: dict[str, Any] | None = Field(None, description="Its proof file's content.")
    sha256: str | None = Field(
        None, pattern="^[0-9a-f]{64}$", description="Of the file, or of its RFC 8785 form if its claim says JSON."
    )
    at: str | None = Field(None, max_length=64, description="Instant for which the status is asked, RFC 3339.")
    record: str | None = Field(None, pattern=PATTERNS["record"], description="Record id, in place of a proof.")
    mrn: str | None = Field(None, pattern=PATTERNS["mrn"], description="MRN or declaration id, in place of a proof.")
    permit: str | None = Field(None, pattern=PATTERNS["permit"], description="Permit id, or its number.")


class JudgedOut(VerificationOut):
    """The verdict about one line."""

    id: str


class NotJudgedOut(Shape):
    """Why a line, or the rest of the body, has no verdict."""

    id: str | None = Field(description="Null if it could not be read.")
    problem: ProblemOut


class JudgedLineOut(RootModel[JudgedOut | NotJudgedOut]):
    """The answer to one line."""
