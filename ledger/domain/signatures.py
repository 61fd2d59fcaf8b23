"""Who made a signature over an EIP-712 digest: 65 bytes r ‖ s ‖ v, with low s (EIP-2)."""

from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Address

SIGNATURE_BYTES: Final = 65
_HALF_ORDER: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def signer_of(digest: bytes, signature: bytes) -> Address:
    """Address of the key that signed. Raises `Malformed` (`signature`) for no signature, or one with high s."""
    recovery = signature[64] - 27 if len(signature) == SIGNATURE_BYTES else -1
    if recovery not in (0, 1) or int.from_bytes(signature[32:64]) > _HALF_ORDER:
        raise Malformed(Fault("signature", "/signature", "not r ‖ s ‖ v with low s and v of 27 or 28"))
    try:
        public = PublicKey.from_signature_and_message(signature[:64] + bytes([recovery]), digest, hasher=None)
    except Exception as bad:  # coincurve raises bare Exception for a point that does not exist
        raise Malformed(Fault("signature", "/signature", "no key made this signature")) from bad
    return Address(to_checksum_address(keccak(public.format(compressed=False)[1:])[12:]))
