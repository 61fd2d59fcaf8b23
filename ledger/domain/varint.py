"""Unsigned LEB128, as multiformats, CAR and protobuf use it; at most 63 bits, shortest form only."""

from typing import Final

from ledger.domain.fields import malformed

MAX_VARINT_BYTES: Final = 9
"""multiformats allows nine bytes."""


def varint(number: int) -> bytes:
    """Encode; `number` ≥ 0."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(block: bytes, at: int) -> tuple[int, int]:
    """Decode at offset `at`; return the number and the offset after it. Raises `Malformed`."""
    number = 0
    for count, byte in enumerate(block[at : at + MAX_VARINT_BYTES]):
        number |= (byte & 0x7F) << 7 * count
        if byte < 0x80:
            if byte == 0 and count > 0:
                raise malformed("varint", "", "not in shortest form")
            return number, at + count + 1
    raise malformed("varint", "", "truncated, or longer than nine bytes")
