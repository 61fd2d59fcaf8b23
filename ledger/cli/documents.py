"""Documents of a sealed batch by hand: `prove`, `open`. A batch is known by its manifest's digest, 64 hex digits."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePath
from typing import Annotated

import typer

from ledger.bootstrap.documents import open_contents
from ledger.cli import context, durable, notes
from ledger.cli.output import REFUSED, Json, console, errors, progress, show_json, waiting_for_peers
from ledger.domain.envelope import record_part_text
from ledger.domain.errors import Fault, Malformed, NotFound, NotOpened, Tampered
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_BATCH
from ledger.domain.plain import rfc3339
from ledger.domain.proof import SUFFIX, AnchorRef, dump_proof
from ledger.domain.wrap import RECORD_ONLY
from ledger.services.absences import Absences
from ledger.services.anchoring import REGISTRY, anchor_of, find_anchor
from ledger.services.granting import find_granted, granted_for, open_granted, save_granted
from ledger.services.opening import BatchReader
from ledger.services.opening import prove as prove_document

MOST_SHOWN = 256
"""Proof files of a batch that are named one by one."""

Key = Annotated[str, typer.Option(help="Name or address of a key in the keystore.")]
Manifest = Annotated[str, typer.Argument(help="Digest of the batch's manifest, as `tamga seal` printed it.")]
Leaf = Annotated[int, typer.Option(min=0, max=MAX_BATCH - 1, help="Position of the document in its batch.")]
Ring = Annotated[Path | None, typer.Option(help="Key ring that opens the batch; default TAMGA_READ_KEYS.")]


def prove(
    manifest: Manifest,
    leaf: Annotated[int | None, typer.Option(min=0, max=MAX_BATCH - 1, help="That document only.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the proof files; else beside each document.")] = None,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Write the proof file of every document of an anchored batch: FILE.tamga.json. Contents are not read.

    Of documents of one name, the second and further ones' proofs bear their position too: FILE-7.pdf.tamga.json.
    Exit code 1 if a document's record is not to be had (erased, lost): the others are written all the same. Peers are
    asked for all that is not here of 256 documents at once, and not for what was erased from this machine.
    """
    hand, digest = context.hand(), digest_of(manifest)
    note = notes.read(digest)
    reader = hand.chain.reader
    event = find_anchor(reader, note.issuer, digest, until=reader.final_head())
    anchored = anchor_of(reader, hand.chain.network.directory, event)
    contents, keys = open_contents(context.config()), context.key_ring(ring)
    batch, written, missing, names = BatchReader(contents, digest), 0, [], _Names()
    if leaf is not None and leaf >= note.size:
        raise NotFound("leaf", f"{leaf} in a batch of {note.size}")
    wanted = range(note.size) if leaf is None else range(leaf, leaf + 1)
    absences, last = Absences(contents, batch, wanted, notes.erased_envelopes(), waiting_for_peers), ""
    with progress(quiet=as_json) as bar:
        task = bar.add_task("proving", total=note.size if leaf is None else 1)
        for place, document in enumerate(notes.documents(digest)):
            name = names.own(document["file"] if out is None else document["name"], place)
            if leaf is not None and place != leaf:
                continue
            target = _proof_file(document["name"], name, out)
            try:
                absences.require(place)
                opened = batch.checked(open_granted(contents, granted_for(batch, place, keys).narrowed(RECORD_ONLY)))
                durable.whole(target, dump_proof(prove_document(batch, place, opened, anchored)))
            except (NotFound, NotOpened, Tampered) as bad:
                missing.append({"leaf": place, "name": document["name"], "error": bad.code, "text": str(bad)})
            else:
                written, last = written + 1, str(target)
                if not as_json and note.size <= MOST_SHOWN:
                    console.print(last, markup=False, soft_wrap=True)
            bar.advance(task)
    contents.close()
    if as_json:
        show_json({"manifest": manifest, "written": written, "last": last or None, "missing": missing})
    else:
        if note.size > MOST_SHOWN:
            told = f"{written} proofs, the last of them {last}" if written else "no proof was written"
            console.print(told, markup=False, soft_wrap=True)
        for line in missing:
            errors.print(f"leaf {line['leaf']} {line['name']}: {line['text']}", markup=False, soft_wrap=True)
    if missing or not written:
        raise typer.Exit(REFUSED)


