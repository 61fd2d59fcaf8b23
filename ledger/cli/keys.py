"""`tamga key`: keys of this machine's keystore and key ring."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.bootstrap.documents import add_read_key, make_keys, open_keystore
from ledger.cli import context
from ledger.cli.output import Json, console, show_json, show_table

app = typer.Typer(no_args_is_help=True, help="Keys of this machine.")


@app.command("new")
def new(name: Annotated[str, typer.Argument(help="Name of the key.")], as_json: Json = False) -> None:
    """Make a signing key in an encrypted file. It acts in nobody's name until a registrar registers it."""
    made = open_keystore(context.config()).create(name, context.new_passphrase())
    if as_json:
        show_json({"name": name, "address": made.address})
        return
    console.print(f"{name} {made.address}")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Signing keys here, still locked."""
    found = open_keystore(context.config()).list()
    if as_json:
        show_json([{"name": key.name, "address": key.address} for key in found])
        return
    show_table("keys", ("name", "address"), [(key.name, key.address) for key in found])


@app.command("ring")
def ring(
    path: Annotated[Path | None, typer.Argument(help="File; default TAMGA_READ_KEYS.")] = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Add a new key to a ring that is there; the older ones still open.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a ring with one decryption key (X25519) and print the public key that a registrar puts on the chain."""
    file = path or context.config().read_keys
    if rotate:
        public = add_read_key(file, context.passphrase()).public_keys()[0]
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        public = make_keys(file, context.new_passphrase()).public_keys()[0]
    if as_json:
        show_json({"file": str(file), "public_key": public})
        return
    console.print(f"0x{public.hex()}")
