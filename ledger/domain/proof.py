"""The proof file `*.tamga.json`: record, openings, inclusion path and anchor of one document.

It travels beside the document and proves by itself that they belong together; that the anchor is on the chain, and
that its issuer was entitled, is asked of the chain. Given out only once the anchor's block is final.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ledger.domain import canonical
from ledger.domain.ids import Address, BlockHash, Digest32, LedgerId, ParticipantId, TxHash
from ledger.domain.record import Opening, Record, opening_json, record_json

FORM: Final = "proof/1"
SUFFIX: Final = ".tamga.json"


@dataclass(frozen=True, slots=True)
class Path:
    """Where a record lies in its batch.

    Attributes:
        index: Position of the leaf, from 0.
        size: Leaves of the batch.
        hashes: Siblings from the leaf up, 32 bytes each.
    """

    index: int
    size: int
    hashes: tuple[bytes, ...]


class Place(NamedTuple):
    """Where on its chain an anchor stands: block, transaction, and position of its event in the block."""

    block_number: int
    block_hash: BlockHash
    tx_hash: TxHash
    log_index: int


class AnchorRef(NamedTuple):
    """Where and as what the batch was anchored.

    Attributes:
        chain_id: EIP-155 id of the chain.
        genesis: Hash of its block 0.
        directory: The ledger's Directory, as the issuer knew it; a verifier takes it from its own configuration.
        contract: The DocumentRegistry that anchored.
        code_hash: keccak-256 of that contract's code.
        issuer: Participant in whose name it was anchored.
        head: `h`: key, sequence number, document type and size (`anchor.unpack_h`).
        root: RFC 6962 root of the batch.
        manifest: SHA-256 of the batch's manifest.
        time: Time of the anchoring block [unix s].
        block_number: Height of that block.
        block_hash: Its hash.
        tx_hash: The anchoring transaction.
        log_index: Position of its `Anchored` event in the block.
    """

    chain_id: int
    genesis: BlockHash
    directory: Address
    contract: Address
    code_hash: Digest32
    issuer: ParticipantId
    head: int
    root: Digest32
    manifest: Digest32
    time: int
    block_number: int
    block_hash: BlockHash
    tx_hash: TxHash
    log_index: int

    @property
    def place(self) -> Place:
        """Where the proof says that it stands, which no hash protects."""
        return Place(self.block_number, self.block_hash, self.tx_hash, self.log_index)


class Proof(NamedTuple):
    """One proof file.

    Attributes:
        record: The record; its `ledger` is also the file's.
        openings: Opened claims; a redacted copy has fewer.
        path: Inclusion path of the record's id.
        anchor: The anchor of its batch.
        evidence: Further evidence as a JSON object, kept as it came; None: none.
    """

    record: Record
    openings: tuple[Opening, ...]
    path: Path
    anchor: AnchorRef
    evidence: dict[str, Any] | None = None

    @property
    def ledger(self) -> LedgerId:
        """The ledger that the record belongs to."""
        return self.record.ledger


def dump_proof(proof: Proof) -> bytes:
    """The file's text, in canonical form."""
    return canonical.dumps(proof_json(proof))


def proof_json(proof: Proof) -> dict[str, Any]:
    """The proof as a JSON value."""
    return {
        "tamga": FORM,
        "ledger": proof.record.ledger.hex(),
        "record": record_json(proof.record),
        "openings": [opening_json(opening) for opening in proof.openings],
        "path": {
            "index": proof.path.index,
            "size": proof.path.size,
            "hashes": [node.hex() for node in proof.path.hashes],
        },
        "anchor": anchor_json(proof.anchor),
        "evidence": proof.evidence,
    }


def anchor_json(anchor: AnchorRef) -> dict[str, Any]:
    """The anchor as a JSON value."""
    shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in anchor._asdict().items()}
    return {**shown, "head": f"{anchor.head:064x}"}
