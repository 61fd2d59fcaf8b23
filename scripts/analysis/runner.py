"""Builds changed sources and runs their Solidity tests, many times, in one process of Hardhat's EVM (`runner.js`)."""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from ledger.devnet import tools
from ledger.devnet.places import ROOT
from scripts.analysis import syntax

HARDFORK: Final = "osaka"
"""What Hardhat's own runner takes."""
GAS_LIMIT: Final = 1_000_000_000
"""For one test as it is."""
MEMORY_LIMIT: Final = 2 * 1024**3
"""Of the runner [bytes]: a change that makes a test run wild must not take the machine with it."""
OUTPUT: Final = [
    "abi",
    "evm.bytecode.object",
    "evm.bytecode.linkReferences",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.linkReferences",
]

Suite: TypeAlias = tuple[str, str]
"""Source and contract of a test suite."""


@dataclass(frozen=True)
class Outcome:
    """What one run gave.

    Attributes:
        tests: Suite, test and whether it failed.
        hits: Numbers of the probes that were passed, if they were asked for.
        gas: Used by the greediest test.
    """

    tests: list[tuple[Suite, str, bool]]
    hits: frozenset[int]
    gas: int

    @property
    def failed(self) -> list[str]:
        """Tests that failed, `source:test`."""
        return [f"{source}:{test}" for (source, _), test, failed in self.tests if failed]


class RunnerDied(Exception):
    """The process ended in the middle of a run."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the test runner ended with code {code}")


class Runner:
    """One build, ready to run.

    Attributes:
        suites: Their tests.
    """

    def __init__(self, build: Path, suites: dict[Suite, list[str]]) -> None:
        self.suites = suites
        self._build = build
        self.start()

    def start(self) -> None:
        """Start the process, again if it died."""
        process = subprocess.Popen(
            [tools.node(), ROOT / "scripts" / "analysis" / "runner.js", self._build],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a run out of memory prints pages; its exit code is what counts
            text=True,
        )
        if sys.platform == "linux":
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MEMORY_LIMIT, MEMORY_LIMIT))
        if process.stdin is None or process.stdout is None:
            raise ValueError("the runner is talked to through pipes")
        self._process, self._asked, self._answers = process, process.stdin, process.stdout

    def twin(self) -> "Runner":
        """Another process on the same build, to be stopped by who asked for it."""
        return Runner(self._build, self.suites)

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()

    def run(
        self,
        suites: Sequence[Suite],
        *,
        pattern: str = "",
        selector: int = 0,
        fuzz: int = 256,
        campaign: int = 8,
        gas: int = GAS_LIMIT,
        collect: bool = False,
    ) -> Outcome:
        """Run the tests of these suites whose names match.

        Args:
            suites: Which.
            pattern: Regular expression; all if empty.
            selector: What the build's probes read (it goes as the block's coinbase).
            fuzz: Inputs for each fuzz test.
            campaign: Runs of 60 calls for each invariant.
            gas: Limit for one test.
            collect: Whether the probes that are passed are wanted.

        Raises:
            RunnerDied: It ran out of memory.
        """
        asked = {
            "suites": suites,
            **({"pattern": pattern} if pattern else {}),
            "coinbase": f"0x{selector:040x}",
            "fuzz": fuzz,
            "runs": campaign,
            "depth": 60,
            "gas": gas,
            "collect": collect,
        }
        self._asked.write(json.dumps(asked) + "\n")
        self._asked.flush()
        line = self._answers.readline()
        if not line:
            raise RunnerDied(self._process.wait())
        answer = json.loads(line)
        tests = [((source, name), test, status == "Failure") for source, name, test, status, _ in answer["tests"]]
        hits = frozenset(int(tag, 16) for tag in answer["hits"])
        return Outcome(tests, hits, max((used for *_, used in answer["tests"]), default=0))


@contextmanager
def build(texts: Mapping[str, str]) -> Iterator[Runner]:
    """Compile the sources (one to three minutes) and start a runner on them."""
    output = syntax.solc(texts, [], OUTPUT)
    artifacts = [
        _artifact(source, name, made)
        for source, by_name in output["contracts"].items()
        for name, made in by_name.items()
    ]
    suites = {
        (one["id"]["source"], one["id"]["name"]): found
        for one in artifacts
        if one["id"]["source"].endswith(".t.sol") and one["contract"]["bytecode"] != "0x"
        if (found := _tests(one["contract"]["abi"]))
    }
    with tempfile.TemporaryDirectory() as scratch:
        for one in artifacts:
            source, name = one["id"]["source"], one["id"]["name"]
            one["helper"] = source.startswith("tests/") and (source, name) not in suites
        file = Path(scratch) / "build.json"
        file.write_text(json.dumps({"artifacts": artifacts, "hardfork": HARDFORK}))
        made = Runner(file, suites)
        try:
            yield made
        finally:
            made.stop()


def _tests(abi: str) -> list[str]:
    names = [one["name"] for one in json.loads(abi) if one["type"] == "function"]
    return [name for name in names if name.startswith(("test", "invariant"))]


def _artifact(source: str, name: str, made: Mapping[str, Any]) -> dict[str, Any]:
    code, deployed = made["evm"]["bytecode"], made["evm"]["deployedBytecode"]
    return {
        "id": {"name": name, "source": source, "solcVersion": "0.8.37"},
        "contract": {
            "abi": json.dumps(made["abi"]),
            "bytecode": "0x" + code["object"],
            "linkReferences": code["linkReferences"],
            "deployedBytecode": "0x" + deployed["object"],
            "deployedLinkReferences": deployed["linkReferences"],
        },
    }
