"""A tile: up to 256 consecutive leaves of a batch with links to their envelopes.

A dag-pb node; Data = `"TAMGATIL" ‖ 01 ‖ u32 first ‖ u16 count ‖ record ids`, Links = the envelopes in order, without
names. Pinning a tile recursively keeps its envelopes.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ledger.domain.dagpb import Link, decode_node, encode_node
from ledger.domain.fields import malformed
from ledger.domain.frame import FRAME_BYTES, check_frame
from ledger.domain.ids import RecordId
from ledger.domain.limits import KIB, MAX_BATCH, TILE_LEAVES

FRAME: Final = b"TAMGATIL\x01"
MAX_TILE_BYTES: Final = 32 * KIB
"""256 ids and links take 22 KiB."""
_HEAD_BYTES: Final = FRAME_BYTES + 6


class Tile(NamedTuple):
    """One tile.

    Attributes:
        first: Index of its first leaf, a multiple of 256.
        record_ids: Its leaves.
        envelopes: Links to their envelopes, one each.
    """

    first: int
    record_ids: tuple[RecordId, ...]
    envelopes: tuple[Link, ...]


def encode_tile(first: int, record_ids: Sequence[bytes], envelopes: Sequence[Link]) -> bytes:
    """The tile's block."""
    data = FRAME + first.to_bytes(4) + len(record_ids).to_bytes(2) + b"".join(record_ids)
    return encode_node(envelopes, data)


def parse_tile(block: bytes) -> Tile:
    """Read a tile.

    Raises:
        UnknownVersion: Of another version.
        Malformed: No tile.
    """
    links, data = decode_node(block)
    check_frame(data[:FRAME_BYTES], FRAME)
    first = int.from_bytes(data[FRAME_BYTES : FRAME_BYTES + 4])
    count = int.from_bytes(data[FRAME_BYTES + 4 : _HEAD_BYTES])
    if first % TILE_LEAVES or first >= MAX_BATCH:
        raise malformed("number_range", "/first", f"no tile begins at leaf {first}")
    if not 1 <= count <= TILE_LEAVES or len(data) != _HEAD_BYTES + 32 * count:
        raise malformed("length", "/record_ids", f"{len(data)} bytes do not hold {count} record ids")
    if len(links) != count or any(link.name for link in links):
        raise malformed("links", "/envelopes", "one nameless link per record id is needed")
    ids = tuple([RecordId(data[at : at + 32]) for at in range(_HEAD_BYTES, len(data), 32)])
    return Tile(first, ids, tuple(links))
