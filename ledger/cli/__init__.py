"""The command line: `tamga`."""

from ledger.cli.app import main

__all__ = ["main"]
