"""Batches and proof files to measure with, in memory, as an issuer makes them."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from ledger.domain import merkle
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.ids import Address, BlockHash, Digest32, DocumentType, LedgerId, ParticipantId, RecordId, TxHash
from ledger.domain.proof import AnchorRef, Path, Proof, dump_proof
from ledger.domain.record import CONTENT, Opening, Record, build_record, content_value, record_id
from scripts.measure.papers import MEDIA_TYPE, serial

LEDGER: Final = LedgerId(b"measured".ljust(32, b"\0"))
ISSUER: Final = ParticipantId(17)
TYPE: Final = DocumentType(851001)
NOW: Final = 1_795_424_400
"""2026-11-23T09:00:00Z [unix s]."""


def records(batch: Sequence[bytes], first: int = 0) -> list[tuple[Record, tuple[Opening, ...]]]:
    """Record and openings of each paper: a claim on its content and one on its serial number, with fresh salts."""
    return [
        build_record(
            ledger=LEDGER,
            issuer=ISSUER,
            document_type=TYPE,
            issued_at=NOW,
            valid_from=NOW,
            valid_until=None,
            claims=((CONTENT, content_value(paper, MEDIA_TYPE)), ("number", serial(number))),
            random=os.urandom,
        )
        for number, paper in enumerate(batch, first)
    ]


def proof_files(batch: Sequence[bytes]) -> Iterator[bytes]:
    """Proof files of a batch, as if it had been anchored."""
    made = records(batch)
    ids: list[RecordId] = [record_id(record) for record, _ in made]
    anchor = _anchor(Digest32(merkle.root(ids)), len(ids))
    paths = merkle.inclusion_paths(ids)
    for index, ((record, openings), hashes) in enumerate(zip(made, paths, strict=True)):
        yield dump_proof(Proof(record, openings, Path(index, len(ids), tuple(hashes)), anchor))


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
