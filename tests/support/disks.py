"""A small disk of a test's own, that can be filled or made read-only."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BLOCK = 64 * 1024


class SmallDisk:
    """A file system in memory, mounted for one test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte left."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (BLOCK, 1):
                try:
                    while True:
                        file.write(b"\1" * size)
                except OSError:
                    continue
        try:
            yield
        finally:
            self._filler.unlink()

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """As after an error of the file system; modes would not stop root."""
        _mount("-o", "remount,ro", str(self.path))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self.path))


@contextmanager
def small_disk(path: Path, *, size: str = "2m") -> Iterator[SmallDisk]:
    """Mount a tmpfs at `path`; without the right to mount the test is skipped, and says so."""
    path.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk needs the right to mount one: {error} (uid {os.geteuid()})")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", str(path)], check=True, capture_output=True)


def _mount(*args: str) -> None:
    subprocess.run(["mount", *args], check=True, capture_output=True)
