"""Documents as files: each batch is one CAR file with its index, written and synced once.

    FOLDER/cars/NAME.car   batches; a CAR's roots are its pins
    FOLDER/pins.json       what was pinned or unpinned since: CID → true (recursive), false (direct), null (not pinned)
    FOLDER/locator.sqlite  which CAR holds a block; disposable

Several processes may share a folder. Every block read is hashed by the port, so damage on disk shows as `Tampered`.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.adapters.car_file import SUFFIX, CarFile, CarWriter, remove_leftovers, sync_folder
from ledger.adapters.car_locator import CarLocator, Listed
from ledger.domain import car
from ledger.domain.cid import DAG_PB, cid_bytes, cid_text
from ledger.domain.dagpb import decode_node
from ledger.domain.errors import Malformed, NotFound, Tampered, Unavailable
from ledger.domain.ids import Cid
from ledger.domain.limits import MAX_IPFS_BLOCK_BYTES
from ledger.ports.content_store import ContentStore, Pin

_OPEN_FILES: Final = 64
"""CAR files kept open for reading."""
_CLOCK_TICK_NS: Final = 2_000_000_000
"""Coarsest time stamp of a file system [ns]."""
_log = logging.getLogger(__name__)


class FileStore(ContentStore):
    """A content store in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open or make the store. Raises `Unavailable` if the folder cannot be used."""
        self._folder, self._cars = folder, folder / "cars"
        self._open: OrderedDict[str, CarFile] = OrderedDict()
        self._lock = threading.Lock()
        self._damaged: dict[str, str] = {}
        self._scanned_ns = 0
        with _our_errors():
            self._cars.mkdir(parents=True, exist_ok=True)
            remove_leftovers(self._cars)
            self._locator = CarLocator(folder / "locator.sqlite", lambda: self._scanned(self._names()))
            self._refresh()

    def close(self) -> None:
        """Close all files."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()
        self._locator.close()

    def damaged(self) -> Mapping[str, str]:
        """CAR files whose header or index cannot be read, and why; their blocks are not found here."""
        return dict(self._damaged)

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        """See the port. Direct pins are kept in `pins.json`, recursive ones as the CAR file's roots."""
        expected = len(pins) if isinstance(pins, Sized) else car.MAX_ROOTS
        with _our_errors(), CarWriter(self._cars, expected_roots=expected) as writer:
            for cid, block in blocks:
                writer.add(cid, block)
            wanted = list(pins)
            roots = [pin.cid for pin in wanted if pin.recursive]
            with self._exclusive():  # so that no collection falls between a batch and its pins
                name = writer.commit(roots)
                self._forget(name)  # it may have taken the place of a damaged one
                self._locator.add(name, roots, writer.digests)
                self._change_pins({pin.cid: pin.recursive for pin in wanted})

    def has(self, cid: Cid) -> bool:
        """See the port; sound or damaged."""
        with _our_errors():
            return self._is_here(cid)

    def pins(self) -> Mapping[Cid, bool]:
        """See the port."""
        with _our_errors():
            self._refresh()
            pinned: dict[Cid, bool] = dict.fromkeys((Cid(root) for root in self._locator.roots()), True)
            for cid, recursive in self._changes().items():
                if recursive is None:
                    pinned.pop(cid, None)
                else:
                    pinned[cid] = recursive
            return pinned

    def pinned(self, cids: Collection[Cid]) -> Mapping[Cid, bool]:
        """See the port; found by its name, however much the store holds."""
        with _our_errors():
            self._refresh()
            found: dict[Cid, bool | None] = {cid: True for cid in cids if self._locator.is_root(cid)}
            changed = self._changes()
            found |= {cid: changed[cid] for cid in cids if cid in changed}
            return {cid: recursive for cid, recursive in found.items() if recursive is not None}

    def repin(self, add: Iterable[Pin], remove: Iterable[Cid]) -> None:
        """See the port. Raises `NotFound` for a new pin on a block that is not here."""
        wanted: dict[Cid, bool | None] = {pin.cid: pin.recursive for pin in add}
        with _our_errors(), self._exclusive():
            for cid in wanted:
                if not self._is_here(cid):
                    raise NotFound("block", cid)
            self._change_pins({**wanted, **dict.fromkeys(remove)})

    def collect(self) -> None:
        """See the port: CAR files that hold a dropped block are rewritten without it.

        Damage stays where it is, and stops nothing but itself: a damaged block is kept as it stands, a CAR file that
        cannot be read is left alone, and so is one that lists a damaged node, whose links nobody knows.

        Raises:
            NotFound: A pinned tree is not whole; nothing was dropped.
        """
        with _our_errors(), self._exclusive():
            pinned = self.pins()
            kept = self._kept(pinned)
            for name in sorted(self._locator.names()):
                try:
                    if any(digest not in kept for digest in self._car(name).digests()):
                        self._rewrite(name, kept, pinned)
                except Malformed as bad:
                    _log.error("%s is damaged and was left as it is: %s", name, bad)

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        with _our_errors():
            block = self._find(cid, max_bytes)
        if block is None:
            raise NotFound("block", cid)
        return block

    def _is_here(self, cid: Cid) -> bool:
        """Whether it is here, sound or damaged: damage to a block does not keep it from being pinned."""
        try:
            return self._find(cid, 0) is not None
        except Tampered:
            return True

    def _find(self, cid: Cid, max_bytes: int) -> bytes | None:
        digest = cid_bytes(cid)[4:]
        block = self._find_listed(digest, max_bytes)
        if block is None and self._refresh():
            block = self._find_listed(digest, max_bytes)
        return block

    def _find_listed(self, digest: bytes, max_bytes: int) -> bytes | None:
        """From the newest CAR file that has it sound; if none has, from one that has it damaged."""
        found: bytes | None = None
        damage: Tampered | None = None
        names = self._locator.find(digest)
        for name in names:
            try:
                block = self._car(name).find(digest, max_bytes)
            except FileNotFoundError:  # rewritten by another process
                continue
            except Malformed as bad:
                damage = Tampered(f"{name} is damaged: {bad}")
                damage.__cause__ = bad
                continue
            if block is None:
                continue
            if len(names) == 1 or max_bytes == 0 or sha256(block).digest() == digest:
                return block
            found = block
        if found is None and damage is not None:
            raise damage
        return found

    def _car(self, name: str) -> CarFile:
        with self._lock:
            if name not in self._open:
                self._open[name] = CarFile(self._cars / name)
                if len(self._open) > _OPEN_FILES:
                    self._open.popitem(last=False)
            self._open.move_to_end(name)
            return self._open[name]

    def _forget(self, name: str) -> None:
        """Read a CAR file anew when it is next asked for, and take it for sound until then."""
        with self._lock:
            self._open.pop(name, None)
            self._damaged.pop(name, None)

    def _refresh(self) -> bool:
        """Bring the locator in line with the folder; return whether anything changed."""
        changed_ns = self._cars.stat().st_mtime_ns
        if changed_ns == self._scanned_ns:
            return False
        there = self._names()
        listed = self._locator.names()
        for name in listed - there:
            self._locator.remove(name)
        for found in self._scanned(there - listed - self._damaged.keys()):
            self._locator.add(*found)
        if time.time_ns() - changed_ns > _CLOCK_TICK_NS:  # else a later change could bear the same time
            self._scanned_ns = changed_ns
        return there != listed

    def _names(self) -> set[str]:
        return {path.name for path in self._cars.glob(f"*{SUFFIX}")}

    def _scanned(self, names: Iterable[str]) -> Iterator[Listed]:
        """Read the CAR files' own roots and indexes; those that cannot be read are noted."""
        for name in sorted(names):
            try:
                file = CarFile(self._cars / name)
            except FileNotFoundError:
                continue
            except Malformed as bad:
                self._damaged[name] = str(bad)
                _log.error("%s is damaged: %s", name, bad)
                continue
            yield Listed(name, file.roots, file.digests())
            file.close()

    def _kept(self, pinned: Mapping[Cid, bool]) -> set[bytes]:
        """Digests of all blocks that pins keep."""
        kept: set[bytes] = set()
        for root, recursive in pinned.items():
            waiting = [cid_bytes(root)]
            while waiting:
                raw = waiting.pop()
                kept.add(raw[4:])
                if recursive and raw[:4] == DAG_PB:
                    try:
                        links, _ = decode_node(self.get(cid_text(raw), max_bytes=MAX_IPFS_BLOCK_BYTES))
                        waiting.extend(link.cid for link in links)
                    except Tampered as bad:
                        _log.error("%s is damaged: all that is stored with it is kept: %s", cid_text(raw), bad)
                        kept.update(self._stored_with(raw[4:]))
        return kept

    def _stored_with(self, digest: bytes) -> Iterator[bytes]:
        """Digests of all blocks in the CAR files that list one, if they can be read: what it links to is among them."""
        for name in self._locator.find(digest):
            try:
                yield from self._car(name).digests()
            except Malformed as bad:
                _log.error("%s is damaged: %s", name, bad)

    def _rewrite(self, name: str, kept: set[bytes], pinned: Mapping[Cid, bool]) -> None:
        """Write a CAR file anew with the blocks that are kept; if its sections run into one another, the sound ones."""
        old = self._car(name)
        roots = [root for root in old.roots if pinned.get(root)]
        try:
            self._replace_car(name, roots, (section for section in old.blocks() if section[0][4:] in kept))
        except Malformed as bad:
            _log.error("%s is damaged, what can be told apart of it is kept: %s", name, bad)
            self._replace_car(name, roots, old.sound_blocks(kept))

    def _replace_car(self, name: str, roots: Sequence[Cid], blocks: Iterable[tuple[bytes, bytes]]) -> None:
        with CarWriter(self._cars, expected_roots=len(roots)) as writer:
            for raw, block in blocks:
                writer.add(cid_text(raw), block, checked=False)
            new = writer.commit(roots) if any(True for _ in writer.digests) else None
            self._forget(name)
            if new == name:  # nothing had to go but damage in its index
                self._locator.remove(name)
            if new is not None:
                self._locator.add(new, roots, writer.digests)
        if new != name:
            (self._cars / name).unlink()
            sync_folder(self._cars)
            self._locator.remove(name)

    def _changes(self) -> dict[Cid, bool | None]:
        path = self._folder / "pins.json"
        try:
            changes: dict[Cid, bool | None] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as bad:  # what is pinned and what was erased is not known any more
            raise Unavailable(f"the document store cannot be used: {path} is damaged: {bad}") from bad
        return changes

    def _change_pins(self, wanted: Mapping[Cid, bool | None]) -> None:
        """Record what differs from the CAR files' roots; the caller holds the folder."""
        old = self._changes()
        roots = self._locator.roots()
        new = {cid: how for cid, how in {**old, **wanted}.items() if how != (True if cid in roots else None)}
        if new != old:
            _replace(self._folder / "pins.json", json.dumps(new, indent=0, sort_keys=True).encode())

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Hold the folder against other processes that change pins or collect."""
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    waiting = path.with_name(path.name + ".tmp")
    with waiting.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)
    sync_folder(path.parent)


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except OSError as bad:
        raise Unavailable(f"the document store cannot be used: {bad.strerror or bad}") from bad
