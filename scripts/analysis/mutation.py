"""Whether the Solidity tests notice small changes of the transition libraries and of the money paths.

A mutant is killed if a test fails that passes without it. Each is tried against the tests that reach it only, the
suites one by one, the cheapest first. One that survives is tried with all that takes long: campaigns, costly tests,
and the fuzz tests at full length. Survivors that are accepted, with the reason, lie in `survivors.toml`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final, NamedTuple

from ledger.devnet.places import ROOT
from scripts.analysis import mutants, runner, syntax
from scripts.analysis.journal import Journal
from scripts.analysis.mutants import Mutant
from scripts.analysis.runner import Outcome, Runner, RunnerDied, Suite

SURVIVORS: Final = ROOT / "scripts" / "analysis" / "survivors.toml"
GOAL: Final = 0.95
CONTRACTS: Final = ("DebtLedger", "PermitRegistry", "SettlementToken", "TradeEscrow")
"""Those that move money or quantities themselves."""
LIBRARIES: Final = "contracts/libraries/*.sol"
"""All of them: the transition tables, the words that they are kept in, and the desks that act on them."""


class Length(NamedTuple):
    """How long to look.

    Attributes:
        name: What the journal calls it.
        fuzz: Inputs for each fuzz test.
        campaign: Runs of each campaign.
    """

    name: str
    fuzz: int
    campaign: int


SHORT: Final = Length("short", 32, 1)
FULL: Final = Length("full", 256, 4)
CAMPAIGN: Final = "invariant"
FUZZ: Final = "testFuzz"
COSTLY_GAS: Final = 50_000_000
"""A test that uses more is tried with the campaigns."""

SPARE_GAS: Final = 150_000_000
"""Beyond twice what a test uses, for its suite's deployment: then it is in a loop."""


