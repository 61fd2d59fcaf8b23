"""Batches and proof files to measure with, in memory, as an issuer makes them."""

from collections.abc import Iterator, Sequence
from typing import Final

from ledger.domain import merkle
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.ids import Address, BlockHash, Digest32, DocumentType, LedgerId, ParticipantId, TxHash
from ledger.domain.proof import AnchorRef, Path, Proof, dump_proof
from ledger.domain.record import CONTENT, content_value
from ledger.domain.recording import Recorded, RecordMaker
from scripts.measure.papers import MEDIA_TYPE, serial

LEDGER: Final = LedgerId(b"measured".ljust(32, b"\0"))
ISSUER: Final = ParticipantId(17)
TYPE: Final = DocumentType(851001)
NOW: Final = 1_795_424_400
"""2026-11-23T09:00:00Z [unix s]."""


def records(batch: Sequence[bytes]) -> Iterator[Recorded]:
    """The record of each paper, one by one: a claim on its content and one on its serial number, with fresh salts."""
    make = RecordMaker(LEDGER, ISSUER, TYPE).make
    for number, paper in enumerate(batch):
        claims = ((CONTENT, content_value(paper, MEDIA_TYPE)), ("number", serial(number)))
        yield make(claims, issued_at=NOW, valid_from=NOW, valid_until=None)


def proof_files(batch: Sequence[bytes]) -> Iterator[bytes]:
    """Proof files of a batch, as if it had been anchored."""
    made = list(records(batch))
    ids = [one.record_id for one in made]
    anchor = _anchor(Digest32(merkle.root(ids)), len(ids))
    paths = merkle.inclusion_paths(ids)
    for index, (one, hashes) in enumerate(zip(made, paths, strict=True)):
        yield dump_proof(Proof(one.record, one.openings, Path(index, len(ids), tuple(hashes)), anchor))


def _anchor(root: Digest32, size: int) -> AnchorRef:
    some = Digest32(b"\x5a" * 32)
    return AnchorRef(
        chain_id=1,
        genesis=BlockHash(some),
        directory=Address("0x" + "00" * 19 + "01"),
        contract=Address("0x" + "00" * 19 + "02"),
        code_hash=some,
        issuer=ISSUER,
        head=pack_h(bytes(20), pack_head(1, TYPE, size)),
        root=root,
        manifest=some,
        time=NOW,
        block_number=1,
        block_hash=BlockHash(some),
        tx_hash=TxHash(some),
        log_index=0,
    )
