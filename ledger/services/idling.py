"""Pauses of a duty that finds nothing to do: it looks often for a sign of work, and seldom at everything.

A duty's whole look asks node and database several things; that something came shows by one of them. So between two
whole looks it asks for that sign alone, less often the longer nothing came.
"""

import time
from collections.abc import Callable
from typing import Final

from ledger.domain.errors import Unavailable

WHOLE_S: Final = 5.0
"""After which a duty looks at everything, sign or none: an outage is noticed, and what comes by the clock [s]."""
LATELY_S: Final = 5.0
"""How long after some work a duty looks often [s]."""


class Idling:
    """The pauses of one duty.

    Args:
        often_s, rarely_s: Between two looks for a sign, when there was work of late and when there was none [s].
        now, pause: Seconds that only grow, and waiting some; for tests.
    """

    def __init__(
        self,
        often_s: float,
        rarely_s: float,
        *,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._often_s, self._rarely_s = often_s, rarely_s
        self._now, self._pause = now, pause
        self._worked = now()

    def again(self) -> None:
        """Pause before something that failed is tried again."""
        self._pause(self._often_s)

    def worked(self) -> None:
        """There was something to do."""
        self._worked = self._now()

    def wait(self, stopped: Callable[[], bool], has_come: Callable[[], bool]) -> None:
        """Wait until `has_come()`, or a whole look is due, or `stopped()`."""
        until = self._now() + WHOLE_S
        while not stopped() and self._now() < until:
            self._pause(self._often_s if self._now() - self._worked < LATELY_S else self._rarely_s)
            try:
                if has_come():
                    return
            except Unavailable:  # the whole look tells of it
                return
