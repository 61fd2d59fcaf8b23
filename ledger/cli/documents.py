"""Documents by hand: `seal`, `anchor`, `prove`, `open`. A batch is known by its manifest's digest, 64 hex digits."""

import json
import mimetypes
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ledger.bootstrap import CLOCK, open_contents
from ledger.cli import context
from ledger.cli.output import Json, console, progress, show_json
from ledger.domain import canonical
from ledger.domain.anchor import pack_head
from ledger.domain.document_types import needs_accreditation
from ledger.domain.envelope import record_part_text
from ledger.domain.errors import Fault, Malformed, NotFound
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.domain.limits import MAX_BATCH, MIB
from ledger.domain.plain import instant, rfc3339
from ledger.domain.proof import SUFFIX, dump_proof
from ledger.domain.wrap import RECORD_ONLY
from ledger.services.anchoring import REGISTRY, anchor_of, find_anchor, next_sequence
from ledger.services.granting import find_granted, granted_for, open_granted, save_granted
from ledger.services.opening import BatchReader
from ledger.services.opening import prove as prove_document
from ledger.services.sealing import DocumentInput, Recipient, SealedBatch, seal_batch

ANCHOR_GAS: Final = 200_000
"""An anchor takes 57,559 gas (FORMATS.md); refusals take less."""
MAX_NOTE_BYTES: Final = 256 * MIB

Key = Annotated[str, typer.Option(help="Name or address of a key in the keystore.")]
Manifest = Annotated[str, typer.Argument(help="Digest of the batch's manifest, as `tamga seal` printed it.")]
Leaf = Annotated[int, typer.Option(min=0, max=MAX_BATCH - 1, help="Position of the document in its batch.")]
Ring = Annotated[Path | None, typer.Option(help="Key ring that opens the batch; default TAMGA_READ_KEYS.")]