class _Names:
    """Names of a batch's proof files: no two are the same, and each is the same whichever of them are written."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def own(self, name: str | None, leaf: int) -> str | None:
        """The name, or one with the document's position before its suffix if an earlier document has it."""
        if name is None:
            return None
        while name in self._taken:
            path = PurePath(name)
            name = str(path.with_name(f"{path.stem}-{leaf}{path.suffix}"))
        self._taken.add(name)
        return name


def _proof_file(document: str | None, name: str | None, out: Path | None) -> Path:
    """Beside the document, or under its name in a folder; raises `Malformed` where neither is known."""
    if name is None:
        raise Malformed(Fault("missing", "/out", f"{document} came from no file: name a folder by --out"))
    if out is None:
        return Path(f"{name}{SUFFIX}")
    target = out / f"{name}{SUFFIX}"
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def open_document(
    manifest: Manifest,
    out: Annotated[Path, typer.Option(help="New file for the content.")],
    leaf: Leaf = 0,
    grant: Annotated[str | None, typer.Option(help="Hash of a grant that lets us in, 64 hex digits.")] = None,
    record_only: Annotated[
        bool, typer.Option("--record-only", help="Write the record and its openings (JSON), not the content.")
    ] = False,
    unproven: Annotated[
        bool, typer.Option("--unproven", help="Do not ask the chain: anybody may have made what is opened.")
    ] = False,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Open a document with our keys and write its content to a new file, once all of it was checked.

    The chain is asked first whether the batch was anchored by the issuer that it names, and whether the grant is in
    force: whoever knows a public key can seal to it, in any name.
    """
    if out.exists():
        raise Malformed(Fault("exists", "/out", f"{out} is already there"))
    contents = open_contents(context.config())
    with naming(leaf), closing(contents):
        batch, keys = BatchReader(contents, digest_of(manifest)), context.key_ring(ring)
        named = None if grant is None else digest_of(grant, "/grant")
        anchored = None if unproven else _anchored(batch, digest_of(manifest), named)
        if named is None:
            given = granted_for(batch, leaf, keys)
        else:
            of = batch.manifest
            given = find_granted(contents, of.ledger, of.issuer, named, keys, batch.record_id(leaf))
        if record_only:
            opened = batch.checked(open_granted(contents, given.narrowed(RECORD_ONLY)))
            durable.whole(out, record_part_text(opened.record, opened.openings))
        else:
            with durable.named(out):
                opened = save_granted(contents, given, out, batch.manifest)
            durable.settle(out)
    record, since = opened.record, None if anchored is None else rfc3339(anchored.time)
    if as_json:
        told = {"record_id": opened.record_id, "type": record.type, "issuer": record.issuer, "anchored": since}
        show_json({**told, "file": str(out)})
        return
    whose = f"by {record.issuer}, anchored at {since}" if since else f"that says it is by {record.issuer}; not proven"
    console.print(f"record 0x{opened.record_id.hex()} of type {record.type} {whose}")
    console.print(str(out), markup=False, soft_wrap=True)


@contextmanager
def naming(leaf: int) -> Iterator[None]:
    """Name the document where a block of it is not to be had. Raises `NotFound`."""
    try:
        yield
    except NotFound as missing:
        if missing.what != "block":
            raise
        raise NotFound("document", f"at leaf {leaf} in any store: it was erased, or is lost ({missing})") from missing


def _anchored(batch: BatchReader, manifest: Digest32, grant: Digest32 | None) -> AnchorRef:
    """The batch's anchor by the issuer that it names.

    Raises:
        NotFound: No such anchor, or a grant that its issuer did not give on chain, or took back.
        Tampered: The batch is not the one that was anchored.
        Unavailable: The chain cannot be asked.
    """
    chain, issuer = context.hand().chain, batch.manifest.issuer
    head = chain.reader.final_head()
    event = find_anchor(chain.reader, issuer, manifest, until=head)
    anchor = anchor_of(chain.reader, chain.network.directory, event)
    batch.require_anchored(anchor)
    if grant is not None and not chain.reader.call(REGISTRY, "isGranted", (issuer, grant), at=head):
        raise NotFound("grant in force on the chain", grant.hex())
    return anchor


def digest_of(text: str, path: str = "/manifest") -> Digest32:
    """Read the SHA-256 that names a batch or a grant. Raises `Malformed`."""
    try:
        digest = bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise Malformed(Fault("hex", path, "64 hex digits are needed here")) from error
    if len(digest) != 32:
        raise Malformed(Fault("hex", path, "64 hex digits are needed here"))
    return Digest32(digest)
