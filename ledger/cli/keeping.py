"""`tamga contents`: the stores of sealed documents, and whether each holds what it should."""

from collections.abc import Collection, Sequence
from typing import Annotated

import typer

from ledger.bootstrap.documents import open_contents
from ledger.cli import context, notes
from ledger.cli.output import REFUSED, TRY_AGAIN, Json, console, errors, show_json, show_table
from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.ids import Cid
from ledger.ports.content_store import ContentStore
from ledger.services.erased import narrowed_in, ordered_envelopes, pins_of

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

    What was erased from this machine stands in its notes; what from another of ours, the chain is asked.

    A store that is away keeps no other from being repaired: it is named, with how many roots could not be judged, and
    the exit code is 3. Exit code 1 if something stays damaged: no store has a good copy, or a Kubo node keeps a block
    that its disk damaged until `ipfs repo verify --drop` removes it.
    """
    contents = open_contents(context.config())
    with context.pinning():
        found = contents.repair(notes.erased_envelopes() | _erased_elsewhere(contents.stores))
        done, trouble, unjudged = list(found.done), dict(found.trouble), found.unjudged
        if any(one.how in ("narrowed", "unpinned") for one in done):
            trouble |= _collected(contents.stores, trouble)
        if deep:
            found = contents.mend()
            done, trouble, unjudged = done + found.done, {**trouble, **found.trouble}, max(unjudged, found.unjudged)
    contents.close()
    if as_json:
        away = [{"store": place, "text": text} for place, text in sorted(trouble.items())]
        show_json({"repairs": [one._asdict() for one in done], "away": away, "unjudged": unjudged})
    else:
        for one in done:
            console.print(f"store {one.store}: {one.how} {one.cid}", soft_wrap=True)
        console.print(f"{sum(one.how != 'damaged' for one in done)} repair(s)")
        for place, text in sorted(trouble.items()):
            errors.print(f"store {place} was not repaired to the end: {text}", markup=False, soft_wrap=True)
        if unjudged:
            again = "once all stores are back" if trouble else "with a store that has a good copy of what they lead to"
            errors.print(f"{unjudged} root(s) could not be judged: repair again {again}")
    if trouble or unjudged:
        raise typer.Exit(TRY_AGAIN)
    if any(one.how == "damaged" for one in done):
        raise typer.Exit(REFUSED)


def _erased_elsewhere(stores: Sequence[ContentStore]) -> frozenset[Cid]:
    """Envelopes that were ordered to be erased; the chain is asked only where something was. None without a ledger.

    Raises:
        Unavailable: The chain cannot be asked: what was erased could come back from a store that missed it.
    """
    pinned = pins_of(stores)
    if not narrowed_in(pinned):
        return frozenset()
    try:
        reader = context.hand().chain.reader
    except NotFound:
        return frozenset()
    return ordered_envelopes(reader, pinned, until=reader.final_head())


def _collected(stores: Sequence[ContentStore], away: Collection[int]) -> dict[int, str]:
    """Have each store that is not away drop what nothing pins; what kept others from it, by their place."""
    trouble: dict[int, str] = {}
    for place, store in enumerate(stores):
        if place not in away:
            try:
                store.collect()
            except (NotFound, Unavailable) as bad:  # a pinned tree that is not whole, too: a deep repair mends that
                trouble[place] = str(bad)
    return trouble
