"""Where things live: the clone, its state and the cache of built tools.

The state folder holds what one embedded ledger is (`TAMGA_HOME`, by default `.tamga/` in the clone); the cache
holds what any clone can build again (`TAMGA_CACHE`, by default `tamga/` in the user's cache folder).
"""

import os
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The clone."""


def home() -> Path:
    """The state folder; not created here."""
    chosen = os.environ.get("TAMGA_HOME")
    return Path(chosen).expanduser().absolute() if chosen else ROOT / ".tamga"


def cache() -> Path:
    """The folder of built tools; not created here."""
    chosen = os.environ.get("TAMGA_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    user_cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(user_cache) if user_cache else Path.home() / ".cache") / "tamga"


def write_whole(path: Path, text: str) -> None:
    """Replace a small file in one step, so that no reader and no crash ever sees half of it."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with scratch.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
