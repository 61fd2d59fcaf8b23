"""Troubles of duties in SQL."""

from typing import Final

from sqlalchemy import Column, String, Table, delete, insert, select

from ledger.adapters.sql.database import Database, metadata
from ledger.ports.duty_troubles import DutyTroubles

MAX_CHARS: Final = 200

duty_troubles = Table(
    "duty_trouble",
    metadata,
    Column("duty", String(40), primary_key=True),
    Column("trouble", String(MAX_CHARS), nullable=False),
)


class SqlDutyTroubles(DutyTroubles):
    """Troubles of duties in a database of ours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, duty: str, trouble: str) -> None:
        """See the port."""
        with self._database.writing() as connection:
            connection.execute(delete(duty_troubles).where(duty_troubles.c.duty == duty))
            if trouble:
                connection.execute(insert(duty_troubles).values(duty=duty, trouble=trouble[:MAX_CHARS]))

    def told(self) -> dict[str, str]:
        """See the port."""
        with self._database.reading() as connection:
            rows = connection.execute(select(duty_troubles)).all()
        return {row.duty: row.trouble for row in rows}
