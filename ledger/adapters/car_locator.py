"""Which CAR file holds a block: an SQLite table beside them. Disposable: the CAR files' own indexes are the truth."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.domain.errors import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cars (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS roots (car INTEGER NOT NULL, cid TEXT NOT NULL, PRIMARY KEY (cid, car)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (prefix INTEGER NOT NULL, car INTEGER NOT NULL, PRIMARY KEY (prefix, car))
    WITHOUT ROWID;
"""


class CarLocator:
    """Finds CAR files by the first eight bytes of a block's digest; callers look into the file itself."""

    def __init__(self, path: Path) -> None:
        """Open or make the table. One that cannot be read is thrown away; on a read-only disk it is held in memory."""
        self._lock = threading.Lock()
        try:
            self._connection = _open(path)
        except sqlite3.DatabaseError:
            self._connection = _open_anew(path)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def names(self) -> set[str]:
        """CAR files that are listed."""
        with self._use() as connection:
            return {name for (name,) in connection.execute("SELECT name FROM cars")}

    def roots(self) -> set[str]:
        """Roots of all listed CAR files."""
        with self._use() as connection:
            return {cid for (cid,) in connection.execute("SELECT DISTINCT cid FROM roots")}

    def is_root(self, cid: str) -> bool:
        """Whether a listed CAR file has this root."""
        with self._use() as connection:
            return connection.execute("SELECT 1 FROM roots WHERE cid = ? LIMIT 1", (cid,)).fetchone() is not None

    def find(self, digest: bytes) -> list[str]:
        """CAR files that may hold the block, newest first."""
        with self._use() as connection:
            rows = connection.execute(
                "SELECT name FROM blocks JOIN cars ON cars.id = car WHERE prefix = ? ORDER BY car DESC",
                (_prefix(digest),),
            )
            return [name for (name,) in rows]

    def add(self, name: str, roots: Iterable[str], digests: Iterable[bytes]) -> None:
        """List a CAR file."""
        with self._use() as connection:
            car = connection.execute("INSERT OR IGNORE INTO cars (name) VALUES (?) RETURNING id", (name,)).fetchone()
            if car is None:
                return
            rows = ((_prefix(digest), car[0]) for digest in digests)
            connection.executemany("INSERT OR IGNORE INTO blocks VALUES (?, ?)", rows)
            connection.executemany("INSERT OR IGNORE INTO roots VALUES (?, ?)", ((car[0], root) for root in roots))

    def remove(self, name: str) -> None:
        """Forget a CAR file."""
        with self._use() as connection:
            for table in ("blocks", "roots"):
                # S608: a table's name cannot be a parameter, and it is one of the two above.
                connection.execute(f"DELETE FROM {table} WHERE car IN (SELECT id FROM cars WHERE name = ?)", (name,))  # noqa: S608
            connection.execute("DELETE FROM cars WHERE name = ?", (name,))

    @contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        try:
            with self._lock, self._connection:
                yield self._connection
        except sqlite3.Error as bad:
            raise Unavailable(f"the store's locator cannot be used: {bad}") from bad


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")  # rebuilt from the CAR files if a crash damages it
    connection.executescript(_SCHEMA)
    return connection


def _open_anew(path: Path) -> sqlite3.Connection:
    try:
        for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            file.unlink(missing_ok=True)
        return _open(path)
    except (OSError, sqlite3.OperationalError):
        if os.access(path.parent, os.W_OK):
            raise
        return _open(Path(":memory:"))


def _prefix(digest: bytes) -> int:
    """First eight bytes, as the signed integer that SQLite stores."""
    return int.from_bytes(digest[:8], signed=True)
