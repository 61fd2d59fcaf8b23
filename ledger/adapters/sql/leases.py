"""Leases of a facade's processes, as locks of their database."""

from contextlib import AbstractContextManager

from ledger.adapters.sql.database import Database
from ledger.adapters.sql.locks import is_still_locked, locked
from ledger.ports.leases import Leases


class SqlLeases(Leases):
    """Leases in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, duty: str) -> AbstractContextManager[bool]:
        """See the port."""
        return locked(self._database, _name(duty))

    def holds(self, duty: str) -> bool:
        """See the port."""
        return is_still_locked(self._database, _name(duty))


def _name(duty: str) -> str:
    return f"duty-{duty}"
