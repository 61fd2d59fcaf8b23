"""Whether the checked-in artifacts are what the contracts compile to."""

import subprocess
import sys
from typing import Final

from ledger.devnet.places import ROOT
from scripts.lib import stamp

NAME: Final = "contracts"
INPUTS: Final = (
    "contracts/**/*.sol",
    "ledger/adapters/evm/solidity.py",
    "ledger/artifacts/*.json",
    "package-lock.json",
    "scripts/export_artifacts",
    "scripts/lib/compiler.py",
)
"""All that decides the answer."""


def known_fresh() -> bool:
    """Whether these very files were compared before, and were the same."""
    return stamp.passed(NAME, stamp.key_of(INPUTS))


def compare() -> list[str]:
    """Compile (half a minute) and compare, unless it is `known_fresh`; returns the lines of what differs."""
    return stamp.once(NAME, INPUTS, _differences)


def _differences() -> list[str]:
    built = subprocess.run(
        [sys.executable, ROOT / "scripts" / "export_artifacts", "--check"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode == 0:
        return []
    return (built.stderr or built.stdout).strip().splitlines() or [f"exit code {built.returncode}"]
