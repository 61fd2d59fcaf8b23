"""Whether the checked-in artifacts are what the contracts compile to."""

import hashlib
import subprocess
import sys
from typing import Final

from ledger.devnet.places import ROOT, write_whole

STAMP: Final = ROOT / ".tamga" / "install" / "contracts"
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
    try:
        return STAMP.read_text() == _key()
    except OSError:
        return False


def compare() -> list[str]:
    """Compile (half a minute) and compare, unless it is `known_fresh`; returns the lines of what differs."""
    if known_fresh():
        return []
    key = _key()
    built = subprocess.run(
        [sys.executable, ROOT / "scripts" / "export_artifacts", "--check"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode == 0:
        STAMP.parent.mkdir(parents=True, exist_ok=True)
        write_whole(STAMP, key)
        return []
    return (built.stderr or built.stdout).strip().splitlines() or [f"exit code {built.returncode}"]


def _key() -> str:
    seen = hashlib.sha256()
    for file in sorted(file for pattern in INPUTS for file in ROOT.glob(pattern)):
        seen.update(hashlib.sha256(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes()).digest())
    return seen.hexdigest()
