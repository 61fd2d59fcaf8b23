"""Messages for people, signed as wallets sign them (EIP-191, version 0x45)."""

from typing import Final

import coincurve
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.domain.ids import Address, Digest32

HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half of secp256k1's order: s above it is the other spelling of the same signature, and is refused."""
SIGNATURE_BYTES: Final = 65


def message_digest(text: str) -> Digest32:
    """What a wallet signs for `text`: keccak-256 of the prefix, the length and the text's UTF-8."""
    content = text.encode()
    return Digest32(keccak(b"\x19Ethereum Signed Message:\n" + str(len(content)).encode() + content))


def signer_of(digest: Digest32, signature: bytes) -> Address | None:
    """The key that made r ‖ s ‖ v (65 bytes, low s, v 27 or 28) over `digest`; None if no key did."""
    if len(signature) != SIGNATURE_BYTES or signature[64] not in (27, 28):
        return None
    if int.from_bytes(signature[32:64], "big") > HALF_ORDER:
        return None
    recoverable = signature[:64] + bytes([signature[64] - 27])
    try:
        public = coincurve.PublicKey.from_signature_and_message(recoverable, digest, hasher=None)
    except Exception:  # noqa: BLE001 (coincurve raises bare exceptions for what is no signature)
        return None
    return Address(to_checksum_address(keccak(public.format(compressed=False)[1:])[12:]))
