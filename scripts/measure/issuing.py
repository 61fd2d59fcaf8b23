"""An issuer on a measured ledger: seals, stores and anchors batch after batch."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from typing import Final

from ledger.adapters.clock import SystemClock
from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain import hpke, merkle
from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.ids import Digest32
from ledger.domain.manifest import Manifest, encode_manifest
from ledger.domain.proof import Path, Proof, dump_proof
from ledger.ports.outbox import OutboxState
from ledger.services.anchoring import anchor_of, find_anchor
from ledger.services.effects import AnchorEffect
from ledger.services.sealing import BatchSealer, DocumentInput, Recipient, SealedDocument
from ledger.services.sender import Sender
from ledger.services.submission import Submission
from scripts.measure.ledger import LEDGER, Measured, key
from scripts.measure.papers import MEDIA_TYPE, serial
from scripts.measure.proofs import TYPE

GAS: Final = 200_000
LONGEST_S: Final = 60.0
REGISTRY: Final = "DocumentRegistry"


class Issuer:
    """One participant with one anchoring key.

    Attributes:
        participant: Its id.
    """

    def __init__(self, ledger: Measured, store: FileStore, outbox: SqlOutbox) -> None:
        self._ledger, self._store, self._signer = ledger, store, key("issuer")
        self.participant = ledger.admit_issuer(self._signer, TYPE)
        self._sender = Sender(ledger.reader, ledger.writer, self._signer, outbox, ledger.contracts)
        self._own, *others = [hpke.public_key(os.urandom(32)) for _ in range(4)]
        self._recipients = [Recipient(other) for other in others]
        self._sequence = 0

    def anchor(
        self, batch: Sequence[bytes], on_sealed: Callable[[SealedDocument], None] = lambda _: None
    ) -> tuple[Manifest, Digest32]:
        """One batch, from bytes in memory to its anchor in a final block; returns the manifest and its digest."""
        sealer = BatchSealer(
            ledger=LEDGER,
            issuer=self.participant,
            issuer_key=self._own,
            document_type=TYPE,
            recipients=self._recipients,
            clock=SystemClock(),
            on_sealed=on_sealed,
        )
        documents = (
            DocumentInput(paper, MEDIA_TYPE, [("number", serial(number))]) for number, paper in enumerate(batch)
        )
        self._store.put_batch(sealer.blocks(documents), sealer.pins())
        if sealer.manifest is None:
            raise RuntimeError("all blocks were read, so there is a manifest")
        digest = Digest32(sha256(encode_manifest(sealer.manifest)).digest())
        self._send(sealer.manifest, digest)
        return sealer.manifest, digest

    def _send(self, manifest: Manifest, digest: Digest32) -> None:
        self._sequence += 1
        head, root = pack_head(self._sequence, TYPE, manifest.size), manifest.root
        registry = self._ledger.reader.address_of(REGISTRY)
        h = pack_h(bytes.fromhex(self._signer.address[2:]), head)
        effect = AnchorEffect(registry, self.participant, h, root, digest)
        calldata = self._ledger.contracts.encode_call(REGISTRY, "anchor", (head, root, digest))
        name = f"anchor {self._sequence}"
        with self._sender.hold():
            self._sender.submit(Submission(name, registry, calldata, GAS, effect))
            (row,) = self._sender.drive([name], timeout_s=LONGEST_S)
        if row.state is not OutboxState.FINAL:
            raise ValueError(f"the anchor is {row.state}: {row.error}")


def proven(ledger: Measured, batch: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each paper with its proof file, of a batch that is sealed and anchored here."""
    sealed: list[SealedDocument] = []
    with (
        closing(FileStore(ledger.folder / "store")) as store,
        closing(Database(f"sqlite:///{ledger.folder / 'issuer.db'}")) as database,
    ):
        issuer = Issuer(ledger, store, SqlOutbox(database))
        _, digest = issuer.anchor(batch, sealed.append)
    event = find_anchor(ledger.reader, issuer.participant, digest, until=ledger.reader.final_head())
    anchor = anchor_of(ledger.reader, ledger.network.directory, event)
    paths = merkle.inclusion_paths([one.record_id for one in sealed])
    for paper, one, hashes in zip(batch, sealed, paths, strict=True):
        path = Path(one.leaf, len(batch), tuple(hashes))
        yield paper, dump_proof(Proof(one.record, one.openings, path, anchor))
