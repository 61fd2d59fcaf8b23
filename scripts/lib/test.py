"""Runs the stages of proof, one after the other, each by its own runner, all of them even if one fails.

The runners' own closing lines come again at the end.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.devnet import tools
from ledger.devnet.places import ROOT
from scripts.lib.install import VENV
from scripts.lib.show import say

PYTHON: Final = VENV / "bin" / "python"
PYTEST: Final = (PYTHON, "-m", "pytest")
WORKERS: Final = ("-n", str(min((os.cpu_count() or 1) + 1, 6)), "--dist", "loadfile")
"""Files of tests side by side, one more than there are processors: most wait half of their time for other processes.
Each file stays in one worker, because what it starts for its tests is a whole ledger; a worker needs up to 2 GiB."""
BENCH: Final = (ROOT / "scripts" / "bench",)
FAST: Final = ("tests/unit", "tests/property", "tests/golden", "tests/architecture")
"""Tests that start no process and need no network: seconds, not minutes."""
CONTROL: Final = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        name: What `--only` calls it.
        what: For the reader.
        argv: Its runner.
        quick: Part of `--quick`.
        long: Part of `--long` only.
    """

    name: str
    what: str
    argv: tuple[str | Path, ...]
    quick: bool = False
    long: bool = False

    def run(self) -> tuple[int, str]:
        """Run it, its output as it comes; returns the exit code and the last line it printed."""
        tail: deque[str] = deque(maxlen=1)
        with subprocess.Popen(
            self.argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as runner:
            for line in runner.stdout or ():
                sys.stdout.write(line)
                sys.stdout.flush()
                if line.strip():
                    tail.append(CONTROL.sub("", line).strip())
        return runner.returncode, tail[0] if tail else "(it printed nothing)"


def stages() -> list[Stage]:
    """All stages, the fast ones first. Tests in a folder that is not a fast one run in `system`."""
    hardhat = (tools.node(), tools.node_module("hardhat/dist/src/cli.js"), "test", "solidity")
    slow = [f"--ignore={folder}" for folder in FAST]
    pytest = (*PYTEST, *WORKERS, "-m", "not long")
    return [
        Stage("check", "formatting, lint, types, layers, generated files", (ROOT / "scripts/check",), quick=True),
        Stage("fast", "unit, property, golden and architecture tests", (*pytest, *FAST), quick=True),
        Stage("contracts", "Solidity unit, fuzz and invariant tests", hardhat),
        Stage("programs", "geth and Kubo, built where this machine has none", (PYTHON, "-m", "scripts.lib.programs")),
        Stage("system", "main job on every engine, integration, faults", (*pytest, *slow, "tests")),
        Stage("coverage", "lines and branches of the contracts", (*BENCH, "coverage"), long=True),
        Stage("halmos", "conservation rules, for all inputs", (*BENCH, "halmos"), long=True),
        Stage("mutation", "small changes that the contracts' tests must notice", (*BENCH, "mutation"), long=True),
        Stage("long", "long campaigns", (*PYTEST, "-m", "long", "tests"), long=True),
    ]


def run(options: argparse.Namespace) -> int:
    """Run the chosen stages."""
    known = stages()
    if options.list:
        for stage in known:
            marks = " (--quick too)" if stage.quick else " (with --long)" if stage.long else ""
            say(f"{stage.name:<12} {stage.what}{marks}")
        return 0
    unknown = set(options.only or ()) - {stage.name for stage in known}
    if unknown:
        say(f"no such stage: {', '.join(sorted(unknown))}")
        return 2
    chosen = [stage for stage in known if _chosen(stage, options)]
    began, closing, failed = time.monotonic(), [], []
    for number, stage in enumerate(chosen, 1):
        since = time.monotonic()
        say(f"\n[{number}/{len(chosen)}] {stage.name}: {stage.what}")
        code, last = stage.run()
        if code != 0:
            failed.append(stage.name)
        mark = "ok    " if code == 0 else "FAILED"
        closing.append(f"{mark} {stage.name:<12} {time.monotonic() - since:6.0f} s  {last}")
    say("")
    for line in closing:
        say(line)
    took_s = time.monotonic() - began
    say(f"==== {len(chosen) - len(failed)} of {len(chosen)} stages passed in {took_s:.0f} s ====")
    return 1 if failed else 0


def _chosen(stage: Stage, options: argparse.Namespace) -> bool:
    if options.only:
        return stage.name in options.only
    if options.quick:
        return stage.quick
    return options.long or not stage.long
