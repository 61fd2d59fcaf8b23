"""`python -m tests.support.sealed_alone FOLDER`: seals FOLDER's `scan.tif`, stores it and opens it again.

Says the batch's manifest and by how much the whole took more memory than a file of one MiB before it [KiB]. By Linux's
own account, for `ru_maxrss` begins with what the process that started this one once held.
"""

import sys
from pathlib import Path

from ledger.adapters.file_store import FileStore
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32
from ledger.domain.limits import MIB
from ledger.domain.manifest import encode_manifest
from ledger.services.opening import BatchReader
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient
from tests.support.evidence import CUSTOMS, ISSUER, ISSUER_RING, LEDGER, PHYTOSANITARY, FixedClock, public_key


def peak_kib() -> int:
    """The most memory that this process held until now."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def through(store: FileStore, source: Path, target: Path) -> Digest32:
    """Seal `source`, store it, and open it to `target`; returns the digest of its batch's manifest."""
    one = BatchSealer(
        ledger=LEDGER,
        issuer=ISSUER,
        issuer_key=public_key(ISSUER_RING),
        document_type=PHYTOSANITARY,
        recipients=[Recipient(public_key(CUSTOMS))],
        clock=FixedClock(),
    )
    store.put_batch(one.blocks([DocumentInput(source, "image/tiff")]), one.pins())
    assert one.manifest is not None
    manifest = digest(encode_manifest(one.manifest))
    assert BatchReader(store, manifest).open_to_file(0, CUSTOMS, target).content is None
    return manifest


def main(folder: Path) -> None:
    """A small file, then the whole one."""
    opened = folder / "opened.tif"
    store = FileStore(folder / "store")
    opened.write_bytes(bytes(MIB))
    through(store, opened, opened)
    before = peak_kib()
    manifest = through(store, folder / "scan.tif", opened)
    print(manifest.hex(), peak_kib() - before)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
