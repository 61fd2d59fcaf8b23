"""Documents that come while the chain is asked go with the next question: one exchange for all of them.

Each worker has one of these. What is asked about a document is asked after it came, so it waits for two answers at
most, while no more than `MOST_AT_ONCE` come at once and none of them fails. The event loop itself asks what one
exchange can answer; a thread does what takes more: a new block, contracts and batches that were not asked about before.
A change of threads costs more than all that is done in one.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.verdict import Verification
from ledger.ports.chain import LoopReader
from ledger.services.verification import Case, Verifier

MOST_AT_ONCE: Final = 256
"""Documents in one question; the others go with the next, so that many do not make a few wait."""

TURNS: Final = 4
"""Turns of the loop without a new document after which none is on its way: head, body, form, verdict."""
ENOUGH: Final = 16
"""Documents that are asked about without waiting for more: what a question costs is shared then."""


class Judging:
    """The documents that one worker is judging: at most one for each connection that it has (`api.connections`).

    Args:
        verifier: Judges them.
        reader: The chain, for the event loop; None: the thread asks everything.
    """

    def __init__(self, verifier: Verifier, reader: LoopReader | None) -> None:
        self._verifier, self._reader = verifier, reader
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="asking")
        self._waiting: list[tuple[Case, asyncio.Future[Verification]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, case: Case) -> Verification:
        """The verdict about one document that was examined."""
        if not case.asks_chain:
            return self._verifier.conclude([case])[0]
        verdict: asyncio.Future[Verification] = asyncio.get_running_loop().create_future()
        self._waiting.append((case, verdict))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await verdict

    async def close(self) -> None:
        """Give back thread and connection; for when nobody waits any more."""
        self._thread.shutdown()
        if self._reader is not None:
            await self._reader.close()

    async def _ask(self) -> None:
        """Ask until nobody waits."""
        try:
            while self._waiting:
                await self._gather()
                here = [each for each in self._waiting if not each[1].done()]  # the others were given up
                asked, self._waiting = here[:MOST_AT_ONCE], here[MOST_AT_ONCE:]
                answers = await self._answers([case for case, _ in asked]) if asked else []
                for (_, verdict), answer in zip(asked, answers, strict=True):
                    if verdict.done():
                        continue
                    if isinstance(answer, Exception):
                        verdict.set_exception(answer)
                    else:
                        verdict.set_result(answer)
        finally:  # a fault of ours keeps those that it met waiting for their 504, not all that come later
            self._asking = None

    async def _gather(self) -> None:
        """Let the documents come that the loop has begun to read: a request takes some turns of it, not a pause."""
        quiet, before = 0, 0
        while quiet < TURNS and len(self._waiting) < ENOUGH:
            quiet, before = (0 if len(self._waiting) > before else quiet + 1), len(self._waiting)
            await asyncio.sleep(0)

    async def _answers(self, cases: Sequence[Case]) -> Sequence[Verification | Exception]:
        try:
            found = None if self._reader is None else await self._at_once(cases, self._reader)
            if found is not None:
                return found
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._verifier.conclude, cases)
        except Exception as error:  # noqa: BLE001 - raised for who asked
            if len(cases) == 1:
                return [error]
        return [answer for case in cases for answer in await self._answers([case])]  # one's failure is not the others'

    async def _at_once(self, cases: Sequence[Case], reader: LoopReader) -> list[Verification] | None:
        """Verdicts, if one exchange answers all, or none would: None if a newer block, or more of it, has to be asked.

        A thread is not sent to a node that hangs either: all that come would wait for it.
        """
        if await reader.hangs():
            return self._verifier.unanswered(cases)
        prepared = self._verifier.prepare(cases)
        if prepared is None:
            return None
        try:
            answers = await reader.call_many_if_final(prepared.calls, at=prepared.block)
        except (Unavailable, NotFound):  # NotFound: a node of a chain without this ledger
            return self._verifier.unanswered(cases)
        return None if answers is None else self._verifier.finish(prepared, answers)
