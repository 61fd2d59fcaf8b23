"""Write requirements.lock anew from pyproject.toml: every package by hash, for Python 3.11 and later, no index address.

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
            environment / "bin/uv", "pip", "compile", "pyproject.toml", "--extra", "dev", "--universal",
            "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header",
            "--quiet", "--output-file", "requirements.lock",
        ]  # fmt: skip
        with step("requirements.lock"):
            _run(*compile_lock, *(["--upgrade"] if options.upgrade else []))
    say("now run scripts/up, and scripts/test before you commit it")
    return 0


def _run(*argv: str | Path) -> None:
    done = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"{Path(argv[0]).name} failed: {said[:300]}", "check that the package index can be reached")
