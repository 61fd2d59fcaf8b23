"""`tamga recover`: getting every document of ours back, from chain and content store alone."""

import json
import mimetypes
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, TextIO, TypeVar

import typer

from ledger.bootstrap.documents import open_contents
from ledger.cli import context, durable
from ledger.cli.documents import Ring
from ledger.cli.erasing import TOMBSTONE
from ledger.cli.output import REFUSED, TRY_AGAIN, Json, console, progress, show_json, waiting_for_peers
from ledger.domain.anchor import unpack_h
from ledger.domain.cid import raw_cid
from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound, Refused, TamgaError, Unavailable
from ledger.domain.grant import Granted
from ledger.domain.ids import Digest32, LedgerId, ParticipantId, RecordId
from ledger.domain.plain import plain
from ledger.domain.proof import SUFFIX, dump_proof
from ledger.domain.record import CONTENT
from ledger.domain.tombstone import (
    MAX_TOMBSTONE_BYTES,
    Tombstone,
    parse_tombstone,
)
from ledger.ports.chain import Event
from ledger.ports.content_store import ContentStore
from ledger.ports.key_store import KeyRing
from ledger.services.anchoring import anchor_of, registry_events
from ledger.services.erasing import is_of_issuer
from ledger.services.recovery import Fate, Recovered, find_grants, find_orders, newest_of_its_issuer, recover_batch
from ledger.services.seeking import seek

REPORT: Final = "report.jsonl"
UNFINISHED: Final = ".report.jsonl.part"
LOST: Final = (Fate.ERASED, Fate.MISSING, Fate.DAMAGED)
"""What a person wants to see one by one."""


_T = TypeVar("_T")


class _Told(NamedTuple):
    """What chain and tombstones tell of documents, by issuer: what is granted to us, what was ordered, what erased."""

    granted: Mapping[ParticipantId, Mapping[RecordId, Sequence[Granted]]]
    ordered: Mapping[ParticipantId, Mapping[RecordId, int]]
    erased: Mapping[ParticipantId, Mapping[RecordId, Tombstone]]


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
    tombstone, or an order of its issuer's on the chain, tells of. A batch that was anchored several times is counted
    once, and told. The report has its name once it is whole: until then the same command can be given again.

    Exit code 1: a document that our keys open is missing or damaged. 3: none is, as far as can be told, but of a batch,
    or a part of one, or a grant, that is missing or damaged nobody can tell whether it is ours; recover into another
    folder when more of its holders answer. `ours` in the report says which (null: nobody can tell).
    """
    _require_free(into)
    chain, keys = context.hand().chain, context.key_ring(ring)
    head = chain.reader.final_head()
    contents = open_contents(context.config())
    grants = find_grants(chain.reader, contents, chain.network.ledger_id, keys, until=head, waiting=waiting_for_peers)
    known = _Told(
        _by_issuer(grants.given),
        _by_issuer(find_orders(chain.reader, until=head)),
        _by_issuer(dict(_tombstones(tombstones or context.config().home / "tombstones", chain.network.ledger_id))),
    )
    anchored = _by_manifest(registry_events(chain.reader, "Anchored", until=head))
    missing = seek(contents, map(raw_cid, anchored), waiting_for_peers)
    into.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(dict.fromkeys(Fate, 0))
    lost: list[dict[str, Any]] = []
    unfinished = into / UNFINISHED
    with durable.named(into), unfinished.open("w", encoding="utf-8") as report, progress(quiet=as_json) as bar:
        for manifest, events in bar.track(anchored.items(), description="recovering"):
            for line in _lines(contents, keys, events, known, into, is_missing=raw_cid(manifest) in missing):
                _report(line, report)
                counts[line["fate"]] += 1
                if line["fate"] in LOST:
                    lost.append(line)
    durable.settle_all(unfinished, into / REPORT)
    contents.close()
    again = [_anchors(events) for events in anchored.values() if len(events) > 1]
    if as_json:
        unread = [{"issuer": issuer, "grant": grant.hex()} for issuer, grant in grants.unread]
        shown = {**counts, "lost": lost, "anchored_again": again, "grants_unread": unread}
        show_json({"block_number": head.number, "report": str(into / REPORT), **shown})
    else:
        _show(counts, lost, again, into, head.number)
        for issuer, grant in grants.unread:
            told = f"grant {grant.hex()} of participant {issuer}: nobody gave it, so what it opens is not told"
            console.print(told, markup=False, soft_wrap=True)
    whose = {line["ours"] for line in lost if line["fate"] != Fate.ERASED}
    if True in whose:
        raise typer.Exit(REFUSED)
    if None in whose or grants.unread:
        raise typer.Exit(TRY_AGAIN)


def _show(
    counts: Mapping[str, int],
    lost: Sequence[Mapping[str, Any]],
    again: Sequence[Mapping[str, Any]],
    into: Path,
    block_number: int,
) -> None:
    """Tell a person of a recovery that has ended."""
    console.print(", ".join(f"{counts[fate]} {fate}" for fate in Fate), f"as of block {block_number}")
    for line in lost:
        where = f"{line['manifest']} leaf {line['leaf']}" if line["leaf"] is not None else line["manifest"]
        whose = "one of those who anchored it" if line["issuer"] is None else f"participant {line['issuer']}"
        told = f"{line['fate']}: {where} of {whose}: {line['reason']}"
        console.print(told, markup=False, soft_wrap=True)
    for each in again:
        by = ", ".join(map(str, dict.fromkeys(one["issuer"] for one in each["anchors"])))
        told = f"anchored {len(each['anchors'])} times, counted once: {each['manifest']} by participant {by}"
        console.print(told, markup=False, soft_wrap=True)
    console.print(str(into / REPORT), markup=False, soft_wrap=True)


def _require_free(into: Path) -> None:
    """Only what a recovery wrote that did not end may be there, and is written anew. Raises `Malformed`."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())) and not (into / UNFINISHED).is_file():
        raise Malformed(Fault("exists", "/into", f"{into} is not an empty folder"))


