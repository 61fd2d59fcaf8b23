"""Empty databases of either kind."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from ledger.adapters.sql.database import Database
from tests.support.postgres import postgres_url

DATABASES: Final = ("sqlite", "postgresql")
EITHER: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.integration))
"""Parameters of a test that begins its engines only where they are wanted."""


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    """A database of this folder's own."""
    url = f"sqlite:///{folder / 'ledger.sqlite'}" if kind == "sqlite" else postgres_url(folder)
    with closing(Database(url)) as database:
        yield database


def fresh_url(kind: str, folder: Path) -> str:
    """URL of an outbox: a file in `folder`, or the one PostgreSQL database of these tests, emptied."""
    if kind == "sqlite":
        return f"sqlite:///{folder / 'outbox.db'}"
    url = postgres_url(Path("outbox"))
    with closing(Database(url)) as database, database.writing() as connection:
        connection.execute(text("TRUNCATE outbox, nonce_release, signer_lease"))
    return url
