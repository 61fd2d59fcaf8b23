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
    level, room = 0, leaf_bytes
    while room < size:
        level, room = level + 1, room * MAX_LINKS
    yield from _read(get, cid, block, size, level, leaf_bytes)


def file_bytes(cid: bytes, block: bytes) -> int:
    """Size of the file whose first block this is: a raw block's own, or what its node says."""
    return len(block) if cid[:4] == RAW else sum(file_sizes(decode_node(block)[1]))


def _read(
    get: Callable[[bytes], bytes], cid: bytes, block: bytes, size: int, level: int, leaf_bytes: int
) -> Iterator[bytes]:
    """Leaves of a subtree of `size` bytes. One size has one layout: so many levels, every part but the last full."""
    if level == 0:
        if cid[:4] != RAW or len(block) != size:
            raise malformed("unixfs", "", f"a raw block of {size} bytes is needed here")
        yield block
        return
    if cid[:4] == RAW:
        raise malformed("unixfs", "", f"a raw block of {size} bytes where its leaves have {leaf_bytes}")
    links, data = decode_node(block)
    full = leaf_bytes * MAX_LINKS ** (level - 1)
    sizes = [min(full, size - begins) for begins in range(0, size, full)]
    if len(links) != len(sizes) or file_sizes(data) != sizes:
        raise malformed("unixfs", "", "sizes and links do not make a file of the fixed layout")
    for link, part in zip(links, sizes, strict=True):
        below = get(link.cid)
        if link.total_bytes != _total_bytes(link.cid, below):
            raise malformed("unixfs", "", "a link's Tsize is not the size of what it leads to")
        yield from _read(get, link.cid, below, part, level - 1, leaf_bytes)


def _total_bytes(cid: bytes, block: bytes) -> int:
    """Bytes of a block and, by its own links, of all below it."""
    return len(block) + (0 if cid[:4] == RAW else sum(link.total_bytes for link in decode_node(block)[0]))


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
