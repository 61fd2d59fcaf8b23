"""The words of an anchor, as the contract packs them.

`head = seq u40 << 56 | docType u24 << 32 | size u32`, `h = key u160 << 96 | head`, and the one stored word
`keccak256(abi.encode(issuer, h, root, manifest, time))`.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from eth_hash.auto import keccak

from ledger.domain.ids import Digest32, DocumentType, ParticipantId

_U32: Final = (1 << 32) - 1
_U24: Final = (1 << 24) - 1
_U40: Final = (1 << 40) - 1
_U96: Final = (1 << 96) - 1


class AnchorHead(NamedTuple):
    """What `h` holds.

    Attributes:
        key: Address of the key that anchored, 20 bytes; zero in a `head` that has none yet.
        seq: The issuer's sequence number, u40, without gaps.
        doc_type: u24; 0: of a type that needs no accreditation.
        size: Leaves of the batch, u32.
    """

    key: bytes
    seq: int
    doc_type: DocumentType
    size: int


def pack_head(seq: int, doc_type: int, size: int) -> int:
    """The `head` argument of `anchor`. Raises `ValueError` for a field out of range."""
    if not (0 <= seq <= _U40 and 0 <= doc_type <= _U24 and 0 <= size <= _U32):
        raise ValueError(f"seq {seq}, type {doc_type} or size {size} out of range")
    return seq << 56 | doc_type << 32 | size


def pack_h(key: bytes, head: int) -> int:
    """`h`: the anchoring key's address above the head."""
    if len(key) != 20 or not 0 <= head <= _U96:
        raise ValueError("a 20-byte address and a 96-bit head are needed")
    return int.from_bytes(key) << 96 | head


@lru_cache(maxsize=1024)
def unpack_h(h: int) -> AnchorHead:
    """Fields of `h`, or of a bare head (key zero)."""
    if not 0 <= h < 1 << 256:
        raise ValueError("h has 256 bits")
    return AnchorHead((h >> 96).to_bytes(20), h >> 56 & _U40, DocumentType(h >> 32 & _U24), h & _U32)


def anchor_word(issuer: ParticipantId, h: int, root: bytes, manifest: bytes, time: int) -> Digest32:
    """The word stored at `anchors[issuer][seq]`; `time` is the anchoring block's [unix s]."""
    if len(root) != 32 or len(manifest) != 32:
        raise ValueError("root and manifest have 32 bytes")
    return Digest32(keccak(issuer.to_bytes(32) + h.to_bytes(32) + root + manifest + time.to_bytes(32)))
