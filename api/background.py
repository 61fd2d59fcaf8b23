"""What a facade does beside answering: following the chain, and carrying the acts that it accepted.

Each is a thread that works until it is stopped; its trouble is logged once and shown by `/health/ready`. Stopping one
between two steps loses nothing: every step is a database transaction.
"""

import logging
import threading
from collections.abc import Callable

from ledger.bootstrap import Facade

log = logging.getLogger("tamga.facade")

Run = Callable[[Callable[[], bool], Callable[[str], None]], None]
"""Work until the first argument says stop; tell the second of each new trouble, and of its end with ""."""


class Background:
    """The threads of one facade.

    Attributes:
        troubles: What each thread last complained of; a thread without trouble is not in it.
    """

    def __init__(self, facade: Facade) -> None:
        self.troubles: dict[str, str] = {}
        self._stopping = threading.Event()
        runs: dict[str, Run] = {"index": facade.indexer.run}
        if facade.reading is not None:
            runs["records"] = facade.reading.run
        if facade.sender is not None:
            runs["outbox"] = facade.sender.run
        self._threads = [
            threading.Thread(target=run, args=(self._stopping.is_set, self._reporter(name)), name=name)
            for name, run in runs.items()
        ]

    @property
    def stopping(self) -> bool:
        """Whether the facade is being shut down: a stream ends then."""
        return self._stopping.is_set()

    def start(self) -> None:
        """Begin all."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all, each after the step at hand."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _reporter(self, name: str) -> Callable[[str], None]:
        def report(trouble: str) -> None:
            if trouble:
                self.troubles[name] = trouble
                log.warning("%s: %s", name, trouble)
            else:
                self.troubles.pop(name, None)
                log.info("%s: works again", name)

        return report
