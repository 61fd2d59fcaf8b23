"""`tamga contents`: the stores of sealed documents, and whether each holds what it should."""

import typer

from ledger.bootstrap import open_contents
from ledger.cli import context, notes
from ledger.cli.output import TRY_AGAIN, Json, console, show_json, show_table
from ledger.domain.errors import Unavailable

app = typer.Typer(no_args_is_help=True, help="Stores of sealed documents.")


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
def repair(as_json: Json = False) -> None:
    """Copy what a store misses from the others, and drop from each what was erased; tell both."""
    contents = open_contents(context.config())
    done = contents.repair(notes.erased_envelopes())
    if any(one.how != "copied" for one in done):
        contents.collect()
    contents.close()
    if as_json:
        show_json([one._asdict() for one in done])
        return
    for one in done:
        console.print(f"store {one.store}: {one.how} {one.cid}", soft_wrap=True)
    console.print(f"{len(done)} repair(s)")
