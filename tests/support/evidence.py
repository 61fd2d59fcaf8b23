"""Keys, clocks and repeatable randomness for tests of sealed documents."""

import hashlib
from collections.abc import Callable
from typing import Any

from ledger.adapters.keyring import PrivateKeys
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.ids import Address, BlockHash, Digest32, DocumentType, LedgerId, ParticipantId, TxHash
from ledger.domain.proof import AnchorRef
from ledger.domain.wrap import RECORD_ONLY
from ledger.ports.clock import Clock
from ledger.services.batching import Stream
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient, SealedBatch, seal_batch

LEDGER = LedgerId(bytes.fromhex("1e" * 32))
ISSUER = ParticipantId(17)
PHYTOSANITARY = DocumentType(851001)
NOW = 1_795_424_400  # 2026-11-23T09:00:00Z


class FixedClock(Clock):
    def __init__(self, time: int = NOW) -> None:
        self.time = time

    def now(self) -> int:
        return self.time


def repeatable(seed: str) -> Callable[[int], bytes]:
    """A source of bytes that look random and are the same in every run."""
    count = 0

    def draw(size: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{seed} {count}".encode()).digest(size)

    return draw


def key_ring(name: str) -> PrivateKeys:
    return PrivateKeys([repeatable(name)(32)])


def public_key(ring: PrivateKeys) -> bytes:
    return ring.public_keys()[0]


ISSUER_RING = key_ring("issuer")
CUSTOMS = key_ring("customs, sees record and content")
STATISTICS = key_ring("statistics, sees the record alone")
STRANGER = key_ring("stranger")


def seal(documents: list[DocumentInput], seed: str = "batch", **changes: Any) -> SealedBatch:
    """Seal for customs (record and content) and statistics (record alone)."""
    arguments: dict[str, Any] = {
        "ledger": LEDGER,
        "issuer": ISSUER,
        "issuer_key": public_key(ISSUER_RING),
        "document_type": PHYTOSANITARY,
        "recipients": [Recipient(public_key(CUSTOMS)), Recipient(public_key(STATISTICS), RECORD_ONLY)],
        "clock": FixedClock(),
        "random": repeatable(seed),
    }
    return seal_batch(documents, **{**arguments, **changes})


def sealer_of(stream: Stream) -> BatchSealer:
    """Seals one batch of a stream for customs (record and content)."""
    return BatchSealer(
        ledger=LEDGER,
        issuer=stream.issuer,
        issuer_key=public_key(ISSUER_RING),
        document_type=stream.document_type,
        recipients=[Recipient(public_key(CUSTOMS))],
        clock=FixedClock(),
    )


def text_document(number: int) -> DocumentInput:
    return DocumentInput(f"document {number}".encode(), "text/plain", [("number", f"UZ-{number}")])


def anchor_of(batch: SealedBatch, seq: int = 1) -> AnchorRef:
    """The anchor of a batch as a chain might have taken it."""
    return AnchorRef(
        chain_id=1337,
        genesis=BlockHash(bytes.fromhex("ab" * 32)),
        directory=Address("0x" + "00" * 19 + "01"),
        contract=Address("0x" + "00" * 19 + "02"),
        code_hash=Digest32(bytes.fromhex("cd" * 32)),
        issuer=batch.manifest.issuer,
        head=pack_h(bytes.fromhex("aa" * 20), pack_head(seq, PHYTOSANITARY, batch.manifest.size)),
        root=batch.root,
        manifest=batch.manifest_digest,
        time=NOW + 5,
        block_number=42,
        block_hash=BlockHash(bytes.fromhex("ef" * 32)),
        tx_hash=TxHash(bytes.fromhex("12" * 32)),
        log_index=0,
    )
