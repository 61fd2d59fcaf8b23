"""`tamga outbox`: what was accepted and does not come to an end by itself, and what its operator decides about it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer

from ledger.bootstrap.acting import open_outbox
from ledger.cli import context
from ledger.cli.output import REFUSED, Json, console, show_fields, show_json
from ledger.domain.errors import Fault, Malformed
from ledger.ports.outbox import Outbox, OutboxRow
from ledger.services.stuck import Stuck, find_stuck

MAX_REASON: Final = 500
"""Characters of an operator's reason."""

Row = Annotated[str, typer.Argument(help="Key of the row, as `tamga outbox list` shows it.")]

app = typer.Typer(no_args_is_help=True, help="Acts that were accepted and wait for their operator's decision.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """What is stuck in this machine's outbox, why, and what can be done. Exit code 1 if anything is.

    What it is about is told as acts are before they are signed: contract, function, meaning and arguments.

    CONFLICT: its nonce was spent by another transaction of the same key, so it never took effect, and nothing behind
    it is sent. SIGNED, SENT: the node does not take it, it is offered again and again, and nothing behind it is sent.
    REFUSED: the contract refused to anchor a batch; `tamga collect` tries it again when it is started.
    """
    outbox, close = open_outbox(context.config())
    try:
        chain = context.hand().chain
        found = list(find_stuck(outbox, chain.reader, chain.contracts))
    finally:
        close()
    if as_json:
        show_json([_told(one) for one in found])
    for one in () if as_json else found:
        console.print(f"{one.row.state} {one.row.key}", markup=False, soft_wrap=True)
        for name in ("what", "signer", "nonce", "why"):
            console.print(f"  {name}: {_told(one)[name]}", markup=False, soft_wrap=True)
            if name == "what" and one.call is not None and one.manifest is None:
                show_fields(one.call.args, "    ")
        for way in _ways(one):
            console.print(f"  {way}", markup=False, soft_wrap=True)
    if found:
        raise typer.Exit(REFUSED)
    if not as_json:
        console.print("nothing is stuck")


@app.command("renew")
def renew(key: Row, as_json: Json = False) -> None:
    """Send a row in CONFLICT again, under a new nonce. It happens once: its old nonce is spent by another transaction.

    Find out first which program used the key: a key sends from one outbox only. Of a row that the node does not take,
    the nonce is spent on nothing first. Whoever carries for the key takes the row up: a facade or `tamga collect` that
    runs, or else the next command with that key.
    """
    _decide(lambda outbox: outbox.renew(key), "is accepted anew; {signer} sends it", as_json=as_json)


@app.command("abandon")
def abandon(
    key: Row,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks what became of it.")],
    as_json: Json = False,
) -> None:
    """Give a row up that is in CONFLICT or refused: nothing sends it again, and its signer goes on.

    Of a row that the node does not take, whoever carries for the key spends the nonce on nothing; that ends it.
    A batch whose anchor is given up stays sealed and stored; `tamga anchor MANIFEST` still anchors it.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise Malformed(Fault("text", "/reason", f"1 to {MAX_REASON} characters are needed here"))
    _decide(lambda outbox: outbox.abandon(key, reason.strip()), "is given up", as_json=as_json)


def _decide(decision: Callable[[Outbox], OutboxRow], said: str, *, as_json: bool) -> None:
    outbox, close = open_outbox(context.config())
    try:
        row = decision(outbox)
    finally:
        close()
    if as_json:
        show_json({"key": row.key, "state": row.state, "signer": row.signer})
        return
    later = ", once its nonce is spent on nothing" if row.trouble else ""
    console.print(f"{row.key} {said.format(signer=row.signer)}{later}", markup=False, soft_wrap=True)


def _told(one: Stuck) -> dict[str, Any]:
    row = one.row
    return {
        "key": row.key,
        "state": row.state,
        "signer": row.signer,
        "nonce": row.nonce,
        "tx_hash": row.tx_hash,
        "what": one.what,
        "act": None if one.call is None else asdict(one.call),
        "why": one.why,
        "manifest": None if one.manifest is None else one.manifest.hex(),
        "anchored": one.is_anchored,
    }


def _ways(one: Stuck) -> list[str]:
    """What can be done, the likeliest first."""
    if one.row.is_decided:
        return ["decided: it ends once whoever carries for its signer has spent its nonce on nothing"]
    ways = [f'give up: tamga outbox abandon {one.row.key} --reason "…"']
    if one.is_anchored:
        return [f"the batch is anchored all the same; {ways[0]}"]
    if one.is_conflict or one.row.trouble:
        return [f"send anew: tamga outbox renew {one.row.key}", *ways]
    return [f"once mended: tamga anchor {one.manifest.hex() if one.manifest else ''} --key …", *ways]
