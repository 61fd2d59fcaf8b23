"""One database: SQLite in WAL mode (embedded profile) or PostgreSQL (network profile).

Commits are durable (`synchronous=FULL`, PostgreSQL's default). Every failure of the database is `Unavailable` with the
database's own words, so that a full disk or a read-only folder is named; a broken uniqueness is `Conflict`. A value
that it cannot hold is `Malformed`: asking again changes nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from ledger.adapters.sql.session_locks import SessionLocks, keeps_alive
from ledger.domain.errors import Conflict, Fault, Malformed, Unavailable

SCHEMA_VERSION: Final = 8
"""Raised with every change of a table, or of what is folded or read into one. In an older database the index is made
anew, to be rebuilt from the chain; a newer database is refused."""
DISPOSABLE: Final = ("index_", "known_record", "statements", "contradictions")
"""Beginnings of the names of tables that are rebuilt from the chain; the outbox never is."""
BUSY_TIMEOUT_S: Final = 10
"""How long a SQLite writer waits for another one."""
KEPT_CONNECTIONS: Final = 10
"""Connections of one process that stay open."""
MAX_CONNECTIONS: Final = 40
"""At most: one for each request that a worker has a thread for. What works beside them waits for a moment then, as
nobody holds one while waiting for another. Locks are in a session of their own, one more."""

metadata = MetaData()
schema = Table("tamga_schema", metadata, Column("version", Integer, primary_key=True))


class Database:
    """An opened database with our tables in it."""

    def __init__(self, url: str) -> None:
        """Open, and create the tables if it is empty.

        Args:
            url: `sqlite:////path/to/file.db` or `postgresql://user@host/name`.

        Raises:
            Unavailable: It cannot be opened, or belongs to another version of the schema.
        """
        self.url = _with_driver(make_url(url))
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.is_in_memory = self.is_sqlite and self.url.database in (None, "", ":memory:")
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S} if self.is_sqlite else keeps_alive()}
        if not self.is_in_memory:
            options |= {"pool_size": KEPT_CONNECTIONS, "max_overflow": MAX_CONNECTIONS - KEPT_CONNECTIONS}
        self.engine = create_engine(self.url, pool_pre_ping=not self.is_sqlite, **options)
        # By default PostgreSQL shows each query what was committed by then; SQLite's transactions see one state anyway.
        whole = {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine if self.is_sqlite else self.engine.execution_options(**whole)
        self.sessions = None if self.is_sqlite else SessionLocks(self.url)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._create()

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
        if self.sessions is not None:
            self.sessions.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view: all queries see the same state, that of the first."""
        with self._translated(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: durable when the block ends, nothing of it if it raises."""
        with (
            self._translated(),
            self.engine.connect().execution_options(tamga_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise Conflict(f"the database refuses a second row: {error.orig}") from error
        except (DataError, OverflowError, UnicodeEncodeError) as error:  # SQLite's driver has its own for a number
            raise Malformed(Fault("not_storable", "", f"the database cannot hold it: {error}")) from error
        except DBAPIError as error:
            raise Unavailable(f"the database is away: {error.orig}{self._where()}") from error
        except SQLAlchemyError as error:
            raise Unavailable(f"the database is away: {error}") from error

    def _where(self) -> str:
        """SQLite's own words name neither the file nor what is wrong with its folder."""
        if not self.is_sqlite or self.url.database is None:
            return ""
        folder = Path(self.url.database).absolute().parent
        if not folder.is_dir():
            return f" ({folder} is not there)"
        frozen = os.statvfs(folder).f_flag & os.ST_RDONLY or not os.access(folder, os.W_OK)
        return f" ({folder} is read-only)" if frozen else f" (in {folder})"

    def _create(self) -> None:
        with self.writing() as connection:
            if not self.is_sqlite:  # two first starts at once: the second waits, then finds the tables
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7421001)")
            metadata.create_all(connection)
            version = connection.scalar(select(schema.c.version))
            if version is None:
                connection.execute(insert(schema).values(version=SCHEMA_VERSION))
            elif version > SCHEMA_VERSION:
                raise Unavailable(f"the database has schema {version}, this program needs {SCHEMA_VERSION}")
            elif version < SCHEMA_VERSION:
                made_anew = [table for name, table in metadata.tables.items() if name.startswith(DISPOSABLE)]
                metadata.drop_all(connection, made_anew)
                metadata.create_all(connection)
                connection.execute(update(schema).values(version=SCHEMA_VERSION))


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that starts as a reader can fail halfway with SQLITE_BUSY, whatever the timeout.
    write = connection.get_execution_options().get("tamga_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
