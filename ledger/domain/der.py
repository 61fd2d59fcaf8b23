"""Reading DER (X.690): definite lengths only, each in its shortest spelling; just what time stamps need."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.domain.errors import Fault, Malformed

INTEGER, OCTET_STRING, OID, TIME, SEQUENCE, SET = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
MAX_LENGTH_BYTES: Final = 4


class Node(NamedTuple):
    """One value.

    Attributes:
        tag: Its identifier octet.
        content: Its content octets.
        whole: All of its octets.
    """

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> list["Node"]:
        """The values that a constructed one is made of. Raises `Malformed`."""
        return read_all(self.content)

    def number(self) -> int:
        """An INTEGER's value."""
        return int.from_bytes(self.content, signed=True)


def read(data: bytes) -> Node:
    """The one value that `data` is. Raises `Malformed`."""
    found = read_all(data)
    if len(found) != 1:
        raise _malformed(f"{len(found)} values where one is needed")
    return found[0]


def read_all(data: bytes) -> list[Node]:
    """The values that stand in `data` one after the other. Raises `Malformed`."""
    found = []
    at = 0
    while at < len(data):
        length, begin = _length(data, at + 1)
        if data[at] & 0x1F == 0x1F or begin + length > len(data):
            raise _malformed("a value goes past its end, or has a long tag")
        found.append(Node(data[at], data[begin : begin + length], data[at : begin + length]))
        at = begin + length
    return found


def expect(nodes: Sequence[Node], *tags: int) -> list[Node]:
    """The first values, which must have these tags. Raises `Malformed`."""
    if [node.tag for node in nodes[: len(tags)]] != list(tags):
        raise _malformed("another structure than is needed here")
    return list(nodes[: len(tags)])


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Length of the content, and where it begins."""
    if at >= len(data):
        raise _malformed("it ends within a value")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    digits = data[at + 1 : at + 1 + count]
    length = int.from_bytes(digits)
    if not 1 <= count <= MAX_LENGTH_BYTES or len(digits) != count or digits[0] == 0 or length < 0x80:
        raise _malformed("a length that DER does not have")
    return length, at + 1 + count


def _malformed(text: str) -> Malformed:
    return Malformed(Fault("der", "", text))
