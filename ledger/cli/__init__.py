"""The command line: `tamga`."""

import sys
from typing import Final

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""


def main() -> None:
    """Run one command; see `ledger.cli.app`."""
    try:
        from ledger.cli.app import main as run  # takes a second, in which Ctrl-C may come
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run()
