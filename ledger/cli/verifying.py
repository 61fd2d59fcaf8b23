"""`tamga verify`: the same questions, in the same order, by the same code as the API."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer

from ledger.bootstrap.chain import CLOCK
from ledger.bootstrap.verifying import open_verifier
from ledger.cli import context
from ledger.cli.looking import Url
from ledger.cli.output import OK, REFUSED, TRY_AGAIN, console, errors, progress, show_error, show_fields, show_line
from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound, TamgaError, Unavailable
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.plain import instant, plain, rfc3339
from ledger.domain.proof import SUFFIX
from ledger.domain.proof_reading import parse_proof
from ledger.domain.verdict import Reason, Verdict, Verification
from ledger.services.verification import Submitted, unjudged

AT_ONCE: Final = 256
"""Documents judged together, at one block."""
AT_ONCE_BYTES: Final = 4 * MAX_UPLOAD_BYTES
"""Bytes of such documents together: they are in memory."""
COLOURS: Final = {
    Verdict.VALID: "green",
    Verdict.INVALID: "red",
    Verdict.UNDETERMINED: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
}
_Given = tuple[Path | None, Path | None]
"""A document and its proof file."""
_Answer = tuple[dict[str, Any], Path | None]
"""What is told of a document, and its proof file."""
Lines = Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each document, as it is judged.")]
EXIT_CODES: Final = {Verdict.VALID: OK, Verdict.INVALID: REFUSED, Verdict.UNDETERMINED: TRY_AGAIN}


def verify(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Documents; FILE.tamga.json beside one is its proof.")
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="Proof file of the one document, or alone.")] = None,
    at: Annotated[str | None, typer.Option(help="Past instant for the status: RFC 3339, or unix seconds.")] = None,
    record: Annotated[str | None, typer.Option(help="Record id, in place of a document: the facade is asked.")] = None,
    mrn: Annotated[str | None, typer.Option(help="MRN or declaration id, likewise.")] = None,
    permit: Annotated[str | None, typer.Option(help="Permit id or number, likewise.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="Ask the facade, signed in: it tells the use too.")] = None,
    api: Url = None,
    as_json: Lines = False,
) -> None:
    """Judge documents: intact, anchored, by whom, in force. Works offline for what needs no chain.

    With --json each is a line of its own, whatever their number, told as it is judged: the object that POST /v1/verify
    answers, with the file's name as `document`.

    Exit code 0: all VALID; 1: one INVALID; 3: none INVALID, but one that could not be told. What was judged before a
    facade went away is told.
    """
    wanted = files or []
    known = {name: text for name, text in (("record", record), ("mrn", mrn), ("permit", permit)) if text is not None}
    if not wanted and proof is None and not known:
        raise Malformed(Fault("nothing_given", "", "name a document, a proof file, or both"))
    _require_files(wanted)
    given = _given(wanted, proof)
    if known and (proof is not None or len(given) > 1 or len(known) > 1):
        raise Malformed(Fault("too_many", "", "a proof file, record, MRN or permit goes with one document"))
    if known or key is not None or api is not None:
        answers = _asked(given, known, at, key=key, api=api)
    else:
        answers = _judged(given, at)
    _tell(answers, len(given), as_json=as_json)


def _given(files: Sequence[Path], proof: Path | None) -> list[_Given]:
    """Documents with their proofs. A proof file among them, as a shell lists a folder, is its document's, or alone."""
    if proof is not None:
        if len(files) > 1:
            raise Malformed(Fault("too_many", "/proof", "one proof file goes with one document"))
        return [(file, proof) for file in files or (None,)]
    named = set(files)
    given: list[_Given] = []
    for file in files:
        if not file.name.endswith(SUFFIX):
            given.append((file, _proof_beside(file)))
        elif file.with_name(file.name.removesuffix(SUFFIX)) not in named:
            given.append((None, file))
    return given or [(None, None)]


def _judged(given: Sequence[_Given], at: str | None) -> Iterator[_Answer]:
    """Judge documents on this machine, many at a time."""
    instant_ = None if at is None else instant(at)
    try:
        verifier = open_verifier(context.config())
    except Unavailable as away:  # a full or read-only disk: a document with its proof needs nothing of it
        errors.print(f"without the records of this machine's facade: {away}", markup=False, soft_wrap=True)
        verifier = open_verifier(context.config(), with_records=False)
    for group in _groups(given):
        found = verifier.verify_many([_submitted(file, used, instant_) for file, used in group])
        for (file, used), each in zip(group, found, strict=True):
            yield _plain(str(file or used), each), used


def _groups(given: Sequence[_Given]) -> Iterator[list[_Given]]:
    """Documents that are read and judged together: many small ones, few large ones."""
    group: list[_Given] = []
    held_bytes = 0
    for file, proof in given:
        length = file.stat().st_size if file is not None and file.is_file() else 0
        held = length if length <= MAX_UPLOAD_BYTES else 0  # a larger one is not held
        if group and (len(group) == AT_ONCE or held_bytes + held > AT_ONCE_BYTES):
            yield group
            group, held_bytes = [], 0
        group.append((file, proof))
        held_bytes += held
    if group:
        yield group


