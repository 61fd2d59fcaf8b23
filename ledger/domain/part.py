"""A sealed part: the record or the content of one document, encrypted under its own random 256-bit key.

    HKDF-SHA256(key, salt = "", info = "tamga/seal/1" ‖ kind u8, 64 bytes) = K ‖ C
    part = C ‖ AES-256-GCM chunks of 65,536 plaintext bytes under K, nonce = u88 chunk number ‖ u8 last, no AAD

`C` commits to the key: nobody can make one part that two keys open differently. The plaintext is
`u64 length ‖ bytes ‖ zeros`, filled up to Padmé's size, so that the sealed size tells little. Chunks cannot be cut,
reordered or moved to another part without the last flag, the number or the key giving it away.
"""

import hmac
from collections.abc import Iterable, Iterator
from enum import IntEnum
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.errors import LimitExceeded, NotOpened
from ledger.domain.fields import malformed
from ledger.domain.limits import CHUNK_BYTES
from ledger.domain.stream import ByteStream

KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
COMMITMENT_BYTES: Final = 32
_SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
_LENGTH_BYTES: Final = 8
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
"""HMAC's two pads as translations of a key's bytes (RFC 2104)."""
_NO_SALT: Final = bytes(64)
_INNER_NO_SALT: Final = _NO_SALT.translate(_INNER)
_OUTER_NO_SALT: Final = _NO_SALT.translate(_OUTER)
_ZEROS: Final = bytes(CHUNK_BYTES)


class Kind(IntEnum):
    """Which part; it goes into the key derivation."""

    RECORD = 1
    CONTENT = 2


_INFO: Final = {kind: b"tamga/seal/1" + bytes([kind]) for kind in Kind}


def padme(length: int) -> int:
    """Padmé's padded length (Nikitin et al., 2019): at most 12 % more, O(log log) bits of the length shown."""
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << free_bits) - 1
    return (length + mask) & ~mask


def part_keys(key: bytes, kind: Kind) -> tuple[bytes, bytes]:
    """Encryption key and commitment of a part (RFC 5869).

    HMAC written out, because `hmac.digest` looks the hash up at each call, which takes longer than hashing.
    """
    info = _INFO[kind]
    extracted = sha256(_OUTER_NO_SALT + sha256(_INNER_NO_SALT + key).digest()).digest() + bytes(32)
    inner, outer = extracted.translate(_INNER), extracted.translate(_OUTER)
    first = sha256(outer + sha256(inner + info + b"\x01").digest()).digest()
    return first, sha256(outer + sha256(inner + first + info + b"\x02").digest()).digest()


