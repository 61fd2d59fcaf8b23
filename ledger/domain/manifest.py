"""A manifest: what finds, proves and opens every document of one batch.

    "TAMGAMAN" ‖ 01 ‖ ledger ‖ u64 issuer ‖ batch_id ‖ u32 size ‖ u16 slots ‖ slots × (enc 32 ‖ ct 48)
    ‖ tiles × (subtree_root 32 ‖ tile_digest 32)

A raw IPFS block whose digest is on chain. It names no participants but the issuer, who has slot 0.
"""

from typing import Final, NamedTuple

from ledger.domain import merkle
from ledger.domain.cid import DAG_PB, cid_text
from ledger.domain.fields import malformed
from ledger.domain.frame import FRAME_BYTES, check_frame
from ledger.domain.ids import Cid, Digest32, LedgerId, ParticipantId
from ledger.domain.limits import MAX_BATCH, MAX_RECIPIENTS, TILE_LEAVES
from ledger.domain.proof import Path
from ledger.domain.tile import Tile
from ledger.domain.wrap import SLOT_BYTES

FRAME: Final = b"TAMGAMAN\x01"
_HEAD_BYTES: Final = FRAME_BYTES + 32 + 8 + 32 + 4 + 2
MAX_MANIFEST_BYTES: Final = _HEAD_BYTES + MAX_RECIPIENTS * SLOT_BYTES + MAX_BATCH // TILE_LEAVES * 64


class TileRef(NamedTuple):
    """A tile, seen from the manifest.

    Attributes:
        subtree_root: RFC 6962 root of its leaves.
        digest: SHA-256 of its block.
    """

    subtree_root: Digest32
    digest: Digest32

    @property
    def cid(self) -> Cid:
        """CID of the tile."""
        return cid_text(DAG_PB + self.digest)


class Manifest(NamedTuple):
    """One manifest.

    Attributes:
        ledger: Ledger id.
        issuer: Participant that issued the batch.
        batch_id: 32 random bytes.
        size: Leaves of the batch.
        slots: Sealed key-encryption keys, 80 bytes each, by slot.
        tiles: The tiles in order.
    """

    ledger: LedgerId
    issuer: ParticipantId
    batch_id: bytes
    size: int
    slots: tuple[bytes, ...]
    tiles: tuple[TileRef, ...]

    @property
    def root(self) -> Digest32:
        """Root of the batch: subtrees of 256 leaves are whole subtrees of RFC 6962's tree."""
        return Digest32(merkle.root([tile.subtree_root for tile in self.tiles]))

    def path(self, index: int, tile: Tile) -> Path:
        """Inclusion path of a leaf from the manifest and its tile alone."""
        inside = merkle.inclusion_path(tile.record_ids, index - tile.first)
        above = merkle.inclusion_path([ref.subtree_root for ref in self.tiles], index // TILE_LEAVES)
        return Path(index, self.size, (*inside, *above))

    def check_tile(self, number: int, tile: Tile) -> None:
        """Require that this is the tile at `number`. Raises `Malformed`."""
        count = min(TILE_LEAVES, self.size - number * TILE_LEAVES)
        if tile.first != number * TILE_LEAVES or len(tile.record_ids) != count:
            raise malformed("order", "/first", f"not tile {number} of {len(self.tiles)}")
        if merkle.root(tile.record_ids) != self.tiles[number].subtree_root:
            raise malformed("root", "/record_ids", "not the leaves of the subtree root in the manifest")


def encode_manifest(manifest: Manifest) -> bytes:
    """The manifest's block."""
    return b"".join(
        (
            FRAME,
            manifest.ledger,
            manifest.issuer.to_bytes(8),
            manifest.batch_id,
            manifest.size.to_bytes(4),
            len(manifest.slots).to_bytes(2),
            *manifest.slots,
            *(ref.subtree_root + ref.digest for ref in manifest.tiles),
        )
    )


def parse_manifest(block: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        UnknownVersion: Of another version.
        Malformed: No manifest.
    """
    check_frame(block[:FRAME_BYTES], FRAME)
    if len(block) < _HEAD_BYTES:
        raise malformed("truncated", "", "too short for a manifest")
    size = int.from_bytes(block[81:85])
    slots = int.from_bytes(block[85:87])
    if not 1 <= size <= MAX_BATCH:
        raise malformed("number_range", "/size", f"{size} is not in 1..{MAX_BATCH}")
    if not 1 <= slots <= MAX_RECIPIENTS:
        raise malformed("number_range", "/slots", f"{slots} is not in 1..{MAX_RECIPIENTS}")
    first_tile = _HEAD_BYTES + slots * SLOT_BYTES
    if len(block) != first_tile + 64 * -(-size // TILE_LEAVES):
        raise malformed("length", "/tiles", f"{len(block)} bytes do not hold {slots} slots and the tiles of {size}")
    issuer = int.from_bytes(block[41:49])
    if issuer == 0:
        raise malformed("number_range", "/issuer", "participants are numbered from 1")
    return Manifest(
        ledger=LedgerId(block[9:41]),
        issuer=ParticipantId(issuer),
        batch_id=block[49:81],
        size=size,
        slots=tuple([block[at : at + SLOT_BYTES] for at in range(_HEAD_BYTES, first_tile, SLOT_BYTES)]),
        tiles=tuple(
            [
                TileRef(Digest32(block[at : at + 32]), Digest32(block[at + 32 : at + 64]))
                for at in range(first_tile, len(block), 64)
            ]
        ),
    )
