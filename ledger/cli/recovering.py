"""`tamga erase` and `tamga recover`: taking one document out of the world, and getting all others back into it."""

import json
import mimetypes
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TextIO, TypeVar

import typer

from ledger.bootstrap import CLOCK, local_records, open_contents
from ledger.cli import context, durable, notes
from ledger.cli.documents import Key, Manifest, Ring, digest_of
from ledger.cli.output import Json, console, progress, show_json
from ledger.domain.errors import ActRefused, Fault, LimitExceeded, Malformed, TamgaError, Unavailable
from ledger.domain.grant import Granted
from ledger.domain.ids import LedgerId, ParticipantId, RecordId
from ledger.domain.limits import ACT_GAS_BASE, ACT_GAS_PER_BYTE
from ledger.domain.plain import plain
from ledger.domain.proof import SUFFIX, AnchorRef, dump_proof
from ledger.domain.record import CONTENT
from ledger.domain.tombstone import (
    MAX_TOMBSTONE_BYTES,
    ErasureReason,
    Tombstone,
    dump_tombstone,
    parse_tombstone,
)
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing
from ledger.ports.signer import Signer
from ledger.services.anchoring import REGISTRY, anchor_of, registry_events
from ledger.services.erasing import erase as erase_everywhere
from ledger.services.erasing import is_of_issuer, sign_tombstone
from ledger.services.opening import BatchReader
from ledger.services.recovery import Fate, Recovered, find_grants, find_orders, recover_batch

TOMBSTONE: Final = ".tombstone.json"
REPORT: Final = "report.jsonl"
UNFINISHED: Final = ".report.jsonl.part"
LOST: Final = (Fate.ERASED, Fate.MISSING, Fate.DAMAGED)
"""What a person wants to see one by one."""


NO_EVIDENCE: Final = bytes(32)
_T = TypeVar("_T")


class Why(StrEnum):
    """Why a document is erased: `tombstone.ErasureReason`, as it is typed."""

    RETENTION_ENDED = "retention-ended"
    DATA_SUBJECT = "data-subject"
    COURT_ORDER = "court-order"
    SEALED_IN_ERROR = "sealed-in-error"


ORDER_REASONS: Final = {Why.RETENTION_ENDED: 11, Why.DATA_SUBJECT: 12, Why.COURT_ORDER: 5, Why.SEALED_IN_ERROR: 1}
"""Codes of `Reasons.sol`: LAW, DATA_SUBJECT, ORDER, ERROR."""


def erase(
    manifest: Manifest,
    leaf: Annotated[int, typer.Option(min=0, help="Position of the document in its batch.")],
    reason: Annotated[Why, typer.Option(help="Why, for its tombstone.")],
    key: Key,
    as_json: Json = False,
) -> None:
    """Erase a document of ours from every content store, for ever, and leave a signed tombstone in `tombstones`.

    The erasure is ordered on the chain first, which refuses while a declaration needs the document.

    If a store is away the others are done all the same, and the exit code is 3: erase again when it is back. Proofs
    given out earlier still verify. Nobody can take the document back from who kept a copy.
    """
    signer, ledger = context.signer(key), context.hand().chain.network.ledger_id
    contents = open_contents(context.config())
    batch = BatchReader(contents, digest_of(manifest))
    issuer, own = batch.manifest.issuer, context.participant_of(signer)
    if issuer != own:
        raise ActRefused("NotIssuer", {"participant": own, "issuer": issuer})
    record_id = batch.record_id(leaf)
    folder = context.config().home / "tombstones"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{record_id.hex()}{TOMBSTONE}"
    _order_erasure(signer, issuer, record_id, reason)
    if not file.exists():  # before the erasure: without its tombstone an erased document looks like a lost one
        made = sign_tombstone(signer, ledger, issuer, record_id, ErasureReason[reason.name], CLOCK.now())
        durable.write(file, dump_tombstone(made))
    notes.note_erasure(record_id, batch.envelope(leaf))
    erase_everywhere(contents.stores, batch, leaf)
    contents.close()
    records = local_records(context.config())
    if records is not None:
        records.forget(record_id)
    if as_json:
        show_json({"record_id": record_id, "reason": reason, "tombstone": str(file)})
        return
    console.print(f"erased record 0x{record_id.hex()}")
    console.print(str(file), markup=False, soft_wrap=True)


def _order_erasure(signer: Signer, issuer: ParticipantId, record_id: RecordId, reason: Why) -> None:
    """Say on the chain that the document goes, once. Raises `ActRefused` while a declaration needs it."""
    chain = context.hand().chain

    def is_ordered() -> bool:
        return bool(chain.reader.call(REGISTRY, "erasureOrderedAt", (issuer, record_id), at=chain.reader.final_head()))

    if is_ordered():
        return
    call = chain.contracts.encode_call(REGISTRY, "orderErasure", (record_id, ORDER_REASONS[reason], NO_EVIDENCE))
    gas = ACT_GAS_BASE + ACT_GAS_PER_BYTE * len(call)
    with context.turn_of(signer) as turn:
        if not is_ordered():  # by what was on its way before this turn
            turn.transact(chain.reader.address_of(REGISTRY), call, gas=gas)