def sealed_bytes(length: int) -> int:
    """Size of the sealed part of a plaintext of `length` bytes."""
    padded = padme(_LENGTH_BYTES + length)
    return COMMITMENT_BYTES + padded + TAG_BYTES * -(-padded // CHUNK_BYTES)


def seal_part(key: bytes, kind: Kind, content: bytes) -> bytes:
    """Seal a plaintext held in memory."""
    length = len(content)
    padded = padme(_LENGTH_BYTES + length)
    if padded > CHUNK_BYTES:
        return b"".join(seal_stream(key, kind, length, (content,)))
    encryption_key, commitment = part_keys(key, kind)
    plaintext = length.to_bytes(_LENGTH_BYTES) + content + bytes(padded - _LENGTH_BYTES - length)
    return commitment + AESGCM(encryption_key).encrypt(_nonce(0, last=True), plaintext, None)


def seal_stream(key: bytes, kind: Kind, length: int, content: Iterable[bytes]) -> Iterator[bytes]:
    """Seal a plaintext of known length that arrives in pieces of any size; memory stays at one chunk and one piece.

    Raises:
        Malformed: The pieces do not add up to `length` (a file that changed while it was read).
    """
    encryption_key, commitment = part_keys(key, kind)
    encrypt = AESGCM(encryption_key).encrypt
    padded = padme(_LENGTH_BYTES + length)
    source = ByteStream(_padded(length, content, padded))
    yield commitment
    last = -(-padded // CHUNK_BYTES) - 1
    for number in range(last + 1):
        chunk = source.read(min(CHUNK_BYTES, padded - number * CHUNK_BYTES))
        yield encrypt(_nonce(number, last=number == last), chunk, None)
    source.expect_end()


def _padded(length: int, content: Iterable[bytes], padded: int) -> Iterator[bytes]:
    yield length.to_bytes(_LENGTH_BYTES)
    left = length
    for piece in content:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left != 0:
        raise malformed("length", "", f"the content has not the {length} bytes that were announced")
    fill = padded - _LENGTH_BYTES - length
    while fill > 0:
        yield _ZEROS[: min(fill, CHUNK_BYTES)]
        fill -= CHUNK_BYTES


def open_part(key: bytes, kind: Kind, sealed: bytes, *, max_bytes: int) -> bytes:
    """Open a part held in memory; raises as `open_stream` does, before anything is given out."""
    return b"".join(open_stream(key, kind, ByteStream((sealed,)), len(sealed), max_bytes=max_bytes))


def open_stream(key: bytes, kind: Kind, sealed: ByteStream, sealed_length: int, *, max_bytes: int) -> Iterator[bytes]:
    """Yield the plaintext in pieces. Nothing yielded is good before the iterator has ended without an error.

    Args:
        key: The part's key.
        kind: Which part it is.
        sealed: Source of the part's bytes.
        sealed_length: How many bytes of the source are the part.
        max_bytes: Upper bound on the plaintext.

    Raises:
        NotOpened: Another key, another kind, or sealed bytes that were changed, cut, reordered or spliced.
        LimitExceeded: The plaintext says that it is longer than `max_bytes`.
        Malformed: Too short for a part, or not padded as this format pads.
    """
    padded, last = _plain_length(sealed_length)
    encryption_key, commitment = part_keys(key, kind)
    if not hmac.compare_digest(sealed.read(COMMITMENT_BYTES), commitment):
        raise NotOpened("the part was sealed under another key")
    decrypt = AESGCM(encryption_key).decrypt
    left = 0
    for number in range(last + 1):
        size = min(CHUNK_BYTES, padded - number * CHUNK_BYTES)
        try:
            chunk = decrypt(_nonce(number, last=number == last), sealed.read(size + TAG_BYTES), None)
        except InvalidTag:
            raise NotOpened(f"chunk {number} of the part was changed") from None
        if number == 0:
            left = _announced(chunk, padded, max_bytes)
            chunk = chunk[_LENGTH_BYTES:]
        plain, fill = chunk[:left], chunk[left:]
        left -= len(plain)
        if fill.count(0) != len(fill):
            raise malformed("padding", "", "the padding is not zero")
        yield plain


def _plain_length(sealed_length: int) -> tuple[int, int]:
    """Padded plaintext bytes and number of the last chunk of a part of that size."""
    body = sealed_length - COMMITMENT_BYTES
    chunks = -(-body // _SEALED_CHUNK_BYTES)
    padded = body - chunks * TAG_BYTES
    if body <= 0 or padded < _LENGTH_BYTES or -(-padded // CHUNK_BYTES) != chunks:
        raise malformed("truncated", "", f"{sealed_length} bytes are no sealed part")
    return padded, chunks - 1


def _announced(first_chunk: bytes, padded: int, max_bytes: int) -> int:
    length = int.from_bytes(first_chunk[:_LENGTH_BYTES])
    if length > max_bytes:
        raise LimitExceeded("sealed part", max_bytes)
    if padme(_LENGTH_BYTES + length) != padded:
        raise malformed("padding", "", "the padded length does not fit the length")
    return length


def _nonce(number: int, *, last: bool) -> bytes:
    return (number << 8 | last).to_bytes(12)