def _asked(
    given: Sequence[_Given], known: dict[str, str], at: str | None, *, key: str | None, api: str | None
) -> Iterator[_Answer]:
    """Ask the facade about each document; one that goes with a record, MRN or permit needs no proof."""
    with context.facade(api, key=key) as facade:
        for file, found in given:
            used = None if known else found
            content = None if file is None else context.read_file(file, MAX_UPLOAD_BYTES + 1)
            data = None if used is None else context.read_file(used, MAX_PROOF_FILE_BYTES + 1)
            name = str(file or used or " ".join(known.values()))
            if content is not None and len(content) > MAX_UPLOAD_BYTES:
                over = LimitExceeded("a file that a facade verifies", MAX_UPLOAD_BYTES)
                yield _plain(name, unjudged(over, at=CLOCK.now() if at is None else instant(at))), used
            else:
                yield {"document": name, **facade.verify(file=content, proof=data, at=at, **known)}, used


def _tell(answers: Iterable[_Answer], count: int, *, as_json: bool) -> NoReturn:
    """Show answers, as lines when they come, else behind the bar, and end the command with their exit code."""
    verdicts: set[Verdict] = set()
    shown: list[_Answer] = []
    cut: TamgaError | None = None
    with progress(quiet=as_json or count == 1) as bar:
        try:
            for each, used in bar.track(answers, total=count, description="verifying"):
                verdicts.add(Verdict(each["overall"]))
                if used is None:
                    _hint(each)
                if as_json:
                    show_line(each)
                else:
                    shown.append((each, used))
        except TamgaError as bad:
            if not verdicts:
                raise
            cut = bad
    for each, used in shown:
        _show(each, None if used is None else str(used), brief=count > 1)
    if cut is not None:
        code = show_error(cut, as_json=as_json)
        raise typer.Exit(REFUSED if Verdict.INVALID in verdicts else code)
    worst = next(v for v in (Verdict.INVALID, Verdict.UNDETERMINED, Verdict.VALID) if v in verdicts)
    raise typer.Exit(EXIT_CODES[worst])


def _hint(found: dict[str, Any]) -> None:
    """Say how a proof file is named that was given as a document, under a name of its own."""
    file = Path(found["document"])
    if all(fragment["reason"] != Reason.NOT_KNOWN_HERE for fragment in found["fragments"]) or not file.is_file():
        return
    with suppress(Malformed, LimitExceeded):
        parse_proof(context.read_file(file, MAX_PROOF_FILE_BYTES + 1))
        errors.print(f"{file} is a proof file: name it by --proof", markup=False, soft_wrap=True)


def _require_files(files: Sequence[Path]) -> None:
    """Refuse what is no file before any is judged. Raises `Malformed` or `NotFound`, naming all of them."""
    folders = [file for file in files if file.is_dir()]
    if folders:
        raise Malformed(*(Fault("folder", f"/{one.name}", "a folder; name the documents in it") for one in folders))
    if missing := [str(file) for file in files if not file.is_file()]:
        raise NotFound("file", ", ".join(missing))


def _submitted(file: Path | None, proof: Path | None, at: int | None) -> Submitted:
    data = None if proof is None else context.read_file(proof, MAX_PROOF_FILE_BYTES + 1)
    if file is None:
        return Submitted(None, data, at)
    if file.stat().st_size > MAX_UPLOAD_BYTES:
        digest, length = _measured(file)
        return Submitted(None, data, at, digest=digest, unread_bytes=length)
    return Submitted(file.read_bytes(), data, at)


def _measured(path: Path) -> tuple[Digest32, int]:
    """SHA-256 and length of a file, of the same bytes."""
    with path.open("rb") as file:
        return Digest32(hashlib.file_digest(file, "sha256").digest()), file.tell()


def _proof_beside(file: Path) -> Path | None:
    beside = file.with_name(file.name + SUFFIX)
    return beside if beside.is_file() else None


def _show(found: dict[str, Any], proof: str | None, *, brief: bool) -> None:
    name, overall = found["document"], Verdict(found["overall"])
    with_proof = "" if proof is None or proof == name else f" with {proof}"
    console.print(f"[bold {COLOURS[overall]}]{overall}[/]  ", end="")
    console.print(f"{name}{with_proof}", markup=False, soft_wrap=True)
    if brief and overall is Verdict.VALID:
        return
    for fragment in found["fragments"]:
        verdict = Verdict(fragment["verdict"])
        line = f"  [{COLOURS[verdict]}]{verdict:<14}[/] {fragment['name']:<10} {fragment['text']}"
        console.print(line, soft_wrap=True)
        show_fields(fragment["evidence"], indent=" " * 28, style="dim")
    block = found["block"]
    where = "the chain was not asked" if block is None else f"as known at block {block['number']}"
    console.print(f"  status for {found['at']}, {where}")


def _plain(name: str, found: Verification) -> dict[str, Any]:
    """An answer as JSON values, in the shape that the API gives."""
    block = found.block
    read = None if block is None else {"number": block.number, "hash": block.hash, "time": rfc3339(block.time)}
    fragments = [
        {"name": f.name, "verdict": f.verdict, "reason": f.reason, "text": f.text, "evidence": f.evidence}
        for f in found.fragments
    ]
    shape = {"overall": found.overall, "at": rfc3339(found.at), "block": read, "fragments": fragments}
    return {"document": name, **plain(shape)}
