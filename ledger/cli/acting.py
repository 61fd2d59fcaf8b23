"""Acts by hand: `tamga act CONTRACT FUNCTION name=value …`, and a named command for every act of the main contracts.

The named commands are made from the contracts' own interfaces: each parameter is an option, its help what the interface
says of it, its shape and its words. What can be read is not asked for: `expectedVersion` is the revision in force, a
request id is drawn.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from ledger.bootstrap.interfaces import DescribedAct, act_inputs, acts_of
from ledger.cli import context
from ledger.cli.commands import GROUPS
from ledger.cli.output import Json, console, show_fields, show_json
from ledger.domain import canonical
from ledger.domain.errors import ActRefused, Conflict, Fault, Malformed, NotFound
from ledger.domain.ids import TxHash
from ledger.domain.limits import ACT_GAS_BASE, ACT_GAS_PER_BYTE, MIB
from ledger.domain.plain import in_units
from ledger.domain.reason_codes import NAMES
from ledger.domain.reference_numbers import parse_mrn
from ledger.ports.chain import ChainReader
from ledger.ports.contracts import ActParam
from ledger.ports.outbox import OutboxState
from ledger.ports.signer import Signer
from ledger.services.act_values import is_instant, words_of
from ledger.services.completing import FILLED, REQUEST_ID, checked, complete, version_reader

CASES: Final = ("caseId", "offsetCase")
"""Arguments that are declarations."""
MRN_CHARACTERS: Final = 18
MONEY: Final = ("amount", "interest", "toSeller", "value")
"""Arguments that are amounts of the settlement token."""
QUANTITY: Final = "quantity in the line's unit"
MAX_VALUE_BYTES: Final = MIB
"""Arguments from a file."""
RENAMED: Final[Mapping[str, str]] = {"key": "address"}
"""Options of arguments whose names are options of every command: `--key` is the key that acts."""


class Via(StrEnum):
    """How an act reaches the chain."""

    DIRECT = "direct"
    FACADE = "facade"


Key = Annotated[str, typer.Option("--key", help="Name or address of the key that acts.")]
How = Annotated[Via, typer.Option("--via", help="`direct`: our own transaction; `facade`: signed, carried by it.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would be signed and whether it would be refused; stop.")]


def act(
    contract: Annotated[str, typer.Argument(help="Directory name: DeclarationRegistry.")],
    function: Annotated[str, typer.Argument(help="Function: lodge.")],
    key: Key,
    values: Annotated[list[str] | None, typer.Argument(help="name=value; structs and lists as JSON, or @file.")] = None,
    via: How = Via.DIRECT,
    dry_run: Dry = False,
    as_json: Json = False,
) -> None:
    """Do any act of any contract."""
    given: dict[str, Any] = {}
    for value in values or ():
        name, equals, text = value.partition("=")
        if not equals:
            raise Malformed(Fault("argument", f"/{name}", "name=value is needed here"))
        given[name] = text
    perform(contract, function, given, key, via=via, dry_run=dry_run, as_json=as_json)


def perform(
    contract: str, function: str, given: Mapping[str, Any], key: str, *, via: Via, dry_run: bool, as_json: bool
) -> None:
    """Fill in what can be read, describe the act, sign it, and see it through to its end.

    Raises:
        ActRefused: The contract would refuse it, with all that stands against it; or refused it when it was carried.
        Malformed, NotFound: No such act or argument.
        Unavailable: No node or facade; look for the act's effect before doing it again.
    """
    hand, signer = context.hand(), context.signer(key)
    args = _complete(contract, function, given, signer)
    prepared = hand.acts.prepare(contract, function, args, signer.address, simulate=False)
    refusals = hand.acts.objections(prepared)
    if refusals:
        first, *others = refusals
        raise ActRefused(first.error, first.arguments, others)
    if not as_json:
        console.print(f"{contract}.{function}: {prepared.meaning}", markup=False, soft_wrap=True)
        show_fields(prepared.in_words, "  ")
    if dry_run:
        if as_json:
            show_json({"act_id": prepared.act_id, "args": prepared.in_words, "typed_data": prepared.typed_data})
        return
    if via is Via.DIRECT:
        gas = ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(prepared.unsigned.data)
        drawn = b"" if REQUEST_ID in given else bytes(prepared.args.get(REQUEST_ID, b""))
        with context.turn_of(signer) as turn:
            tx_hash = turn.transact(prepared.unsigned.target, prepared.unsigned.data, gas=gas, drawn=drawn)
        told: dict[str, Any] = {"state": OutboxState.FINAL}
    else:
        with context.facade(key=key) as facade:
            facade.relay(prepared.signed(signer.sign_typed_data(prepared.typed_data)))
            told = facade.wait(prepared.act_id)
        tx_hash = ended_well(told)
    _tell(tx_hash, told["state"], as_json=as_json)


def ended_well(told: Mapping[str, Any]) -> TxHash:
    """The transaction of an act that a facade told the end of.

    Raises:
        ActRefused: The contract refused it.
        Conflict: The facade's own key was used elsewhere, and the act was not carried.
    """
    error = told["error"]
    if told["state"] == "CONFLICT":
        raise Conflict(str(error["text"]))
    if error is not None:
        raise ActRefused(error["name"], error["arguments"])
    return TxHash(bytes.fromhex(told["tx_hash"][2:]))


def _tell(tx_hash: TxHash, state: str, *, as_json: bool) -> None:
    receipt = context.hand().chain.reader.receipt(tx_hash)
    events = (
        [] if receipt is None else [{"name": e.name, "arguments": in_units(e.name, e.args)} for e in receipt.events]
    )
    block = None if receipt is None else receipt.block.number
    if as_json:
        show_json({"state": state, "tx_hash": tx_hash, "block_number": block, "events": events})
        return
    console.print(f"{state} in block {block}, transaction 0x{tx_hash.hex()}")
    for event in events:
        console.print(f"  {event['name']}")
        show_fields(event["arguments"], "    ")


def _complete(contract: str, function: str, given: Mapping[str, Any], signer: Signer) -> dict[str, Any]:
    """Arguments by name: as given, read from the chain, or drawn."""
    params = {each.name: each for each in act_inputs(contract, function)}
    faults: list[Fault] = []
    typed: dict[str, Any] = {}
    chain = context.hand().chain
    for name, text in sorted(given.items()):
        try:
            if name in CASES and len(text) == MRN_CHARACTERS and not text.isdecimal():
                typed[name] = _case_of(chain.reader, text)
            else:
                typed[name] = _typed(params[name], text) if name in params else text
        except Malformed as error:
            faults += [Fault(each.code, f"/{name}{each.path}", each.text) for each in error.faults]
    args = checked(chain.contracts, contract, function, typed, faults)
    return complete(args, list(params), version_reader(chain.reader, contract, function, signer.address))


def _case_of(reader: ChainReader, text: str) -> int:
    """The declaration with an MRN. Raises `Malformed`, or `NotFound`."""
    found = int(reader.call("DeclarationRegistry", "caseOf", (parse_mrn(text).text.encode(),), at=reader.final_head()))
    if not found:
        raise NotFound("declaration with MRN", text)
    return found


def _typed(param: ActParam, text: str) -> Any:
    """An argument as typed: JSON for structs and lists, @file for JSON in a file, else as it stands."""
    if text.startswith("@"):
        file = Path(text[1:])
        if not file.is_file():
            raise Malformed(Fault("file", "", f"no file {file}"))
        return canonical.loads(context.read_file(file, MAX_VALUE_BYTES + 1), max_bytes=MAX_VALUE_BYTES)
    if param.struct or param.is_list:
        return canonical.loads(text.encode(), max_bytes=MAX_VALUE_BYTES)
    if param.base == "bool":
        if text.lower() not in ("true", "false"):
            raise Malformed(Fault("bool", "", "true or false is needed here"))
        return text.lower() == "true"
    return text


# ----- named commands


def group(name: str) -> typer.Typer:
    """A command for each act of a main contract, see `GROUPS`."""
    contract, text = GROUPS[name]
    acts = typer.Typer(no_args_is_help=True, help=text)
    for described in acts_of(contract):
        acts.command(_dashed(described.function), help=described.meaning)(_command(described))
    return acts


def _command(described: DescribedAct) -> Callable[..., None]:
    """A function whose signature is the act's own, as typer reads signatures."""
    names = {_python_name(each.name): each for each in described.parameters}

    def command(key: str, via: Via, dry_run: bool, as_json: bool, **values: str | None) -> None:
        given = {names[name].name: value for name, value in values.items() if value is not None}
        perform(described.contract, described.function, given, key, via=via, dry_run=dry_run, as_json=as_json)

    own = [_option(name, each) for name, each in names.items()]
    common = inspect.signature(act).parameters
    shared = [common[name].replace(kind=inspect.Parameter.KEYWORD_ONLY) for name in ("via", "dry_run", "as_json")]
    key = common["key"].replace(kind=inspect.Parameter.KEYWORD_ONLY)
    signature = inspect.Signature([*own, key, *shared])
    command.__signature__ = signature  # type: ignore[attr-defined]  # typer honours it; a function's type lacks it
    command.__annotations__ = {p.name: p.annotation for p in (*own, key, *shared)}
    return command