def seal(
    files: Annotated[list[Path], typer.Argument(help="Documents of one type.")],
    document_type: Annotated[int, typer.Option("--type", help="UNCL 1001 code × 1000 + national subtype: 851001.")],
    key: Key,
    to: Annotated[list[int] | None, typer.Option(help="Participant that may read them; repeatable.")] = None,
    number: Annotated[str | None, typer.Option(help="The document's number (one document only).")] = None,
    valid_from: Annotated[str | None, typer.Option(help="First second in force; now, if not given.")] = None,
    valid_until: Annotated[str | None, typer.Option(help="Last second in force; no end, if not given.")] = None,
    media_type: Annotated[str | None, typer.Option(help="By the file's name, if not given.")] = None,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Seal documents into a batch, for their issuer and those named, and store them. Nothing reaches the chain yet."""
    if number is not None and len(files) > 1:
        raise Malformed(Fault("too_many", "/number", "one number goes with one document"))
    issuer = context.participant_of(context.signer(key))
    with progress(quiet=as_json) as bar:
        task = bar.add_task("sealing", total=len(files))
        inputs = []
        for file in files:
            if not file.is_file():
                raise NotFound("file", str(file))
            claims: list[tuple[str, Any]] = [] if number is None else [("number", number)]
            start = None if valid_from is None else instant(valid_from, path="/valid_from")
            end = None if valid_until is None else instant(valid_until, path="/valid_until")
            inputs.append(DocumentInput(file, media_type or _media_type(file), claims, start, end))
            bar.advance(task)
        batch = seal_batch(
            inputs,
            ledger=context.hand().chain.network.ledger_id,
            issuer=issuer,
            issuer_key=context.key_ring(ring).public_keys()[0],
            document_type=DocumentType(document_type),
            recipients=[Recipient(context.encryption_key(participant)) for participant in to or ()],
            clock=CLOCK,
        )
    contents = open_contents(context.config())
    contents.put_batch(batch.blocks(), batch.pins())
    contents.close()
    note = _keep(batch, issuer, document_type, files)
    if as_json:
        show_json(note)
        return
    console.print(f"sealed {len(files)} document(s) of type {document_type} for participant {issuer}")
    console.print(f"manifest {note['manifest']}")
    console.print(f"next: tamga anchor {note['manifest']} --key {key}")


def anchor(manifest: Manifest, key: Key, as_json: Json = False) -> None:
    """Anchor a sealed batch in its issuer's name: one transaction, whatever its size. Repeating it changes nothing."""
    hand, note = context.hand(), _note(manifest)
    reader = hand.chain.reader
    signer = context.signer(key)
    issuer = ParticipantId(note["issuer"])
    block = reader.final_head()
    digest = Digest32(bytes.fromhex(note["manifest"]))
    try:
        event = find_anchor(reader, issuer, digest, until=block)
    except NotFound:
        document_type = note["type"] if needs_accreditation(note["type"]) else 0
        head = pack_head(next_sequence(reader, issuer, at=block), document_type, len(note["documents"]))
        call = hand.chain.contracts.encode_call(REGISTRY, "anchor", (head, bytes.fromhex(note["root"]), digest))
        hand.chain.direct.transact(signer, reader.address_of(REGISTRY), call, gas=ANCHOR_GAS)
        event = find_anchor(reader, issuer, digest, until=reader.final_head())
    told = anchor_of(reader, hand.chain.network.directory, event)
    if as_json:
        show_json({"manifest": manifest, "block_number": told.block_number, "tx_hash": told.tx_hash, "time": told.time})
        return
    console.print(f"anchored in block {told.block_number} at {rfc3339(told.time)}, transaction 0x{told.tx_hash.hex()}")
    console.print(f"next: tamga prove {manifest}")


def prove(
    manifest: Manifest,
    out: Annotated[Path | None, typer.Option(help="Folder of the proof files; else beside each document.")] = None,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Write the proof file of every document of an anchored batch: FILE.tamga.json."""
    hand, note = context.hand(), _note(manifest)
    reader = hand.chain.reader
    event = find_anchor(
        reader, ParticipantId(note["issuer"]), Digest32(bytes.fromhex(manifest)), until=reader.final_head()
    )
    anchored = anchor_of(reader, hand.chain.network.directory, event)
    contents, keys, written = open_contents(context.config()), context.key_ring(ring), []
    batch = BatchReader(contents, Digest32(bytes.fromhex(manifest)))
    with progress(quiet=as_json) as bar:
        for leaf, document in enumerate(bar.track(note["documents"], description="proving")):
            proof = prove_document(batch, leaf, batch.open(leaf, keys), anchored)
            file = Path(document["file"])
            target = (out or file.parent) / (file.name + SUFFIX)
            target.write_bytes(dump_proof(proof))
            written.append(str(target))
    contents.close()
    if as_json:
        show_json({"manifest": manifest, "proofs": written})
        return
    for path in written:
        console.print(path, markup=False, soft_wrap=True)


def open_document(
    manifest: Manifest,
    out: Annotated[Path, typer.Option(help="New file for the content.")],
    leaf: Leaf = 0,
    grant: Annotated[str | None, typer.Option(help="Hash of a grant that lets us in, 64 hex digits.")] = None,
    record_only: Annotated[
        bool, typer.Option("--record-only", help="Write the record and its openings (JSON), not the content.")
    ] = False,
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Open a document with our keys and write its content to a new file, once all of it was checked."""
    if out.exists():
        raise Malformed(Fault("exists", "/out", f"{out} is already there"))
    contents = open_contents(context.config())
    batch, keys = BatchReader(contents, digest_of(manifest)), context.key_ring(ring)
    if grant is None:
        given = granted_for(batch, leaf, keys)
    else:
        named = digest_of(grant, "/grant")
        of = batch.manifest
        given = find_granted(contents, of.ledger, of.issuer, named, keys, batch.record_id(leaf))
    if record_only:
        opened = batch.checked(open_granted(contents, given.narrowed(RECORD_ONLY)))
        out.write_bytes(record_part_text(opened.record, opened.openings))
    else:
        opened = batch.checked(save_granted(contents, given, out))
    contents.close()
    if as_json:
        show_json({"record_id": opened.record_id, "type": opened.record.type, "file": str(out)})
        return
    console.print(f"record 0x{opened.record_id.hex()} of type {opened.record.type} by {opened.record.issuer}")
    console.print(str(out), markup=False, soft_wrap=True)


def _media_type(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"


def _keep(batch: SealedBatch, issuer: ParticipantId, document_type: int, files: list[Path]) -> dict[str, Any]:
    """Note what was sealed, for `anchor` and `prove`; holds no secrets."""
    note = {
        "manifest": batch.manifest_digest.hex(),
        "root": batch.root.hex(),
        "issuer": int(issuer),
        "type": document_type,
        "documents": [
            {"file": str(file.absolute()), "record_id": sealed.record_id.hex()}
            for file, sealed in zip(files, batch.documents, strict=True)
        ],
    }
    folder = context.config().home / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{note['manifest']}.json").write_text(json.dumps(note))
    return note


def _note(manifest: str) -> dict[str, Any]:
    path = context.config().home / "batches" / f"{digest_of(manifest).hex()}.json"
    if not path.is_file():
        raise NotFound("sealed batch", manifest)
    note: dict[str, Any] = canonical.loads(path.read_bytes(), max_bytes=MAX_NOTE_BYTES)
    return note


def digest_of(text: str, path: str = "/manifest") -> Digest32:
    """Read the SHA-256 that names a batch or a grant. Raises `Malformed`."""
    try:
        digest = bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise Malformed(Fault("hex", path, "64 hex digits are needed here")) from error
    if len(digest) != 32:
        raise Malformed(Fault("hex", path, "64 hex digits are needed here"))
    return Digest32(digest)