def recover(
    into: Annotated[Path, typer.Option(help="New or empty folder, or that of a recovery that was cut off.")],
    ring: Ring = None,
    tombstones: Annotated[
        Path | None, typer.Option(help="Folder of tombstones; default `tombstones` under TAMGA_HOME.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Get back every document that our keys open, with its proof, from chain and content store alone.

    Each lies under its batch's manifest and its position, its proof beside it. `report.jsonl` has a line for every
    document of every batch: opened, sealed (not ours), erased, missing or damaged. Erased is what its issuer's
    tombstone, or an order of its issuer's on the chain, tells of. The report has its name once it is whole: until then
    the same command can be given again.
    """
    _require_free(into)
    chain, keys = context.hand().chain, context.key_ring(ring)
    head = chain.reader.final_head()
    contents = open_contents(context.config())
    ordered = find_orders(chain.reader, until=head)
    erased = dict(_tombstones(tombstones or context.config().home / "tombstones", chain.network.ledger_id))
    granted = find_grants(chain.reader, contents, chain.network.ledger_id, keys, until=head)
    into.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(dict.fromkeys(Fate, 0))
    lost: list[dict[str, Any]] = []
    with (into / UNFINISHED).open("w", encoding="utf-8") as report, progress(quiet=as_json) as bar:
        for event in bar.track(registry_events(chain.reader, "Anchored", until=head), description="recovering"):
            anchor = anchor_of(chain.reader, chain.network.directory, event)
            for line in _lines(contents, keys, anchor, erased, ordered, granted, into):
                _report(line, report)
                counts[line["fate"]] += 1
                if line["fate"] in LOST:
                    lost.append(line)
    (into / UNFINISHED).rename(into / REPORT)
    contents.close()
    if as_json:
        show_json({"block_number": head.number, "report": str(into / REPORT), **counts, "lost": lost})
        return
    console.print(", ".join(f"{counts[fate]} {fate}" for fate in Fate), f"as of block {head.number}")
    for line in lost:
        where = f"{line['manifest']} leaf {line['leaf']}" if line["leaf"] is not None else line["manifest"]
        told = f"{line['fate']}: {where} of participant {line['issuer']}: {line['reason']}"
        console.print(told, markup=False, soft_wrap=True)
    console.print(str(into / REPORT), markup=False, soft_wrap=True)


def _require_free(into: Path) -> None:
    """Only what a recovery wrote that did not end may be there, and is written anew. Raises `Malformed`."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())) and not (into / UNFINISHED).is_file():
        raise Malformed(Fault("exists", "/into", f"{into} is not an empty folder"))


def _lines(
    contents: ContentStore,
    keys: KeyRing,
    anchor: AnchorRef,
    erased: dict[tuple[ParticipantId, RecordId], Tombstone],
    ordered: dict[tuple[ParticipantId, RecordId], int],
    granted: dict[tuple[ParticipantId, RecordId], Granted],
    into: Path,
) -> Iterator[dict[str, Any]]:
    """Recover one batch; a line of the report for each document, or for all of it where no more can be said.

    Raises:
        Unavailable: The store is away.
    """
    folder = into / anchor.manifest.hex()
    folder.mkdir(exist_ok=True)
    line = {"manifest": anchor.manifest.hex(), "issuer": int(anchor.issuer)}
    try:
        for one in recover_batch(
            contents,
            keys,
            anchor,
            _of(anchor.issuer, erased),
            ordered=_of(anchor.issuer, ordered),
            granted=_of(anchor.issuer, granted),
            folder=folder,
        ):
            file, proof = _write(one, folder)
            yield {
                **line,
                "leaf": one.leaf,
                "record_id": one.record_id,
                "fate": one.fate,
                "file": file,
                "proof": proof,
                "reason": one.reason,
            }
    except Unavailable:
        raise
    except TamgaError as bad:
        fate = Fate.MISSING if bad.code == "not_found" else Fate.DAMAGED
        yield {**line, "leaf": None, "record_id": None, "fate": fate, "file": None, "proof": None, "reason": str(bad)}
    with suppress(OSError):
        folder.rmdir()  # nothing of this batch was ours


def _of(issuer: ParticipantId, found: dict[tuple[ParticipantId, RecordId], _T]) -> dict[RecordId, _T]:
    return {record_id: value for (of, record_id), value in found.items() if of == issuer}


def _write(one: Recovered, folder: Path) -> tuple[str | None, str | None]:
    """Name the content's file by its media type and put the proof beside it; both paths, None for what there is not."""
    if one.document is None or one.proof is None:
        return None, None
    file = one.file
    if file is not None:
        claim = next(opening.value for opening in one.document.openings if opening.name == CONTENT)
        file = file.rename(file.with_suffix(mimetypes.guess_extension(claim["media_type"]) or ".bin"))
    proof = folder / f"{one.leaf if file is None else file.name}{SUFFIX}"
    proof.write_bytes(dump_proof(one.proof))
    return None if file is None else str(file), str(proof)


def _tombstones(folder: Path, ledger: LedgerId) -> Iterator[tuple[tuple[ParticipantId, RecordId], Tombstone]]:
    """Tombstones of this ledger that their issuers signed; of others it is said that they do not count."""
    reader = context.hand().chain.reader
    at = reader.final_head()
    for file in sorted(folder.glob(f"*{TOMBSTONE}")):
        try:
            found = parse_tombstone(context.read_file(file, MAX_TOMBSTONE_BYTES + 1))
            good = found.ledger == ledger and is_of_issuer(reader, found, at=at)
        except (Malformed, LimitExceeded):
            good = False
        if good:
            yield (found.issuer, found.record_id), found
        else:
            print(f"{file}: no tombstone that its issuer signed", file=sys.stderr)


def _report(line: dict[str, Any], report: TextIO) -> None:
    report.write(json.dumps(plain(line), ensure_ascii=False) + "\n")
