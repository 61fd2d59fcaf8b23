"""What a facade does beside answering: following the chain, and carrying the acts that it accepted.

Each is a duty for one of the facade's processes: a thread of each process asks for its lease, and works while it has
it. A process that dies gives its leases back, and another goes on from what is in the database; one that lost its
leases with its connection stands back. A thread's trouble is logged once and shown by `/health/ready` of every process.
Stopping between two steps loses nothing: every step is a database transaction.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from api.schemas.contradictions import FoundOut
from api.schemas.push import EventOut
from ledger.bootstrap.facade import Facade
from ledger.domain.errors import TamgaError, Unavailable, first_clause
from ledger.ports.duty_troubles import DutyTroubles
from ledger.ports.leases import Leases

log = logging.getLogger("tamga.facade")

Run = Callable[[Callable[[], bool], Callable[[str], None]], None]
"""Work until the first argument says stop; tell the second of each new trouble, and of its end with ""."""
LEASE_LOOK_S: Final = 5.0
"""How often a process at work looks whether its lease is still its own [s]."""
STANDBY_S: Final = 0.5
"""How often a process without a lease asks for it: the pause in which a dead one's work is picked up [s]."""
TELL_S: Final = 0.5
"""How often a process looks whether a duty of its own complains of something that the others were not told yet [s]."""


class Background:
    """The threads of one process of a facade.

    Attributes:
        troubles: What each thread of this process complains of; a thread without trouble is not in it.
        at_work: Duties that this process has now.
    """

    def __init__(self, facade: Facade) -> None:
        self.troubles: dict[str, str] = {}
        self.at_work: set[str] = set()
        self._own: set[str] = set()  # duties of which this process was the last to have the lease, as far as it knows
        self._leaving = threading.Event()
        self._stopping = threading.Event()
        duties: dict[str, Run] = {
            "index": facade.indexer.run,
            "webhooks": _telling(facade),
            "contradictions": _telling_contradictions(facade),
            "drafts": facade.drafts.run,
        }
        if facade.reading is not None:
            duties["records"] = facade.reading.run
        if facade.sender is not None:
            duties["outbox"] = facade.sender.run
        self._threads = [
            threading.Thread(target=self._serve, args=(facade.leases, duty, run), name=duty)
            for duty, run in duties.items()
        ]
        self._duties = frozenset(duties)
        self._threads.append(threading.Thread(target=self._tell_others, args=(facade.duty_troubles,), name="telling"))

    @property
    def leaving(self) -> bool:
        """Whether this process was told to end: a stream ends then, so that the server need not wait for it."""
        return self._leaving.is_set()

    def leave(self) -> None:
        """Say that the process was told to end; duties go on until the last request is answered."""
        self._leaving.set()

    def troubles_of_all(self, kept: Mapping[str, str]) -> dict[str, str]:
        """What anybody may be told that the duties complain of, here and in the other processes.

        Args:
            kept: What those that do them said (`DutyTroubles.told`).
        """
        others = {duty: text for duty, text in kept.items() if duty in self._duties - self._own}
        return others | {duty: first_clause(text) for duty, text in self.troubles.items()}

    def start(self) -> None:
        """Begin all."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End all, each after the step at hand."""
        self._leaving.set()
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _serve(self, leases: Leases, duty: str, run: Run) -> None:
        """Do a duty whenever no other process does."""
        report = self._reporter(duty)
        while not self._stopping.is_set():
            try:
                with leases.take(duty) as mine:
                    report("")
                    if mine:
                        self._own.add(duty)
                        self.at_work.add(duty)
                        run(self._until_lost(leases, duty), report)
                    self.troubles.pop(duty, None)  # the duty is another's from here on, or nobody's
                    self._own.discard(duty)
            except Unavailable as error:
                report(str(error))
            except Exception as error:  # a fault of ours: told, and tried again; the other duties go on
                log.exception("%s ended", duty)
                report(f"a fault of this facade's own ({type(error).__name__}); its log tells more")
            finally:
                self.at_work.discard(duty)
            self._stopping.wait(STANDBY_S)

    def _tell_others(self, kept: DutyTroubles) -> None:
        """Keep for the others what the duties of this process complain of; of one just taken, whether it works."""
        told: dict[str, str] = {}
        while not self._stopping.wait(TELL_S):
            own = self._own.copy()
            told = {duty: text for duty, text in told.items() if duty in own}
            for duty in own:
                trouble = first_clause(self.troubles.get(duty, ""))
                if told.get(duty) != trouble:
                    with suppress(TamgaError):  # asked again; that the database is away the others see for themselves
                        kept.tell(duty, trouble)
                        told[duty] = trouble

    def _until_lost(self, leases: Leases, duty: str) -> Callable[[], bool]:
        """Says when to stop: at the end, or when the lease was lost and another process may have the duty."""
        look_at, is_lost = time.monotonic() + LEASE_LOOK_S, False

        def stopped() -> bool:
            nonlocal look_at, is_lost
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + LEASE_LOOK_S
                is_lost = is_lost or not leases.holds(duty)
            return is_lost or self._stopping.is_set()

        return stopped

    def _reporter(self, name: str) -> Callable[[str], None]:
        def report(trouble: str) -> None:
            if trouble == self.troubles.get(name, ""):
                return
            if trouble:
                self.troubles[name] = trouble
                log.warning("%s: %s", name, trouble)
            else:
                self.troubles.pop(name, None)
                log.info("%s: works again", name)

        return report


def _telling(facade: Facade) -> Run:
    """Serve webhooks with acts as the API shows them."""
    return lambda stopped, report: facade.webhooks.run(
        stopped, report, lambda act: EventOut.of(act, facade.names).model_dump(mode="json")
    )


def _telling_contradictions(facade: Facade) -> Run:
    """Serve webhooks with contradictions, as the API shows them."""
    return lambda stopped, report: facade.contradiction_webhooks.run(
        stopped, report, lambda noted: FoundOut.of(noted, facade.names).model_dump(mode="json")
    )
