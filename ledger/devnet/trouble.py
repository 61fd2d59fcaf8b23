"""What went wrong, and the mend."""

from typing import ClassVar

from ledger.domain.errors import TamgaError


class Trouble(TamgaError):
    """Something outside the program stands in the way.

    Attributes:
        what: What failed, in one line.
        mend: What the reader can do about it, in one line.
    """

    code: ClassVar[str] = "trouble"

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(f"{what}; {mend}")
