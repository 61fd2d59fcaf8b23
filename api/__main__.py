"""`python -m api`: serve the facade that the environment configures (see `ledger/config.py`)."""

import argparse
import sys

from api.server import serve
from ledger.config import read_config
from ledger.domain.errors import Malformed


def main() -> None:
    """Serve; exit code 2 for a setting that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m api", description="Serve a facade of the ledger.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at; a front server reaches it there")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="processes, which share the database alone")
    asked = parser.parse_args()
    try:
        trusted = read_config().trusted_proxies
    except Malformed as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    serve(asked.host, asked.port, asked.workers, trusted)


if __name__ == "__main__":
    main()
