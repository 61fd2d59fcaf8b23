"""Python programs that cannot share `.venv` with us, because they pin other versions of the same packages.

Each has an environment of its own in the cache, named by its lock file's hash and made on first use:
`scripts/analysis/NAME.lock`, written from `NAME.in` by `scripts/lock`.
"""

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.devnet import places
from ledger.devnet.trouble import Trouble

LOCKS: Final = places.ROOT / "scripts" / "analysis"
PIP: Final = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet")


def program(name: str, command: str) -> Path:
    """Path of `command` in the environment of the tool `name`, installed first if need be.

    Raises:
        Trouble: The package index can't be reached, or no virtual environment can be made.
    """
    folder = _folder(name)
    if not (folder / ".installed").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("w") as lock:  # a second caller waits for the first
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / ".installed").exists():
                _install(name, folder)
    return folder / "bin" / command


def _folder(name: str) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    machine = f"{platform.system()}-{platform.machine()}".lower()
    key = hashlib.sha256((LOCKS / f"{name}.lock").read_bytes()).hexdigest()[:12]
    return places.cache() / f"{name}-py{version}-{machine}-{key}"


def _install(name: str, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what an interrupted installation left
    python = folder / "bin" / "python"
    _run([sys.executable, "-m", "venv", folder], f"no environment for {name} was made")
    _run([python, *PIP, "--require-hashes", "-r", LOCKS / f"{name}.lock"], f"{name} was not installed")
    (folder / ".installed").touch()


def _run(argv: Sequence[str | Path], failed: str) -> None:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"{failed}: {said[:300]}", "check that the Python package index can be reached, and run again")
