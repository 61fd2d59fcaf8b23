"""Where the time of a measurement goes: processor time for each document, phase by phase.

Processor time, the least of several runs, so that it can be taken on a machine that has other work; a busy neighbour
still makes it up to a third longer. A phase may be part of another; its name says so.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

RUNS = 7

Thing = TypeVar("Thing")


class Phase(NamedTuple):
    """One phase.

    Attributes:
        name: What is done in it.
        us: Processor time for each document [µs].
    """

    name: str
    us: float


def phase(name: str, count: int, work: Callable[[], object]) -> Phase:
    """Measure what `work` does to `count` documents."""
    took = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return Phase(name, min(took) / count * 1e6)


def each(do: Callable[[Thing], object], things: Sequence[Thing]) -> Callable[[], None]:
    """Do it to each, and keep nothing."""

    def work() -> None:
        for thing in things:
            do(thing)

    return work
