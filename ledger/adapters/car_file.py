"""One batch on disk: a CARv2 file, written once under a temporary name and renamed, never changed afterwards.

Its v1 header's roots are the batch's pins. Blocks are written before the roots are known, so room for the header is
left between the CARv2 header and the sections; what is not needed of it stays a hole before the data.
"""

import fcntl
import os
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Self

from ledger.adapters.car_entries import CarEntries
from ledger.domain import car
from ledger.domain.cid import CID_BYTES, cid_bytes, cid_text
from ledger.domain.errors import LimitExceeded, Malformed, Tampered
from ledger.domain.fields import malformed
from ledger.domain.ids import Cid
from ledger.domain.limits import MAX_IPFS_BLOCK_BYTES
from ledger.domain.varint import MAX_VARINT_BYTES, read_varint

SUFFIX: Final = ".car"
_TEMPORARY: Final = f"{SUFFIX}.tmp"
_BUFFER_BYTES: Final = 1 << 20


class CarWriter:
    """Writes one CAR file; `commit` makes it durable under its final name, leaving the block removes it.

    While it is written the file is locked, so that leftovers of a crash can be told from work in progress.
    """

    def __init__(self, folder: Path, *, expected_roots: int = car.MAX_ROOTS) -> None:
        """Begin a file in `folder` with room for that many roots."""
        self._folder = folder
        self._room = car.header_bytes(expected_roots)
        self._start = car.V2_START + self._room
        self._size = 0
        self._entries = CarEntries(folder, _TEMPORARY)
        self._names = sha256()
        self._temporary = folder / f".{os.urandom(8).hex()}{_TEMPORARY}"
        self._file: BinaryIO = self._temporary.open("xb", buffering=_BUFFER_BYTES)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __enter__(self) -> Self:
        self._file.seek(self._start)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # a full disk fails the last write again
            self._file.close()
        self._temporary.unlink(missing_ok=True)
        self._entries.close()

    @property
    def digests(self) -> Iterable[bytes]:
        """Digests of the blocks written, ascending."""
        return self._entries.digests()

    def add(self, cid: Cid, block: bytes, *, checked: bool = True) -> None:
        """Append a block. Raises `Tampered` if it does not hash to its CID, unless it is to be taken as it stands."""
        raw = cid_bytes(cid)
        digest = raw[4:]
        if len(block) > MAX_IPFS_BLOCK_BYTES:
            raise LimitExceeded(f"block {cid}", MAX_IPFS_BLOCK_BYTES)
        if checked and sha256(block).digest() != digest:
            raise Tampered(f"the block given as {cid} has another hash")
        self._names.update(raw)
        self._entries.add(digest, self._size)
        head = car.section_head(raw, len(block))
        self._file.write(head)
        self._file.write(block)
        self._size += len(head) + len(block)

    def commit(self, roots: Sequence[Cid]) -> str:
        """Write header and index, make the file durable and return its name, which follows from its blocks.

        An offset in the index counts from the start of the v1 data, which is the header.
        """
        header = car.encode_header([cid_bytes(root) for root in roots])
        if len(header) > self._room:
            raise LimitExceeded("roots of a CAR file", car.MAX_ROOTS)
        start = self._start - len(header)
        layout = car.V2Layout(start, len(header) + self._size, self._start + self._size)
        self._file.seek(car.INDEX_HEAD_BYTES, os.SEEK_CUR)
        count = sum(self._file.write(piece) for piece in self._entries.index(len(header))) // car.ENTRY_BYTES
        self._file.seek(layout.index_at)
        self._file.write(car.encode_index_head(count))
        self._file.seek(0)
        self._file.write(car.encode_v2_header(layout))
        self._file.seek(start)
        self._file.write(header)
        self._file.flush()
        os.fsync(self._file.fileno())
        for root in roots:
            self._names.update(cid_bytes(root))
        name = self._names.hexdigest()[:40] + SUFFIX
        self._temporary.rename(self._folder / name)
        sync_folder(self._folder)
        return name


