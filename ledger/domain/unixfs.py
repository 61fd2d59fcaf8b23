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


def read_file(
    get: Callable[[bytes], bytes], cid: bytes, *, max_bytes: int, leaf_bytes: int = LEAF_BYTES
) -> Iterator[bytes]:
    """Yield a file's leaves in order.

    Args:
        get: Returns the checked block of a binary CID.
        cid: Binary CID of the file.
        max_bytes: Upper bound on the file.
        leaf_bytes: Size of every leaf but the last.

    Raises:
        LimitExceeded: The file says that it is larger; nothing was yielded.
        Malformed: Not such a file, or its sizes do not add up.
    """
    block = get(check_cid(cid))
    size = file_bytes(cid, block)
    if size > max_bytes:
        raise LimitExceeded("file", max_bytes)
    yield from _read(get, cid, block, size, leaf_bytes, 0)


def file_bytes(cid: bytes, block: bytes) -> int:
    """Size of the file whose first block this is: a raw block's own, or what its node says."""
    return len(block) if cid[:4] == RAW else sum(file_sizes(decode_node(block)[1]))


def _read(
    get: Callable[[bytes], bytes], cid: bytes, block: bytes, expected: int, leaf_bytes: int, depth: int
) -> Iterator[bytes]:
    if cid[:4] == RAW:
        if len(block) != expected:
            raise malformed("unixfs", "", f"{len(block)} bytes where the node above says {expected}")
        yield block
        return
    if depth == MAX_DEPTH:
        raise malformed("depth", "", f"more than {MAX_DEPTH} levels of nodes")
    links, data = decode_node(block)
    sizes = file_sizes(data)
    if len(sizes) != len(links) or sum(sizes) != expected or not _is_balanced(sizes, leaf_bytes):
        raise malformed("unixfs", "", "sizes and links do not make a file of the fixed layout")
    for link, size in zip(links, sizes, strict=True):
        yield from _read(get, link.cid, get(link.cid), size, leaf_bytes, depth + 1)


def _is_balanced(sizes: list[int], leaf_bytes: int) -> bool:
    """Whether all parts but the last are full, so that the number of blocks is bounded by the size."""
    full = sizes[0]
    if len(sizes) == 1:
        return full > 0
    units = {leaf_bytes * MAX_LINKS**level for level in range(MAX_DEPTH)}
    return full in units and all(size == full for size in sizes[:-1]) and 0 < sizes[-1] <= full


def file_sizes(data: bytes) -> list[int]:
    """Sizes of the parts of a file node's Data, at least one; their sum stands there too."""
    if data[:3] != _FILE + b"\x18":
        raise malformed("unixfs", "", "not a file node")
    total, at = read_varint(data, 3)
    sizes = []
    while at < len(data):
        if data[at] != 0x20:
            raise malformed("unixfs", "", "an unknown field")
        size, at = read_varint(data, at + 1)
        sizes.append(size)
    if sum(sizes) != total or not sizes:
        raise malformed("unixfs", "", "the sizes do not add up")
    return sizes
