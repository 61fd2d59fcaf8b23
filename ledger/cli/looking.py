"""`tamga history`, `show`, `contradictions` and `status`: what the ledger, and the documents on it, say."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from ledger.cli import context
from ledger.cli.output import OK, TRY_AGAIN, Json, console, show_fields, show_json, show_line, show_table
from ledger.cli.patience import Patience
from ledger.client import Client
from ledger.domain.errors import TamgaError

Url = Annotated[str | None, typer.Option("--api", help="Facade to ask; default: the configured one.")]
Key = Annotated[str | None, typer.Option("--key", help="Key that signs in to read; default: TAMGA_KEY.")]
At = Annotated[str | None, typer.Option(help="As of this instant: RFC 3339, or unix seconds.")]


class Kind(StrEnum):
    """What has a history."""

    DECLARATION = "declaration"
    PERMIT = "permit"
    DOCUMENT = "document"
    COMPROMISED_KEY = "compromised-key"


class Shown(StrEnum):
    """What has a state."""

    DECLARATION = "declaration"
    VERSIONS = "versions"
    PERMIT = "permit"
    DOCUMENT = "document"
    PARTICIPANT = "participant"
    ACCOUNT = "account"
    ACT = "act"


PATHS: Final[Mapping[Shown, str]] = {
    Shown.DECLARATION: "declarations/{}",
    Shown.VERSIONS: "declarations/{}/versions",
    Shown.PERMIT: "permits/{}",
    Shown.DOCUMENT: "documents/{}",
    Shown.PARTICIPANT: "participants/{}",
    Shown.ACCOUNT: "accounts/{}",
    Shown.ACT: "acts/{}",
}


def history(
    case: Annotated[str, typer.Argument(help="Declaration id, 0x id of a permit or document, or address of a key.")],
    kind: Annotated[Kind, typer.Option(help="What the id names.")] = Kind.DECLARATION,
    at: At = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """Every act in order: who, when, what, in which transaction, on what evidence."""
    with context.facade(api, key=key) as facade:
        if kind is Kind.COMPROMISED_KEY:
            acts = list(facade.acts_of_compromised(case))
        else:
            acts = list(facade.history(f"{kind}s/{case}", at=at))
    if as_json:
        show_json(acts)
        return
    columns = ("time", "act", "by", "reason", "transaction", "evidence")
    show_table(f"{kind} {case}", columns, [act_row(act) for act in acts])
    console.print(f"{len(acts)} acts")


def show(
    kind: Annotated[Shown, typer.Argument(help="What to show.")],
    entity: Annotated[
        str,
        typer.Argument(metavar="ID", help="Declaration, 0x permit or act, ISSUER/0x record, or participant."),
    ],
    at: At = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """The state of a declaration, permit, document, participant, account or act, now or at any past instant."""
    with context.facade(api, key=key) as facade:
        answer = facade.state(PATHS[kind].format(entity), at=at)
    if as_json:
        show_json(answer)
        return
    block = answer.pop("block", answer.pop("as_of", None))
    as_of = "" if block is None else f", as of block {block['number']} ({block['time']})"
    console.print(f"{kind} {entity}{as_of}")
    show_fields(answer if kind is Shown.ACT else answer.get("state", answer))


def contradictions(
    about: Annotated[str | None, typer.Option(help="Only about this consignment: `ucr:…` or `mrn:…`.")] = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
    follow: Annotated[bool, typer.Option("--follow", help="Go on as they are found, until Ctrl-C.")] = False,
) -> None:
    """Where documents of different issuers say different things of the same goods.

    With --follow each is told on a line of its own, one JSON object with --json. A facade that breaks off is asked
    again.
    """
    with context.facade(api, key=key) as facade:
        if follow:
            _follow(facade, about, as_json=as_json)
            return
        found = list(facade.contradictions(about=about))
    if as_json:
        show_json(found)
        return
    columns = ("about", "item", "fact", "one says", "the other says", "stands")
    show_table("contradictions", columns, [_contradiction(each) for each in found])
    console.print(f"{len(found)} contradictions")


def who(key: Key = None, api: Url = None, as_json: Json = False) -> None:
    """Sign in to the facade, and say in whose name the key acts there and what it may do now."""
    with context.facade(api, key=key) as facade:
        told = facade.who()
    if as_json:
        show_json(told)
        return
    show_fields(told)


def status(api: Url = None, as_json: Json = False) -> None:
    """Where the ledger is, and whether node and facade do their work. Exit code 3 if one does not."""
    network = context.hand().chain.network
    told: dict[str, Any] = {
        "ledger": network.ledger_id.hex(),
        "chain_id": network.chain_id,
        "directory": network.directory,
        "rpc_url": network.rpc_url,
        "api_url": network.api_url,
    }
    good = True
    try:
        reader = context.hand().chain.reader
        head = reader.head()
        told["head"] = head.number
        told["contracts"] = {name: address for address, name in sorted(reader.contracts_at(head).items())}
    except TamgaError as error:
        good, told["node"] = False, str(error)
    try:
        with context.facade(api) as facade:
            told["facade"] = facade.ready()
        good = good and bool(told["facade"].get("ready"))
    except TamgaError as error:
        good, told["facade"] = False, str(error)
    if as_json:
        show_json(told)
    else:
        contracts = told.pop("contracts", {})
        show_fields(told)
        show_table("contracts", ("name", "address"), sorted(contracts.items()))
    raise typer.Exit(OK if good else TRY_AGAIN)


def act_row(act: dict[str, Any]) -> tuple[Any, ...]:
    """An act as a line of a table: time, act, by whom, reason, transaction, evidence."""
    name = f"{act['contract']}.{act['event']}"
    return act["time"], name, _who(act), act["reason_word"], _short(act["tx_hash"]), _short(act["evidence"])


def _follow(facade: Client, about: str | None, *, as_json: bool) -> None:
    patience = Patience()
    for each in facade.contradictions_found(again=patience.again):
        patience.answered()
        if about not in (None, each["about"]):
            continue
        if as_json:
            show_line(each)
        else:
            console.print("  ".join(map(str, _contradiction(each))), markup=False, soft_wrap=True)


def _contradiction(found: dict[str, Any]) -> tuple[Any, ...]:
    sides = [f"{_named(side['issuer'])}: {', '.join(side['says'])}" for side in found["sides"]]
    return found["about"], found["item"], found["fact"], *sides, "yes" if found["standing"] else "no longer"


def _who(act: dict[str, Any]) -> str:
    participant = act["participant"]
    if participant is None:
        return _short(act["actor"])
    return _named(participant)


def _named(participant: dict[str, Any]) -> str:
    return str(participant.get("name") or f"participant {participant['id']}")


def _short(text: str | None) -> str:
    return "" if text is None else text if len(text) <= 18 else f"{text[:18]}…"
