"""Where each block of a CAR file is, gathered while the file is written, in memory that does not grow with it.

Entries are kept by the first byte of their digest. When `_HELD_BYTES` of them are in memory they go to a spool file as
one run, its 256 parts one after another; in the end each part is read from all runs and sorted by itself.
"""

import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from ledger.domain import car

_PARTS: Final = 256
_HELD_BYTES: Final = 2 << 20
"""Entries kept in memory at most."""
_DIGEST_BYTES: Final = 32


class CarEntries:
    """Entries `digest 32 ‖ offset u64`, big-endian here, so that of equal digests the last written sorts last."""

    def __init__(self, folder: Path, suffix: str) -> None:
        """Gather none yet; the spool has no name, so that nothing of it outlives the process.

        Args:
            folder: Where the spool is made once it is needed: a disk with room for 40 bytes a block.
            suffix: Of its name, for the moment that it has one on file systems that cannot do without.
        """
        self._folder, self._suffix = folder, suffix
        self._parts = [bytearray() for _ in range(_PARTS)]
        self._held_bytes = 0
        self._spool: IO[bytes] | None = None
        self._runs: list[array[int]] = []
        """Where each part of a run begins in the spool, and where the last one ends."""

    def add(self, digest: bytes, offset: int) -> None:
        """Note a block; one that is written twice is listed once. Raises OSError if the spool cannot be written."""
        self._parts[digest[0]] += digest + offset.to_bytes(8)
        self._held_bytes += car.ENTRY_BYTES
        if self._held_bytes >= _HELD_BYTES:
            self._spill()

    def close(self) -> None:
        """Give the spool's room back."""
        if self._spool is not None:
            self._spool.close()

    def digests(self) -> Iterator[bytes]:
        """All digests, ascending."""
        return (digest for part in range(_PARTS) for digest in self._sorted(part))

    def index(self, shift: int) -> Iterator[bytes]:
        """The entries of the file's index in ascending pieces, each offset larger by `shift`."""
        for part in range(_PARTS):
            entries = self._sorted(part).items()
            yield b"".join([digest + (offset + shift).to_bytes(8, "little") for digest, offset in entries])

    def _spill(self) -> None:
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(dir=self._folder, prefix=".", suffix=self._suffix)  # noqa: SIM115 - closed by `close`
        bounds = array("Q", [self._spool.tell()])
        for part in self._parts:
            self._spool.write(part)
            bounds.append(bounds[-1] + len(part))
            part.clear()
        self._spool.flush()
        self._runs.append(bounds)
        self._held_bytes = 0

    def _sorted(self, part: int) -> dict[bytes, int]:
        """Offset of each digest whose first byte is `part`, ascending."""
        found = bytearray()
        if self._spool is not None:
            for bounds in self._runs:
                found += os.pread(self._spool.fileno(), bounds[part + 1] - bounds[part], bounds[part])
        found += self._parts[part]
        entries = sorted([bytes(found[at : at + car.ENTRY_BYTES]) for at in range(0, len(found), car.ENTRY_BYTES)])
        return {entry[:_DIGEST_BYTES]: int.from_bytes(entry[_DIGEST_BYTES:]) for entry in entries}
