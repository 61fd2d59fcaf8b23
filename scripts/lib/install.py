"""Installs what the clone needs: `.venv` from `requirements.lock`, `node_modules` from `package-lock.json`.

Each of the two carries a stamp with the hash of what it was installed from, written last: an installation cut
short has none and is done again. A `.venv` or `node_modules` that is a link belongs to somebody else and is used
as it is.
"""

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.devnet import tools
from ledger.devnet.places import ROOT, write_whole
from ledger.devnet.trouble import Trouble
from scripts.lib.show import step

VENV: Final = ROOT / ".venv"
PYTHON: Final = str(VENV / "bin" / "python")
LOCK: Final = ROOT / "requirements.lock"
MODULES: Final = ROOT / "node_modules"
WORK: Final = ROOT / ".tamga" / "install"
"""Lock and logs; in the clone even when TAMGA_HOME is elsewhere, because the installation is."""


def inside() -> bool:
    """Whether this interpreter is the one of `.venv`."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def ensure() -> None:
    """Install or mend what is missing or old; does nothing, in milliseconds, when all is there.

    Raises:
        Trouble: A registry does not answer, or another command is installing.
    """
    if _python_is_current() and (not inside() or _modules_are_current()):
        return
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Trouble("another command is installing into this clone", "wait until it is done") from error
        if not _python_is_current():
            _install_python(lock.fileno())
        if inside() and not _modules_are_current():
            _install_modules(lock.fileno())


def _python_is_current() -> bool:
    return VENV.is_symlink() or (os.access(PYTHON, os.X_OK) and _reads(VENV / ".installed", _python_key()))


def _modules_are_current() -> bool:
    return MODULES.is_symlink() or _reads(MODULES / ".installed", _modules_key())


def _python_key() -> str:
    return _hash(LOCK, ROOT / "pyproject.toml") + f" {ROOT}"  # the editable installation holds the clone's path


def _modules_key() -> str:
    return _hash(ROOT / "package-lock.json", ROOT / ".npmrc") + f" {platform.system()} {platform.machine()}"


def _install_python(lock: int) -> None:
    (VENV / ".installed").unlink(missing_ok=True)
    if not _works([PYTHON, "-c", "import pip, sys; sys.exit(sys.prefix == sys.base_prefix)"]):  # half-made
        with step(f"virtual environment .venv (Python {platform.python_version()})"):
            if inside():  # its pip is broken, and it can't replace the interpreter it runs on
                raise Trouble(".venv is damaged", "remove .venv and run again")
            shutil.rmtree(VENV, ignore_errors=True)
            _run(
                [sys.executable, "-m", "venv", str(VENV)],
                "the virtual environment was not made",
                "install your system's venv package for Python, or name another Python in TAMGA_PYTHON",
                lock,
            )
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    registry = "check that the Python package index can be reached, and run again"
    with step("Python packages from requirements.lock"):
        _run([*pip, "--require-hashes", "-r", str(LOCK)], "Python packages were not installed", registry, lock)
        _run(
            [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
            "the tamga command was not installed",
            registry,
            lock,
        )
    write_whole(VENV / ".installed", _python_key())


def _install_modules(lock: int) -> None:
    with step("Node packages from package-lock.json"):
        _run(
            [*map(str, tools.npm()), "ci", "--no-progress", "--loglevel=error"],
            "Node packages were not installed",
            "check that the npm registry can be reached, and run again",
            lock,
        )
    write_whole(MODULES / ".installed", _modules_key())


def _run(argv: Sequence[str], failed: str, mend: str, lock: int) -> None:
    """Run one installer, which inherits the lock: it holds it even if we are killed before it ends."""
    log = WORK / "last.log"
    # npm starts `node` by name.
    env = {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    with log.open("w+") as output:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env,
            pass_fds=(lock,),
            check=False,
        )
        output.seek(0)
        lines = [line.strip() for line in output.read().splitlines() if line.strip()]
    if done.returncode != 0:
        plain = [line for line in lines if re.match(r"error|npm error", line, re.IGNORECASE)]
        errors = plain or lines[-1:] or ["no reason given"]
        raise Trouble(f"{failed}: {errors[0][:300]}", f"{mend} (log: {log.relative_to(ROOT)})")


def _works(argv: Sequence[str]) -> bool:
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _reads(stamp: Path, wanted: str) -> bool:
    try:
        return stamp.read_text() == wanted
    except OSError:
        return False


def _hash(*files: Path) -> str:
    seen = hashlib.sha256()
    for file in files:
        seen.update(hashlib.sha256(file.read_bytes()).digest())
    return seen.hexdigest()
