"""A tombstone: the issuer's signed word that a document was erased, which tells erased from lost.

`{"tamga": "tombstone/1", "ledger", "issuer", "record_id", "reason", "time", "signature"}`; the signature is EIP-712
by a key of the issuer's, with the ledger id as the domain's salt, since a ledger outlives its chain. Whether the key
could speak for the issuer at `time` is asked of the chain.
"""

from enum import IntEnum
from typing import Any, Final, NamedTuple

from eth_hash.auto import keccak

from ledger.domain import canonical
from ledger.domain.fields import MAX_TIME, check_version, hex_of, malformed, object_of, uint_of
from ledger.domain.ids import Address, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import KIB
from ledger.domain.signatures import signer_of

FORM: Final = "tombstone/1"
MAX_TOMBSTONE_BYTES: Final = 1 * KIB
_KEYS: Final = frozenset({"tamga", "ledger", "issuer", "record_id", "reason", "time", "signature"})
_DOMAIN_TYPE: Final = "EIP712Domain(string name,string version,bytes32 salt)"
_TYPE: Final = "Tombstone(bytes32 recordId,uint64 issuer,uint16 reason,uint40 time)"


class ErasureReason(IntEnum):
    """Why a document was erased."""

    RETENTION_ENDED = 1
    DATA_SUBJECT = 2
    COURT_ORDER = 3
    SEALED_IN_ERROR = 4


class Tombstone(NamedTuple):
    """One tombstone.

    Attributes:
        ledger: Ledger id.
        issuer: Participant that issued the document.
        record_id: The document.
        reason: Why it was erased.
        time: When [unix s].
        signature: r ‖ s ‖ v, 65 bytes, low s.
    """

    ledger: LedgerId
    issuer: ParticipantId
    record_id: RecordId
    reason: ErasureReason
    time: int
    signature: bytes


def typed_data(
    ledger: LedgerId, issuer: ParticipantId, record_id: RecordId, reason: ErasureReason, time: int
) -> dict[str, Any]:
    """The EIP-712 message that the issuer's key signs."""
    return {
        "types": {
            "EIP712Domain": _members(_DOMAIN_TYPE),
            "Tombstone": _members(_TYPE),
        },
        "primaryType": "Tombstone",
        "domain": {"name": "Tamga", "version": "1", "salt": "0x" + ledger.hex()},
        "message": {"recordId": "0x" + record_id.hex(), "issuer": issuer, "reason": int(reason), "time": time},
    }


def _members(type_text: str) -> list[dict[str, str]]:
    fields = type_text[type_text.index("(") + 1 : -1].split(",")
    return [{"type": kind, "name": name} for kind, name in (field.split(" ") for field in fields)]


def signing_digest(tombstone: Tombstone) -> bytes:
    """The EIP-712 digest, 32 bytes."""
    domain = keccak(keccak(_DOMAIN_TYPE.encode()) + keccak(b"Tamga") + keccak(b"1") + tombstone.ledger)
    message = keccak(
        keccak(_TYPE.encode())
        + tombstone.record_id
        + tombstone.issuer.to_bytes(32)
        + tombstone.reason.to_bytes(32)
        + tombstone.time.to_bytes(32)
    )
    return bytes(keccak(b"\x19\x01" + domain + message))


def signer(tombstone: Tombstone) -> Address:
    """Address of the key that signed. Raises `Malformed` (`signature`) for no signature, or one with high s."""
    found = signer_of(signing_digest(tombstone), tombstone.signature)
    if found is None:
        raise malformed("signature", "/signature", "no key made this signature, r ‖ s ‖ v with low s and v of 27 or 28")
    return found


def dump_tombstone(tombstone: Tombstone) -> bytes:
    """Its text, in canonical form."""
    return canonical.dumps(
        {
            "tamga": FORM,
            "ledger": tombstone.ledger.hex(),
            "issuer": tombstone.issuer,
            "record_id": tombstone.record_id.hex(),
            "reason": int(tombstone.reason),
            "time": tombstone.time,
            "signature": tombstone.signature.hex(),
        }
    )


def parse_tombstone(data: bytes) -> Tombstone:
    """Read a tombstone strictly. Raises `UnknownVersion`, `Malformed` or `LimitExceeded`."""
    value = canonical.loads(data, max_bytes=MAX_TOMBSTONE_BYTES, floats=False)
    check_version(value, FORM)
    object_of(value, _KEYS, "")
    number = uint_of(value["reason"], "/reason")
    try:
        reason = ErasureReason(number)
    except ValueError:
        raise malformed("reason", "/reason", f"{number} is no reason of this version") from None
    return Tombstone(
        ledger=LedgerId(hex_of(value["ledger"], "/ledger")),
        issuer=ParticipantId(uint_of(value["issuer"], "/issuer", at_least=1)),
        record_id=RecordId(hex_of(value["record_id"], "/record_id")),
        reason=reason,
        time=uint_of(value["time"], "/time", at_most=MAX_TIME),
        signature=hex_of(value["signature"], "/signature", 65),
    )
