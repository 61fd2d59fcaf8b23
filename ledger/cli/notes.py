"""What this machine remembers of the batches that it sealed: names and places of documents, nothing secret.

    HOME/batches/MANIFEST.json    manifest, root, issuer, type, size, terms (as `known.terms_of` names them)
    HOME/batches/MANIFEST.jsonl   a line for each document: name, file, record id, SHA-256 of its content
    HOME/erasures.jsonl           a line for each document erased from here: record id and envelope

Written before the store makes the batch durable, so that a batch that is kept always has its note.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self, TextIO

from ledger.cli import context, durable
from ledger.domain import canonical
from ledger.domain.errors import NotFound, Unavailable
from ledger.domain.fields import hex_of, in_file, malformed, uint_of
from ledger.domain.ids import Cid, Digest32, DocumentType, ParticipantId
from ledger.domain.limits import KIB
from ledger.services.storing import StoredBatch

MAX_NOTE_BYTES: Final = 4 * KIB
_HEAD: Final = frozenset({"manifest", "root", "issuer", "type", "size"})
_DOCUMENT: Final = frozenset({"name", "file", "record_id"})
_ERASURE: Final = frozenset({"record_id", "envelope"})
ERASURES: Final = "erasures.jsonl"
LEFT_S: Final = 3600
"""Since when a note that nobody writes any more lies there before it is removed [s]."""


class Writer:
    """Notes one batch while it is sealed; leaving the block without `keep` leaves nothing behind.

    Its methods raise `Unavailable` if the note cannot be written: a store that takes the batch meanwhile would tell an
    OSError as its own.
    """

    def __init__(self, terms: str | None = None) -> None:
        """Begin a note; without `terms` its documents are not found again by their content."""
        self._terms = terms
        self._folder = folder()
        self._folder.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(self._folder)
        self._waiting = self._folder / f".{os.urandom(8).hex()}.part"
        self._lines: TextIO = self._waiting.open("x", encoding="utf-8")
        fcntl.flock(self._lines, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        """Remove what was not kept."""
        with suppress(OSError):  # a full disk fails the last write again
            self._lines.close()
        self._waiting.unlink(missing_ok=True)

    def add(self, name: str, file: Path | None, record_id: bytes, content: str | None = None) -> None:
        """Note the next document; `content` is the SHA-256 of its content claim, hex."""
        line = {
            "name": name,
            "file": None if file is None else str(file),
            "record_id": record_id.hex(),
            "content": content,
        }
        with _written(self._waiting):
            self._lines.write(json.dumps(line) + "\n")  # in ASCII: a name on disk need not be UTF-8

    def keep(self, batch: StoredBatch) -> None:
        """Make the note durable."""
        head = {
            "manifest": batch.manifest.hex(),
            "root": batch.root.hex(),
            "issuer": int(batch.issuer),
            "type": int(batch.document_type),
            "size": batch.size,
            "terms": self._terms,
        }
        with _written(self._folder):
            _sync(self._lines)
            durable.rename(self._waiting, self._folder / f"{batch.manifest.hex()}.jsonl")
            durable.write(self._folder / f"{batch.manifest.hex()}.json", json.dumps(head).encode())


def folder() -> Path:
    """Where the notes are."""
    return context.config().home / "batches"


def read(manifest: Digest32) -> StoredBatch:
    """The note of a batch. Raises `NotFound` for one that was not sealed here, `Malformed` if it is damaged."""
    path = folder() / f"{manifest.hex()}.json"
    if not path.is_file():
        raise NotFound("batch sealed on this machine", manifest.hex())
    head = read_head(path)
    return StoredBatch(
        Digest32(bytes.fromhex(head["manifest"])),
        Digest32(bytes.fromhex(head["root"])),
        ParticipantId(head["issuer"]),
        DocumentType(head["type"]),
        head["size"],
    )


def read_head(path: Path) -> dict[str, Any]:
    """What a note says of its batch. Raises `Malformed` if it is damaged."""
    with in_file(path):
        head: Any = canonical.loads(path.read_bytes(), max_bytes=MAX_NOTE_BYTES)
        if not isinstance(head, dict) or not head.keys() >= _HEAD:  # one by an older version has no `terms`
            raise malformed("damaged", "", "this note of a batch is damaged")
        for name in ("manifest", "root"):
            hex_of(head[name], f"/{name}")
        for name in ("issuer", "type", "size"):
            uint_of(head[name], f"/{name}")
        if head.get("terms") is not None:
            hex_of(head["terms"], "/terms")
        return head


def documents(manifest: Digest32) -> Iterator[dict[str, Any]]:
    """Yield `name`, `file`, `record_id` and `content` of each document, by leaf. Raises `Malformed` for damage."""
    path, size, number = folder() / f"{manifest.hex()}.jsonl", read(manifest).size, 0
    with in_file(path), path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            yield _line(line, number, _DOCUMENT)
        if number != size:
            raise malformed("damaged", "", f"it tells of {number} document(s), the batch has {size}")


def all_batches() -> Iterator[StoredBatch]:
    """Every batch sealed here, oldest first."""
    found = sorted(folder().glob("*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in found:
        yield read(Digest32(bytes.fromhex(path.stem)))


def note_erasure(record_id: bytes, envelope: Cid) -> None:
    """Remember an envelope that must come back to no store."""
    path = context.config().home / ERASURES
    with durable.alone(path):
        erasures = _erasures()
        if any(line["envelope"] == envelope for line in erasures):
            return
        lines = [*erasures, {"record_id": record_id.hex(), "envelope": envelope}]
        # Not appended: a line that a full disk cuts short would make all of them unreadable.
        durable.write(path, "".join(json.dumps(line) + "\n" for line in lines).encode())


def erased_envelopes() -> frozenset[Cid]:
    """Envelopes of all documents erased from here."""
    return frozenset(Cid(line["envelope"]) for line in _erasures())


def erased_records() -> frozenset[bytes]:
    """Ids of all records erased from here."""
    return frozenset(bytes.fromhex(line["record_id"]) for line in _erasures())


def _erasures() -> list[dict[str, str]]:
    path = context.config().home / ERASURES
    if not path.is_file():
        return []
    with in_file(path):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]  # earlier versions appended: one may be cut
        return [_line(line, number, _ERASURE) for number, line in enumerate(whole, 1)]


def _line(line: str, number: int, keys: Set[str]) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= keys:
        raise malformed("damaged", f"/{number}", "this line is damaged")
    hex_of(found["record_id"], f"/{number}/record_id")
    if found.get("content") is not None:
        hex_of(found["content"], f"/{number}/content")
    return found


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as bad:
        told = f"{bad.filename or path}: {bad.strerror or bad}"
        raise Unavailable(f"the note of a batch cannot be written: {told}") from bad


def _remove_leftovers(parts: Path) -> None:
    """Remove what writers left that were killed: a note that is still written is locked."""
    for path in parts.glob(f".{'?' * 16}.part"):
        with suppress(BlockingIOError, FileNotFoundError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if time.time() - path.stat().st_mtime > LEFT_S:  # one that was made just now may not be locked yet
                path.unlink()


def _sync(file: TextIO) -> None:
    file.flush()
    os.fsync(file.fileno())