class CarFile:
    """Reads one CAR file; safe to share between threads.

    Attributes:
        roots: Its roots.
        close: Closes it; otherwise that happens with the last reference.
    """

    def __init__(self, path: Path) -> None:
        """Open it. Raises `Malformed` if header or index are damaged, OSError if it is not there."""
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self._descriptor)
        self._layout = car.parse_v2_header(self._pread(car.V2_START, 0))
        size = os.fstat(self._descriptor).st_size
        if self._layout.index_at > size:  # the largest of its offsets
            raise malformed("truncated", "/header", "the header points behind the file's end")
        with path.open("rb") as file:
            file.seek(self._layout.data)
            roots, self._header_bytes = car.read_header(file)
        self.roots = [cid_text(root) for root in roots]
        self._entries = self._layout.index_at + car.INDEX_HEAD_BYTES
        self._count = car.parse_index_head(self._pread(car.INDEX_HEAD_BYTES, self._layout.index_at))
        if size != self._entries + self._count * car.ENTRY_BYTES:
            raise malformed("truncated", "/index", "the file does not end with its index")

    def digests(self) -> Iterator[bytes]:
        """Digests of its blocks, ascending."""
        for at in range(0, self._count, 1024):
            count = min(1024, self._count - at)
            entries = self._pread(count * car.ENTRY_BYTES, self._entries + at * car.ENTRY_BYTES)
            for start in range(0, len(entries), car.ENTRY_BYTES):
                yield entries[start : start + 32]

    def find(self, digest: bytes, max_bytes: int) -> bytes | None:
        """Up to `max_bytes` of the block with that digest; None if it is not here.

        Raises:
            Malformed: The index points at something else.
        """
        found = self._section_of(digest)
        if found is None:
            return None
        _, at, size = found
        return self._pread(min(size, max_bytes), at)

    def sound_blocks(self, wanted: Collection[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield (binary CID, block) of those with these digests that the index finds whole, by digest."""
        for digest in self.digests():
            try:
                found = self._section_of(digest) if digest in wanted else None
            except Malformed:
                continue
            if found is not None:
                raw, at, size = found
                block = self._pread(size, at)
                if sha256(block).digest() == digest:
                    yield raw, block

    def blocks(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield (binary CID, block) of all sections, in order, unchecked."""
        with self._path.open("rb", buffering=_BUFFER_BYTES) as file:
            file.seek(self._layout.data + self._header_bytes)
            yield from car.read_sections(file, self._layout.data_bytes - self._header_bytes)

    def _section_of(self, digest: bytes) -> tuple[bytes, int, int] | None:
        """Binary CID of the block with that digest, where it is in the file, and its size; None if it is not here."""
        offset = self._offset_of(digest)
        if offset is None:
            return None
        if offset > self._layout.data_bytes:
            raise malformed("index", "/index", "an entry points behind the blocks")
        at = self._layout.data + offset
        start = self._pread(MAX_VARINT_BYTES + CID_BYTES, at)
        length, used = read_varint(start, 0)
        raw = start[used : used + CID_BYTES]
        if raw[4:] != digest or length < CID_BYTES or offset + used + length > self._layout.data_bytes:
            raise malformed("index", "/index", "an entry points at another block")
        return raw, at + used + CID_BYTES, length - CID_BYTES

    def _offset_of(self, digest: bytes) -> int | None:
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            entry = self._pread(car.ENTRY_BYTES, self._entries + middle * car.ENTRY_BYTES)
            if entry[:32] == digest:
                return int.from_bytes(entry[32:], "little")
            if entry[:32] < digest:
                low = middle + 1
            else:
                high = middle
        return None

    def _pread(self, size: int, at: int) -> bytes:
        return os.pread(self._descriptor, size, at)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of writers that died; one that is still written is locked."""
    for path in folder.glob(f".*{_TEMPORARY}"):
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except (BlockingIOError, FileNotFoundError):
            continue


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
