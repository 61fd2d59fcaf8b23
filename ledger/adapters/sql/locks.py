"""Locks that end with their process: a locked file beside the SQLite file, an advisory lock of a PostgreSQL session.

A lock says who works now; it guards nothing by itself. PostgreSQL can lose a session while its holder goes on, so what
two holders must not both do is fenced by what they write (an epoch, a cursor), see the outbox and the index.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.adapters.sql.database import Database
from ledger.domain.errors import Unavailable


@contextmanager
def locked(database: Database, name: str) -> Iterator[bool]:
    """Hold the lock `name` of a database while the block runs; gives whether it is ours.

    Raises:
        Unavailable: The lock cannot be asked for: the database is away, or its folder is closed to us.
    """
    if not database.is_sqlite:
        with _session_locked(database, name) as mine:
            yield mine
    elif database.url.database in (None, "", ":memory:"):
        yield True  # nobody else can see it
    else:
        with _file_locked(Path(f"{database.url.database}.{name}.lock")) as mine:
            yield mine


@contextmanager
def _session_locked(database: Database, name: str) -> Iterator[bool]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    # Autocommit, so that the session that holds the lock does not also hold a transaction open for hours.
    with database.reading() as connection:
        connection.rollback()
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}):
            yield False
            return
        try:
            yield True
        finally:
            try:
                connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})
            except DBAPIError:  # the session is gone, and its lock with it
                connection.invalidate()


@contextmanager
def _file_locked(path: Path) -> Iterator[bool]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Unavailable(f"a lock cannot be taken: {path}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
