"""Builds geth and Kubo, which no registry has ready, before tests ask for them: with progress, outside their time."""

import sys

from ledger.devnet.tools import GETH, KUBO
from ledger.devnet.trouble import Trouble
from scripts.lib.show import say


def main() -> int:
    """Build what this machine has not yet; returns 1 if one can't be built."""
    failed = 0
    for program in (GETH, KUBO):
        try:
            program.ensure(say)
        except Trouble as trouble:
            say(str(trouble))
            failed = 1
        else:
            say(f"{program.name} {program.version()} is there")
    return failed


if __name__ == "__main__":
    sys.exit(main())
