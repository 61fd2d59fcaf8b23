"""Disks that fill up or turn read-only under the content store: a real file system of a few MiB, not a fake.

given a store with a batch, on a disk that is nearly full
  when another batch does not fit       → refused for now, with the cause; nothing of it is left, the first still opens
  when it is one of two replicas        → the other, which had room, does not keep the batch pinned either
  when documents are collected          → none of those is accepted; with room again they are
  when it has no room for anything      → another process opens what is there all the same
given a disk that was mounted read-only
  when a batch is stored or unpinned    → refused for now, with the cause; what was there still opens
given a command whose files do not fit
  when it writes them                   → exit code 3 and the cause, no traceback
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.devnet.places import ROOT

SCRIPT = """
import os, subprocess, sys
from pathlib import Path

import pytest

from ledger.adapters.file_store import FileStore
from ledger.adapters.replicas import ReplicatedStore
from ledger.domain.errors import Unavailable
from ledger.services.batching import Batcher, Stream
from ledger.services.opening import open_document
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient
from ledger.services.storing import seal_into
from tests.support.evidence import CUSTOMS, ISSUER, ISSUER_RING, LEDGER, PHYTOSANITARY, FixedClock, public_key

disk = Path(sys.argv[1])
folder = disk / "content"


def sealer(_=None):
    return BatchSealer(
        ledger=LEDGER, issuer=ISSUER, issuer_key=public_key(ISSUER_RING), document_type=PHYTOSANITARY,
        recipients=[Recipient(public_key(CUSTOMS))], clock=FixedClock(),
    )


def documents(size):
    return [DocumentInput(os.urandom(64_000), "application/octet-stream") for _ in range(size)]


def cars():
    return sorted(path.name for path in (folder / "cars").iterdir())


store = FileStore(folder)
kept = seal_into(store, sealer(), [DocumentInput(b"kept", "text/plain")], PHYTOSANITARY)
before, pinned = cars(), dict(store.pins())
with pytest.raises(Unavailable, match="No space left on device"):
    seal_into(store, sealer(), documents(200), PHYTOSANITARY)
assert (cars(), dict(store.pins())) == (before, pinned)
assert open_document(store, CUSTOMS, kept.manifest, 0).content == b"kept"

elsewhere = FileStore(Path(sys.argv[2]))
with pytest.raises(Unavailable, match="1 of 2 replicas: store 1: .*No space left on device$"):
    seal_into(ReplicatedStore([elsewhere, store], required=2), sealer(), documents(200), PHYTOSANITARY)
assert (elsewhere.pins(), cars(), dict(store.pins())) == ({}, before, pinned)
elsewhere.collect()
assert list((Path(sys.argv[2]) / "cars").iterdir()) == []
elsewhere.close()

accepted = []
batcher = Batcher(store, sealer, accepted.append, ledger=LEDGER, clock=FixedClock(), deadline_s=0.2)
ballast = disk / "ballast"
with ballast.open("wb") as file, pytest.raises(OSError):
    while True:
        file.write(bytes(65_536))
        file.flush()
tickets = [batcher.submit(Stream(ISSUER, PHYTOSANITARY), one) for one in documents(3)]
for ticket in tickets:
    with pytest.raises(Unavailable, match="No space left on device"):
        ticket.wait(30)
assert accepted == []
for lost in (False, True):  # another process, and one after the locator is gone, which only helps to find documents
    if lost:
        for file in folder.glob("locator*"):
            file.unlink()
        with ballast.open("ab") as file, pytest.raises(OSError):
            file.write(bytes(1_000_000))
            file.flush()
    other = FileStore(folder)
    assert open_document(other, CUSTOMS, kept.manifest, 0).content == b"kept"
    assert dict(other.pins()) == pinned
    other.close()
ballast.unlink()
ticket = batcher.submit(Stream(ISSUER, PHYTOSANITARY), documents(1)[0])
assert ticket.wait(30).manifest == accepted[0].manifest
batcher.close()

store.close()
before = cars()
subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
reading = FileStore(folder)
assert open_document(reading, CUSTOMS, kept.manifest, 0).content == b"kept"
with pytest.raises(Unavailable, match="Read-only file system"):
    seal_into(reading, sealer(), documents(1), PHYTOSANITARY)
with pytest.raises(Unavailable, match="Read-only file system"):
    reading.repin([], [next(iter(reading.pins()))])
reading.close()
with pytest.raises(Unavailable, match="Read-only file system"):
    FileStore(disk / "another")
assert cars() == before
del reading
subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
again = FileStore(folder)
assert open_document(again, CUSTOMS, kept.manifest, 0).content == b"kept"
again.close()
print("all of it held")
"""


def on_a_small_disk(disk: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command beside a file system of 6 MiB of its own, mounted at `disk` in a namespace of its own."""
    mounted = f"mount -t tmpfs -o size=6m tmpfs '{disk}' && {command}"
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    tried = on_a_small_disk(tmp_path, "true")
    if tried.returncode != 0:
        pytest.skip(f"no mount in a namespace of our own here: {tried.stderr.strip()}")
    return tmp_path


def test_a_full_and_a_read_only_disk_lose_nothing_that_was_accepted(disk: Path, tmp_path: Path) -> None:
    script = tmp_path.with_suffix(".py")
    script.write_text(SCRIPT)
    done = on_a_small_disk(disk, f"'{sys.executable}' '{script}' '{disk}' '{tmp_path.with_suffix('.other')}'")
    assert (done.returncode, done.stdout) == (0, "all of it held\n"), done.stderr


def test_a_command_names_the_cause(disk: Path) -> None:
    make = "python -c 'from ledger.cli import main; main()' key new officer".replace("python", sys.executable)
    fill = f"(cat /dev/zero > '{disk}/ballast' 2>/dev/null; true)"
    done = on_a_small_disk(disk, f"{fill} && TAMGA_HOME='{disk}' TAMGA_PASSPHRASE=only {make}")
    assert done.returncode == 3, done.stderr
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
