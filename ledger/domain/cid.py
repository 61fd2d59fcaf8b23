"""Content ids: CIDv1, base32, SHA-256, of raw (0x55) and dag-pb (0x70) blocks.

36 bytes `01 ‖ codec ‖ 12 20 ‖ digest`, 59 characters of text. The CID finds a block, the digest in it proves it.
"""

from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from typing import Final

from ledger.domain.fields import malformed
from ledger.domain.ids import Cid, Digest32

RAW: Final = b"\x01\x55\x12\x20"
DAG_PB: Final = b"\x01\x70\x12\x20"
CID_BYTES: Final = 36
_CID_CHARACTERS: Final = 59
_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz234567"
"""RFC 4648 base32, lower case."""
_PAIRS: Final = [high + low for high in _DIGITS for low in _DIGITS]
_SHIFTS: Final = range(280, -1, -10)
"""Where the 29 pairs of digits stand in 288 bits and two zero ones."""
_TO_PYTHON: Final = bytes.maketrans(_DIGITS.encode(), b"0123456789abcdefghijklmnopqrstuv")
"""From these digits to those of `int(text, 32)`."""


def raw_cid(digest: bytes) -> Cid:
    """CID of the raw block with that SHA-256."""
    return cid_text(RAW + digest)


@lru_cache(maxsize=1024)
def cid_text(raw: bytes) -> Cid:
    """Text of a binary CID; the bytes come from our own code or from `check_cid`."""
    number = int.from_bytes(raw) << 2
    return Cid("b" + "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS]))


def cid_bytes(cid: str) -> bytes:
    """Binary form of a CID's text. Raises `Malformed` for any CID that these formats do not have."""
    raw = b""
    if len(cid) == _CID_CHARACTERS:
        with suppress(ValueError, OverflowError):
            raw = (int(cid[1:].encode().translate(_TO_PYTHON), 32) >> 2).to_bytes(CID_BYTES)
    if raw[:4] not in (RAW, DAG_PB) or cid_text(raw) != cid:
        raise malformed("cid", "", "not a CIDv1 (base32, raw or dag-pb, SHA-256)")
    return raw


def check_cid(raw: bytes, path: str = "") -> bytes:
    """Require a binary CID that these formats have; return it."""
    if len(raw) != CID_BYTES or raw[:4] not in (RAW, DAG_PB):
        raise malformed("cid", path, "not a CIDv1 (raw or dag-pb, SHA-256)")
    return raw


def cid_digest(cid: str) -> Digest32:
    """The SHA-256 in a CID."""
    return Digest32(cid_bytes(cid)[4:])


def is_dag_pb(cid: str) -> bool:
    """Whether the CID names a dag-pb node, which may have links."""
    return cid_bytes(cid)[:4] == DAG_PB


def block_cid(block: bytes, codec: bytes = RAW) -> Cid:
    """CID of a block."""
    return cid_text(codec + sha256(block).digest())


def verify_block(cid: str, block: bytes) -> bool:
    """Whether the block hashes to its CID."""
    return sha256(block).digest() == cid_bytes(cid)[4:]