def _option(name: str, param: ActParam) -> inspect.Parameter:
    filled = FILLED.get(param.name)
    told = filter(None, (param.note, f"{_shape(param)}.", filled))
    called = RENAMED.get(param.name) or _dashed(param.name)
    option = typer.Option(f"--{called}", help=escape(" ".join(told)), metavar="VALUE")
    default = None if filled else inspect.Parameter.empty
    kind = str | None if filled else str
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _shape(param: ActParam) -> str:
    """What is typed for a parameter: its words, its type, or the JSON of a struct or list."""
    if param.name in CASES:
        return "Declaration id, or MRN"
    if param.struct or param.is_list:
        return f"JSON, or @file: {_json_shape(param)}"
    words = words_of(param)
    if param.name in NAMES:
        return f"{' | '.join(words)}, or a number"
    return " | ".join(words) or _unit(param) or param.base


def _json_shape(param: ActParam) -> str:
    if param.struct:
        members = ", ".join(f'"{member.name}": {_json_shape(member)}' for member in param.members)
        whole = f"{{{members}}}"
    else:
        whole = "|".join(words_of(param)) or _unit(param) or param.base
    return f"[{whole}, …]" if param.is_list else whole


def _unit(param: ActParam) -> str:
    if is_instant(param):
        return "RFC 3339 or unix seconds"
    return "minor units" if param.name in MONEY else QUANTITY if param.base == "uint96" else ""


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name.rstrip("_")).lower()


def _python_name(name: str) -> str:
    return f"arg_{name}"
