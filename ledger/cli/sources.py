"""Where documents come from: files, folders, archives of thousands, standard input. Nothing is read before its turn."""

import bz2
import gzip
import lzma
import mimetypes
import os
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn, Protocol, Self

from ledger.domain.errors import Fault, LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.limits import (
    MAX_ARCHIVE_RATIO,
    MAX_BATCH,
    MAX_DOCUMENT_BYTES,
    MAX_UPLOAD_BYTES,
    MIB,
)
from ledger.domain.proof import SUFFIX

STANDARD_INPUT: Final = Path("-")
ARCHIVES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
UNKNOWN: Final = "application/octet-stream"
PACKED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_FREE_BYTES: Final = 64 * MIB
"""What any archive may unpack to, whatever its own size."""
_DAMAGE: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One document to be sealed.

    Attributes:
        name: Relative to what was named on the command line; never absolute, without `..`.
        content: Its bytes, or a file that holds them.
        file: Where it lies on this machine; None for archives and standard input.
    """

    name: str
    content: bytes | Path
    file: Path | None = None

    @property
    def media_type(self) -> str:
        """By its name; what is packed is of its packing's type, whatever is inside."""
        inside, packing = mimetypes.guess_type(self.name)
        if packing is not None:
            return PACKED.get(packing, UNKNOWN)
        return inside or UNKNOWN


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


def count(paths: Sequence[Path], *, whole: bool) -> int | None:
    """How many documents there are; None where only reading tells (a compressed tar).

    Raises:
        NotFound: Paths that are not there, all of them; nothing was read.
        Malformed: A damaged zip, or standard input twice.
    """
    if paths.count(STANDARD_INPUT) > 1:
        raise Malformed(Fault("too_many", "/documents", "standard input is read once"))
    if missing := [str(path) for path in paths if path != STANDARD_INPUT and not (path.is_dir() or path.is_file())]:
        raise NotFound("file", ", ".join(missing))
    total = 0
    for path in paths:
        if path == STANDARD_INPUT:
            total += 1
        elif path.is_dir():
            total += sum(1 for _ in _files_below(path))
        elif whole or not path.name.lower().endswith(ARCHIVES):
            total += 1
        elif path.name.lower().endswith(".zip"):
            with _zip(path) as archive:
                total += sum(
                    1 for member in archive.infolist() if not member.is_dir() and _is_document(member.filename)
                )
        else:
            return None
    return total


