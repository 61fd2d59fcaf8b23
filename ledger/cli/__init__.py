"""The command line: `tamga`."""

import os
import sys
from typing import Final

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""


def main() -> None:
    """Run one command; see `ledger.cli.app`."""
    _open_streams()
    try:
        from ledger.cli.app import main as run  # takes a second, in which Ctrl-C may come
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
    run()


def _open_streams() -> None:
    """Lead standard streams that whoever started this process closed to nowhere.

    Their numbers would be those of the next files that are opened, which would get what is printed.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # as Python's own
