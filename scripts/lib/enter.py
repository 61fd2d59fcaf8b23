"""Starts one command of `scripts/`: reads its arguments, installs what it needs, goes on inside `.venv`."""

import importlib
import os
import sys
from pathlib import Path
from typing import Final

sys.path[0] = str(Path(__file__).resolve().parents[2])

from ledger.devnet.trouble import Trouble  # noqa: E402 - the clone has to be importable first
from scripts.lib import arguments, install  # noqa: E402 - likewise

BARE: Final = ("down", "status", "lock")
"""Commands that need nothing installed."""


def main(argv: list[str]) -> int:
    """Run the command `argv[0]`; returns its exit code."""
    options = arguments.read(argv)
    try:
        if argv[0] not in BARE:
            install.ensure()
            if not install.inside():
                os.execv(install.PYTHON, [install.PYTHON, __file__, *argv])  # noqa: S606 - this program again
        code: int = importlib.import_module(f"scripts.lib.{argv[0]}").run(options)
    except Trouble as trouble:
        print(f"tamga: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tamga: interrupted", file=sys.stderr)
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
