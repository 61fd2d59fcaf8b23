"""Files that are there after a power cut: bytes, name and folder are synced before the next step is taken."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Name the file in an OSError that names none, as one does that comes while it is written: which disk is full?"""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def write(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file whole, or not at all; `mode` as in `os.open`. Raises OSError."""
    waiting = path.with_name(f".{path.name}.part")
    with named(path), os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    rename(waiting, path)


def whole(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all, whatever ends this process. Raises OSError.

    Not synced: for what can be made again after a power cut, and is written by the thousand.
    """
    waiting = path.with_name(f".{path.name}.part")
    try:
        with named(path):
            waiting.write_bytes(content)
            waiting.replace(path)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise


@contextmanager
def alone(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Be the one process that changes what goes by that path, waiting for any other; `waiting` is told of that.

    Raises OSError.
    """
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def settle(path: Path) -> None:
    """Make a file that was written elsewhere durable, with its name. Raises OSError."""
    with named(path), path.open("rb") as file:
        os.fsync(file.fileno())
    sync_folder(path.parent)


def settle_all(report: Path, name: Path) -> None:
    """Make all files written so far durable, then name the report that tells of them. Raises OSError."""
    os.sync()  # once for thousands of files
    rename(report, name)


def rename(old: Path, new: Path) -> None:
    """Give a synced file its name, in the same folder. Raises OSError."""
    old.replace(new)
    sync_folder(new.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
