"""The three hashes of evidence, kept apart by their first byte, and the text forms of binary values.

Leaf 0x00 and node 0x01 are those of RFC 6962 §2.1; claims have 0x02.
"""

import binascii
from hashlib import sha256
from typing import Final

from ledger.domain.ids import Digest32

LEAF: Final = b"\x00"
NODE: Final = b"\x01"
CLAIM: Final = b"\x02"

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def digest(content: bytes) -> Digest32:
    """SHA-256."""
    return Digest32(sha256(content).digest())


def leaf_hash(content: bytes) -> bytes:
    """SHA-256(0x00 ‖ content)."""
    return sha256(LEAF + content).digest()


def claim_hash(opening_text: bytes) -> bytes:
    """SHA-256(0x02 ‖ JCS of an opening)."""
    return sha256(CLAIM + opening_text).digest()


def base64url(raw: bytes) -> str:
    """Base64url without padding (RFC 4648 §5)."""
    return binascii.b2a_base64(raw).translate(_TO_URL)[: (4 * len(raw) + 2) // 3].decode()


def from_base64url(text: str, length_bytes: int) -> bytes | None:
    """The bytes whose one and only base64url text this is, if they are `length_bytes` long; else None."""
    try:
        raw = binascii.a2b_base64(text.encode("ascii").translate(_FROM_URL) + b"=" * (-len(text) % 4))
    except (ValueError, UnicodeEncodeError):
        return None
    return raw if len(raw) == length_bytes and base64url(raw) == text else None


def from_hex(text: str, length_bytes: int) -> bytes | None:
    """The bytes whose lower-case hex text this is, if they are `length_bytes` long; else None."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    return raw if len(raw) == length_bytes and raw.hex() == text else None
