"""`tamga supply`: the settlement token's supply, alone or beside a bank's statement."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli import context
from ledger.cli.looking import Key, Url
from ledger.cli.output import OK, REFUSED, Json, console, show_fields, show_json, show_table
from ledger.domain.bank_matching import Move, match
from ledger.domain.errors import NotFound
from ledger.domain.fields import hex_of
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_XML_BYTES
from ledger.domain.plain import instant, rfc3339
from ledger.domain.trade.bank_statement import read_bank_statement


def supply(
    statement: Annotated[
        Path | None,
        typer.Option(help="Statement of the account behind the token, ISO 20022 camt.053: compared entry by entry."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="As of this instant: RFC 3339, or unix seconds; not with a statement.")
    ] = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """What was minted and redeemed of the settlement token, in minor units; with a bank's statement, where both differ.

    Exit code 1: there are differences. They are shown, never corrected.
    """
    if statement is not None:
        if as_of is not None:
            raise typer.BadParameter("a statement has an end of its own", param_hint="--as-of")
        raise typer.Exit(_compare(statement, key, api, as_json=as_json))
    with context.facade(api, key=key) as facade:
        told = facade.supply(as_of=as_of)
    if as_json:
        show_json(told)
    else:
        show_fields(told)


def _compare(file: Path, key: str | None, api: str | None, *, as_json: bool) -> int:
    if not file.is_file():
        raise NotFound("file", str(file))
    with file.open("rb") as opened:
        booked = read_bank_statement(opened.read(MAX_XML_BYTES + 1))
    with context.facade(api, key=key) as facade:
        found = match(booked, [_move(row) for row in facade.listed("settlement/moves")])
    differences: list[dict[str, Any]] = [
        {
            "difference": each.what,
            "bank_reference": each.text,
            "on_ledger": f"0x{each.reference.hex()}",
            "booked": None if each.booked is None else str(each.booked),
            "moved": None if each.moved is None else str(each.moved),
        }
        for each in found.differences
    ]
    told = {
        "from": rfc3339(booked.first),
        "until": rfc3339(booked.last),
        "currency": booked.currency,
        "agreed": found.agreed,
        "bank_balance": str(found.closing),
        "supply": str(found.supply),
        "holds": found.holds,
    }
    if as_json:
        show_json({**told, "differences": differences})
    else:
        show_fields(told)
        columns = ("difference", "bank_reference", "on_ledger", "booked", "moved")
        show_table("differences", columns, [tuple(row.values()) for row in differences])
        console.print("both books say the same" if found.holds else "the books differ")
    return OK if found.holds else REFUSED


def _move(row: dict[str, Any]) -> Move:
    reference = Digest32(hex_of(row["bank_reference"].removeprefix("0x"), "/bank_reference"))
    return Move(reference, row["status"] == "MINTED", int(row["amount"]), instant(row["moved_at"]))
