"""dag-pb nodes (the IPFS protobuf) and the UnixFS file nodes made of them: as little of both as these formats need.

A node is `PBLink*` (field 2) then `Data` (field 1); a link is Hash (1), Name (2), Tsize (3), all three present, as
Kubo writes them. Readers take only that one spelling, so that a node has one CID.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.domain.cid import CID_BYTES, check_cid
from ledger.domain.fields import malformed
from ledger.domain.varint import read_varint, varint

MAX_LINKS: Final = 1024
"""Links per node (formats: UnixFS is fixed at 1,024; a tile has at most 256)."""
_LINK: Final = b"\x12"
_DATA: Final = b"\x0a"
_HASH_OF_LINK: Final = b"\x0a" + varint(CID_BYTES)


class Link(NamedTuple):
    """A link to another block.

    Attributes:
        cid: Binary CID, 36 bytes.
        total_bytes: Size of the block and everything below it (Tsize) [bytes].
        name: Empty in tiles and files.
    """

    cid: bytes
    total_bytes: int
    name: str = ""


def encode_node(links: Sequence[Link], data: bytes) -> bytes:
    """Bytes of a node."""
    parts = []
    for link in links:
        name = link.name.encode()
        body = _HASH_OF_LINK + link.cid + b"\x12" + varint(len(name)) + name + b"\x18" + varint(link.total_bytes)
        parts.append(_LINK + varint(len(body)) + body)
    return b"".join(parts) + _DATA + varint(len(data)) + data


def decode_node(block: bytes) -> tuple[list[Link], bytes]:
    """Links and Data of a node. Raises `Malformed` for any other spelling than `encode_node`'s."""
    links: list[Link] = []
    at = 0
    while block[at : at + 1] == _LINK:
        if len(links) == MAX_LINKS:
            raise malformed("links", "", f"more than {MAX_LINKS} links")
        body, at = _bytes_field(block, at + 1)
        links.append(_decode_link(body))
    if block[at : at + 1] != _DATA:
        raise malformed("dag_pb", "", "no Data after the links")
    data, at = _bytes_field(block, at + 1)
    if at != len(block):
        raise malformed("trailing_bytes", "", "something follows the node")
    return links, data


def _decode_link(body: bytes) -> Link:
    if body[:1] != b"\x0a":
        raise malformed("dag_pb", "", "a link without Hash")
    cid, at = _bytes_field(body, 1)
    if body[at : at + 1] != b"\x12":
        raise malformed("dag_pb", "", "a link without Name")
    name, at = _bytes_field(body, at + 1)
    if body[at : at + 1] != b"\x18":
        raise malformed("dag_pb", "", "a link without Tsize")
    total_bytes, at = read_varint(body, at + 1)
    if at != len(body):
        raise malformed("trailing_bytes", "", "something follows the link")
    try:
        return Link(check_cid(cid), total_bytes, name.decode())
    except UnicodeDecodeError:
        raise malformed("utf8", "", "a link's name is not UTF-8") from None


def _bytes_field(block: bytes, at: int) -> tuple[bytes, int]:
    length, at = read_varint(block, at)
    if at + length > len(block):
        raise malformed("truncated", "", "a field ends after its node")
    return block[at : at + length], at + length
