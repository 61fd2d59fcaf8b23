"""Which CAR file holds a block: an SQLite table beside them. Disposable: the CAR files' own indexes are the truth."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from ledger.domain.errors import Unavailable

T = TypeVar("T")
_log = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cars (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS roots (car INTEGER NOT NULL, cid TEXT NOT NULL, PRIMARY KEY (cid, car)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blocks (prefix INTEGER NOT NULL, car INTEGER NOT NULL, PRIMARY KEY (prefix, car))
    WITHOUT ROWID;
"""


_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNWRITABLE: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""A full or read-only disk: documents are found on it all the same."""


class Listed(NamedTuple):
    """What is listed of one CAR file: its name, its roots' CIDs and its blocks' digests."""

    name: str
    roots: Iterable[str]
    digests: Iterable[bytes]


class CarLocator:
    """Finds CAR files by the first eight bytes of a block's digest; callers look into the file itself."""

    def __init__(self, path: Path, scan: Callable[[], Iterable[Listed]]) -> None:
        """Open or make the table. One that cannot be read is thrown away; where none can be written it is in memory.

        Args:
            path: Where it is.
            scan: Reads all CAR files that there are, to fill it anew when that shows later.

        Raises:
            Unavailable: Another process keeps it busy.
        """
        self._lock = threading.Lock()
        self._path, self._scan = path, scan
        try:
            self._connection = _open(path)
        except sqlite3.DatabaseError as bad:
            _require_lost(bad)
            self._connection = self._another(bad)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def names(self) -> set[str]:
        """CAR files that are listed."""
        return {name for (name,) in self._rows("SELECT name FROM cars")}

    def roots(self) -> set[str]:
        """Roots of all listed CAR files."""
        return {cid for (cid,) in self._rows("SELECT DISTINCT cid FROM roots")}

    def is_root(self, cid: str) -> bool:
        """Whether a listed CAR file has this root."""
        return bool(self._rows("SELECT 1 FROM roots WHERE cid = ? LIMIT 1", cid))

    def find(self, digest: bytes) -> list[str]:
        """CAR files that may hold the block, newest first."""
        asked = "SELECT name FROM blocks JOIN cars ON cars.id = car WHERE prefix = ? ORDER BY car DESC"
        return [name for (name,) in self._rows(asked, _prefix(digest))]

    def add(self, name: str, roots: Iterable[str], digests: Iterable[bytes]) -> None:
        """List a CAR file."""
        self._run(lambda connection: _add(connection, Listed(name, roots, digests)))

    def remove(self, name: str) -> None:
        """Forget a CAR file."""
        self._run(lambda connection: _remove(connection, name))

    def _rows(self, asked: str, *values: object) -> list[tuple[Any, ...]]:
        return self._run(lambda connection: connection.execute(asked, values).fetchall())

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction; a table that turns out to be damaged, or has no room on the disk, is made anew first."""
        with self._lock:
            try:
                with self._connection:
                    return work(self._connection)
            except sqlite3.DatabaseError as bad:
                self._replace(bad)
            try:
                return self._filled(work)
            except sqlite3.DatabaseError as bad:  # it was damaged, and cannot be written
                self._replace(bad)
                return self._filled(work)

    def _replace(self, bad: sqlite3.DatabaseError) -> None:
        """Go on with an empty table, if this one is of no use any more. Raises `Unavailable` if it merely is busy."""
        _require_lost(bad)
        self._connection.close()  # before its files are removed: closed later, it would remove those of the new one
        self._connection = self._another(bad)

    def _filled(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._connection:
            for listed in self._scan():
                _add(self._connection, listed)
            return work(self._connection)

    def _another(self, bad: sqlite3.DatabaseError) -> sqlite3.Connection:
        """An empty table in place of one that is lost."""
        if _kind(bad) in _DAMAGED:
            _log.warning("the store's locator is damaged and made anew: %s", bad)
            with suppress(OSError, sqlite3.DatabaseError):
                return _open_anew(self._path)
        return _open(Path(":memory:"))


def _require_lost(bad: sqlite3.DatabaseError) -> None:
    """Return if a table that failed so is of no use any more. Raises `Unavailable` otherwise: another keeps it busy."""
    if _kind(bad) not in (*_DAMAGED, *_UNWRITABLE):
        raise Unavailable(f"the store's locator cannot be used: {bad}") from bad


def _kind(bad: sqlite3.Error) -> int:
    """SQLite's primary result code, the low byte of the one it gives; 0 for what Python itself refuses."""
    code: int = getattr(bad, "sqlite_errorcode", 0)
    return code & 0xFF


def _add(connection: sqlite3.Connection, listed: Listed) -> None:
    added = "INSERT OR IGNORE INTO cars (name) VALUES (?) RETURNING id"
    car = connection.execute(added, (listed.name,)).fetchone()
    if car is None:
        return
    rows = ((_prefix(digest), car[0]) for digest in listed.digests)
    connection.executemany("INSERT OR IGNORE INTO blocks VALUES (?, ?)", rows)
    connection.executemany("INSERT OR IGNORE INTO roots VALUES (?, ?)", ((car[0], root) for root in listed.roots))


def _remove(connection: sqlite3.Connection, name: str) -> None:
    for table in ("blocks", "roots"):
        of_car = f"DELETE FROM {table} WHERE car IN (SELECT id FROM cars WHERE name = ?)"  # noqa: S608 - one of the two above; a table's name cannot be a parameter
        connection.execute(of_car, (name,))
    connection.execute("DELETE FROM cars WHERE name = ?", (name,))


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")  # rebuilt from the CAR files if a crash damages it
        connection.executescript(_SCHEMA)
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _open_anew(path: Path) -> sqlite3.Connection:
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        file.unlink(missing_ok=True)
    return _open(path)


def _prefix(digest: bytes) -> int:
    """First eight bytes, as the signed integer that SQLite stores."""
    return int.from_bytes(digest[:8], signed=True)
