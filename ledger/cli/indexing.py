"""`tamga index`: the read model, which holds nothing that the chain does not."""

import tempfile
import time
from pathlib import Path
from typing import Final

import typer

from ledger.bootstrap.facade import open_facade, open_index
from ledger.cli import context
from ledger.cli.output import OK, REFUSED, Json, console, progress, show_json
from ledger.domain.errors import Conflict
from ledger.services.indexing import fsck

POLL_S: Final = 0.1

app = typer.Typer(no_args_is_help=True, help="The read model: rebuild it, check it.")


@app.command("rebuild")
def rebuild(as_json: Json = False) -> None:
    """Forget the index and build it anew from the chain. A facade that runs goes on meanwhile, and helps."""
    facade = open_facade(context.config())
    head = facade.reader.head().number
    facade.index.clear()
    with progress(quiet=as_json) as bar:
        task = bar.add_task("indexing", total=head + 1)
        while True:
            try:
                idle = facade.indexer.step() is None
            except Conflict:  # the facade's own indexer took this step
                idle = facade.indexer.lag().blocks == 0
                time.sleep(POLL_S)
            bar.update(task, completed=min(head, facade.indexer.lag().indexed) + 1)
            if idle:
                break
        while facade.reading is not None and facade.reading.step():
            pass
    indexed = facade.indexer.lag().indexed
    facade.close()
    if as_json:
        show_json({"indexed": indexed})
        return
    console.print(f"the index holds every block up to {indexed}")


@app.command("check")
def check(as_json: Json = False) -> None:
    """Replay the chain into a fresh index and compare, receipts included. Exit code 1 if they differ."""
    facade = open_facade(context.config())
    with tempfile.TemporaryDirectory() as folder:
        fresh, close = open_index(f"sqlite:///{Path(folder) / 'fresh.sqlite'}")
        found = fsck(facade.reader, facade.index, fresh)
        close()
    indexed = facade.indexer.lag().indexed
    facade.close()
    if as_json:
        show_json({"checked": indexed, "difference": None if found is None else vars(found)})
    elif found is None:
        console.print(f"checked up to block {indexed}: the index is what the chain says")
    else:
        console.print(f"block {found.number}: {found.text}. Mend: tamga index rebuild")
    raise typer.Exit(OK if found is None else REFUSED)