def documents(paths: Sequence[Path], *, whole: bool, input_name: str) -> Iterator[Source]:
    """Yield every document, in order; a document's content is good until the next is asked for.

    Args:
        paths: Files, folders, archives, `-`.
        whole: Take an archive as one document.
        input_name: What standard input is called.

    Raises:
        Malformed: A damaged or encrypted archive, or a member whose name leads elsewhere.
        LimitExceeded: An archive that unpacks to far more than it is, or a document that is too large.
        NotFound, Unavailable: A path is not there, or cannot be read.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            with _held(
                sys.stdin.buffer, "standard input", _Budget(MAX_DOCUMENT_BYTES, "standard input", MAX_DOCUMENT_BYTES)
            ) as content:
                if content == b"":  # whoever was to write it has failed, and an anchor is for ever
                    raise Malformed(Fault("empty", f"/{input_name}", "standard input is empty"))
                yield Source(input_name, content)
        elif path.is_dir():
            for file in _files_below(path):
                yield Source(file.relative_to(path).as_posix(), file, file.absolute())
        elif whole or not path.name.lower().endswith(ARCHIVES):
            if not path.is_file():
                raise NotFound("file", str(path))
            yield Source(path.name, path, path.absolute())
        elif path.name.lower().endswith(".zip"):
            yield from _zipped(path)
        else:
            yield from _tarred(path)


def _files_below(folder: Path) -> Iterator[Path]:
    """Regular files in order of their names, without links. Raises `Unavailable` for a folder that is closed to us."""

    def closed(bad: OSError) -> NoReturn:
        raise Unavailable(f"{bad.filename} cannot be read: {bad.strerror}") from bad

    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if _is_document(name)]
    for path in sorted(found):
        if path.is_file() and not path.is_symlink():
            yield path


def _is_document(name: str) -> bool:
    """Hidden files and proof files in a folder or an archive are none."""
    return not name.endswith(SUFFIX) and not any(part.startswith(".") for part in PurePosixPath(name).parts)


class _Budget:
    """What may still be unpacked [bytes].

    Args:
        left: Bytes.
        what: What the limit is of, for the refusal.
        limit: The limit as it is told.
    """

    def __init__(self, left: int, what: str, limit: int) -> None:
        self._left, self._what, self._limit = left, what, limit

    def spend(self, size: int) -> None:
        """Take off what was read. Raises `LimitExceeded`."""
        self._left -= size
        if self._left < 0:
            raise LimitExceeded(self._what, self._limit)

    @classmethod
    def of(cls, archive: Path) -> "_Budget":
        """Of an archive: so many times its own size."""
        left = _FREE_BYTES + MAX_ARCHIVE_RATIO * archive.stat().st_size
        return cls(left, f"{archive}, unpacked, for each of its bytes,", MAX_ARCHIVE_RATIO)


@contextmanager
def _held(reader: _Reader, name: str, budget: _Budget) -> Iterator[bytes | Path]:
    """A content read to its end: in memory up to `MAX_UPLOAD_BYTES`, else in a file that is gone afterwards."""
    first = _read(reader, name, MAX_UPLOAD_BYTES + 1, budget)
    if len(first) <= MAX_UPLOAD_BYTES:
        yield first
        return
    with _waiting(name), tempfile.NamedTemporaryFile(prefix="tamga-") as file:
        total = file.write(first)
        del first
        while piece := _read(reader, name, MIB, budget):
            total += file.write(piece)
            if total > MAX_DOCUMENT_BYTES:
                raise LimitExceeded(f"document {name}", MAX_DOCUMENT_BYTES)
        file.flush()
        yield Path(file.name)


@contextmanager
def _waiting(name: str) -> Iterator[None]:
    """Tell a full disk of temporary files from an archive that cannot be read."""
    try:
        yield
    except OSError as bad:
        if bad.errno is None:
            raise
        raise Unavailable(f"{name} cannot wait in the folder for temporary files: {bad.strerror}") from bad


def _read(reader: _Reader, name: str, size: int, budget: _Budget) -> bytes:
    """Up to `size` bytes; fewer only at the end. Raises `Unavailable` where the disk does not give them."""
    out = bytearray()
    while len(out) < size:
        try:
            piece = reader.read(min(MIB, size - len(out)))
        except OSError as bad:
            if bad.errno is None:  # damage, which is told elsewhere
                raise
            raise Unavailable(f"{name} cannot be read: {bad.strerror}") from bad
        if not piece:
            break
        budget.spend(len(piece))
        out += piece
    return bytes(out)


@contextmanager
def _told_of(path: Path, kind: str) -> Iterator[None]:
    """Tell damage of an archive from a disk that does not give it."""
    try:
        yield
    except _DAMAGE as bad:
        raise Malformed(Fault("archive", f"/{path.name}", f"not a good {kind} file: {bad}")) from bad
    except OSError as bad:
        if bad.errno is None:  # bzip2's and gzip's word for damage
            raise Malformed(Fault("archive", f"/{path.name}", f"not a good {kind} file: {bad}")) from bad
        raise Unavailable(f"{path} cannot be read: {bad.strerror or bad}") from bad


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with _told_of(path, "zip"), zipfile.ZipFile(path) as archive:
        if len(archive.infolist()) > MAX_BATCH:
            raise LimitExceeded(f"members of {path}", MAX_BATCH)
        yield archive


def _zipped(path: Path) -> Iterator[Source]:
    budget = _Budget.of(path)
    with _zip(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = _safe(member.filename, path)
            if not _is_document(name):
                continue
            if member.flag_bits & 1:
                raise Malformed(Fault("archive_encrypted", f"/{path.name}/{name}", "an encrypted member"))
            with archive.open(member) as file, _held(file, name, budget) as content:
                yield Source(name, content)


class _Member(tarfile.TarInfo):
    """A member of a tar: where one's header is cut off or damaged, tarfile would take the archive to end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        """Read the next header. Raises `EOFHeaderError` at the end block, else `ReadError`."""
        try:
            return super().fromtarfile(archive)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # its stub lacks it
            raise
        except tarfile.HeaderError as bad:
            raise tarfile.ReadError(f"damaged, or cut off before its end: {bad}") from bad


@contextmanager
def _unpacked(path: Path) -> Iterator[BufferedIOBase]:
    """A tar's own bytes."""
    with path.open("rb") as raw, _reader_of(raw) as reader:
        yield reader


def _reader_of(raw: BufferedReader) -> BufferedIOBase:
    """By what the first bytes say of the packing; unlike tarfile's own readers, these check every checksum."""
    first = raw.read(6)
    raw.seek(0)
    if first.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if first.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if first == b"\xfd7zXZ\0":
        return lzma.LZMAFile(raw)
    return raw


def _tarred(path: Path) -> Iterator[Source]:
    budget = _Budget.of(path)
    with _told_of(path, "tar"), _unpacked(path) as stream:
        yield from _members(path, stream, budget)
        while rest := stream.read(MIB):  # a checksum stands at the very end
            budget.spend(len(rest))


def _members(path: Path, stream: BufferedIOBase, budget: _Budget) -> Iterator[Source]:
    # Read as a stream: members are never listed, so a million of them take no memory.
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
        for number, member in enumerate(archive):
            if number > 2 * MAX_BATCH:
                raise LimitExceeded(f"members of {path}", MAX_BATCH)
            archive.members = []  # type: ignore[attr-defined]  # tarfile keeps all it has seen; its stub lacks it
            if member.isdir():
                continue
            name = _safe(member.name, path)
            if not _is_document(name):
                continue
            file = archive.extractfile(member) if member.isreg() else None
            if file is None:
                raise Malformed(Fault("archive_member", f"/{path.name}/{name}", "neither a file nor a folder"))
            with _held(file, name, budget) as content:
                yield Source(name, content)


def _safe(name: str, archive: Path) -> str:
    """A member's name, which may become a proof file's."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or not path.name:
        raise Malformed(Fault("archive_name", f"/{archive.name}", f"the member {name[:80]!r} leads elsewhere"))
    return path.as_posix()
