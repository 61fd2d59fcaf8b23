"""`tamga follow` and `tamga webhook`: being told of acts as they become final, and of contradictions."""

from typing import Annotated

import typer

from ledger.cli import context
from ledger.cli.looking import Key, Url, act_row
from ledger.cli.output import Json, console, show_json, show_line, show_table
from ledger.cli.patience import Patience

After = Annotated[
    str | None,
    typer.Option(help="Cursor: the id of the last act seen; 0.0 for the first of all. From now, if not given."),
]
Lines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each act, as it is told.")]
Webhook = Annotated[str, typer.Argument(help="Its id, as `tamga webhook list` shows it.")]

app = typer.Typer(no_args_is_help=True, help="Have acts, or contradictions, posted to an address of yours.")


def follow(
    after: After = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many acts.")] = None,
    key: Key = None,
    api: Url = None,
    as_json: Lines = False,
) -> None:
    """Acts that the key may see, as they become final, until Ctrl-C; each with the cursor to go on from.

    A facade that breaks off is asked again for what came since, until it answers.
    """
    patience = Patience()
    with context.facade(api, key=key) as facade:
        for number, event in enumerate(facade.events(after=after, again=patience.again), 1):
            patience.answered()
            if as_json:
                show_line(event)
            else:
                line = "  ".join(str(cell) for cell in (event["id"], *act_row(event["act"])) if cell not in (None, ""))
                console.print(line, markup=False, soft_wrap=True)
            if number == count:
                return


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where to post; the facade's operator lists the hosts it posts to.")],
    contradictions: Annotated[
        bool, typer.Option("--contradictions", help="Tell contradictions between documents, and not acts.")
    ] = False,
    after: Annotated[
        str | None, typer.Option(help="Id of an event; if not given, acts from now on, contradictions from the first.")
    ] = None,
    key: Key = None,
    api: Url = None,
    as_json: Json = False,
) -> None:
    """Register a webhook; its secret signs every delivery (Standard Webhooks v1)."""
    with context.facade(api, key=key) as facade:
        made = facade.add_webhook(url, tells="contradictions" if contradictions else "acts", after=after)
    if as_json:
        show_json(made)
        return
    console.print(f"webhook {made['webhook']['id']}")
    console.print(f"secret {made['secret']}", markup=False, soft_wrap=True)


@app.command("list")
def list_(key: Key = None, api: Url = None, as_json: Json = False) -> None:
    """Webhooks of the key, how far each was served, and what its last try met."""
    with context.facade(api, key=key) as facade:
        found = facade.webhooks()
    if as_json:
        show_json(found)
        return
    columns = ("id", "tells", "url", "served", "failed_tries", "trouble", "paused")
    show_table("webhooks", columns, [tuple(each[name] for name in columns) for each in found])


@app.command("replay")
def replay(
    webhook: Webhook,
    after: Annotated[
        str, typer.Option(help="Id of an event: tell all after it; 0.0 for all acts, 0 for all contradictions.")
    ],
    key: Key = None,
    api: Url = None,
) -> None:
    """Tell a webhook everything after an event, also if it was paused."""
    with context.facade(api, key=key) as facade:
        facade.replay_webhook(webhook, after)
    console.print(f"webhook {webhook} is served from {after} on")


@app.command("remove")
def remove(webhook: Webhook, key: Key = None, api: Url = None) -> None:
    """End a webhook."""
    with context.facade(api, key=key) as facade:
        facade.remove_webhook(webhook)
    console.print(f"removed webhook {webhook}")
