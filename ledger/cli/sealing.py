"""Sealing and anchoring by hand: `tamga seal`, `tamga anchor`, `tamga batches`.

A batch is known by its manifest's digest, 64 hex digits. It is accepted once that is printed: by then its envelopes,
its keys for each recipient and its note are durable, and anchoring it can be taken up again at any time.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from ledger.bootstrap import CLOCK, open_contents
from ledger.cli import context, notes, sources
from ledger.cli.documents import Key, Ring, digest_of
from ledger.cli.output import Json, console, errors, progress, show_json, show_table
from ledger.domain.anchor import pack_head
from ledger.domain.cid import raw_cid
from ledger.domain.document_types import needs_accreditation
from ledger.domain.errors import Fault, Malformed, NotFound, Unavailable
from ledger.domain.ids import DocumentType
from ledger.domain.plain import instant, rfc3339
from ledger.domain.proof import AnchorRef
from ledger.domain.wrap import RECORD_ONLY
from ledger.ports.chain import Event
from ledger.ports.signer import Signer
from ledger.services.anchoring import REGISTRY, anchor_of, find_anchor, next_sequence
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient, SealedDocument
from ledger.services.storing import StoredBatch, seal_into

ANCHOR_GAS: Final = 200_000
"""An anchor takes 57,559 gas (FORMATS.md); refusals take less."""
MOST_SHOWN: Final = 256
"""Documents of a batch that `--json` lists one by one; all are in the file that `list` names."""
DIGEST: Final = re.compile(r"(?:0x)?[0-9a-f]{64}")

Type = Annotated[int | None, typer.Option("--type", help="UNCL 1001 code × 1000 + national subtype: 851001.")]
To = Annotated[list[int] | None, typer.Option(help="Participant that may read record and content; repeatable.")]
ToRecord = Annotated[list[int] | None, typer.Option(help="Participant that may read the record alone; repeatable.")]
Number = Annotated[str | None, typer.Option(help="The document's number (one document only).")]
ValidFrom = Annotated[str | None, typer.Option(help="First second in force; now, if not given.")]
ValidUntil = Annotated[str | None, typer.Option(help="Last second in force; no end, if not given.")]
MediaType = Annotated[str | None, typer.Option(help="Of all documents; by each one's name, if not given.")]
Whole = Annotated[bool, typer.Option("--whole", help="Take an archive as one document; else its members are taken.")]
Name = Annotated[str, typer.Option(help="What standard input is called.")]
PLACES: Final = "Files, folders, archives (zip, tar) or - for standard input; all of one type."


def seal(
    places: Annotated[list[Path], typer.Argument(help=PLACES)],
    document_type: Type,
    key: Key,
    to: To = None,
    to_record: ToRecord = None,
    number: Number = None,
    valid_from: ValidFrom = None,
    valid_until: ValidUntil = None,
    media_type: MediaType = None,
    whole: Whole = False,
    name: Name = "stdin",
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Seal documents into a batch, for their issuer and those named, and store them. Nothing reaches the chain yet."""
    order = Order(
        places, document_type, key, to, to_record, number, valid_from, valid_until, media_type, whole, name, ring
    )
    batch = _seal(order, quiet=as_json)
    if as_json:
        show_json(_told(batch))
        return
    _show_sealed(batch)
    console.print(f"next: tamga anchor {batch.manifest.hex()} --key {key}")


def anchor(
    what: Annotated[list[str], typer.Argument(help=f"Digest of a sealed batch's manifest. Or: {PLACES}")],
    key: Key,
    document_type: Type = None,
    to: To = None,
    to_record: ToRecord = None,
    number: Number = None,
    valid_from: ValidFrom = None,
    valid_until: ValidUntil = None,
    media_type: MediaType = None,
    whole: Whole = False,
    name: Name = "stdin",
    ring: Ring = None,
    as_json: Json = False,
) -> None:
    """Anchor a batch in its issuer's name: one transaction, whatever its size. Repeating it changes nothing.

    Given a manifest, that sealed batch; given documents, they are sealed first.
    """
    if len(what) == 1 and DIGEST.fullmatch(what[0]) and not Path(what[0]).exists():
        batch = notes.read(digest_of(what[0]))
        _require_stored(batch)
    else:
        places = [Path(one) for one in what]
        order = Order(
            places, document_type, key, to, to_record, number, valid_from, valid_until, media_type, whole, name, ring
        )
        batch = _seal(order, quiet=as_json)
        if not as_json:
            _show_sealed(batch)
    try:
        found = _anchor(batch, key)
    except (KeyboardInterrupt, Unavailable):
        errors.print(f"the batch is kept; take it up again by: tamga anchor {batch.manifest.hex()} --key {key}")
        raise
    if as_json:
        chain = {"block_number": found.block_number, "tx_hash": found.tx_hash, "time": found.time}
        show_json({**_told(batch), **chain})
        return
    console.print(
        f"anchored in block {found.block_number} at {rfc3339(found.time)}, transaction 0x{found.tx_hash.hex()}"
    )
    console.print(f"next: tamga prove {batch.manifest.hex()}")


