"""`tamga list`, `why`, `statement` and `services`: what a facade's read model and rules say."""

import json
from typing import Annotated, Any, Final

import typer

from ledger.cli import context
from ledger.cli.looking import Key, Url
from ledger.cli.output import Json, console, show_fields, show_json, show_table
from ledger.client import LISTS
from ledger.domain.errors import Fault, Malformed

AsOf = Annotated[str | None, typer.Option("--as-of", help="As of this instant: RFC 3339, or unix seconds.")]
RULE_BOOK: Final = ("rules", "regimes", "code-lists")
"""Lists of what stands in the rule book, which has one version for all of it."""
SHOWN: Final = 7
"""Columns of a list that fit a terminal; `--json` gives all."""


def list_rows(
    what: Annotated[str, typer.Argument(help=f"One of: {', '.join(LISTS)}; or participants/ID/keys.")],
    where: Annotated[list[str] | None, typer.Option(help="Filter as NAME=VALUE: state=ACCEPTED, importer=5.")] = None,
    as_of: AsOf = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """Everything of one kind that the key may see, newest first, now or at any past instant."""
    filters: dict[str, str] = {}
    for text in where or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise Malformed(Fault("no_value", f"/where/{name}", "a filter is NAME=VALUE"))
        filters[name] = f"{filters[name]},{value}" if name in filters else value
    with context.facade(api, key=key) as facade:
        rows = list(facade.listed(what, as_of=as_of, **filters))
        version = facade.rule_version(as_of=as_of) if what in RULE_BOOK and not as_json else None
    if as_json:
        show_json(rows)
        return
    columns = [name for name in (rows[0] if rows else ()) if not isinstance(rows[0][name], list)][:SHOWN]
    show_table(what, columns, [_row(row, columns) for row in rows])
    console.print(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}")
    if version is not None:
        console.print(f"version {version} of the rule book is in force")


def why(
    case: Annotated[str, typer.Argument(help="Declaration id, or MRN.")],
    as_of: AsOf = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """Why goods are held: everything that is missing, and who can do something about it."""
    with context.facade(api, key=key) as facade:
        told = facade.held(case, as_of=as_of)
    if as_json:
        show_json(told)
        return
    if not told["reasons"]:
        unknown = "no item waits for its release, or nothing that is missing is for this key to know"
        found = unknown if told["is_held"] is None else "nothing is missing"
        console.print(f"declaration {case}, {told['status']}: {found}")
        return
    rows = [
        (r["item"] or "all", r["code"], _short(r["agency"]) or r["awaits"], f"{r['text']} {r['remedy']}")
        for r in told["reasons"]
    ]
    show_table(f"declaration {case}, {told['status']}", ("item", "code", "awaits", "why"), rows)


def statement(
    participant: Annotated[int, typer.Argument(help="Whose account.")],
    first: Annotated[str, typer.Option("--from", help="First second: RFC 3339, or unix seconds; 0: all.")] = "0",
    until: Annotated[str | None, typer.Option(help="Last second; now, if not given.")] = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """A trader's account over a period: opening balance, every movement, closing balance, in minor units."""
    with context.facade(api, key=key) as facade:
        told = facade.statement(participant, first, until)
    if as_json:
        show_json(told)
        return
    columns = ("posted_at", "entry", "case", "charge", "amount", "balance", "prepaid")
    show_fields({"opening": told["opening"]})
    show_table(f"account of {participant}", columns, [tuple(e[name] for name in columns) for e in told["entries"]])
    show_fields({"closing": told["closing"]})


def services(api: Url = None, as_json: Json = False) -> None:
    """Every service of the ledger: owner, legal basis, inputs, deadline."""
    with context.facade(api) as facade:
        told = facade.services()
    if as_json:
        show_json(told)
        return
    columns = ("code", "name", "owner", "legal_basis", "deadline")
    show_table("services", columns, [tuple(service[name] for name in columns) for service in told])


def _row(row: dict[str, Any], columns: list[str]) -> tuple[Any, ...]:
    """The first column names the row: whole if it is text, so that it can be given to another command."""
    name, *others = (row[column] for column in columns)
    return name if isinstance(name, str) else _short(name), *map(_short, others)


def _short(value: Any) -> Any:
    if isinstance(value, dict):  # a participant: other commands take its number
        number, name = value.get("id"), value.get("name")
        return f"{name} ({number})" if number and name else name or number or json.dumps(value)
    return f"{value[:18]}…" if isinstance(value, str) and len(value) > 26 else value
