"""The machine's clock."""

import time

from ledger.ports.clock import Clock


class SystemClock(Clock):
    """Wall clock of this machine."""

    def now(self) -> int:
        """See the port."""
        return int(time.time())
