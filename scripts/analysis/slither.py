"""Slither over the contracts: every finding is mended, or accepted with a reason in `slither.toml`.

All detectors run. A rule that accepts nothing any more is an error too, so that the list stays true.
"""

import json
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.adapters.evm import solidity
from ledger.devnet import tools
from ledger.devnet.places import ROOT
from ledger.devnet.trouble import Trouble
from scripts.lib import stamp
from scripts.lib.tool import program

RULES: Final = ROOT / "scripts" / "analysis" / "slither.toml"
INPUTS: Final = (
    "contracts/**/*.sol",
    "package-lock.json",
    "ledger/adapters/evm/solidity.py",
    "scripts/analysis/slither.*",
)
"""All that decides the answer."""
OUTPUT: Final = (
    "abi",
    "evm.bytecode.object",
    "evm.bytecode.sourceMap",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.sourceMap",
)


@dataclass(frozen=True)
class Rule:
    """What is accepted, and why.

    Attributes:
        check: Name of Slither's detector.
        where: Found anywhere in the finding's text; empty for all of that detector.
        reason: Why the code stays as it is.
    """

    check: str
    where: str
    reason: str

    def accepts(self, finding: "Finding") -> bool:
        """Whether the finding is one of these."""
        return finding.check == self.check and re.search(self.where, finding.text) is not None


@dataclass(frozen=True)
class Finding:
    """One finding: detector, and its text on one line with the places in the sources."""

    check: str
    text: str


def compare() -> list[str]:
    """Run Slither (half a minute), unless it passed over these very files; returns what is wrong, a line each."""
    return stamp.once("slither", INPUTS, lambda: judge(rules(), _findings()))


def rules() -> list[Rule]:
    """What `slither.toml` accepts."""
    return [Rule(**entry) for entry in tomllib.loads(RULES.read_text(encoding="utf-8"))["accepted"]]


def judge(accepted: Sequence[Rule], findings: Sequence[Finding]) -> list[str]:
    """Findings that no rule accepts, and rules that accept nothing."""
    wrong = [
        f"{finding.check}: {finding.text}"
        for finding in findings
        if not any(rule.accepts(finding) for rule in accepted)
    ]
    idle = [rule for rule in accepted if not any(rule.accepts(finding) for finding in findings)]
    return wrong + [f"{RULES.name}: nothing is found any more by {rule.check} /{rule.where}/" for rule in idle]


def _findings() -> list[Finding]:
    slither = program("slither", "slither")
    with tempfile.TemporaryDirectory() as scratch:
        asked, answer = Path(scratch) / "contracts.json", Path(scratch) / "findings.json"
        asked.write_text(json.dumps(_request()))
        argv: list[str | Path] = [
            slither, asked, "--compile-force-framework", "Solc-json", "--solc", solidity.compiler_of(ROOT),
            "--fail-none", "--json", answer,
        ]  # fmt: skip
        path = f"{tools.node().parent}{os.pathsep}{os.environ.get('PATH', '')}"  # of the compiler's own `node`
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        found: dict[str, Any] = json.loads(answer.read_text()) if answer.exists() else {}
    if not found.get("success"):
        said = found.get("error") or done.stderr.strip() or "no reason given"
        raise Trouble(f"Slither failed: {said[-600:]}", "see its message")
    return [
        Finding(one["check"], " ".join(one["description"].split()))
        for one in found["results"].get("detectors", ())
        if any(element["source_mapping"]["filename_relative"].startswith("contracts/") for element in one["elements"])
    ]  # what lies in a dependency alone is its authors' affair


def _request() -> dict[str, Any]:
    """Standard JSON with every source inside, so that nothing is looked up or downloaded."""
    texts = solidity.read_sources(ROOT / solidity.FOLDER, ROOT, extra=())
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(texts.items())},
        "settings": {
            "evmVersion": solidity.SETTINGS["evmVersion"],
            "optimizer": {"enabled": False},  # what is analysed is the source, and it compiles in half the time
            "outputSelection": {"*": {"*": list(OUTPUT), "": ["ast"]}},
        },
    }
