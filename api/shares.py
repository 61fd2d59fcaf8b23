"""How much of a worker's time the documents of one caller may take: who needs more is read more slowly.

`api.rates` counts requests, and one request of `POST /v1/verify/many`, or one with a file of a megabyte, is as much
work as hundreds or thousands of others. So the processor time that they take is noted in their caller's name, and paid
for at the caller's share.

The next piece of many is read once that is paid for. Nothing is lost or refused: what is not read waits at its sender
(TCP). Pieces of one caller are worked on one after the other, in however many requests they come. A single file, which
has come whole, is refused until what others before it took is paid for. What a small proof takes is not counted. Many
documents and single files have accounts of their own, so that those on their way do not keep these out.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

from ledger.domain.errors import TooMany

ANONYMOUS: Final = 0.2
"""Share of one processor of who does not sign in, as an address: about a thousand documents a second."""
SIGNED_IN: Final = 0.6
"""Of a signed-in key, for many documents. What is left is for all who ask about a small proof, or anything else."""
SIGNED_IN_FILES: Final = 0.3
"""Of a signed-in key, for single files beside them; who does not sign in has the same for both."""
AT_ONCE: Final = 4
"""Single files of one caller that are read at a time: some wait for another system's chain meanwhile."""
SAVED_S: Final = 1.0
"""Processor time that a caller may be ahead by, so that a few hundred documents are judged at once [s]."""
LOOK_S: Final = 0.25
"""How often who waits looks whether this process is to end, which ends all waiting [s]."""
MAX_CALLERS: Final = 10_000
"""Callers remembered at once; who was longest silent is forgotten."""

Result = TypeVar("Result")


class _Caller:
    """What one caller used.

    Attributes:
        turn: Held while a piece of its work waits or is done.
        reading: Held while a single file is read.
        paid_at: When all that it used is paid for, by the clock.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.reading = asyncio.Semaphore(AT_ONCE)
        self.paid_at = 0.0


class Shares:
    """What the callers of one worker used.

    Args:
        is_bounded: Whether anybody ever waits.
        leaving: Whether this process is to end: what came is then done at once.
        now, spent: The clock, and what this thread used of the processor [s].
    """

    def __init__(
        self,
        *,
        is_bounded: bool,
        leaving: Callable[[], bool] = lambda: False,
        now: Callable[[], float] = time.monotonic,
        spent: Callable[[], float] = time.thread_time,
    ) -> None:
        self._is_bounded, self._leaving, self._now, self._spent = is_bounded, leaving, now, spent
        self._callers: OrderedDict[str, _Caller] = OrderedDict()

    async def work(self, caller: str, share: float, task: Callable[[], Result]) -> Result:
        """Do `task` in a thread, when it is the caller's turn and what it used before is paid for.

        Args:
            caller: See `api.rates`.
            share: Processor seconds a second that the caller may have.
            task: What to do, of which some tenths of a second are done at once at most.
        """
        if not self._is_bounded:
            return await run_in_threadpool(task)
        known = self._of(caller)
        async with known.turn:
            while (early := self._early_s(known, share)) > 0:
                await asyncio.sleep(min(early, LOOK_S))
            return await self._noted(known, share, task)

    async def at_once(self, caller: str, share: float, task: Callable[[], Result]) -> Result:
        """Do `task` in a thread, beside few others of the caller's. Arguments as `work`.

        Raises:
            TooMany: What the caller used before is not paid for.
        """
        if not self._is_bounded:
            return await run_in_threadpool(task)
        known = self._of(caller)
        async with known.reading:
            if self._early_s(known, share) > 0:
                raise TooMany("your files have taken your share of this facade's time: ask again in a while")
            return await self._noted(known, share, task)

    def _early_s(self, known: _Caller, share: float) -> float:
        """How long until it is the caller's turn [s]; nobody waits for a process that is to end."""
        return 0.0 if self._leaving() else known.paid_at - SAVED_S / share - self._now()

    def _of(self, caller: str) -> _Caller:
        known = self._callers.setdefault(caller, _Caller())
        self._callers.move_to_end(caller)
        if len(self._callers) > MAX_CALLERS:
            self._callers.popitem(last=False)
        return known

    async def _noted(self, known: _Caller, share: float, task: Callable[[], Result]) -> Result:
        """Do it, and note what it took, whatever it ends with."""
        took = 0.0

        def measured() -> Result:
            nonlocal took
            before = self._spent()
            try:
                return task()
            finally:
                took = self._spent() - before

        try:
            return await run_in_threadpool(measured)
        finally:
            known.paid_at = max(known.paid_at, self._now()) + took / share
