"""An empty outbox database of either kind."""

from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import text

from ledger.adapters.sql.database import Database
from tests.support.postgres import postgres_url

DATABASES: Final = ("sqlite", "postgresql")


def fresh_url(kind: str, folder: Path) -> str:
    """A file in `folder`, or the one PostgreSQL database of these tests, emptied."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'outbox.db'}"
    url = postgres_url(Path("outbox"))
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(text("TRUNCATE outbox, nonce_release, signer_lease"))
    return url
