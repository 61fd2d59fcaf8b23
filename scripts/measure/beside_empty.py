"""The facade with an empty FastAPI route beside it, in the same workers; for measurements only.

`POST /empty` takes the same body as `POST /v1/verify` and does nothing with it; it is an application of its own,
without the facade's middleware. The server is set as the facade's own is.

    python -m scripts.measure.beside_empty PORT WORKERS
"""

import sys
from typing import Annotated, Final

import uvicorn
from fastapi import FastAPI, File, UploadFile
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create as facade
from api.server import options
from ledger.devnet.loopback import HOST

EMPTY: Final = "/empty"


def create() -> ASGIApp:
    """Both applications behind one address."""
    whole, empty = facade(), FastAPI()

    @empty.post(EMPTY)
    async def nothing(
        file: Annotated[UploadFile, File()],  # noqa: ARG001 - parsed, and left alone
        proof: Annotated[UploadFile, File()],  # noqa: ARG001 - taken in, not read
    ) -> dict[str, str]:
        return {}

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = empty if scope["type"] == "http" and scope["path"] == EMPTY else whole
        await chosen(scope, receive, send)

    return either


def main() -> None:
    """Serve until told to end."""
    port, workers = map(int, sys.argv[1:])
    served = "scripts.measure.beside_empty:create"
    uvicorn.run(served, factory=True, host=HOST, port=port, workers=workers, log_level="warning", **options(()))


if __name__ == "__main__":
    main()
