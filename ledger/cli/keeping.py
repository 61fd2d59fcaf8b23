"""`tamga contents`: the stores of sealed documents, and whether each holds what it should."""

from typing import Annotated

import typer

from ledger.bootstrap import open_contents
from ledger.cli import context, notes
from ledger.cli.output import REFUSED, TRY_AGAIN, Json, console, show_json, show_table
from ledger.domain.errors import Unavailable

app = typer.Typer(no_args_is_help=True, help="Stores of sealed documents.")
Deep = Annotated[
    bool, typer.Option("--deep", help="Read and check every block of every store, and mend what is damaged.")
]


@app.command("status")
def status(as_json: Json = False) -> None:
    """Each store: whether it answers, and how many roots it holds. Exit code 3 if one is away."""
    contents = open_contents(context.config())
    rows: list[dict[str, object]] = []
    for place, store in enumerate(contents.stores):
        try:
            rows.append({"store": place, "roots": len(store.pins()), "away": None})
        except Unavailable as bad:
            rows.append({"store": place, "roots": None, "away": str(bad)})
    contents.close()
    if as_json:
        show_json(rows)
    else:
        show_table("stores", ("store", "roots", "away"), [list(row.values()) for row in rows])
    if any(row["away"] for row in rows):
        raise typer.Exit(TRY_AGAIN)


@app.command("repair")
def repair(deep: Deep = False, as_json: Json = False) -> None:
    """Copy what a store misses from the others, and drop from each what was erased; tell both.

    Exit code 1 if something stays damaged: no store has a good copy, or a Kubo node keeps a block that its disk
    damaged until `ipfs repo verify --drop` removes it.
    """
    contents = open_contents(context.config())
    with context.pinning():
        done = contents.repair(notes.erased_envelopes())
        if any(one.how != "copied" for one in done):
            contents.collect()
        if deep:
            done += contents.mend()
    contents.close()
    if as_json:
        show_json([one._asdict() for one in done])
    else:
        for one in done:
            console.print(f"store {one.store}: {one.how} {one.cid}", soft_wrap=True)
        console.print(f"{sum(one.how != 'damaged' for one in done)} repair(s)")
    if any(one.how == "damaged" for one in done):
        raise typer.Exit(REFUSED)
