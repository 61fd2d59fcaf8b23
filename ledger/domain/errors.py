"""The one tree of errors.

    TamgaError
    ├── Refused            the request is wrong or not allowed; asking again changes nothing
    │   ├── Malformed      bytes or fields that no reader accepts: code, path, text
    │   ├── LimitExceeded  larger than a bound of `limits.py`
    │   ├── ActRefused     a contract refused the act; carries its own error's name and arguments
    │   ├── NotFound       nothing is known under that id, or nothing that the asker may know of
    │   ├── NotSignedIn    who asks has not shown who they are
    │   ├── NotEntitled    who asks is known, and may not
    │   └── Conflict       same key with other content, or a signer used elsewhere
    ├── Tampered           bytes that do not hash to what they should; raise an alarm
    ├── NotOpened          sealed bytes that these keys do not open
    ├── InProgress         the same request is being worked on; asking again gets its answer
    ├── TooMany            as much of the asker's is at work as one may have; asking again later can help
    └── Unavailable        nobody answered in time, or not yet; asking again can help

Every class has a stable `code`, says whether a retry can help, and keeps its values as attributes.
Adapters raise only these, `from` the cause. A verdict about a document is not an error: see `verdict.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class TamgaError(Exception):
    """Root of the tree."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False


class Refused(TamgaError):
    """The request is wrong or not allowed."""

    code = "refused"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input, in the shape customs systems use.

    Attributes:
        code: Stable machine-readable code.
        path: Where: a JSON pointer, or a WCO pointer for declarations.
        text: For a person.
    """

    code: str
    path: str
    text: str


class Malformed(Refused):
    """An input that no reader accepts; carries all faults found, never only the first."""

    code = "malformed"

    def __init__(self, *faults: Fault) -> None:
        if not faults:
            raise ValueError("Malformed needs at least one fault")
        self.faults = faults
        super().__init__("; ".join(f"{f.code} at {f.path or '/'}: {f.text}" for f in faults))


class LimitExceeded(Refused):
    """Larger than a bound of `limits.py`."""

    code = "limit_exceeded"

    def __init__(self, what: str, limit: int) -> None:
        self.what, self.limit = what, limit
        super().__init__(f"{what} is over the limit of {limit}")


class ActRefused(Refused):
    """A contract refused an act.

    Attributes:
        error: Name of the contract's error (`NotAuthorised`), `Panic`, `Error`, or `unknown`.
        arguments: Its arguments by name, as decoded.
        others: What else stands against the act, where that was asked.
    """

    code = "act_refused"

    def __init__(self, error: str, arguments: dict[str, Any], others: Sequence["ActRefused"] = ()) -> None:
        self.error, self.arguments, self.others = error, arguments, tuple(others)
        shown = ", ".join(f"{name}={value}" for name, value in arguments.items())
        super().__init__(f"{error}({shown})")


class NotFound(Refused):
    """Nothing is known under that id."""

    code = "not_found"

    def __init__(self, what: str, key: str) -> None:
        self.what, self.key = what, key
        super().__init__(f"no {what} {key}")


class NotSignedIn(Refused):
    """Who asks has not shown who they are, or no longer."""

    code = "not_signed_in"


class NotEntitled(Refused):
    """Who asks is known, and has no right to this now."""

    code = "not_entitled"


class Conflict(Refused):
    """The same key was used with other content, or a signer was used elsewhere."""

    code = "conflict"


class Tampered(TamgaError):
    """Bytes do not hash to what they should."""

    code = "tampered"


class NotOpened(TamgaError):
    """Sealed bytes that the keys at hand do not open: wrong key, or damaged on the way."""

    code = "not_opened"


class InProgress(TamgaError):
    """The same request is being worked on now."""

    code = "in_progress"
    retryable = True


class TooMany(TamgaError):
    """As much of the asker's own is at work, or kept, as one may have."""

    code = "too_many"
    retryable = True


class Unavailable(TamgaError):
    """Nobody answered in time, or the answer is not there yet.

    Its text says what is away. Where that is and why stand behind a colon: addresses and paths are for who runs it.
    """

    code = "unavailable"
    retryable = True

    @property
    def told(self) -> str:
        """What everybody may be told of it."""
        return first_clause(str(self))


def first_clause(text: str) -> str:
    """What is away, without where and why."""
    return text.partition(": ")[0]
