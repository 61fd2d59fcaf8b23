"""Writes the formatting that `scripts/check` asks for."""

import argparse
import subprocess
from pathlib import Path

from ledger.devnet.places import ROOT
from ledger.devnet.trouble import Trouble
from scripts.lib import check


def run(_: argparse.Namespace) -> int:
    """Format Python, Solidity and JavaScript in place."""
    sources = check.that_exist(check.SOLIDITY + check.SCRIPT)
    commands: dict[str, tuple[str | Path, ...]] = {
        "ruff": (check.BIN / "ruff", "format", ".", *check.scripts()),
        "prettier": (*check.prettier(), "--write", "--log-level=warn", *sources),
    }
    for name, argv in commands.items():
        if subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            raise Trouble(f"{name} did not format everything", "mend what it says above")
    return 0
