"""How a facade is served: `python -m api --port 8000 --workers 2`.

The server's options are part of what a facade promises, so they stand here and not on a command line: limits on
connections, nobody's word for whom a request comes from but that of proxies named in `TAMGA_TRUSTED_PROXIES`, no
WebSockets, no access log (see `api.logs`), an orderly end.
"""

from collections.abc import Sequence
from typing import Any, Final

import uvicorn

from api.connections import BoundedConnection

LEAVE_WITHIN_S: Final = 15
"""How long a process that is told to end may take to answer what it has taken."""


def options(trusted_proxies: Sequence[str]) -> dict[str, Any]:
    """Keyword arguments of `uvicorn.run` and `uvicorn.Config`.

    Args:
        trusted_proxies: Addresses and networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    """
    return {
        "http": BoundedConnection,
        "ws": "none",
        "access_log": False,
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": list(trusted_proxies),
        "timeout_graceful_shutdown": LEAVE_WITHIN_S,
    }


def serve(host: str, port: int, workers: int, trusted_proxies: Sequence[str]) -> None:
    """Serve the facade of this environment's configuration until told to end.

    What is away when it starts ends a single process, which whoever runs it is told of, and keeps several waiting.
    """
    application = "api.app:create" if workers == 1 else "api.worker:create"
    uvicorn.run(application, factory=True, host=host, port=port, workers=workers, **options(trusted_proxies))
