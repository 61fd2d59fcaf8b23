"""Remembers that a check passed over these very files, so that it is not done again until one of them changes."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ledger.devnet.places import ROOT, write_whole

FOLDER: Final = ROOT / ".tamga" / "install"


def once(name: str, inputs: Sequence[str], check: Callable[[], list[str]]) -> list[str]:
    """What `check` says is wrong; nothing, at once, if it passed before over the same files.

    Args:
        name: Of the stamp.
        inputs: Patterns of all files that decide the answer, from the clone's root.
        check: Returns a line for each thing that is wrong.
    """
    key = key_of(inputs)
    if passed(name, key):
        return []
    wrong = check()
    if not wrong:
        FOLDER.mkdir(parents=True, exist_ok=True)
        write_whole(FOLDER / name, key)
    return wrong


def passed(name: str, key: str) -> bool:
    """Whether the check of that name passed over the files of that key."""
    try:
        return (FOLDER / name).read_text() == key
    except OSError:
        return False


def key_of(inputs: Sequence[str]) -> str:
    """Hash over names and contents of the files."""
    seen = hashlib.sha256()
    found: set[Path] = {file for pattern in inputs for file in ROOT.glob(pattern)}
    for file in sorted(found):
        seen.update(hashlib.sha256(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes()).digest())
    return seen.hexdigest()
