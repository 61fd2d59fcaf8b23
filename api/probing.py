"""Whether what a facade works with is there, asked so that a part that hangs holds up nobody."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from ledger.domain.errors import Unavailable

PROBE_S: Final = 2.0
"""How long a part may take to say that it is there: who watches a process does not wait longer."""

Answer = TypeVar("Answer")


class Probes:
    """The questions of one worker that are still open: one a part, so that one that hangs holds one thread."""

    def __init__(self) -> None:
        self._open: dict[str, asyncio.Future[Any]] = {}

    async def ask(self, part: str, question: Callable[[], Answer]) -> Answer | Unavailable:
        """The answer of a part, named as in `the node`; the outage itself, if it is away or silent for too long."""
        asked = self._open.get(part)
        if asked is None or asked.done():
            asked = self._open[part] = asyncio.ensure_future(asyncio.to_thread(question))
            asked.add_done_callback(_heard)
        try:
            async with asyncio.timeout(PROBE_S):
                answer: Answer = await asyncio.shield(asked)
        except TimeoutError:
            return Unavailable(f"{part} did not answer within {PROBE_S:g} s")
        except Unavailable as outage:
            return outage
        return answer


def _heard(asked: asyncio.Future[Any]) -> None:
    """An answer that came too late for everybody is no fault of the loop's."""
    if not asked.cancelled():
        asked.exception()
