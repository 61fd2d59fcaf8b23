"""The command line as a whole: `tamga`, its commands, and what its exit codes mean."""

import os
import sys
from io import TextIOWrapper

import typer

from ledger.cli import (
    INTERRUPTED,
    acting,
    banking,
    calculating,
    carrying,
    collecting,
    contracts,
    documents,
    erasing,
    following,
    governing,
    indexing,
    keeping,
    keys,
    listing,
    lodging,
    looking,
    outbox,
    recovering,
    sealing,
    sharing,
    verifying,
)
from ledger.cli.output import errors, show_error
from ledger.domain.errors import TamgaError, Unavailable

HELP = """A permissioned ledger for trade documents.

Exit codes: 0 done; 1 refused, or a document is INVALID; 2 the command is wrong; 3 try again later, or UNDETERMINED;
130 interrupted.
"""


def make_app() -> typer.Typer:
    """All commands."""
    app = typer.Typer(name="tamga", help=HELP, no_args_is_help=True, pretty_exceptions_enable=False)
    app.command()(verifying.verify)
    app.command()(sealing.seal)
    app.command()(sealing.anchor)
    app.command()(sealing.batches)
    app.command()(collecting.collect)
    app.command()(documents.prove)
    app.command("open")(documents.open_document)
    app.command()(carrying.embed)
    app.command()(carrying.extract)
    app.command()(sharing.redact)
    app.command()(sharing.grant)
    app.command()(erasing.erase)
    app.command()(recovering.recover)
    app.command()(lodging.lodge)
    app.command()(lodging.responses)
    app.command()(looking.history)
    app.command()(looking.show)
    app.command()(looking.contradictions)
    app.command()(following.follow)
    app.command()(looking.who)
    app.command()(looking.status)
    app.command("list")(listing.list_rows)
    for command in (listing.why, listing.statement, banking.supply, listing.services, calculating.duty):
        app.command()(command)
    app.command()(acting.act)
    app.command()(governing.govern)
    app.add_typer(keys.app, name="key")
    app.add_typer(following.app, name="webhook")
    app.add_typer(outbox.app, name="outbox")
    app.add_typer(keeping.app, name="contents")
    app.add_typer(indexing.app, name="index")
    app.add_typer(contracts.app, name="contracts")
    acting.add_groups(app)
    return app


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
        return show_error(error, as_json="--json" in sys.argv)
    except OSError:  # its disk is full: what is still buffered for it goes nowhere, so that Python ends quietly
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return show_error(error, as_json=False)
