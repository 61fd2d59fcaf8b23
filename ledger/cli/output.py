"""What the command line prints: tables and panels for people, one JSON value with `--json`; errors on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from threading import Timer
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from ledger.domain.errors import ActRefused, Malformed, NotSignedIn, TamgaError
from ledger.domain.plain import in_units, plain
from ledger.domain.refusal import explain, reasons

OK: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
TRY_AGAIN: Final = 3
SAID_AFTER_S: Final = 1.0
"""A shorter wait for peers is not told of [s]."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
errors = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value, and nothing else.")]


def show_json(value: Any) -> None:
    """Print a JSON value."""
    json.dump(plain(value), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")
    sys.stdout.flush()  # a disk that is full is told while the command can say so


def show_line(value: Any) -> None:
    """Print a JSON value on one line, at once."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; long values are folded, never cut, and brackets in them are no markup: others wrote them."""
    table = Table(*columns, title=Text(title), title_justify="left")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    console.print(table)


def show_fields(value: Any, indent: str = "", style: str | None = None) -> None:
    """Print an object's fields, nested ones indented."""
    for name, item in plain(value).items():
        if isinstance(item, dict) and item:
            console.print(f"{indent}{name}:", style=style, markup=False)
            show_fields(item, indent + "  ", style)
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            for number, each in enumerate(item):
                console.print(f"{indent}{name} {number + 1}:", style=style, markup=False)
                show_fields(each, indent + "  ", style)
        else:
            console.print(f"{indent}{name}: {item}", style=style, markup=False, soft_wrap=True)


def show_error(error: TamgaError, *, as_json: bool) -> int:
    """Say what went wrong; return the exit code. As JSON on one line, which may come after other lines."""
    if as_json:
        show_line(_told(error))
    else:
        errors.print(f"[red]{error.code}[/red]: ", end="")
        if isinstance(error, ActRefused):
            for refusal in (error, *error.others):
                _show_refusal(refusal)
        elif isinstance(error, Malformed):
            for fault in error.faults:
                errors.print(f"{fault.code} at {fault.path or '/'}: {fault.text}", markup=False, soft_wrap=True)
        else:
            errors.print(str(error), markup=False, soft_wrap=True)
        if isinstance(error, NotSignedIn):
            errors.print("Name the key that signs in: --key NAME, or TAMGA_KEY.")
        if error.retryable:
            errors.print("Try again later.")
    return TRY_AGAIN if error.retryable else USAGE if isinstance(error, Malformed) else REFUSED


def _show_refusal(refusal: ActRefused) -> None:
    errors.print(explain(refusal), markup=False, soft_wrap=True)
    for reason in reasons(refusal):
        errors.print(f"  {reason['text']}", markup=False, soft_wrap=True)
    said = ", ".join(f"{name}={value}" for name, value in in_units(refusal.error, refusal.arguments).items())
    errors.print(f"  the contract says: {refusal.error}({said})", markup=False, soft_wrap=True)


def _told(error: TamgaError) -> dict[str, Any]:
    told: dict[str, Any] = {"error": error.code, "text": str(error), "retryable": error.retryable}
    if isinstance(error, ActRefused):
        told |= _refusal(error)
        return {**told, "others": [_refusal(other) for other in error.others]}
    if isinstance(error, Malformed):
        return {**told, "faults": [asdict(fault) for fault in error.faults]}
    return told


def _refusal(refused: ActRefused) -> dict[str, Any]:
    said = {"name": refused.error, "arguments": in_units(refused.error, refused.arguments)}
    return {"text": explain(refused), "refusal": said, "reasons": reasons(refused)}


@contextmanager
def waiting_for_peers(count: int) -> Iterator[None]:
    """Say what is waited for, if that takes time."""
    said = f"waiting for peers: {count} block(s) that no content store here holds"
    timer = Timer(SAID_AFTER_S, errors.print, (said,), {"markup": False, "soft_wrap": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def progress(*, quiet: bool) -> Progress:
    """A progress display on stderr; silent where nobody looks."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=quiet or not errors.is_terminal,
    )
