"""Sealing and anchoring by hand: `tamga seal`, `tamga anchor`, `tamga batches`.

A batch is known by its manifest's digest, 64 hex digits. It is accepted once that is printed: by then its envelopes,
its keys for each recipient and its note are durable, and anchoring it can be taken up again at any time.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from ledger.bootstrap.chain import CLOCK
from ledger.bootstrap.documents import open_contents
from ledger.cli import context, durable, notes, sources
from ledger.cli.documents import Key, Ring, digest_of
from ledger.cli.known import Known, Sealed, terms_of
from ledger.cli.output import Json, console, errors, progress, show_json, show_table
from ledger.domain.cid import raw_cid
from ledger.domain.document_types import MOST_TYPE, SUBTYPES
from ledger.domain.errors import ActRefused, Fault, LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.domain.plain import instant, rfc3339
from ledger.domain.proof import AnchorRef
from ledger.domain.wrap import RECORD_ONLY
from ledger.ports.chain import Event
from ledger.services.anchoring import anchor_of, find_anchor
from ledger.services.contents import content_of
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient, SealedDocument
from ledger.services.storing import StoredBatch, replicas_of, seal_into
from ledger.services.turn import Turn

ANCHOR_GAS: Final = 200_000
"""An anchor takes 57,559 gas (FORMATS.md); refusals take less."""
MOST_SHOWN: Final = 256
"""Documents of a batch that `--json` lists one by one; all are in the file that `list` names."""
MOST_FAULTS: Final = 100
"""Faults of documents that are told at once."""
DIGEST: Final = re.compile(r"(?:0x)?[0-9A-Fa-f]{16,}")
"""What is meant for a digest, if there is no such file: `digest_of` says what is wrong with one that is none."""

DOCUMENT_TYPE: Final = typer.Option(
    "--type", min=SUBTYPES, max=MOST_TYPE, help="UNCL 1001 code × 1000 + national subtype: 851001."
)
Type = Annotated[int | None, DOCUMENT_TYPE]
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
    batch = _seal(order, quiet=as_json, left_out=None)
    if batch is None:
        raise RuntimeError("nothing is left out where that was not asked for")
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
    again: Annotated[bool, typer.Option("--again", help="Take also what this machine sealed before.")] = False,
    as_json: Json = False,
) -> None:
    """Anchor a batch in its issuer's name: one transaction, whatever its size. Repeating it changes nothing.

    Given a manifest, that sealed batch; given documents, they are sealed first. Those that this machine sealed before,
    in the same name, under the same type, number, validity and for the same readers, are left out, and their batch is
    anchored if it was not: so the same command is safe to repeat.
    """
    already: Counter[Digest32] = Counter()
    batch: StoredBatch | None
    if len(what) == 1 and DIGEST.fullmatch(what[0]) and not Path(what[0]).exists():
        batch = notes.read(digest_of(what[0]))
    else:
        places = [Path(one) for one in what]
        order = Order(
            places, document_type, key, to, to_record, number, valid_from, valid_until, media_type, whole, name, ring
        )
        batch = _seal(order, quiet=as_json, left_out=None if again else already)
        if batch is not None and not as_json:
            _show_sealed(batch)
    before = {manifest: _kept_until_anchored(notes.read(manifest), key) for manifest in already}
    anchored = None if batch is None else _kept_until_anchored(batch, key)
    if as_json:
        told = [{"manifest": one.hex(), "documents": already[one], **_block(found)} for one, found in before.items()]
        if batch is None and len(before) == 1:
            ((manifest, anchored),) = before.items()
            batch = notes.read(manifest)
        newest = {"manifest": None} if batch is None or anchored is None else {**_told(batch), **_block(anchored)}
        show_json({**newest, "already": told})
        return
    for manifest, found in before.items():
        console.print(f"{already[manifest]} document(s) were sealed before, in batch {manifest.hex()}")
        _show_anchored(found)
    if before:
        console.print("left out what was sealed before; --again takes it anew")
    if batch is not None and anchored is not None:
        _show_anchored(anchored)
    for manifest in [*before, *([batch.manifest] if batch is not None else [])][-1:]:
        own_ring = "" if ring is None else f" --ring {ring}"
        console.print(f"next: tamga prove {manifest.hex()}{own_ring}", markup=False, soft_wrap=True)


def _kept_until_anchored(batch: StoredBatch, key: str) -> AnchorRef:
    try:
        return _anchor(batch, key)
    except (KeyboardInterrupt, Unavailable):
        errors.print(f"the batch is kept; take it up again by: tamga anchor {batch.manifest.hex()} --key {key}")
        raise


def _block(anchored: AnchorRef) -> dict[str, Any]:
    when = rfc3339(anchored.time)
    return {"block_number": anchored.block_number, "tx_hash": anchored.tx_hash, "time": when}


def _show_anchored(anchored: AnchorRef) -> None:
    when, transaction = rfc3339(anchored.time), anchored.tx_hash.hex()
    console.print(f"anchored in block {anchored.block_number} at {when}, transaction 0x{transaction}", soft_wrap=True)


def batches(as_json: Json = False) -> None:
    """Batches sealed on this machine: how many stores that answer have each, and since when it is anchored."""
    reader = context.hand().chain.reader
    contents = open_contents(context.config())
    head = reader.final_head()
    rows = []
    for batch in notes.all_batches():
        try:
            since: str | None = rfc3339(find_anchor(reader, batch.issuer, batch.manifest, until=head).block.time)
        except NotFound:
            since = None
        replicas = replicas_of(contents.stores, batch.manifest)
        rows.append({**_head(batch), "stored": replicas > 0, "replicas": replicas, "anchored": since})
    contents.close()
    if as_json:
        show_json(rows)
        return
    columns = ("manifest", "type", "size", "replicas", "anchored")
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
    keys = context.encryption_keys([*(to or ()), *(to_record or ())])
    whole = [Recipient(keys[participant]) for participant in to or ()]
    return whole + [Recipient(keys[participant], RECORD_ONLY) for participant in to_record or ()]


def _terms(order: Order) -> tuple[DocumentType, int | None, int | None]:
    """Type, first and last second in force. Raises `Malformed` with all that is wrong with them."""
    faults: list[Fault] = []
    if order.document_type is None:
        faults.append(Fault("missing", "/type", "documents need their type: --type 851001"))
    seconds: list[int | None] = []
    for path, text in (("/valid_from", order.valid_from), ("/valid_until", order.valid_until)):
        try:
            seconds.append(None if text is None else instant(text, path=path))
        except Malformed as error:
            faults.extend(error.faults)
    if faults or order.document_type is None:
        raise Malformed(*faults)
    start, end = seconds
    return DocumentType(order.document_type), start, end


def _seal(order: Order, *, quiet: bool, left_out: Counter[Digest32] | None) -> StoredBatch | None:
    """Seal and store everything that was named, one document in memory at a time.

    Args:
        order: What, and how.
        quiet: Without a display of progress.
        left_out: If given, what was sealed before is left out, and counted here by its batch; None if that was all.
    """
    document_type, start, end = _terms(order)
    total = sources.count(order.places, whole=order.whole)
    if order.number is not None and total != 1:
        raise Malformed(Fault("too_many", "/number", "one number goes with one document"))
    claims: list[tuple[str, Any]] = [] if order.number is None else [("number", order.number)]
    waiting: deque[tuple[sources.Source, str]] = deque()

    def inputs() -> Iterator[DocumentInput]:
        faults: list[Fault] = []
        for source in sources.documents(order.places, whole=order.whole, input_name=order.name):
            media_type = order.media_type or source.media_type
            try:
                measured = content_of(source.content, media_type)
            except Malformed as bad:
                faults += [Fault(one.code, f"/{source.name}{one.path}", one.text) for one in bad.faults]
            except LimitExceeded as bad:
                faults.append(Fault(bad.code, f"/{source.name}", _without_file(str(bad), source)))
            if len(faults) >= MOST_FAULTS:
                break
            if faults:  # nothing will be sealed: the rest is looked through for more
                bar.advance(task)
                continue
            content = measured.claim["sha256"]
            manifest = before.batch_of(content)
            if manifest is not None and left_out is not None:
                left_out[manifest] += 1
                bar.advance(task)
                continue
            waiting.append((source, content))
            yield DocumentInput(source.content, media_type, claims, start, end, measured)
        if faults:
            raise Malformed(*faults)

    def sealed(document: SealedDocument) -> None:
        source, content = waiting.popleft()
        note.add(source.name, source.file, document.record_id, content)
        bar.advance(task)

    issuer = context.participant_of(context.signer(order.key))
    sealer = BatchSealer(
        ledger=context.hand().chain.network.ledger_id,
        issuer=issuer,
        issuer_key=context.own_key(order.ring, issuer),
        document_type=document_type,
        recipients=recipients_of(order.to, order.to_record),
        clock=CLOCK,
        on_sealed=sealed,
    )
    terms = terms_of(
        number=order.number, start=start, end=end, to=sorted(order.to or ()), to_record=sorted(order.to_record or ())
    )
    contents = open_contents(context.config())

    def is_anchored(manifest: Digest32) -> bool:
        reader = context.hand().chain.reader
        with suppress(NotFound):
            find_anchor(reader, issuer, manifest, until=reader.final_head())
            return True
        return False

    with closing(contents), _alone(issuer, document_type) if left_out is not None else nullcontext():
        known = None if left_out is None else Known(issuer, document_type, terms)
        with (
            closing(Sealed(contents.stores, known, is_anchored)) as before,
            notes.Writer(terms) as note,
            progress(quiet=quiet) as bar,
        ):
            task = bar.add_task("sealing", total=total)
            documents = inputs()
            first = next(documents, None)
            if first is None and left_out:
                return None
            new = documents if first is None else chain([first], documents)
            return seal_into(contents, sealer, new, document_type, before_kept=note.keep)


def _alone(issuer: ParticipantId, document_type: DocumentType) -> AbstractContextManager[None]:
    """Be the one command of this home that leaves out what was sealed before: what another is sealing is not noted yet.

    What waits says so on standard error.
    """
    notes.folder().mkdir(parents=True, exist_ok=True)
    said = partial(context.say_waiting, "another command seals documents of this type")
    return durable.alone(notes.folder() / f"{issuer}-{document_type}", said)


def _without_file(text: str, source: sources.Source) -> str:
    """A refusal without the name of the file that holds the content, which may be one that nobody knows."""
    return text if isinstance(source.content, bytes) else text.replace(f" {source.content.name}", "")


def _require_stored(batch: StoredBatch) -> None:
    """A note is written a moment before its batch is durable; what was cut off in between must not be anchored.

    Raises:
        NotFound: No store has it.
        Unavailable: Fewer than required have it, or too few answer to say so.
    """
    contents = open_contents(context.config())
    try:
        if contents.pinned([raw_cid(batch.manifest)]):
            return
        if not replicas_of(contents.stores, batch.manifest):
            raise NotFound("stored batch", f"{batch.manifest.hex()}: seal the documents again")
        raise Unavailable(f"batch {batch.manifest.hex()} has too few replicas, which `tamga contents repair` mends")
    finally:
        contents.close()


def _anchor(batch: StoredBatch, key: str) -> AnchorRef:
    hand, signer = context.hand(), context.signer(key)
    own = context.participant_of(signer)
    if batch.issuer != own:  # the contract takes the issuer from the key: it would be anchored in the wrong name
        raise ActRefused("NotIssuer", {"participant": own, "issuer": batch.issuer})
    reader = hand.chain.reader
    block = reader.final_head()
    try:
        event = find_anchor(reader, batch.issuer, batch.manifest, until=block)
    except NotFound:
        _require_stored(batch)
        with context.turn_of(signer) as turn:
            event = _anchor_now(batch, turn)
    return anchor_of(reader, hand.chain.network.directory, event)


def _anchor_now(batch: StoredBatch, turn: Turn) -> Event:
    """Anchor a batch, unless what was on its way before this turn has done so."""
    reader = context.hand().chain.reader
    with suppress(NotFound):
        return find_anchor(reader, batch.issuer, batch.manifest, until=reader.final_head())
    turn.anchor(batch)
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
