"""Builds changed sources and runs their Solidity tests, many times, in one process of Hardhat's EVM (`runner.js`)."""

import json
import subprocess
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
GAS_LIMIT: Final = 400_000_000
"""For one test: ten times what the greediest needs, and an end to a loop that has none."""
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
        hits: Numbers of the probes that were passed.
    """

    tests: list[tuple[Suite, str, bool]]
    hits: frozenset[int]

    @property
    def failed(self) -> list[str]:
        """Tests that failed, `source:test`."""
        return [f"{source}:{test}" for (source, _), test, failed in self.tests if failed]


class Runner:
    """One build, ready to run."""

    def __init__(self, process: "subprocess.Popen[str]", suites: dict[Suite, list[str]]) -> None:
        self._process = process
        self.suites = suites

    def run(
        self, suites: Sequence[Suite], *, pattern: str = "", selector: int = 0, fuzz: int = 256, campaign: int = 8
    ) -> Outcome:
        """Run the tests of these suites whose names match.

        Args:
            suites: Which.
            pattern: Regular expression; all if empty.
            selector: What the build's probes read (it goes as the block's coinbase).
            fuzz: Inputs for each fuzz test.
            campaign: Runs of 60 calls for each invariant.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {
            "suites": suites,
            **({"pattern": pattern} if pattern else {}),
            "coinbase": f"0x{selector:040x}",
            "fuzz": fuzz,
            "runs": campaign,
            "depth": 60,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the test runner ended with code {self._process.wait()}")
        answer = json.loads(line)
        tests = [
            ((source, name), test, status == "Failure") for source, name, test, status, _ in answer["tests"]
        ]
        return Outcome(tests, frozenset(int(tag, 16) for tag in answer["hits"]))


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
        file.write_text(json.dumps({"artifacts": artifacts, "hardfork": HARDFORK, "gasLimit": GAS_LIMIT}))
        argv = [tools.node(), ROOT / "scripts" / "analysis" / "runner.js", file]
        with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield Runner(process, suites)
            finally:
                process.kill()


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
