"""The content of one document on its way into an envelope: bytes in memory, or a file read twice and never whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ledger.domain.errors import LimitExceeded, NotFound, Unavailable
from ledger.domain.fields import malformed
from ledger.domain.limits import MAX_DOCUMENT_BYTES, MAX_UPLOAD_BYTES, MIB
from ledger.domain.part import Kind, seal_part, seal_stream
from ledger.domain.record import content_value, is_json


@dataclass(frozen=True, slots=True)
class Content:
    """A document's content.

    Attributes:
        source: Its bytes, or the file that holds them.
        length: Bytes.
        claim: Value of its `content` claim.
    """

    source: bytes | Path
    length: int
    claim: dict[str, Any]

    def seal(self, key: bytes) -> Iterator[bytes]:
        """Yield the sealed content part. Raises `Malformed` if the file is no longer the one that was hashed."""
        if isinstance(self.source, bytes):
            yield seal_part(key, Kind.CONTENT, self.source)
            return
        seen = sha256()
        yield from seal_stream(key, Kind.CONTENT, self.length, _hashed(self.source, seen))
        if seen.hexdigest() != self.claim["sha256"]:
            raise malformed("changed", "/content", f"{self.source.name} changed while it was sealed")


def content_of(source: bytes | Path, media_type: str) -> Content:
    """Measure and hash a content.

    JSON is hashed by value, so a JSON file is read into memory, up to `MAX_UPLOAD_BYTES`.

    Raises:
        LimitExceeded: Too large.
        Malformed: Said to be JSON, and is not.
        NotFound: No such file.
    """
    if isinstance(source, bytes):
        if len(source) > MAX_DOCUMENT_BYTES:
            raise LimitExceeded("document", MAX_DOCUMENT_BYTES)
        return Content(source, len(source), content_value(source, media_type))
    try:
        length = source.stat().st_size
        if is_json(media_type):
            if length > MAX_UPLOAD_BYTES:
                raise LimitExceeded(f"JSON document {source.name}", MAX_UPLOAD_BYTES)
            return content_of(source.read_bytes(), media_type)
        if length > MAX_DOCUMENT_BYTES:
            raise LimitExceeded(f"document {source.name}", MAX_DOCUMENT_BYTES)
    except FileNotFoundError:
        raise NotFound("file", str(source)) from None
    except OSError as bad:
        raise Unavailable(f"{source} cannot be read: {bad.strerror}") from bad
    seen = sha256()
    read = sum(len(piece) for piece in _hashed(source, seen))
    return Content(source, read, {"sha256": seen.hexdigest(), "bytes": read, "media_type": media_type})


def _hashed(path: Path, seen: Any) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(MIB):
                seen.update(piece)
                yield piece
    except FileNotFoundError:
        raise NotFound("file", str(path)) from None
    except OSError as bad:
        raise Unavailable(f"{path} cannot be read: {bad.strerror}") from bad
