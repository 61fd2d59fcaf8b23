"""A document of 2 GiB, and a batch of a million, in constant memory: by the command line, each step a process.

given the largest file that is allowed
  when it is anchored, proved, opened and verified → each process stays below a fixed amount of memory
given 100,000 documents, and ten times as many
  when they are sealed into one batch              → no more memory for ten times the documents than 32 bytes each and
                                                     what a tile takes; a proof reads two objects
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.file_store import FileStore
from ledger.domain.ids import Cid, Digest32
from ledger.domain.limits import MAX_DOCUMENT_BYTES, MIB
from ledger.services.opening import BatchReader
from tests.support.places import QUARANTINE, Place, two_participants

pytestmark = [pytest.mark.integration, pytest.mark.long, pytest.mark.timeout(3_600)]

MOST_RSS_BYTES = 256 * MIB
"""The program with all its libraries takes 130 MiB; the file is sixteen times as large as the difference."""
MILLION = """
import json, resource, sys, time
from pathlib import Path
from ledger.adapters.file_store import FileStore
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient
from ledger.services.storing import seal_into
from tests.support.evidence import CUSTOMS, ISSUER, ISSUER_RING, LEDGER, PHYTOSANITARY, FixedClock, public_key

size, folder = int(sys.argv[1]), Path(sys.argv[2])
sealer = BatchSealer(
    ledger=LEDGER, issuer=ISSUER, issuer_key=public_key(ISSUER_RING), document_type=PHYTOSANITARY,
    recipients=[Recipient(public_key(CUSTOMS))], clock=FixedClock(),
)
store = FileStore(folder)
began = time.monotonic()
documents = (DocumentInput(b'{"serial":%d}' % n, "application/json") for n in range(size))
batch = seal_into(store, sealer, documents, PHYTOSANITARY)
print(json.dumps({
    "manifest": batch.manifest.hex(), "size": batch.size, "seconds": time.monotonic() - began,
    "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with two_participants(tmp_path_factory.mktemp("home")) as made:
        yield made


def measured(place: Place, *args: str) -> tuple[str, int, float]:
    """What a command prints, its peak memory [bytes] and its time [s]."""
    began = time.monotonic()
    with place.quarantine.start(*args) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        out, err = running.stdout.read(), running.stderr.read()
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, err
    return out.decode(), usage.ru_maxrss * 1024, time.monotonic() - began


def test_two_gibibytes_in_constant_memory(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, opened = tmp_path / "scan.tif", tmp_path / "opened.tif"
    with source.open("wb") as file:
        for number in range(MAX_DOCUMENT_BYTES // MIB):
            file.write(number.to_bytes(4) * (MIB // 4))
    assert source.stat().st_size == MAX_DOCUMENT_BYTES
    told, *first = measured(place, "anchor", str(source), "--type", "851001", "--key", QUARANTINE, "--json")
    manifest = json.loads(told)["manifest"]
    steps = {
        "anchor": first,
        "prove": measured(place, "prove", manifest)[1:],
        "open": measured(place, "open", manifest, "--out", str(opened))[1:],
        "verify": measured(place, "verify", str(source))[1:],
    }
    assert subprocess.run(["cmp", source, opened]).returncode == 0
    with capsys.disabled():
        for name, (peak, seconds) in steps.items():
            print(f"\n2 GiB {name}: peak {peak / MIB:.0f} MiB, {seconds:.0f} s", end="")
    assert {name: peak for name, (peak, _) in steps.items() if peak > MOST_RSS_BYTES} == {}


def test_a_million_documents_in_flat_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for size in (100_000, 1_000_000):
        done = subprocess.run(
            [sys.executable, "-c", MILLION, str(size), str(tmp_path / str(size))], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found[size] = json.loads(done.stdout)
        with capsys.disabled():
            rate, peak = size / found[size]["seconds"], found[size]["peak_bytes"] / MIB
            print(f"\n{size} documents: {rate:.0f} a second, peak {peak:.0f} MiB", end="")
    more = found[1_000_000]["peak_bytes"] - found[100_000]["peak_bytes"]
    assert more < 900_000 * 100, "memory grows with the documents by more than what an index entry takes"

    reads: list[Cid] = []

    class Counting(FileStore):
        def _read(self, cid: Cid, max_bytes: int) -> bytes:
            reads.append(cid)
            return super()._read(cid, max_bytes)

    store = Counting(tmp_path / "1000000")
    path = BatchReader(store, Digest32(bytes.fromhex(found[1_000_000]["manifest"]))).path(777_777)
    assert (path.size, len(path.hashes), len(reads)) == (1_000_000, 20, 2)
    store.close()
