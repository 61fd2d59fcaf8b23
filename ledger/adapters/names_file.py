"""Display names from a file that is read again when it changes, so that a new participant needs no restart."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from ledger.domain.errors import TamgaError
from ledger.domain.fields import in_file
from ledger.domain.ids import ParticipantId
from ledger.domain.profiles import Names, read_names

log = logging.getLogger("tamga.names")


class NamesFile(Mapping[ParticipantId, str]):
    """Names by participant, as the file has them now; none while there is no file.

    A file that cannot be read when it changes leaves the names as they were, with a warning: a display name decides
    nothing.
    """

    def __init__(self, path: Path) -> None:
        """Read the file. Raises `Malformed` or `LimitExceeded` if it is there and cannot be read."""
        self._path = path
        self._seen = self._mark()
        with in_file(path):
            self._names: Names = read_names(path.read_bytes()) if self._seen is not None else {}

    def __getitem__(self, participant: ParticipantId) -> str:
        return self._current()[participant]

    def __iter__(self) -> Iterator[ParticipantId]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def _current(self) -> Names:
        mark = self._mark()
        if mark != self._seen:
            self._seen = mark
            try:
                self._names = {} if mark is None else read_names(self._path.read_bytes())
            except (TamgaError, OSError) as error:
                log.warning("%s: %s", self._path.name, error)
        return self._names

    def _mark(self) -> tuple[int, int, int] | None:
        """What tells one state of the file from another; None without a file."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
