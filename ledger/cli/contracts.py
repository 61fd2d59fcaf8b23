"""`tamga contracts`: whether the law on the chain is the law that one can read."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.bootstrap.code import Checked, check_code, sources_at_hand
from ledger.cli import context
from ledger.cli.output import OK, REFUSED, Json, console, progress, show_json
from ledger.domain.errors import Fault, Malformed

app = typer.Typer(no_args_is_help=True, help="The contracts on the chain.")


@app.callback()
def contracts() -> None:
    """The contracts on the chain."""


@app.command("verify")
def verify(
    sources: Annotated[
        list[Path] | None,
        typer.Option(help="Clone with `contracts` and `node_modules`; again for each older release that is listed."),
    ] = None,
    compiler: Annotated[
        Path | None, typer.Option(help="solc to compile with; default: `scripts/solc` of the clone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Recompile the sources and compare with the code of every contract, version and library of the Directory.

    Exit codes: 0 all are the same; 1 one differs; 2 no sources, or they do not compile; 3 no node of this ledger.
    """
    roots = _roots(sources)
    with progress(quiet=as_json) as bar:
        task = bar.add_task("compiling", total=None)

        def tell(name: str, done: int, of: int) -> None:
            bar.update(task, description=name, completed=done, total=of)

        block, found = check_code(context.config(), roots, compiler, tell)
    good = all(checked.is_same for checked in found)
    if as_json:
        contracts_ = [_object(checked) for checked in found]
        show_json({"block": block.number, "same": good, "sources": [str(r) for r in roots], "contracts": contracts_})
    else:
        for checked in found:
            _print(checked)
        wrong = sum(not checked.is_same for checked in found)
        told = "all are what the sources say" if good else f"{wrong} of them not what the sources say"
        console.print(f"{len(found)} contracts at block {block.number}: {told}", markup=False)
    raise typer.Exit(OK if good else REFUSED)


def _roots(named: list[Path] | None) -> list[Path]:
    roots = named or [root for root in (sources_at_hand(),) if root is not None]
    if not roots:
        text = "the package brings no Solidity: clone the release's repository, run scripts/check --list in it, name it"
        raise Malformed(Fault("no_sources", "--sources", text))
    return [root.absolute() for root in roots]


def _object(checked: Checked) -> dict[str, Any]:
    difference = checked.difference
    return {
        "contract": checked.contract,
        "version": checked.version or None,
        "address": checked.address,
        "same": checked.is_same,
        "fault": checked.fault or None,
        "difference": None
        if difference is None
        else {
            "offset": difference.offset,
            "bytes_on_chain": difference.on_chain,
            "bytes_compiled": difference.compiled,
            "in": [vars(place) for place in difference.places],
        },
        "immutables": [vars(value) for value in checked.values],
        "metadata": checked.metadata,
        "libraries": checked.libraries,
    }


def _print(checked: Checked) -> None:
    mark = "[green]same   [/green]" if checked.is_same else "[red]DIFFERS[/red]"
    number = f" version {checked.version}" if checked.version else " (library)"
    console.print(f"{mark} {checked.contract}{number} at {checked.address}", soft_wrap=True)
    for line in _details(checked):
        console.print(f"          {line}", markup=False, soft_wrap=True)


def _details(checked: Checked) -> list[str]:
    lines = [checked.fault] if checked.fault else []
    difference = checked.difference
    if difference is not None:
        sizes = f"{difference.on_chain} bytes on the chain, {difference.compiled} compiled"
        lines.append(f"first different byte at offset {difference.offset}; {sizes}")
        lines += [f"in {place.function}, {place.file}:{place.line}" for place in difference.places]
    lines += [f"{value.name} {value.fault}" for value in checked.values if value.fault]
    lines += [f"{value.name} = {value.value}, by its own word" for value in checked.values if not value.proven_by]
    if checked.metadata == "differs":
        lines.append("compiler's metadata differs, which changes nothing that it does")
    return lines
