"""Waiting for a facade that breaks off what a command follows."""

import time
from typing import Final

from ledger.cli.output import errors
from ledger.domain.errors import Unavailable

PAUSE_S: Final = 2.0
"""Pause before it is asked again [s]."""


class Patience:
    """Waits, and says on standard error what for: once, until the facade has answered."""

    def __init__(self) -> None:
        self._told = ""

    def again(self, away: Unavailable) -> None:
        """Wait before the facade is asked again."""
        if str(away) != self._told:
            self._told = str(away)
            errors.print(f"{self._told}; asking again", markup=False, soft_wrap=True)
        time.sleep(PAUSE_S)

    def answered(self) -> None:
        """It told something: the next outage is another one."""
        self._told = ""