@dataclass
class Reach:
    """What the tests reach.

    Attributes:
        tests: Mutant → the tests that pass its place.
        used: Gas of each test.
        gas: What each suite's tests may use.
    """

    tests: dict[int, dict[Suite, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    used: dict[tuple[Suite, str], int] = field(default_factory=dict)
    gas: dict[Suite, int] = field(default_factory=lambda: defaultdict(int))

    def wanted(self, number: int, length: Length) -> dict[Suite, list[str]]:
        """What tries a mutant at this length, the cheapest suites first."""
        chosen = {
            suite: [test for test in tests if self._is_long(suite, test, length is FULL)]
            for suite, tests in self.tests.get(number, {}).items()
        }
        order = sorted(chosen, key=lambda suite: sum(self.used[suite, test] for test in chosen[suite]))
        return {suite: chosen[suite] for suite in order if chosen[suite]}

    def _is_long(self, suite: Suite, test: str, asked: bool) -> bool:
        long = test.startswith(CAMPAIGN) or self.used[suite, test] > COSTLY_GAS
        return (long or test.startswith(FUZZ)) if asked else not long


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        mutant: Which.
        killer: The test that noticed it; empty if none did.
        accepted: Why its survival is accepted; empty if it is not.
    """

    mutant: Mutant
    killer: str
    accepted: str = ""


def targets() -> list[str]:
    """The files that are mutated."""
    files = [*ROOT.glob(LIBRARIES), *(ROOT / "contracts" / f"{name}.sol" for name in CONTRACTS)]
    return sorted(file.relative_to(ROOT).as_posix() for file in files)


def accepted() -> dict[str, str]:
    """Reasons by the mutant's name."""
    if not SURVIVORS.exists():
        return {}
    entries = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["survivor"]
    return {name: entry["reason"] for entry in entries for name in entry["mutants"]}


def run(files: Sequence[str], tell: Callable[[Verdict], None], jobs: int = 1) -> list[Verdict]:
    """Make and try all mutants of these files; `tell` is called with each verdict as it comes.

    Args:
        files: Names of sources.
        tell: Called in this thread.
        jobs: How many runners try mutants beside each other.

    Raises:
        SystemExit: The changed sources do not compile, or a test fails without any mutant.
    """
    texts = syntax.sources()
    roots = syntax.trees(texts)
    mutator = mutants.Mutator(roots)
    mutated = texts | {name: mutator.write(name, roots[name], texts[name]) for name in files}
    mutated[mutants.FILE] = mutants.SELECTOR
    reasons, journal, found = accepted(), Journal(texts, mutated), dict[int, Verdict]()
    with runner.build(mutated) as made:
        reach = _reach(made)
        for length in (SHORT, FULL):
            left = [one for one in mutator.mutants if one.number not in found]
            for mutant, killer in _try_all(made, left, reach, journal, length, jobs):
                reason = "" if killer else reasons.get(mutant.name, "")
                if killer or reason or length is FULL:
                    found[mutant.number] = Verdict(mutant, killer, reason)
                    tell(found[mutant.number])
    return [found[mutant.number] for mutant in mutator.mutants]


def _try_all(
    made: Runner,
    tried: Sequence[Mutant],
    reach: Reach,
    journal: Journal,
    length: Length,
    jobs: int,
) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with its killer, in the order in which they are found."""
    last = dict[str, str]()
    with ExitStack() as stack:
        free: SimpleQueue[Runner] = SimpleQueue()
        for _ in range(jobs):
            twin = made.twin()
            stack.callback(twin.stop)
            free.put(twin)

        def find(mutant: Mutant) -> tuple[Mutant, str]:
            known = journal.found.get((length.name, mutant.name))
            if known is not None:
                return mutant, known
            place, one = f"{mutant.file}:{mutant.function}", free.get()
            try:
                hints = (journal.killers.get(mutant.name, ""), last.get(place, ""))
                killer = _killer(one, mutant, reach, length, hints)
            finally:
                free.put(one)
            last[place] = killer or last.get(place, "")
            return mutant, killer

        pool = stack.enter_context(ThreadPoolExecutor(jobs))
        stack.callback(pool.shutdown, cancel_futures=True)
        for done in as_completed([pool.submit(find, mutant) for mutant in tried]):
            mutant, killer = done.result()
            if (length.name, mutant.name) not in journal.found:
                journal.add(length.name, mutant.name, killer)
            yield mutant, killer


def _reach(made: Runner) -> Reach:
    """Which test passes which mutant's place, and what it takes.

    Left out are a test that fails as it is (because it measures gas), which proves nothing, and one that passes more
    places than memory holds (999 items).
    """
    reach = Reach()
    for suite, tests in made.suites.items():
        for test in tests:
            try:
                outcome = _run(made, suite, [test], SHORT, selector=mutants.ALL, collect=True)
            except RunnerDied:
                made.start()
                continue
            reach.used[suite, test] = outcome.gas
            if outcome.failed:
                continue
            reach.gas[suite] = max(reach.gas[suite], 2 * outcome.gas + SPARE_GAS)
            for number in outcome.hits:
                reach.tests[number][suite].append(test)
    _prove_sound(made, reach)
    return reach


def _prove_sound(made: Runner, reach: Reach) -> None:
    """Run all that can kill a mutant without one: a test that failed then would kill them all.

    Raises:
        SystemExit: A test fails.
    """
    killers: dict[Suite, set[str]] = defaultdict(set)
    for by_suite in reach.tests.values():
        for suite, tests in by_suite.items():
            killers[suite].update(tests)
    for suite, names in killers.items():
        for length in (SHORT, FULL):
            outcome = _run(made, suite, sorted(names), length, gas=reach.gas[suite])
            if outcome.failed:
                raise SystemExit(f"fails without any mutant: {', '.join(outcome.failed)}")
            if len(outcome.tests) != len(names):
                raise SystemExit(f"{suite[0]}: {len(outcome.tests)} tests ran, {len(names)} were asked for")


def _killer(made: Runner, mutant: Mutant, reach: Reach, length: Length, hints: Iterable[str]) -> str:
    """The test that notices the mutant; those of `hints` are asked first."""
    for suite, tests in _order(reach, mutant, length, hints):
        try:
            outcome = _run(made, suite, tests, length, selector=mutant.number, gas=reach.gas[suite])
        except RunnerDied:
            made.start()
            return f"{suite[0]}: out of memory"
        if outcome.failed:
            return outcome.failed[0]
    return ""


def _order(reach: Reach, mutant: Mutant, length: Length, hints: Iterable[str]) -> Iterator[tuple[Suite, list[str]]]:
    if length is SHORT:
        for hint in dict.fromkeys(hints):
            source, _, test = hint.removesuffix("()").partition(":")
            for suite, tests in reach.tests.get(mutant.number, {}).items():
                if suite[0] == source:
                    yield suite, [test] if test in tests else tests
    yield from reach.wanted(mutant.number, length).items()


def _run(made: Runner, suite: Suite, tests: Iterable[str], length: Length, **options: Any) -> Outcome:
    pattern = f"^({'|'.join(re.escape(test) for test in tests)})(\\(|$)"
    return made.run([suite], pattern=pattern, fuzz=length.fuzz, campaign=length.campaign, **options)


def killed(verdicts: Iterable[Verdict]) -> int:
    """How many a test noticed."""
    return sum(bool(one.killer) for one in verdicts)


def survivors(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Those that no test noticed."""
    return (one for one in verdicts if not one.killer)
