"""Which documents this machine sealed before: so that a command that is repeated does not do everything twice.

    HOME/batches/known.sqlite   disposable: made from the notes, and brought up to date when it is opened

A document is the same if issuer, type, content and terms are: its number, validity and readers as they were typed.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from ledger.cli import notes
from ledger.domain.canonical import dumps
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.ports.content_store import ContentStore
from ledger.services.storing import replicas_of

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS noted (manifest TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sealed (key BLOB PRIMARY KEY, manifest TEXT NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
"""
_NEWEST: Final = "INSERT OR REPLACE INTO sealed VALUES (?, ?, ?)"


class Place(NamedTuple):
    """Where a document is that was sealed before.

    Attributes:
        manifest: Its batch.
        record_id: Its record.
    """

    manifest: Digest32
    record_id: bytes


class Known:
    """Documents of one issuer and type under the same terms."""

    def __init__(self, issuer: ParticipantId, document_type: DocumentType, terms: str) -> None:
        """Open the index and read the notes that it lacks.

        Raises:
            Unavailable: It cannot be used.
            Malformed: A note is damaged: what it told of must not be taken for new.
        """
        self._head = _head(issuer, document_type, terms)
        folder = notes.folder()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = _open(folder / "known.sqlite")
            with self._connection:
                self._catch_up(folder)
            (self.is_empty,) = self._connection.execute("SELECT NOT EXISTS (SELECT 1 FROM sealed)").fetchone()
        except sqlite3.Error as bad:
            raise Unavailable(f"{folder / 'known.sqlite'} cannot be used: {bad}") from bad

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def find(self, content: str) -> Place | None:
        """Where a document with this content (SHA-256 of its claim, hex) was sealed last."""
        query = "SELECT manifest, record FROM sealed WHERE key = ?"
        found = self._connection.execute(query, (_key(self._head, content),)).fetchone()
        return None if found is None else Place(Digest32(bytes.fromhex(found[0])), found[1])

    def _catch_up(self, folder: Path) -> None:
        listed = {name for (name,) in self._connection.execute("SELECT manifest FROM noted")}
        missing = [path for path in folder.glob("*.json") if path.stem not in listed]
        for path in sorted(missing, key=lambda path: path.stat().st_mtime_ns):
            self._connection.executemany(_NEWEST, _noted(notes.read_head(path)))
            self._connection.execute("INSERT INTO noted VALUES (?)", (path.stem,))


class Sealed:
    """What of a command's documents need not be sealed anew: known, still stored, and not erased since."""

    def __init__(
        self, stores: Sequence[ContentStore], known: Known | None, is_anchored: Callable[[Digest32], bool]
    ) -> None:
        """Ask the stores about each batch once, or the chain, if they are away; without `known` everything is new."""
        self._stores, self._is_anchored = stores, is_anchored
        self._known = None if known is None or known.is_empty else known
        self._close: Callable[[], None] = (lambda: None) if known is None else known.close
        self._erased = notes.erased_records() if self._known is not None else frozenset()
        self._kept: dict[Digest32, bool] = {}

    def close(self) -> None:
        """Close the index."""
        self._close()

    def batch_of(self, content: str) -> Digest32 | None:
        """The batch that has a document with this content; None if it is to be sealed."""
        found = None if self._known is None else self._known.find(content)
        if found is None or found.record_id in self._erased:
            return None
        if found.manifest not in self._kept:
            self._kept[found.manifest] = self._is_kept(found.manifest)
        return found.manifest if self._kept[found.manifest] else None

    def _is_kept(self, manifest: Digest32) -> bool:
        """Whether any store has the batch: a repair copies it to the others, while a second batch would be for ever.

        Where none that answers has it and one is away: whether it is anchored, and so was stored.
        """
        try:
            return replicas_of(self._stores, manifest) > 0
        except Unavailable:
            return self._is_anchored(manifest)


def terms_of(**terms: Any) -> str:
    """Name what a document is sealed under besides its type: SHA-256 of all that was asked for, hex."""
    return hashlib.sha256(dumps(terms)).hexdigest()


def _noted(head: Mapping[str, Any]) -> Iterator[tuple[bytes, str, bytes]]:
    """Rows of one batch; none of a batch that was collected, or noted by an older version."""
    if head.get("terms") is None:
        return
    start = _head(head["issuer"], head["type"], head["terms"])
    for line in notes.documents(Digest32(bytes.fromhex(head["manifest"]))):
        yield _key(start, line["content"]), head["manifest"], bytes.fromhex(line["record_id"])


def _head(issuer: int, document_type: int, terms: str) -> bytes:
    return issuer.to_bytes(8) + document_type.to_bytes(4) + bytes.fromhex(terms)


def _key(head: bytes, content: str) -> bytes:
    return hashlib.sha256(head + bytes.fromhex(content)).digest()


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _made(path)
    except sqlite3.DatabaseError:  # damaged: everything in it stands in the notes
        path.unlink(missing_ok=True)
        return _made(path)


def _made(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.executescript(_SCHEMA)
    return connection
