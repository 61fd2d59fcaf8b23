"""Advisory locks of one PostgreSQL session: one connection for all that a process holds, and none of the pool's.

Whoever holds a lock asks the database again while it works. If the lock took a connection of the same pool, holders
would wait for the connections that they keep from one another.
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ledger.domain.errors import Unavailable

TAKE: Final = text("SELECT pg_try_advisory_lock(:n)")
GIVE_BACK: Final = text("SELECT pg_advisory_unlock(:n)")
ALIVE: Final = text("SELECT 1")
ALIVE_AFTER_S: Final = {"idle": 15, "interval": 5, "count": 3}
"""TCP keep-alive, in the words that PostgreSQL's server and its client library share [s, s, probes]. By default, after
two idle hours: so long the locks of a machine that lost its power, or its network, would be held by nobody."""


class SessionLocks:
    """The locks that this process holds in one database; for use by any of its threads.

    If the session is lost, all of them are, and another process may have them: see `locks`. That shows when the session
    is next used.
    """

    def __init__(self, url: URL) -> None:
        # Autocommit, so that the session does not also hold a transaction open for hours.
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=keeps_alive())
        self._guard = threading.Lock()
        self._session: Connection | None = None
        self._held: dict[int, object] = {}
        """Locks of this session, each with its holder's own mark: after a loss another of us may hold it anew."""

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Hold a lock while the block runs; gives whether it is ours. Raises `Unavailable` if it cannot be asked."""
        number, mark = _number(name), object()
        if not self._take(number, mark):
            yield False
            return
        try:
            yield True
        finally:
            self._give_back(number, mark)

    def holds(self, name: str) -> bool:
        """Whether a lock that was taken is held still: not once its session has ended, as when the server restarted."""
        with self._guard:
            if self._session is None or _number(name) not in self._held:
                return False
            try:
                self._session.scalar(ALIVE)
            except DBAPIError:
                self._drop()
                return False
            return True

    def close(self) -> None:
        """End the session, and with it all locks."""
        with self._guard:
            self._drop()
            self._engine.dispose()

    def _take(self, number: int, mark: object) -> bool:
        with self._guard:
            if number in self._held:  # the database would give a session its own lock twice
                return False
            try:
                mine = self._asked(number)
            except SQLAlchemyError as error:
                self._drop()
                cause = error.orig if isinstance(error, DBAPIError) else error
                raise Unavailable(f"the database is away: {cause}") from error
            if mine:
                self._held[number] = mark
            return mine

    def _asked(self, number: int) -> bool:
        if self._session is not None:
            try:
                return bool(self._session.scalar(TAKE, {"n": number}))
            except DBAPIError:  # it ended since, as with a restart of the server: a new one can be had
                self._drop()
        self._session = self._engine.connect()
        for name, value in ALIVE_AFTER_S.items():  # the server's side, which is what gives locks back
            self._session.exec_driver_sql(f"SET tcp_keepalives_{name} = {value}")
        return bool(self._session.scalar(TAKE, {"n": number}))

    def _give_back(self, number: int, mark: object) -> None:
        with self._guard:
            if self._session is None or self._held.get(number) is not mark:  # it went with its session
                return
            del self._held[number]
            try:
                self._session.execute(GIVE_BACK, {"n": number})
            except DBAPIError:  # the session is gone, and its locks with it
                self._drop()

    def _drop(self) -> None:
        self._held.clear()
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None


def keeps_alive() -> dict[str, int]:
    """Settings of a connection that notices a server that is gone, and that no firewall forgets while it is idle."""
    return {f"keepalives_{name}": value for name, value in ALIVE_AFTER_S.items()}


def _number(name: str) -> int:
    """What PostgreSQL knows a lock by."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
