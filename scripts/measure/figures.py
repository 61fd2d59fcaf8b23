"""A figure: what we measured, what it is set beside, and whether that is enough.

`ratio` says how many times as good ours is, so more is better whatever the unit: ours to theirs where more is better,
theirs to ours where less is. `goal` is what the ratio has to reach.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

from scripts.measure.phases import Phase

RUNS: Final = 5
"""Fewest runs that a median is taken of."""


@dataclass(frozen=True)
class Figure:
    """One figure, as `--json` prints it.

    Attributes:
        name: Of the measurement.
        ours: Median of our runs.
        unit: Of ours and theirs.
        against: The peer, with its version, or the limit.
        theirs: Median of the peer's runs, or the limit itself.
        ratio: See the module.
        goal: What the ratio has to reach.
        met: Whether it does.
    """

    name: str
    ours: float
    unit: str
    against: str
    theirs: float
    ratio: float
    goal: float
    met: bool


def more(name: str, ours: float, unit: str, against: str, theirs: float, *, goal: float = 1) -> Figure:
    """A figure of which more is better: a rate."""
    return _figure(name, ours, unit, against, theirs, ours / theirs, goal)


def less(name: str, ours: float, unit: str, against: str, theirs: float, *, goal: float = 1) -> Figure:
    """A figure of which less is better: a time, a size."""
    return _figure(name, ours, unit, against, theirs, theirs / ours, goal)


def _figure(name: str, ours: float, unit: str, against: str, theirs: float, ratio: float, goal: float) -> Figure:
    return Figure(name, _short(ours), unit, against, _short(theirs), _short(ratio), _short(goal), met=ratio >= goal)


def _short(number: float) -> float:
    """Four digits: more would only look exact."""
    return float(f"{number:.4g}")


def tell(line: str) -> None:
    """Say how far a measurement is; never on standard output, which `--json` keeps for figures."""
    print(f"  {line}", file=sys.stderr, flush=True)


def rate(count: int, work: Callable[[], object]) -> float:
    """How many of `count` things `work` does a second."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def medians(runs: int, unit: str, **sides: Callable[[], float]) -> dict[str, float]:
    """Measure each side `runs` times, in turns, so that a busy machine bears on all of them; return the medians.

    Args:
        runs: At least `RUNS`.
        unit: What each side returns, for the progress lines.
        sides: What measures once.
    """
    seen: dict[str, list[float]] = {side: [] for side in sides}
    for run in range(1, runs + 1):
        for side, once in sides.items():
            before = time.process_time(), time.perf_counter()
            seen[side].append(once())
            busy = (time.process_time() - before[0]) / (time.perf_counter() - before[1])
            tell(f"run {run} of {runs}: {side} {seen[side][-1]:,.4g} {unit} (this process had {busy:.0%} of a core)")
    return {side: median(values) for side, values in seen.items()}


def show(
    name: str,
    about: str | None,
    measure: Callable[[int], Iterator[Figure]],
    argv: Sequence[str],
    profile: Callable[[], Iterator[Phase]] | None = None,
) -> int:
    """Run a measurement and print its figures; exit code 0 whether or not they reach their goals.

    Args:
        name: As `scripts/bench` lists it.
        about: The measurement's docstring.
        measure: Gives the figures; takes the number of runs.
        argv: `--json`, `--runs N`, `--profile`.
        profile: Gives the phases, where there is something to tell of them.
    """
    parser = argparse.ArgumentParser(prog=f"scripts/bench {name}", description=about)
    parser.add_argument("--json", action="store_true", help="one object a line instead of a table")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs that a median is taken of, at least {RUNS}")
    if profile is not None:
        parser.add_argument("--profile", action="store_true", help="processor time by phase, without the peer")
    options = parser.parse_args(argv)
    if options.runs < RUNS:
        parser.error(f"--runs: at least {RUNS}")
    tell(f"{name}: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if profile is not None and options.profile:
        for phase in profile():
            print(json.dumps(phase._asdict()) if options.json else f"{phase.us:>8.2f} µs  {phase.name}", flush=True)
        return 0
    for figure in measure(options.runs):
        print(json.dumps(asdict(figure)) if options.json else _line(figure), flush=True)
    return 0


def _line(figure: Figure) -> str:
    verdict = "met" if figure.met else "MISSED"
    return (
        f"{figure.name:<14} {figure.ours:>12,.6g} {figure.unit:<8} against {figure.theirs:>12,.6g} ({figure.against}): "
        f"× {figure.ratio:,.4g}, goal × {figure.goal:,.4g}: {verdict}"
    )
