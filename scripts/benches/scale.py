"""Cost per document, peak memory and proof size, from 100 to 1,000,000 documents in a batch.

Each size is sealed, wrapped for three recipients and written durably in a process of its own, which then proves one
document; its cost is processor time, so that it is not the disk's. Small sizes repeat the batch in one process until
enough documents were sealed to be timed, from 100,000 on each run is a process of its own. 1,000,000 documents take a
minute or two a run, and 4 GB of disk; `--largest 100000` stops earlier and says so in its figures.

    scripts/bench scale [--json] [--runs 5] [--largest 1000000]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.file_store import FileStore
from ledger.devnet.places import ROOT
from ledger.domain import hpke
from ledger.domain.ids import Cid, Digest32, ParticipantId
from ledger.domain.manifest import encode_manifest
from ledger.domain.merkle import verify_inclusion
from ledger.services.opening import BatchReader
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient
from scripts.measure.figures import RUNS, Figure, less, show, tell
from scripts.measure.papers import MEDIA_TYPE, papers, serial
from scripts.measure.proofs import LEDGER, TYPE

NAME: Final = "scale"
SMALLEST: Final = 100
FLAT_FROM: Final = 100_000
"""Peak memory is flat above this size."""
LARGEST: Final = 1_000_000
ENOUGH: Final = 10_000
"""Documents that one timing covers at least."""
FLAT: Final = 1.5
OBJECTS: Final = 2


@dataclass(frozen=True)
class Seen:
    """What one process measured.

    Attributes:
        cpu_us: Processor time per document [µs], the median of its batches.
        peak_mib: Largest resident set of the process [MiB].
        objects: Objects read from the store to prove one document.
        prove_ms: To prove it [ms].
    """

    cpu_us: float
    peak_mib: float
    objects: int
    prove_ms: float


class CountingStore(FileStore):
    """A store that counts what is read.

    Attributes:
        read: Objects read.
    """

    read = 0

    def _read(self, cid: Cid, max_bytes: int) -> bytes:
        self.read += 1
        return super()._read(cid, max_bytes)


def measure(runs: int, largest: int = LARGEST) -> Iterator[Figure]:
    """The figures."""
    sizes = [size for size in (SMALLEST, 1_000, 10_000, FLAT_FROM, LARGEST) if size <= largest]
    seen = {}
    for size in sizes:
        seen[size] = _median_of([_in_process(size) for _ in range(runs if size >= FLAT_FROM else 1)])
        tell(f"{size:>9,} documents: {seen[size].cpu_us:.1f} µs each, peak {seen[size].peak_mib:.0f} MiB")
    costs = {size: one.cpu_us for size, one in seen.items()}
    dear, cheap = max(costs, key=costs.__getitem__), min(costs, key=costs.__getitem__)
    yield less(NAME, costs[dear], "µs/doc", f"{cheap:,} a batch; ours {dear:,}", costs[cheap], goal=1 / FLAT)
    if largest > FLAT_FROM:
        last, first = seen[sizes[-1]], seen[FLAT_FROM]
        yield less(
            NAME, last.peak_mib, "MiB peak", f"{FLAT_FROM:,} a batch; ours {sizes[-1]:,}", first.peak_mib, goal=1 / FLAT
        )
    last = seen[sizes[-1]]
    yield less(NAME, last.objects, "objects read", f"limit for a proof of one of {sizes[-1]:,}", OBJECTS)


def _median_of(seen: Sequence[Seen]) -> Seen:
    return Seen(
        cpu_us=median(one.cpu_us for one in seen),
        peak_mib=median(one.peak_mib for one in seen),
        objects=max(one.objects for one in seen),
        prove_ms=median(one.prove_ms for one in seen),
    )


def _in_process(size: int) -> Seen:
    argv = [sys.executable, "-m", "scripts.benches.scale", "--one", str(size)]
    done = subprocess.run(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Seen(**json.loads(done.stdout))


def one_size(size: int) -> Seen:
    """Seal batches of that size, and prove one document of the last."""
    batches = max(RUNS, ENOUGH // size) if size < FLAT_FROM else 1
    with tempfile.TemporaryDirectory() as scratch, closing(CountingStore(Path(scratch))) as store:
        costs = []
        for _ in range(batches):
            began = time.process_time()
            digest = _seal(store, size)
            costs.append((time.process_time() - began) / size * 1e6)
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        store.read = 0
        began = time.perf_counter()
        batch = BatchReader(store, digest)
        path, leaf = batch.path(size // 2), batch.record_id(size // 2)
        prove_ms = (time.perf_counter() - began) * 1e3
        if not verify_inclusion(leaf, path.index, path.size, path.hashes, batch.manifest.root):
            raise ValueError("the proof does not lead to the root")
        return Seen(median(costs), peak_mib, store.read, prove_ms)


def _seal(store: FileStore, size: int) -> Digest32:
    own, *others = [hpke.public_key(os.urandom(32)) for _ in range(4)]
    sealer = BatchSealer(
        ledger=LEDGER,
        issuer=ParticipantId(17),
        issuer_key=own,
        document_type=TYPE,
        recipients=[Recipient(other) for other in others],
        clock=SystemClock(),
    )
    store.put_batch(sealer.blocks(_documents(size)), sealer.pins())
    if sealer.manifest is None:
        raise RuntimeError("all blocks were read, so there is a manifest")
    return Digest32(sha256(encode_manifest(sealer.manifest)).digest())


def _documents(size: int) -> Iterator[DocumentInput]:
    """Papers as they come, never all in memory."""
    for first in range(0, size, 1_000):
        for number, paper in enumerate(papers(min(1_000, size - first), first), first):
            yield DocumentInput(paper, MEDIA_TYPE, [("number", serial(number))])


def main(argv: Sequence[str]) -> int:
    """Run it, or as a child process one size of it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--one", type=int)
    parser.add_argument("--largest", type=int, default=LARGEST)
    options, others = parser.parse_known_args(argv)
    if options.one is not None:
        print(json.dumps(asdict(one_size(options.one))))
        return 0
    return show(NAME, __doc__, lambda runs: measure(runs, options.largest), others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
