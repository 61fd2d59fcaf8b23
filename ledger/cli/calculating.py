"""`tamga duty`: what duty would be owed, as `POST /v1/duty/calculate` reckons it.

A rate is written as the tariff prints it: `2.70` or `2.70%` of the value, `0.50/unit` for each unit, `5%+0.50/unit`
both together, `5%|0.50/unit` whichever is greater.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.cli import context
from ledger.cli.listing import AsOf
from ledger.cli.looking import Url
from ledger.cli.output import Json, console, show_json, show_table
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_UPLOAD_BYTES

_RATE: Final = re.compile(r"([0-9.]+)%?|([0-9.]+)/unit|([0-9.]+)%?([+|])([0-9.]+)/unit")
_BOTH: Final = {None: "sum", "+": "sum", "|": "greater"}
_RATE_HELP: Final = "2.70 (percent), 0.50/unit, both as 5%+0.50/unit, or 5%|0.50/unit for the greater."

Rate = Annotated[str, typer.Option(metavar="RATE", help=_RATE_HELP)]


def duty(
    value: Annotated[str | None, typer.Option(help="Customs value of one goods item, CIF at the border.")] = None,
    commodity: Annotated[str, typer.Option(help="Commodity code, looked up in the tariff.")] = "",
    quantity: Annotated[str, typer.Option(help="In the unit of the specific rates.")] = "0",
    duty_rate: Annotated[str, typer.Option("--duty", metavar="RATE", help=f"Duty: {_RATE_HELP}")] = "0",
    vat: Rate = "0",
    excise: Rate = "0",
    anti_dumping: Rate = "0",
    agricultural: Rate = "0",
    most_favoured: Annotated[
        bool, typer.Option("--most-favoured/--not-favoured", help="Without that status of the origin, duty doubles.")
    ] = True,
    items: Annotated[
        Path | None, typer.Option(help="Several goods items instead: JSON, the `items` of `POST /v1/duty/calculate`.")
    ] = None,
    fee: Annotated[str, typer.Option(help="Customs clearance fee.")] = "0",
    tariff: Annotated[
        Path | None, typer.Option(help="Table of rates that the rule book names, for items without.")
    ] = None,
    code_list: Annotated[str, typer.Option(help="Its name in the rule book.")] = "tariff",
    as_of: AsOf = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """What duty would be owed on goods items, by given rates or by the table in force."""
    if items is None:
        rates = {
            "duty": duty_rate,
            "vat": vat,
            "excise": excise,
            "anti_dumping": anti_dumping,
            "agricultural": agricultural,
        }
        asked_items: Any = [_item(value, commodity, quantity, rates, most_favoured=most_favoured, by_table=tariff)]
    else:
        asked_items = _read(items, "/items")
    asked: dict[str, Any] = {"items": asked_items, "fee": fee, "code_list": code_list, "as_of": as_of}
    if tariff is not None:
        asked |= {"tariff": _read(tariff, "/tariff")}
    with context.facade(api) as facade:
        told = facade.duty(asked)
    if as_json:
        show_json(told)
        return
    rows = [(item["number"], c["code"], c["amount"]) for item in told["items"] for c in item["charges"]]
    rows += [("all", c["code"], c["amount"]) for c in told["charges"]]
    show_table(f"rates {told['rates']}{_named(told['tariff'])}", ("item", "charge", "amount"), rows)
    console.print(f"total {told['total']}")


def _named(tariff: Mapping[str, Any] | None) -> str:
    """Which table it was."""
    return "" if tariff is None else f", {tariff['name']} of version {tariff['rule_version']} of the rule book"


def _item(
    value: str | None,
    commodity: str,
    quantity: str,
    rates: Mapping[str, str],
    *,
    most_favoured: bool,
    by_table: Path | None,
) -> dict[str, Any]:
    if value is None:
        raise Malformed(Fault("missing", "/value", "a customs value is needed, or --items"))
    item = {"value": value, "quantity": quantity, "commodity": commodity, "most_favoured": most_favoured}
    given = {name: rate(text, f"/{name}") for name, text in rates.items()}
    return item if by_table is not None and set(rates.values()) == {"0"} else {**item, "rates": given}


def rate(text: str, path: str) -> dict[str, str]:
    """A rate as the API takes it. Raises `Malformed`."""
    found = _RATE.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Malformed(Fault("rate", path, f"{text!r} is no rate: {_RATE_HELP}"))
    percent, per_unit, first, both, second = found.groups()
    return {"percent": percent or first or "0", "per_unit": per_unit or second or "0", "combination": _BOTH[both]}


def _read(path: Path, named: str) -> Any:
    content = context.read_file(path, MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise LimitExceeded(str(path), MAX_UPLOAD_BYTES)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Malformed(Fault("json", named, f"{path} is no JSON")) from error
