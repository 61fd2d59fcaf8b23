"""Reading a proof file strictly: in one go where it is as issuers write it, else field by field.

The plain reader is the definition. The quick one gives the same for usual files and leaves all others, right or wrong,
to the plain one, so that a refusal always has its code and place; a property test compares them over changed files.
"""

from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from eth_utils.address import to_checksum_address
from msgspec.structs import asdict

from ledger.domain import canonical
from ledger.domain.errors import Malformed
from ledger.domain.fields import (
    MAX_TIME,
    array_of,
    base64url_of,
    check_version,
    hex32s_of,
    hex_of,
    malformed,
    object_of,
    time_of,
    uint_of,
)
from ledger.domain.hashing import claim_hash
from ledger.domain.ids import Address, BlockHash, Digest32, DocumentType, LedgerId, ParticipantId, TxHash
from ledger.domain.limits import MAX_BATCH, MAX_OPENING_BYTES, MAX_PROOF_FILE_BYTES
from ledger.domain.proof import FORM, AnchorRef, Path, Proof
from ledger.domain.proof_shape import MAX_PATH, ProofShape, RecordShape, read_shape
from ledger.domain.record import Opening, Record, is_plain_claim, parse_openings, parse_record

_KEYS: Final = frozenset({"tamga", "ledger", "record", "openings", "path", "anchor", "evidence"})
_PATH_KEYS: Final = frozenset({"index", "size", "hashes"})
_ANCHOR_KEYS: Final = frozenset(AnchorRef._fields)
_ANCHOR_HASHES: Final = ("genesis", "code_hash", "head", "root", "manifest", "block_hash", "tx_hash")


class _Unusual(Exception):
    """Perhaps wrong: for the plain reader."""


def parse_proof(data: bytes) -> Proof:
    """Read a proof file strictly.

    Raises:
        LimitExceeded: Larger than `MAX_PROOF_FILE_BYTES`.
        UnknownVersion: A proof, record or evidence of another version (a kind of Malformed).
        Malformed: Anything else that the format does not have, with code and JSON pointer.
    """
    shape = read_shape(data) if len(data) <= MAX_PROOF_FILE_BYTES else None
    if shape is not None:
        with suppress(Malformed, _Unusual):  # found again, with its place
            return _of_shape(shape)
    return _read_plain(data)


def _of_shape(shape: ProofShape) -> Proof:
    """What `_read_plain` gives for the same file. Raises `Malformed` or `_Unusual` where that may refuse it."""
    anchor, path = shape.anchor, shape.path
    if path.index >= path.size or shape.ledger != shape.record.ledger:
        raise _Unusual
    one_by_one = (
        *(shape.ledger, anchor.genesis, anchor.code_hash, anchor.head),
        *(anchor.root, anchor.manifest, anchor.block_hash, anchor.tx_hash),
    )
    hashes = hex32s_of([*one_by_one, *path.hashes, *shape.record.claims], str)
    ledger, genesis, code_hash, head, root, manifest, block_hash, tx_hash = hashes[:8]
    first_claim = 8 + len(path.hashes)
    record = _record_of_shape(shape.record, LedgerId(ledger), tuple(hashes[first_claim:]))
    return Proof(
        record,
        _openings_of_shape(shape, record),
        Path(path.index, path.size, tuple(hashes[8:first_claim])),
        AnchorRef(
            anchor.chain_id,
            BlockHash(genesis),
            _address_of(anchor.directory, ""),
            _address_of(anchor.contract, ""),
            Digest32(code_hash),
            ParticipantId(anchor.issuer),
            int.from_bytes(head),
            Digest32(root),
            Digest32(manifest),
            anchor.time,
            anchor.block_number,
            BlockHash(block_hash),
            TxHash(tx_hash),
            anchor.log_index,
        ),
    )


def _record_of_shape(shape: RecordShape, ledger: LedgerId, claims: tuple[bytes, ...]) -> Record:
    valid_from = time_of(shape.valid_from, "")
    valid_until = None if shape.valid_until is None else time_of(shape.valid_until, "")
    if (valid_until is not None and valid_until < valid_from) or tuple(sorted(set(claims))) != claims:
        raise _Unusual
    return Record(
        ledger,
        ParticipantId(shape.issuer),
        DocumentType(shape.type),
        time_of(shape.issued_at, ""),
        valid_from,
        valid_until,
        base64url_of(shape.salt, "", 32),
        claims,
    )


def _openings_of_shape(shape: ProofShape, record: Record) -> tuple[Opening, ...]:
    claims = set(record.claims)
    openings = {}
    for salt, name, shown in shape.openings:
        value = shown if isinstance(shown, str) else asdict(shown)
        text = canonical.dumps_whole([salt, name, value])
        if not is_plain_claim(name, value) or len(text) > MAX_OPENING_BYTES or claim_hash(text) not in claims:
            raise _Unusual
        openings[name] = Opening(base64url_of(salt, "", 16), name, value)
    if len(openings) != len(shape.openings):
        raise _Unusual
    return tuple(openings.values())


def _read_plain(data: bytes) -> Proof:
    """The definition of `parse_proof`."""
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
