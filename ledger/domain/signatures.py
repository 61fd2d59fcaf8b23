"""Who made a signature: 65 bytes r ‖ s ‖ v, with low s (EIP-2)."""

from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from ledger.domain.ids import Address

HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half of secp256k1's order: s above it is the other spelling of the same signature, and is refused."""
SIGNATURE_BYTES: Final = 65


def signer_of(digest: bytes, signature: bytes) -> Address | None:
    """The key that made r ‖ s ‖ v (65 bytes, low s, v 27 or 28) over `digest`; None if no key did."""
    recovery = signature[64] - 27 if len(signature) == SIGNATURE_BYTES else -1
    if recovery not in (0, 1) or int.from_bytes(signature[32:64]) > HALF_ORDER:
        return None
    try:
        public = PublicKey.from_signature_and_message(signature[:64] + bytes([recovery]), digest, hasher=None)
    except Exception:  # noqa: BLE001 - coincurve raises bare Exception for a point that does not exist
        return None
    return Address(to_checksum_address(keccak(public.format(compressed=False)[1:])[12:]))
