"""How much of a worker's time the many documents of one caller may take: who needs more is read more slowly.

`api.rates` counts requests, and one request of `POST /v1/verify/many` is as much work as thousands of others. So the
processor time of each piece of it is noted in its caller's name, and the next piece is read once that is paid for, at
the caller's share. Nothing is lost or refused: what is not read waits at its sender (TCP). Pieces of one caller are
worked on one after the other, in however many requests they come.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from starlette.concurrency import run_in_threadpool

ANONYMOUS: Final = 0.2
"""Share of one processor of who does not sign in, as an address: about a thousand documents a second."""
SIGNED_IN: Final = 0.6
"""Of a signed-in key. What is left is for all who ask about one document, or anything else."""
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
        paid_at: When all that it used is paid for, by the clock.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
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
            while (early := known.paid_at - SAVED_S / share - self._now()) > 0 and not self._leaving():
                await asyncio.sleep(min(early, LOOK_S))
            return await run_in_threadpool(self._noted, known, share, task)

    def _of(self, caller: str) -> _Caller:
        known = self._callers.setdefault(caller, _Caller())
        self._callers.move_to_end(caller)
        if len(self._callers) > MAX_CALLERS:
            self._callers.popitem(last=False)
        return known

    def _noted(self, known: _Caller, share: float, task: Callable[[], Result]) -> Result:
        """Do it, and note what it took, whatever it ends with."""
        before = self._spent()
        try:
            return task()
        finally:
            known.paid_at = max(known.paid_at, self._now()) + (self._spent() - before) / share