def _by_manifest(anchored: Iterable[Event]) -> dict[Digest32, list[Event]]:
    """`Anchored` events by manifest: its issuer may anchor it again, and anybody in their own name."""
    found: dict[Digest32, list[Event]] = {}
    for event in anchored:
        found.setdefault(Digest32(event.args["manifest"]), []).append(event)
    return found


def _anchors(events: Sequence[Event]) -> dict[str, Any]:
    """All anchors of one manifest, as they are told."""
    anchors = [{"issuer": event.args["issuer"], "sequence": unpack_h(event.args["h"]).seq} for event in events]
    return {"manifest": events[0].args["manifest"].hex(), "anchors": anchors}


def _issuers(events: Sequence[Event]) -> list[int]:
    """In whose names a manifest was anchored."""
    return list(dict.fromkeys(event.args["issuer"] for event in events))


def _lines(
    contents: ContentStore, keys: KeyRing, events: Sequence[Event], told: _Told, into: Path, *, is_missing: bool
) -> Iterator[dict[str, Any]]:
    """Recover the batch of one manifest; a line of the report for each document, or for all where no more can be said.

    Its proofs rest on its issuer's newest anchor, as those of `tamga prove` do.

    Raises:
        Unavailable: The store is away.
    """
    manifest = Digest32(events[0].args["manifest"])
    by = _issuers(events)
    line = {"manifest": manifest.hex(), "issuer": by[0] if len(by) == 1 else None, "sequence": None, "ours": None}
    nothing = {"leaf": None, "record_id": None, "file": None, "proof": None}
    if is_missing:
        yield {**line, **nothing, "fate": Fate.MISSING, "reason": "no manifest: no peer gave it in time"}
        return
    folder = into / manifest.hex()
    before = _left_in(folder)
    folder.mkdir(exist_ok=True)
    try:
        event = newest_of_its_issuer(contents, manifest, events)
        line |= {"issuer": event.args["issuer"], "sequence": unpack_h(event.args["h"]).seq}
        for one in _recovered(contents, keys, event, told, folder):
            file, proof = _write(one, folder)
            if one.fate is Fate.ERASED:
                _remove(before.get(str(one.leaf), ()))
            yield {
                **line,
                "ours": one.is_ours,
                "leaf": one.leaf,
                "record_id": one.record_id,
                "fate": one.fate,
                "file": file,
                "proof": proof,
                "reason": one.reason,
            }
    except Unavailable:
        raise
    except NotFound as bad:
        yield {**line, **nothing, "fate": Fate.MISSING, "reason": str(bad)}
    except TamgaError as bad:
        ours = False if isinstance(bad, Refused) else None  # no manifest, or not its issuer's: it is nobody's batch
        yield {**line, **nothing, "ours": ours, "fate": Fate.DAMAGED, "reason": str(bad)}
    with suppress(OSError):
        folder.rmdir()  # nothing of this batch was ours


def _left_in(folder: Path) -> dict[str, list[Path]]:
    """What a recovery that was cut off left there, by leaf; half-written files of it are removed."""
    left: dict[str, list[Path]] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        left.setdefault(path.name.partition(".")[0], []).append(path)
    _remove(left.pop("", ()))
    return left


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _recovered(contents: ContentStore, keys: KeyRing, event: Event, told: _Told, folder: Path) -> Iterator[Recovered]:
    chain = context.hand().chain
    anchor = anchor_of(chain.reader, chain.network.directory, event)
    return recover_batch(
        contents,
        keys,
        anchor,
        told.erased.get(anchor.issuer, {}),
        ordered=told.ordered.get(anchor.issuer),
        granted=told.granted.get(anchor.issuer),
        folder=folder,
        waiting=waiting_for_peers,
    )


def _by_issuer(found: Mapping[tuple[ParticipantId, RecordId], _T]) -> dict[ParticipantId, dict[RecordId, _T]]:
    by_issuer: dict[ParticipantId, dict[RecordId, _T]] = {}
    for (issuer, record_id), value in found.items():
        by_issuer.setdefault(issuer, {})[record_id] = value
    return by_issuer


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
