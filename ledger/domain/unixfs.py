"""UnixFS files, fixed as Kubo makes them with CIDv1, raw leaves of 1 MiB and 1,024 links per node.

A file of one chunk is that raw block itself. A larger one is a balanced tree of dag-pb nodes over raw leaves.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.domain.cid import DAG_PB, RAW, check_cid
from ledger.domain.dagpb import MAX_LINKS, Link, decode_node, encode_node
from ledger.domain.errors import LimitExceeded
from ledger.domain.fields import malformed
from ledger.domain.limits import MIB
from ledger.domain.varint import read_varint, varint

LEAF_BYTES: Final = MIB
MAX_DEPTH: Final = 3
"""Levels of nodes above the leaves: 1,024^3 MiB is far above any document."""
_FILE: Final = b"\x08\x02"


class _Part(NamedTuple):
    """A subtree while the tree is built."""

    cid: bytes
    total_bytes: int
    file_bytes: int


class FileBuilder:
    """Takes a file's leaves in order and keeps only their CIDs."""

    def __init__(self) -> None:
        self._leaves: list[_Part] = []

    def add(self, leaf: bytes) -> bytes:
        """Take the next leaf (`LEAF_BYTES` each, only the last may be shorter); return its binary CID."""
        cid = RAW + sha256(leaf).digest()
        self._leaves.append(_Part(cid, len(leaf), len(leaf)))
        return cid

    def finish(self) -> tuple[Link, list[tuple[bytes, bytes]]]:
        """Return the link to the file, and the nodes above the leaves as (binary CID, block), lowest first."""
        nodes: list[tuple[bytes, bytes]] = []
        level = self._leaves
        while len(level) > 1:
            level = [self._node(level[at : at + MAX_LINKS], nodes) for at in range(0, len(level), MAX_LINKS)]
        return Link(level[0].cid, level[0].total_bytes), nodes

    @staticmethod
    def _node(parts: list[_Part], nodes: list[tuple[bytes, bytes]]) -> _Part:
        file_bytes = sum(part.file_bytes for part in parts)
        data = _FILE + b"\x18" + varint(file_bytes) + b"".join(b"\x20" + varint(part.file_bytes) for part in parts)
        block = encode_node([Link(part.cid, part.total_bytes) for part in parts], data)
        cid = DAG_PB + sha256(block).digest()
        nodes.append((cid, block))
        return _Part(cid, len(block) + sum(part.total_bytes for part in parts), file_bytes)


def build_file(leaves: Iterable[bytes]) -> tuple[Link, list[tuple[bytes, bytes]]]:
    """Link and all blocks of a file held in memory, as (binary CID, block), leaves first."""
    builder = FileBuilder()
    blocks = [(builder.add(leaf), leaf) for leaf in leaves]
    link, nodes = builder.finish()
    return link, blocks + nodes


def read_file(get: Callable[[bytes], bytes], cid: bytes, *, max_bytes: int) -> Iterator[bytes]:
    """Yield a file's leaves in order.

    Args:
        get: Returns the checked block of a binary CID.
        cid: Binary CID of the file.
        max_bytes: Upper bound on the file.

    Raises:
        LimitExceeded: The file says that it is larger; nothing was yielded.
        Malformed: Not such a file, or its sizes do not add up.
    """
    yield from _read(get, check_cid(cid), None, 0, max_bytes)


def _read(
    get: Callable[[bytes], bytes], cid: bytes, expected: int | None, depth: int, max_bytes: int
) -> Iterator[bytes]:
    block = get(cid)
    if cid[:4] == RAW:
        _check_size(len(block), expected, max_bytes)
        yield block
        return
    if depth == MAX_DEPTH:
        raise malformed("depth", "", f"more than {MAX_DEPTH} levels of nodes")
    links, data = decode_node(block)
    sizes = _file_sizes(data)
    _check_size(sum(sizes), expected, max_bytes)
    if len(sizes) != len(links) or not links:
        raise malformed("unixfs", "", "sizes and links differ in number")
    for link, size in zip(links, sizes, strict=True):
        yield from _read(get, link.cid, size, depth + 1, max_bytes)


def _check_size(size: int, expected: int | None, max_bytes: int) -> None:
    if expected is not None and size != expected:
        raise malformed("unixfs", "", f"{size} bytes where the node above says {expected}")
    if size > max_bytes:
        raise LimitExceeded("file", max_bytes)


def _file_sizes(data: bytes) -> list[int]:
    """Sizes of the parts of a file node, whose sum it also states."""
    if data[:3] != _FILE + b"\x18":
        raise malformed("unixfs", "", "not a file node")
    total, at = read_varint(data, 3)
    sizes = []
    while at < len(data):
        if data[at] != 0x20:
            raise malformed("unixfs", "", "an unknown field")
        size, at = read_varint(data, at + 1)
        sizes.append(size)
    if sum(sizes) != total:
        raise malformed("unixfs", "", "the sizes do not add up")
    return sizes
