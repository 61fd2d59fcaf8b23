"""HPKE base mode (RFC 9180), one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; one message a context.

Written out instead of taken from a library because a participant's private key may live elsewhere (a key ring, an HSM)
that offers nothing but the X25519 exchange. A test compares it with the library's and with RFC 9180's vectors.
"""

import hmac
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.errors import NotOpened
from ledger.domain.fields import malformed

ENC_BYTES: Final = 32
_VERSION: Final = b"HPKE-v1"
_KEM: Final = b"KEM\x00\x20"
_SUITE: Final = b"HPKE\x00\x20\x00\x01\x00\x02"


def public_key(private: bytes) -> bytes:
    """Raw X25519 public key of a raw private key, 32 bytes each."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def exchange(private: bytes, peer: bytes) -> bytes:
    """X25519. Raises `Malformed` (`low_order`) if the peer's point is of low order, as RFC 9180 §7.1.4 asks."""
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(peer))
    except ValueError:
        raise malformed("low_order", "", "not an X25519 public key of full order") from None


def seal(recipient: bytes, info: bytes, plaintext: bytes, *, ephemeral: bytes) -> bytes:
    """Seal one message to a public key.

    Args:
        recipient: X25519 public key, 32 bytes.
        info: What it is for; the opener must give the same.
        plaintext: The message.
        ephemeral: Fresh random X25519 private key, 32 bytes, never used twice.

    Returns:
        `enc ‖ ciphertext`, 48 bytes longer than the message.

    Raises:
        Malformed: A recipient of low order.
    """
    enc = public_key(ephemeral)
    key, nonce = _context(exchange(ephemeral, recipient), enc, recipient, info)
    return enc + AESGCM(key).encrypt(nonce, plaintext, None)


def open_sealed(own: bytes, exchange_with: Callable[[bytes], bytes], info: bytes, sealed: bytes) -> bytes:
    """Open one message.

    Args:
        own: Own public key, 32 bytes.
        exchange_with: X25519 of its private key with the point given.
        info: What it is for.
        sealed: `enc ‖ ciphertext`.

    Raises:
        NotOpened: Sealed to another key or for another purpose, changed, or of low order.
    """
    enc, ciphertext = sealed[:ENC_BYTES], sealed[ENC_BYTES:]
    key, nonce = _context(exchange_with(enc), enc, own, info)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, None)
    except InvalidTag:
        raise NotOpened("not sealed to this key") from None


def kem_secret(shared_point: bytes, enc: bytes, recipient: bytes) -> bytes:
    """The KEM's shared secret (RFC 9180 §4.1 ExtractAndExpand)."""
    extracted = _extract(_KEM, b"", b"eae_prk", shared_point)
    return _expand(_KEM, extracted, b"shared_secret", enc + recipient, 32)


def _context(shared_point: bytes, enc: bytes, recipient: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Key and nonce of the first message (RFC 9180 §5.1, mode base)."""
    secret = kem_secret(shared_point, enc, recipient)
    schedule = b"\x00" + _extract(_SUITE, b"", b"psk_id_hash", b"") + _extract(_SUITE, b"", b"info_hash", info)
    extracted = _extract(_SUITE, secret, b"secret", b"")
    return _expand(_SUITE, extracted, b"key", schedule, 32), _expand(_SUITE, extracted, b"base_nonce", schedule, 12)


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), _VERSION + suite + label + ikm, "sha256")


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of at most one block."""
    return hmac.digest(key, length.to_bytes(2) + _VERSION + suite + label + info + b"\x01", "sha256")[:length]
