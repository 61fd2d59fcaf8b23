"""Who signed an OpenAttestation document: EIP-191 signatures of the Merkle root by the key that a did:ethr names.

The identifier `did:ethr:[network:]0x…` is an address or a compressed public key; its `#controller` key is that one.
Delegates, other identifiers and what has changed since stand elsewhere and are not looked up here.
"""

import re
from typing import Final

from coincurve import PublicKey
from eth_hash.auto import keccak
from eth_utils.address import to_checksum_address

from ledger.domain.ids import Address

_DID: Final = re.compile(
    r"did:ethr:(?:[a-z0-9-]{1,32}:|0x[0-9a-f]{1,16}:)?0x([0-9a-fA-F]{40}|[0-9a-fA-F]{66})", re.ASCII
)
_KEYS: Final = ("#controller", "#controllerKey")
_SIGNATURE: Final = re.compile(r"0x[0-9a-fA-F]{130}")


def key_address(did: str, key: str) -> Address | None:
    """Address of the key `key` of `did`; None if only a resolver could tell."""
    found = _DID.fullmatch(did)
    if found is None or key.lower() not in {(did + suffix).lower() for suffix in _KEYS}:
        return None
    raw = bytes.fromhex(found[1])
    if len(raw) == 20:
        return Address(to_checksum_address(raw))
    try:
        return _address(PublicKey(raw))
    except Exception:  # noqa: BLE001  # coincurve raises bare Exception for a point that is not on the curve
        return None


def signer_of(root: bytes, signature: str) -> Address | None:
    """Address of the key that made `signature` (0x hex of r ‖ s ‖ v) over the 32 bytes of `root`; None: nobody's."""
    if _SIGNATURE.fullmatch(signature) is None:
        return None
    raw = bytes.fromhex(signature[2:])
    recovery = raw[64] - 27 if raw[64] >= 27 else raw[64]
    if recovery not in (0, 1):
        return None
    message = keccak(b"\x19Ethereum Signed Message:\n32" + root)
    try:
        public = PublicKey.from_signature_and_message(raw[:64] + bytes([recovery]), message, hasher=None)
    except Exception:  # noqa: BLE001  # the same, for a signature that no key makes
        return None
    return _address(public)


def _address(public: PublicKey) -> Address:
    return Address(to_checksum_address(keccak(public.format(compressed=False)[1:])[12:]))
