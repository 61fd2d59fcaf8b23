"""Whether the Solidity tests notice small changes of the transition libraries and of the money paths.

A mutant is killed if a test fails that passes without it. Each is tried against the tests that reach it only, the
suites one by one, fewest tests first. One that survives is tried once more with every test that reaches it at full
length. Survivors that are accepted, with the reason, lie in `survivors.toml`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from ledger.devnet.places import ROOT
from scripts.analysis import mutants, runner, syntax
from scripts.analysis.mutants import Mutant
from scripts.analysis.runner import Runner, RunnerDied, Suite

SURVIVORS: Final = ROOT / "scripts" / "analysis" / "survivors.toml"
GOAL: Final = 0.95
TARGETS: Final = (
    "contracts/DebtLedger.sol",
    "contracts/SettlementToken.sol",
    "contracts/TradeEscrow.sol",
    *(
        f"contracts/libraries/{name}.sol"
        for name in (
            "AeoLifecycle",
            "AssessmentDesk",
            "ChargeCodes",
            "ControlTransitions",
            "DebtBook",
            "DebtTransitions",
            "DeclarationTransitions",
            "DocumentLifecycle",
            "EscrowTransitions",
            "GuaranteeDesk",
            "GuaranteeMath",
            "KeyWord",
            "PermitTransitions",
            "QuantityLine",
            "RefundDesk",
            "RefundTransitions",
            "ReleaseGuard",
            "RuleBook",
            "StateHistory",
            "StatusPages",
        )
    ),
)
"""Transition tables and the words that they are kept in; everything that moves money or quantity."""


class Length(NamedTuple):
    """How long to look: inputs for each fuzz test, runs of each campaign."""

    fuzz: int
    campaign: int


SHORT: Final = Length(32, 1)
FULL: Final = Length(256, 4)

SPARE_GAS: Final = 150_000_000
"""Beyond twice what a test uses, for its suite's deployment: then it is in a loop."""

Reach: TypeAlias = dict[int, dict[Suite, list[str]]]
"""Mutant → the tests that reach it."""


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


def accepted() -> dict[str, str]:
    """Reasons by the mutant's name."""
    if not SURVIVORS.exists():
        return {}
    entries = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["survivor"]
    return {name: entry["reason"] for entry in entries for name in entry["mutants"]}


def run(files: Sequence[str], tell: Callable[[Verdict], None]) -> list[Verdict]:
    """Make and try all mutants of these files; `tell` is called with each verdict as it comes.

    Raises:
        SystemExit: The changed sources do not compile.
    """
    texts = syntax.sources()
    roots = syntax.trees(texts)
    mutator = mutants.Mutator(roots)
    for name in files:
        texts[name] = mutator.write(name, roots[name], texts[name])
    texts[mutants.FILE] = mutants.SELECTOR
    reasons = accepted()
    verdicts = []
    with runner.build(texts) as made:
        reach, gas = _reach(made)
        for mutant in mutator.mutants:
            killer = _killer(made, mutant, reach.get(mutant.number, {}), gas)
            verdicts.append(Verdict(mutant, killer, "" if killer else reasons.get(mutant.name, "")))
            tell(verdicts[-1])
    return verdicts


def _reach(made: Runner) -> tuple[Reach, dict[Suite, int]]:
    """Which test passes which mutant's place, and the gas that a suite's tests may use.

    A test that fails as it is (because it measures gas) proves nothing, and is left out.
    """
    reach: Reach = defaultdict(lambda: defaultdict(list))
    gas: dict[Suite, int] = defaultdict(int)
    for suite, tests in made.suites.items():
        for test in tests:
            outcome = made.run([suite], pattern=_only([test]), selector=mutants.ALL, collect=True, **SHORT._asdict())
            if outcome.failed:
                continue
            gas[suite] = max(gas[suite], 2 * outcome.gas + SPARE_GAS)
            for number in outcome.hits:
                reach[number][suite].append(test)
    _prove_sound(made, reach, gas)
    return reach, gas


def _prove_sound(made: Runner, reach: Reach, gas: Mapping[Suite, int]) -> None:
    """Run all that can kill a mutant without one: a test that failed then would kill them all.

    Raises:
        SystemExit: A test fails.
    """
    killers: dict[Suite, set[str]] = defaultdict(set)
    for by_suite in reach.values():
        for suite, tests in by_suite.items():
            killers[suite].update(tests)
    for suite, names in killers.items():
        for length in (SHORT, FULL):
            outcome = made.run([suite], pattern=_only(sorted(names)), gas=gas[suite], **length._asdict())
            if outcome.failed:
                raise SystemExit(f"fails without any mutant: {', '.join(outcome.failed)}")
            if len(outcome.tests) != len(names):
                raise SystemExit(f"{suite[0]}: {len(outcome.tests)} tests ran, {len(names)} were asked for")


def _killer(made: Runner, mutant: Mutant, reach: Mapping[Suite, Sequence[str]], gas: Mapping[Suite, int]) -> str:
    for length in (SHORT, FULL):
        for suite, tests in sorted(reach.items(), key=lambda one: len(one[1])):
            try:
                outcome = made.run(
                    [suite], pattern=_only(tests), selector=mutant.number, gas=gas[suite], **length._asdict()
                )
            except RunnerDied:
                made.start()
                return f"{suite[0]}: out of memory"
            if outcome.failed:
                return outcome.failed[0]
    return ""


def _only(tests: Iterable[str]) -> str:
    return f"^({'|'.join(re.escape(test) for test in tests)})(\\(|$)"


def score(verdicts: Sequence[Verdict]) -> tuple[int, int]:
    """Killed, and all that are not accepted as no change at all."""
    return sum(bool(one.killer) for one in verdicts), sum(not one.accepted for one in verdicts)


def survivors(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Those that no test noticed."""
    return (one for one in verdicts if not one.killer)
