"""Measurements: each is a Python program in `scripts/benches/` whose module docstring says what it measures."""

import argparse
import ast
import subprocess
import sys
from typing import Final

from ledger.devnet.places import ROOT
from scripts.lib.show import say

FOLDER: Final = ROOT / "scripts" / "benches"


def run(options: argparse.Namespace) -> int:
    """List the measurements, or run one."""
    known = {file.stem: file for file in sorted(FOLDER.glob("*.py")) if not file.stem.startswith("_")}
    if options.name is None:
        for name, file in known.items():
            about = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            say(f"{name:<16} {about.partition(chr(10))[0]}")
        return 0
    if options.name not in known:
        say(f"no such measurement: {options.name}; scripts/bench lists them")
        return 2
    module = f"scripts.benches.{options.name}"
    return subprocess.run([sys.executable, "-m", module, *options.arguments], cwd=ROOT, check=False).returncode
