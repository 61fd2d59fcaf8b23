"""Formatting, lint, types, layers and generated files; a warning is an error."""

import argparse
import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.devnet import tools
from ledger.devnet.places import ROOT
from scripts.analysis import slither
from scripts.lib import artifacts
from scripts.lib.install import VENV
from scripts.lib.show import say

BIN: Final = VENV / "bin"
SOLIDITY: Final = ("contracts/**/*.sol", "tests/contracts/**/*.sol")
SCRIPT: Final = ("*.js", "api/**/*.js", "scripts/**/*.mjs", "tests/**/*.js")
MAX_TEXT_BYTES: Final = 4 * 1024 * 1024
INDEX: Final = re.compile(rb"://|--(?:extra-)?index-url|--find-links")
LOCKS: Final = {
    "requirements.lock": INDEX,
    "scripts/analysis/halmos.lock": INDEX,
    "scripts/analysis/slither.lock": INDEX,
    "package-lock.json": re.compile(rb'"resolved":'),
    "scripts/benches/peers/package-lock.json": re.compile(rb'"resolved":'),
    ".npmrc": re.compile(rb"registry *="),
}
"""A lock file that names a registry works with that registry only: what each must not hold."""
MACHINE: Final = re.compile(rb"(?<![\w./:-])/(?:root|home/\w+|Users/\w+|work|tmp/\w)/\w")
"""A path of the machine on which a file was written."""


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: What `--only` calls it.
        what: For the reader.
        argv: The command, from the clone's root; it fails by its exit code.
        inside: A check done here instead: returns the lines of what is wrong.
    """

    name: str
    what: str
    argv: tuple[str | Path, ...] = ()
    inside: Callable[[], list[str]] | None = None

    def run(self) -> tuple[bool, str, float]:
        """Whether it passed, what it printed, and its seconds."""
        began = time.monotonic()
        if self.inside is not None:
            lines = self.inside()
            return not lines, "\n".join(lines), time.monotonic() - began
        done = subprocess.run(
            self.argv, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began


def checks() -> list[Check]:
    """All checks, the slow ones first."""
    formatted = (*prettier(), "--check", "--log-level=warn")
    solhint = (tools.node(), tools.node_module("solhint/solhint.js"), "--disc", "--noPoster", "--max-warnings", "0")
    return [
        Check("types", "mypy --strict", (BIN / "mypy",)),
        Check("artifacts", "artifacts = fresh build", inside=artifacts.compare),
        Check("slither", "Slither, findings mended or accepted with a reason", inside=slither.compare),
        Check("solhint", "Solidity lint", (*solhint, "contracts/**/*.sol")),
        Check("solidity-format", "Solidity formatting", (*formatted, *that_exist(SOLIDITY))),
        Check("js-format", "JavaScript formatting", (*formatted, *that_exist(SCRIPT))),
        Check("layers", "import layers", (BIN / "lint-imports", "--no-cache")),
        Check("lint", "ruff", (BIN / "ruff", "check", "--quiet", ".", *scripts())),
        Check("format", "Python formatting", (BIN / "ruff", "format", "--check", "--quiet", ".", *scripts())),
        Check("addresses", "no registry in lock files, no machine's path in any", inside=_addresses),
    ]


def run(options: argparse.Namespace) -> int:
    """Run the checks, two at a time; all of them, even if one fails."""
    known = checks()
    if options.list:
        for check in known:
            say(f"{check.name:<16} {check.what}")
        return 0
    unknown = set(options.only or ()) - {check.name for check in known}
    if unknown:
        say(f"no such check: {', '.join(sorted(unknown))}")
        return 2
    chosen = [check for check in known if not options.only or check.name in options.only]
    began, failed = time.monotonic(), 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, (passed, output, took_s) in zip(chosen, pool.map(Check.run, chosen), strict=True):
            say(f"{'ok    ' if passed else 'FAILED'} {check.name:<16} {check.what} ({took_s:.1f} s)")
            if not passed:
                failed += 1
                say(output.rstrip())
    closing = f"{len(chosen) - failed} passed" + (f", {failed} failed" if failed else "")
    say(f"==== checks: {closing} in {time.monotonic() - began:.1f} s ====")
    return 1 if failed else 0


def prettier() -> tuple[Path, Path]:
    """The command that runs prettier."""
    return tools.node(), tools.node_module("prettier/bin/prettier.cjs")


def that_exist(patterns: tuple[str, ...]) -> list[str]:
    """Those patterns that match a file: prettier calls one that does not an error."""
    return [pattern for pattern in patterns if next(ROOT.glob(pattern), None) is not None]


def scripts() -> list[str]:
    """Python files without a suffix, which ruff does not find by itself."""
    found = (file for file in sorted((ROOT / "scripts").iterdir()) if file.is_file() and not file.suffix)
    return [str(file.relative_to(ROOT)) for file in found if file.read_bytes().startswith(b"#!/usr/bin/env python")]


def _addresses() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    wrong = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_TEXT_BYTES:
            continue
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        registry = LOCKS.get(name, MACHINE)
        for number, line in enumerate(content.splitlines(), 1):
            found = registry.search(line) or MACHINE.search(line)
            if found:
                wrong.append(f"{name}:{number}: {found[0].decode(errors='replace')}")
    return wrong
