"""The application of one of several processes: while something is away when it starts, it is started again.

The server's supervisor ends every process if one ends as a failed start does, as if it would fail for ever. A process
that takes another's place while the database is away would so end those that serve.
"""

import logging
import os
import time
from typing import Final

from fastapi import FastAPI

from api import app
from api.logs import write_json_lines
from ledger.bootstrap.facade import Facade, open_facade
from ledger.config import read_config
from ledger.domain.errors import Unavailable

AWAY: Final = 75
"""Exit code of a process that may start later (EX_TEMPFAIL); the supervisor starts another in its place."""
AGAIN_AFTER_S: Final = 1.0
"""How long a process that cannot start stays, so that not all of the time goes into starting others [s]."""

log = logging.getLogger("tamga.facade")


def create() -> FastAPI:
    """The application; its process ends with `AWAY` if it cannot start yet."""
    return app.create(_opened)


def _opened() -> Facade:
    try:
        return open_facade(read_config())
    except Unavailable as error:
        write_json_lines()
        log.warning("not started yet: %s", error)
        time.sleep(AGAIN_AFTER_S)
        os._exit(AWAY)  # whatever is raised here, the server takes for a failed start