def batches(as_json: Json = False) -> None:
    """Batches sealed on this machine: whether the store has each, and since when it is anchored."""
    reader = context.hand().chain.reader
    contents = open_contents(context.config())
    head = reader.final_head()
    rows = []
    for batch in notes.all_batches():
        try:
            since: str | None = rfc3339(find_anchor(reader, batch.issuer, batch.manifest, until=head).block.time)
        except NotFound:
            since = None
        stored = bool(contents.pinned([raw_cid(batch.manifest)]))
        rows.append({**_head(batch), "stored": stored, "anchored": since})
    contents.close()
    if as_json:
        show_json(rows)
        return
    columns = ("manifest", "type", "size", "stored", "anchored")
    show_table("batches", columns, [[row[column] for column in columns] for row in rows])


class Order(NamedTuple):
    """What is to be sealed, as it was typed; see the options of the same names."""

    places: Sequence[Path]
    document_type: int | None
    key: str
    to: Sequence[int] | None
    to_record: Sequence[int] | None
    number: str | None
    valid_from: str | None
    valid_until: str | None
    media_type: str | None
    whole: bool
    name: str
    ring: Path | None


def recipients_of(to: Sequence[int] | None, to_record: Sequence[int] | None) -> list[Recipient]:
    """Who may read, with the keys that they have on chain. Raises `NotFound` for one without a key."""
    whole = [Recipient(context.encryption_key(participant)) for participant in to or ()]
    return whole + [Recipient(context.encryption_key(participant), RECORD_ONLY) for participant in to_record or ()]


def _seal(order: Order, *, quiet: bool) -> StoredBatch:
    """Seal and store everything that was named, one document in memory at a time."""
    if order.document_type is None:
        raise Malformed(Fault("missing", "/type", "documents need their type: --type 851001"))
    total = sources.count(order.places, whole=order.whole)
    if order.number is not None and total != 1:
        raise Malformed(Fault("too_many", "/number", "one number goes with one document"))
    claims: list[tuple[str, Any]] = [] if order.number is None else [("number", order.number)]
    start = None if order.valid_from is None else instant(order.valid_from, path="/valid_from")
    end = None if order.valid_until is None else instant(order.valid_until, path="/valid_until")
    waiting: deque[sources.Source] = deque()

    def inputs() -> Iterator[DocumentInput]:
        for source in sources.documents(order.places, whole=order.whole, input_name=order.name):
            waiting.append(source)
            yield DocumentInput(source.content, order.media_type or source.media_type, claims, start, end)

    def sealed(document: SealedDocument) -> None:
        source = waiting.popleft()
        note.add(source.name, source.file, document.record_id)
        bar.advance(task)

    document_type = DocumentType(order.document_type)
    sealer = BatchSealer(
        ledger=context.hand().chain.network.ledger_id,
        issuer=context.participant_of(context.signer(order.key)),
        issuer_key=context.key_ring(order.ring).public_keys()[0],
        document_type=document_type,
        recipients=recipients_of(order.to, order.to_record),
        clock=CLOCK,
        on_sealed=sealed,
    )
    contents = open_contents(context.config())
    try:
        with notes.Writer() as note, progress(quiet=quiet) as bar:
            task = bar.add_task("sealing", total=total)
            return seal_into(contents, sealer, inputs(), document_type, before_kept=note.keep)
    finally:
        contents.close()


def _require_stored(batch: StoredBatch) -> None:
    """A note is written a moment before its batch is durable; what was cut off in between must not be anchored."""
    contents = open_contents(context.config())
    try:
        if not contents.pinned([raw_cid(batch.manifest)]):
            raise NotFound("stored batch", f"{batch.manifest.hex()}: seal the documents again")
    finally:
        contents.close()


def _anchor(batch: StoredBatch, key: str) -> AnchorRef:
    hand, signer = context.hand(), context.signer(key)
    reader = hand.chain.reader
    block = reader.final_head()
    try:
        event = find_anchor(reader, batch.issuer, batch.manifest, until=block)
    except NotFound:
        with context.turn_of(signer):
            event = _anchor_now(batch, signer)
    return anchor_of(reader, hand.chain.network.directory, event)


def _anchor_now(batch: StoredBatch, signer: Signer) -> Event:
    """Anchor a batch, unless what was on its way before this turn has done so."""
    chain = context.hand().chain
    reader, block = chain.reader, chain.reader.final_head()
    with suppress(NotFound):
        return find_anchor(reader, batch.issuer, batch.manifest, until=block)
    document_type = batch.document_type if needs_accreditation(batch.document_type) else 0
    head = pack_head(next_sequence(reader, batch.issuer, at=block), document_type, batch.size)
    call = chain.contracts.encode_call(REGISTRY, "anchor", (head, batch.root, batch.manifest))
    chain.direct.transact(signer, reader.address_of(REGISTRY), call, gas=ANCHOR_GAS)
    return find_anchor(reader, batch.issuer, batch.manifest, until=reader.final_head())


def _head(batch: StoredBatch) -> dict[str, Any]:
    return {
        "manifest": batch.manifest.hex(),
        "root": batch.root.hex(),
        "issuer": int(batch.issuer),
        "type": int(batch.document_type),
        "size": batch.size,
    }


def _told(batch: StoredBatch) -> dict[str, Any]:
    listed = str(notes.folder() / f"{batch.manifest.hex()}.jsonl")
    few = list(notes.documents(batch.manifest)) if batch.size <= MOST_SHOWN else None
    return {**_head(batch), "list": listed, "documents": few}


def _show_sealed(batch: StoredBatch) -> None:
    console.print(f"sealed {batch.size} document(s) of type {batch.document_type} for participant {batch.issuer}")
    console.print(f"manifest {batch.manifest.hex()}")
