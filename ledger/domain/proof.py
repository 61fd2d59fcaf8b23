"""The proof file `*.tamga.json`: record, openings, inclusion path and anchor of one document.

It travels beside the document and proves by itself that they belong together; that the anchor is on the chain, and
that its issuer was entitled, is asked of the chain. Given out only once the anchor's block is final.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from eth_utils.address import to_checksum_address

from ledger.domain import canonical
from ledger.domain.fields import MAX_TIME, array_of, check_version, hex32s_of, hex_of, malformed, object_of, uint_of
from ledger.domain.ids import Address, BlockHash, Digest32, LedgerId, ParticipantId, TxHash
from ledger.domain.limits import MAX_BATCH, MAX_PROOF_FILE_BYTES
from ledger.domain.record import Opening, Record, opening_json, parse_openings, parse_record, record_json

FORM: Final = "proof/1"
SUFFIX: Final = ".tamga.json"
MAX_PATH: Final = MAX_BATCH.bit_length() - 1
"""Hashes of the longest path: 20 for 2^20 leaves."""
_KEYS: Final = frozenset({"tamga", "ledger", "record", "openings", "path", "anchor", "evidence"})
_PATH_KEYS: Final = frozenset({"index", "size", "hashes"})


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


_ANCHOR_KEYS: Final = frozenset(AnchorRef._fields)
_ANCHOR_HASHES: Final = ("genesis", "code_hash", "head", "root", "manifest", "block_hash", "tx_hash")


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


def parse_proof(data: bytes) -> Proof:
    """Read a proof file strictly.

    Raises:
        LimitExceeded: Larger than `MAX_PROOF_FILE_BYTES`.
        UnknownVersion: A proof, record or evidence of another version (a kind of Malformed).
        Malformed: Anything else that the format does not have, with code and JSON pointer.
    """
    value = canonical.loads(data, max_bytes=MAX_PROOF_FILE_BYTES)
    check_version(value, FORM)
    object_of(value, _KEYS, "")
    record = parse_record(value["record"], "/record")
    if hex_of(value["ledger"], "/ledger") != record.ledger:
        raise malformed("ledger", "/ledger", "the record belongs to another ledger")
    evidence = value["evidence"]
    if evidence is not None and type(evidence) is not dict:
        raise malformed("type", "/evidence", "an object or null is needed here")
    return Proof(
        record=record,
        openings=parse_openings(value["openings"], record),
        path=parse_path(value["path"], "/path"),
        anchor=parse_anchor(value["anchor"], "/anchor"),
        evidence=evidence,
    )


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


def parse_path(value: Any, path: str) -> Path:
    """Read an inclusion path; that it has the right length for its position shows when it is folded."""
    object_of(value, _PATH_KEYS, path)
    size = uint_of(value["size"], f"{path}/size", at_least=1, at_most=MAX_BATCH)
    index = uint_of(value["index"], f"{path}/index", at_most=size - 1)
    hashes = array_of(value["hashes"], f"{path}/hashes", at_most=MAX_PATH)
    return Path(index, size, tuple(hex32s_of(hashes, lambda place: f"{path}/hashes/{place}")))


def parse_anchor(value: Any, path: str) -> AnchorRef:
    """Read an anchor reference."""
    object_of(value, _ANCHOR_KEYS, path)
    genesis, code_hash, head, root, manifest, block_hash, tx_hash = hex32s_of(
        [value[name] for name in _ANCHOR_HASHES], lambda place: f"{path}/{_ANCHOR_HASHES[place]}"
    )
    return AnchorRef(
        chain_id=uint_of(value["chain_id"], f"{path}/chain_id"),
        genesis=BlockHash(genesis),
        directory=_address_of(value["directory"], f"{path}/directory"),
        contract=_address_of(value["contract"], f"{path}/contract"),
        code_hash=Digest32(code_hash),
        issuer=ParticipantId(uint_of(value["issuer"], f"{path}/issuer", at_least=1)),
        head=int.from_bytes(head),
        root=Digest32(root),
        manifest=Digest32(manifest),
        time=uint_of(value["time"], f"{path}/time", at_most=MAX_TIME),
        block_number=uint_of(value["block_number"], f"{path}/block_number"),
        block_hash=BlockHash(block_hash),
        tx_hash=TxHash(tx_hash),
        log_index=uint_of(value["log_index"], f"{path}/log_index"),
    )


def _address_of(value: Any, path: str) -> Address:
    if type(value) is not str or len(value) != 42 or _checksummed(value) != value:
        raise malformed("address", path, "a 0x… address with its EIP-55 checksum is needed here")
    return Address(value)


@lru_cache(maxsize=256)
def _checksummed(text: str) -> str | None:
    try:
        return to_checksum_address(text)
    except ValueError:
        return None
