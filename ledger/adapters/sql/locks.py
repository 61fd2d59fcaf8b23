"""Locks that end with their process: a locked file beside the SQLite file, an advisory lock of a PostgreSQL session.

A lock says who works now; it guards nothing by itself. PostgreSQL can lose a session while its holder goes on, so what
two holders must not both do is fenced by what they write (an epoch, a cursor), see the outbox and the index.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.adapters.sql.database import Database
from ledger.domain.errors import Unavailable


@contextmanager
def locked(database: Database, name: str) -> Iterator[bool]:
    """Hold the lock `name` of a database while the block runs; gives whether it is ours.

    Raises:
        Unavailable: The lock cannot be asked for: the database is away, or its folder is closed to us.
    """
    if database.sessions is not None:
        with database.sessions.hold(name) as mine:
            yield mine
    elif database.is_in_memory:
        yield True  # nobody else can see it
    else:
        with _file_locked(Path(f"{database.url.database}.{name}.lock")) as mine:
            yield mine


def is_still_locked(database: Database, name: str) -> bool:
    """Whether a lock that this process took and did not give back is still its own: a file's is, while it lives."""
    return database.sessions is None or database.sessions.holds(name)


@contextmanager
def _file_locked(path: Path) -> Iterator[bool]:
    descriptor = _opened(path)
    try:
        if not _is_locked(descriptor, path):
            yield False
            return
        try:
            yield True
        finally:
            with suppress(OSError):  # it stays: the next one takes the same file
                path.unlink()  # before it is given back, so that nobody else's is taken away
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"a lock cannot be taken: {path}: {error.strerror}") from error


def _is_locked(descriptor: int, path: Path) -> bool:
    """Whether the file could be locked, and is still the one that others find there."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
