"""Write the lock files anew: every package by hash, for Python 3.11 and later, no index address.

`requirements.lock` from `pyproject.toml`, and `scripts/analysis/NAME.lock` from each `NAME.in` there.

Locked versions are kept where they still fit; `--upgrade` takes the newest.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from ledger.devnet.places import ROOT
from ledger.devnet.trouble import Trouble
from scripts.lib.show import say, step
from scripts.lib.tool import LOCKS

UV: Final = "uv==0.13.9"
"""The resolver; used for this only, so it is no dependency of ours."""


def run(options: argparse.Namespace) -> int:
    """Resolve in a throw-away environment."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = Path(scratch) / "venv"
        with step("resolver"):
            _run(sys.executable, "-m", "venv", environment)
            _run(environment / "bin/python", "-m", "pip", "install", "--quiet", "--no-input", UV)
        compile_lock: list[str | Path] = [
            environment / "bin/uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes",
            "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet",
            *(["--upgrade"] if options.upgrade else []),
        ]  # fmt: skip
        with step("requirements.lock"):
            _run(*compile_lock, "--extra", "dev", "--output-file", "requirements.lock", "pyproject.toml")
        for wanted in sorted(LOCKS.glob("*.in")):
            lock = wanted.with_suffix(".lock")
            with step(str(lock.relative_to(ROOT))):
                _run(*compile_lock, "--output-file", lock, wanted)
    say("now run scripts/up, and scripts/test before you commit it")
    return 0


def _run(*argv: str | Path) -> None:
    done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"{Path(argv[0]).name} failed: {said[:300]}", "check that the package index can be reached")
