"""A proof inside the document: `tamga embed` puts it into a PDF, `tamga extract` takes document and proof out."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli import context, durable
from ledger.cli.output import Json, console, show_json
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.integrity import check_integrity
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.pdf import embed as put_in
from ledger.domain.pdf import extract as take_out
from ledger.domain.proof import SUFFIX
from ledger.domain.proof_reading import parse_proof
from ledger.domain.qr import proof_link

MAX_CARRIER_BYTES = MAX_UPLOAD_BYTES + 2 * MAX_PROOF_FILE_BYTES


def embed(
    file: Annotated[Path, typer.Argument(help="A PDF that was sealed.")],
    out: Annotated[Path, typer.Option(help="New PDF that carries the proof.")],
    proof: Annotated[Path | None, typer.Option(help="Its proof; FILE.tamga.json, if not given.")] = None,
    qr: Annotated[
        str | None,
        typer.Option(help="Add a last page with a QR code: address of the page that reads proofs, https://…"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put a proof file into its PDF. The document's own bytes stay as they are; `tamga verify` finds the proof inside.

    The QR code holds the whole proof, with all that it opens, in the address's fragment: it is for who holds the paper.
    """
    _new(out)
    beside = proof or file.with_name(file.name + SUFFIX)
    original, data = context.read_file(file, MAX_UPLOAD_BYTES + 1), context.read_file(beside, MAX_PROOF_FILE_BYTES + 1)
    _, compared = check_integrity(parse_proof(data), original)
    if compared.holds is not True:
        raise Malformed(Fault(compared.outcome.value, "/proof", f"{beside} is not shown to be the proof of {file}"))
    link = None if qr is None else proof_link(qr, data)
    carrier = put_in(original, data, link=link)
    durable.whole(out, carrier)
    if as_json:
        show_json({"file": str(out), "original_bytes": len(original), "bytes": len(carrier), "link": link})
        return
    console.print(str(out), markup=False, soft_wrap=True)


def extract(
    file: Annotated[Path, typer.Argument(help="A PDF that carries its proof.")],
    out: Annotated[Path, typer.Option(help="New file for the document; its proof goes to OUT.tamga.json.")],
    as_json: Json = False,
) -> None:
    """Take a PDF that carries its proof apart: the document as it was sealed, byte for byte, and its proof file."""
    beside = out.with_name(out.name + SUFFIX)
    _new(out)
    _new(beside)
    carried = take_out(context.read_file(file, MAX_CARRIER_BYTES + 1))
    if carried is None:
        raise NotFound("proof", f"in {file}")
    durable.whole(out, carried.original)
    durable.whole(beside, carried.proof)
    if as_json:
        show_json({"file": str(out), "proof": str(beside), "link": carried.link})
        return
    for path in (out, beside):
        console.print(str(path), markup=False, soft_wrap=True)


def _new(path: Path) -> None:
    if path.exists():
        raise Malformed(Fault("exists", "/out", f"{path} is already there"))
