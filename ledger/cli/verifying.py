"""`tamga verify`: the same questions, in the same order, by the same code as the API."""

import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer

from ledger.bootstrap import open_verifier
from ledger.cli import context
from ledger.cli.output import OK, REFUSED, TRY_AGAIN, Json, console, progress, show_json
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant, plain, rfc3339
from ledger.domain.proof import SUFFIX
from ledger.domain.verdict import Verdict, Verification
from ledger.services.verification import Submitted

AT_ONCE: Final = 256
"""Documents judged together, at one block."""
COLOURS: Final = {
    Verdict.VALID: "green",
    Verdict.INVALID: "red",
    Verdict.UNDETERMINED: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}
EXIT_CODES: Final = {Verdict.VALID: OK, Verdict.INVALID: REFUSED, Verdict.UNDETERMINED: TRY_AGAIN}


def verify(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Documents; FILE.tamga.json beside one is its proof.")
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="Proof file of the one document, or alone.")] = None,
    at: Annotated[str | None, typer.Option(help="Past instant for the status: RFC 3339, or unix seconds.")] = None,
    as_json: Json = False,
) -> None:
    """Judge documents: intact, anchored, by whom, in force. Works offline for what needs no chain.

    Exit code 0: all VALID; 1: one INVALID; 3: none INVALID, but one that could not be told.
    """
    wanted = files or []
    if not wanted and proof is None:
        raise Malformed(Fault("nothing_given", "", "name a document, a proof file, or both"))
    if proof is not None and len(wanted) > 1:
        raise Malformed(Fault("too_many", "/proof", "one proof file goes with one document"))
    instant_ = None if at is None else instant(at)
    given: list[tuple[Path | None, Path | None]] = [(file, proof or _proof_beside(file)) for file in wanted]
    given = given or [(None, proof)]
    verifier = open_verifier(context.config())
    found: list[Verification] = []
    with progress(quiet=as_json or len(given) == 1) as bar:
        task = bar.add_task("verifying", total=len(given))
        for first in range(0, len(given), AT_ONCE):
            batch = given[first : first + AT_ONCE]
            found += verifier.verify_many([_submitted(file, proof_, instant_) for file, proof_ in batch])
            bar.advance(task, len(batch))
    names = [str(file or proof_) for file, proof_ in given]
    if as_json:
        shown = [_as_json(name, each) for name, each in zip(names, found, strict=True)]
        show_json(shown[0] if len(shown) == 1 else shown)
    else:
        for name, (_, used), each in zip(names, given, found, strict=True):
            _show(name, used, each, brief=len(found) > 1)
    raise typer.Exit(_exit_code(found))


def _exit_code(found: list[Verification]) -> int:
    verdicts = {each.overall for each in found}
    worst = next(v for v in (Verdict.INVALID, Verdict.UNDETERMINED, Verdict.VALID) if v in verdicts)
    return EXIT_CODES[worst]


def _submitted(file: Path | None, proof: Path | None, at: int | None) -> Submitted:
    data = None if proof is None else context.read_file(proof, MAX_PROOF_FILE_BYTES + 1)
    if file is None:
        return Submitted(None, data, at)
    if not file.is_file():
        raise NotFound("file", str(file))
    if file.stat().st_size > MAX_UPLOAD_BYTES:
        return Submitted(None, data, at, digest=_digest(file))
    return Submitted(file.read_bytes(), data, at)


def _digest(path: Path) -> Digest32:
    with path.open("rb") as file:
        return Digest32(hashlib.file_digest(file, "sha256").digest())


def _proof_beside(file: Path) -> Path | None:
    beside = file.with_name(file.name + SUFFIX)
    return beside if beside.is_file() else None


def _show(name: str, proof: Path | None, found: Verification, *, brief: bool) -> None:
    with_proof = "" if proof is None or str(proof) == name else f" with {proof}"
    colour = COLOURS[found.overall]
    console.print(f"[bold {colour}]{found.overall}[/]  ", end="")
    console.print(f"{name}{with_proof}", markup=False, soft_wrap=True)
    if brief and found.overall is Verdict.VALID:
        return
    for fragment in found.fragments:
        line = f"  [{COLOURS[fragment.verdict]}]{fragment.verdict:<14}[/] {fragment.name:<10} {fragment.text}"
        console.print(line, soft_wrap=True)
        for key, value in plain(fragment.evidence).items():
            console.print(f"{'':28}{key}: {value}", style="dim", markup=False, soft_wrap=True)
    where = "the chain was not asked" if found.block is None else f"as known at block {found.block.number}"
    console.print(f"  status for {rfc3339(found.at)}, {where}")


def _as_json(name: str, found: Verification) -> dict[str, object]:
    block = found.block
    read = None if block is None else {"number": block.number, "hash": block.hash, "time": rfc3339(block.time)}
    return {
        "document": name,
        "overall": found.overall,
        "at": rfc3339(found.at),
        "block": read,
        "fragments": [
            {"name": f.name, "verdict": f.verdict, "reason": f.reason, "text": f.text, "evidence": f.evidence}
            for f in found.fragments
        ],
    }
