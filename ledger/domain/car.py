"""CAR files: blocks one after another, and, in version 2, an index at the end.

    v1: varint n ‖ DAG-CBOR {"roots": […], "version": 1} ‖ sections: varint n ‖ CID ‖ block
    v2: pragma ‖ characteristics 16 ‖ data offset u64 ‖ data size u64 ‖ index offset u64 (little-endian) ‖ v1 ‖ index

The index is `MultihashIndexSorted` (0x0401) of one multihash (SHA-256) and one width: entries `digest 32 ‖ offset u64`
in order of the digest, offsets counted from the start of the v1 data to a section. Kubo and go-car read both.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from ledger.domain.cid import CID_BYTES, check_cid
from ledger.domain.fields import malformed
from ledger.domain.limits import MAX_BATCH, MAX_IPFS_BLOCK_BYTES, TILE_LEAVES
from ledger.domain.varint import MAX_VARINT_BYTES, read_varint, varint

PRAGMA: Final = bytes.fromhex("0aa16776657273696f6e02")
_V2_HEADER: Final = struct.Struct("<16sQQQ")
V2_START: Final = len(PRAGMA) + _V2_HEADER.size
ENTRY_BYTES: Final = 40
_INDEX_HEAD: Final = struct.Struct("<iQiIQ")
"""Multihash codes, code, widths, width, bytes of the entries."""
_INDEX_CODEC: Final = varint(0x0401)
_SHA256: Final = 0x12
INDEX_HEAD_BYTES: Final = len(_INDEX_CODEC) + _INDEX_HEAD.size
MAX_ROOTS: Final = MAX_BATCH // TILE_LEAVES + 1
"""The manifest and the tiles of the largest batch."""
_CBOR_MAP_ROOTS: Final = b"\xa2\x65roots"
_CBOR_VERSION_1: Final = b"\x67version\x01"
_CBOR_CID: Final = b"\xd8\x2a\x58\x25\x00"
"""Tag 42, byte string of 37: 00 and the CID."""


class V2Layout(NamedTuple):
    """Where things are in a CARv2 file [bytes from its start].

    Attributes:
        data: Start of the v1 data.
        data_bytes: Its size.
        index_at: Start of the index.
    """

    data: int
    data_bytes: int
    index_at: int


def encode_header(roots: Sequence[bytes]) -> bytes:
    """A v1 header, length included."""
    body = _CBOR_MAP_ROOTS + _cbor_array_head(len(roots)) + b"".join([_CBOR_CID + cid for cid in roots])
    body += _CBOR_VERSION_1
    return varint(len(body)) + body


@lru_cache(maxsize=64)
def header_bytes(roots: int) -> int:
    """Size of a v1 header with so many roots."""
    return len(encode_header([bytes(CID_BYTES)] * roots))


def section_head(cid: bytes, block_bytes: int) -> bytes:
    """What stands before a block."""
    return varint(CID_BYTES + block_bytes) + cid


def encode_v2_header(layout: V2Layout) -> bytes:
    """Pragma and header of a CARv2 that is fully indexed."""
    return PRAGMA + _V2_HEADER.pack(b"\x80" + bytes(15), *layout)


def parse_v2_header(start: bytes) -> V2Layout:
    """Inverse of `encode_v2_header`. Raises `Malformed`."""
    if start[: len(PRAGMA)] != PRAGMA or len(start) < V2_START:
        raise malformed("kind", "/magic", "not a CARv2 file")
    layout = V2Layout(*_V2_HEADER.unpack_from(start, len(PRAGMA))[1:])
    if not V2_START <= layout.data <= layout.data + layout.data_bytes <= layout.index_at:
        raise malformed("order", "/header", "offsets out of order")
    return layout


def encode_index(entries: Sequence[bytes]) -> bytes:
    """An index; `entries` are `digest ‖ offset u64 little-endian`, sorted."""
    return encode_index_head(len(entries)) + b"".join(entries)


def encode_index_head(count: int) -> bytes:
    """What stands before so many entries."""
    return _INDEX_CODEC + _INDEX_HEAD.pack(1, _SHA256, 1, ENTRY_BYTES, count * ENTRY_BYTES)


def parse_index_head(start: bytes) -> int:
    """Number of entries. Raises `Malformed` for any other kind of index."""
    if start[: len(_INDEX_CODEC)] != _INDEX_CODEC or len(start) < INDEX_HEAD_BYTES:
        raise malformed("kind", "/index", "not a MultihashIndexSorted")
    codes, code, widths, width, size = _INDEX_HEAD.unpack_from(start, len(_INDEX_CODEC))
    if (codes, code, widths, width) != (1, _SHA256, 1, ENTRY_BYTES) or size % ENTRY_BYTES:
        raise malformed("kind", "/index", "not an index of SHA-256 alone")
    return int(size) // ENTRY_BYTES


def read_header(file: BinaryIO) -> tuple[list[bytes], int]:
    """Read a v1 header; return its roots and its size. Raises `Malformed`."""
    length, used = _read_length(file)
    if length > header_bytes(MAX_ROOTS):
        raise malformed("length", "/header", f"a header of {length} bytes")
    body = _read_exactly(file, length)
    if body[: len(_CBOR_MAP_ROOTS)] != _CBOR_MAP_ROOTS:
        raise malformed("car", "/header", "no roots")
    count, at = _read_cbor_array_head(body, len(_CBOR_MAP_ROOTS))
    step = len(_CBOR_CID) + CID_BYTES
    if len(body) != at + count * step + len(_CBOR_VERSION_1) or body[at + count * step :] != _CBOR_VERSION_1:
        raise malformed("car", "/header", "not a header of version 1 with roots of these formats")
    roots = []
    for start in range(at, at + count * step, step):
        if body[start : start + len(_CBOR_CID)] != _CBOR_CID:
            raise malformed("car", "/header", "a root that is no CID")
        roots.append(check_cid(body[start + len(_CBOR_CID) : start + step]))
    return roots, used + length


def read_sections(file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield (binary CID, block) of the next `size` bytes of sections; blocks are not checked against their CIDs.

    Raises:
        Malformed: Truncated, a CID that these formats do not have, or a block above the limit.
    """
    while size > 0:
        length, used = _read_length(file)
        if not CID_BYTES <= length <= CID_BYTES + MAX_IPFS_BLOCK_BYTES or used + length > size:
            raise malformed("length", "/sections", f"a section of {length} bytes")
        section = _read_exactly(file, length)
        yield check_cid(section[:CID_BYTES]), section[CID_BYTES:]
        size -= used + length


def _read_length(file: BinaryIO) -> tuple[int, int]:
    raw = b""
    while len(raw) < MAX_VARINT_BYTES:
        raw += _read_exactly(file, 1)
        if raw[-1] < 0x80:
            break
    return read_varint(raw, 0)


def _read_exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise malformed("truncated", "", f"{size - len(found)} bytes are missing")
    return found


def _cbor_array_head(count: int) -> bytes:
    if count < 24:
        return bytes([0x80 | count])
    if count < 1 << 8:
        return bytes([0x98, count])
    return b"\x99" + count.to_bytes(2)


def _read_cbor_array_head(body: bytes, at: int) -> tuple[int, int]:
    first = body[at] if at < len(body) else 0
    width = {0x98: 1, 0x99: 2}.get(first, 0)
    count = first & 0x1F if width == 0 else int.from_bytes(body[at + 1 : at + 1 + width])
    head = body[at : at + 1 + width]
    if _cbor_array_head(count) != head:
        raise malformed("car", "/header", "roots are no array in shortest form")
    return count, at + 1 + width
