"""The command line as a whole: `tamga`, its commands, and what its exit codes mean."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, Final

import typer
from typer.core import TyperGroup

from ledger.cli import INTERRUPTED
from ledger.cli.commands import LINES, load
from ledger.cli.output import errors, show_error
from ledger.domain.errors import Fault, Malformed, TamgaError, Unavailable

UsageError: Final[type[Any]] = typer.BadParameter.__mro__[1]
"""Wrong usage, of which Typer itself gives out only this kind."""
HELP = """A permissioned ledger for trade documents.

Exit codes: 0 done; 1 refused, or a document is INVALID; 2 the command is wrong; 3 try again later, or UNDETERMINED;
130 interrupted.
"""


class Commands(TyperGroup):
    """Lists all commands, and imports the one that is asked for."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """As Typer does, for `main`. Raises `Malformed` for wrong usage, if JSON is asked for."""
        with _usage():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """As Typer does; reads the command's own arguments. Raises as `make_context`."""
        with _usage():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Its name, itself and the rest of the arguments. A usage error names commands that are spelt alike."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, None if name is None or listed is None else load(name), rest


@contextmanager
def _usage() -> Iterator[None]:
    """Leave it to Typer to tell a person of wrong usage, in a box; a program that asks for JSON gets our error."""
    try:
        yield
    except UsageError as wrong:
        if not _wants_json():
            raise
        raise Malformed(Fault("usage", "", wrong.format_message())) from wrong


def _wants_json() -> bool:
    return "--json" in sys.argv


def make_app() -> typer.Typer:
    """All commands."""
    app = typer.Typer(name="tamga", cls=Commands, help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
    for name, line in LINES.items():
        app.command(name, help=line)(_listed)
    return app


def _listed() -> None:
    """Stands in the list for a command; `Commands` runs the command itself."""


def main() -> None:
    """Run one command; errors of ours become one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files need not be UTF-8; JSON reads what is told
    try:
        make_app()()
    except TamgaError as error:
        sys.exit(_shown(error))
    except OSError as error:  # a full disk, a folder that is read-only: of what a command writes for its user
        cause = Unavailable(f"{error.filename or 'a file'}: {error.strerror or error}")
        sys.exit(_shown(cause))
    except KeyboardInterrupt:
        errors.print("interrupted")
        sys.exit(INTERRUPTED)
    except SystemExit as left:  # how Typer tells of a Ctrl-C within a command: without a word
        if left.code == INTERRUPTED:
            errors.print("interrupted")
        raise


def _shown(error: TamgaError) -> int:
    """Say what went wrong, on standard error if standard output takes nothing; return the exit code."""
    try:
        return show_error(error, as_json=_wants_json())
    except OSError:  # its disk is full: what is still buffered for it goes nowhere, so that Python ends quietly
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return show_error(error, as_json=False)
