"""Measurements: each is a Python program in `scripts/benches/` whose module docstring says what it measures.

A name is the file's, with hyphens. Those that set us beside a peer print figures, see `scripts/measure/figures.py`.
"""

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
    files = sorted(file for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    known = {file.stem.replace("_", "-"): file for file in files}
    if options.name is None:
        for name, file in known.items():
            about = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            say(f"{name:<16} {about.partition(chr(10))[0]}")
        return 0
    if options.name not in known:
        say(f"no such measurement: {options.name}; scripts/bench lists them")
        return 2
    module = f"scripts.benches.{known[options.name].stem}"
    arguments = [*(["--json"] if options.json else []), *options.arguments]
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=False).returncode
