"""The shape of a proof file as issuers write it, which msgspec reads and checks in one go.

Only what is usual: compact, members in the order of their names, openings of texts and contents, no further evidence.
`read_shape` gives None for everything else, right or wrong, and leaves the judgement to the plain reader (`proof`).
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from ledger.domain.canonical import MAX_INTEGER
from ledger.domain.fields import MAX_TIME
from ledger.domain.limits import MAX_BATCH, MAX_CLAIMS, MAX_DOCUMENT_BYTES
from ledger.domain.record import MAX_NAME_CHARACTERS, MAX_TYPE

MAX_PATH: Final = MAX_BATCH.bit_length() - 1
"""Hashes of the longest path: 20 for 2^20 leaves."""

_Hex32 = Annotated[str, Meta(min_length=64, max_length=64)]
"""As long as hex of 32 bytes; that it is lower-case hex has still to be seen."""
_Salt16 = Annotated[str, Meta(min_length=22, max_length=22)]
_Salt32 = Annotated[str, Meta(min_length=43, max_length=43)]
_Time = Annotated[str, Meta(min_length=20, max_length=20)]
_Address = Annotated[str, Meta(min_length=42, max_length=42)]
_Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]
_Uint = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
_Positive = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class AnchorShape(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`proof.AnchorRef` in JSON."""

    block_hash: _Hex32
    block_number: _Uint
    chain_id: _Uint
    code_hash: _Hex32
    contract: _Address
    directory: _Address
    genesis: _Hex32
    head: _Hex32
    issuer: _Positive
    log_index: _Uint
    manifest: _Hex32
    root: _Hex32
    time: Annotated[int, Meta(ge=0, le=MAX_TIME)]
    tx_hash: _Hex32


class ContentShape(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """Value of a `content` claim."""

    bytes: Annotated[int, Meta(ge=0, le=MAX_DOCUMENT_BYTES)]
    media_type: str
    sha256: _Hex32


class PathShape(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`proof.Path` in JSON."""

    hashes: Annotated[list[_Hex32], Meta(max_length=MAX_PATH)]
    index: _Uint
    size: Annotated[int, Meta(ge=1, le=MAX_BATCH)]


class RecordShape(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`record.Record` in JSON."""

    claims: Annotated[list[_Hex32], Meta(min_length=1, max_length=MAX_CLAIMS)]
    issued_at: _Time
    issuer: _Positive
    ledger: _Hex32
    salt: _Salt32
    tamga: Literal["record/1"]
    type: Annotated[int, Meta(ge=0, le=MAX_TYPE)]
    valid_from: _Time
    valid_until: _Time | None


class ProofShape(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """`proof.Proof` in JSON."""

    anchor: AnchorShape
    evidence: None
    ledger: _Hex32
    openings: list[tuple[_Salt16, _Name, str | ContentShape]]
    path: PathShape
    record: RecordShape
    tamga: Literal["proof/1"]


_decode: Final = msgspec.json.Decoder(ProofShape).decode
_encode: Final = msgspec.json.Encoder().encode


def read_shape(data: bytes) -> ProofShape | None:
    """What a proof file holds, if it is a usual one."""
    if b"\\" in data:
        return None
    try:
        shape = _decode(data)
    except (msgspec.DecodeError, ValueError):  # not UTF-8 is a ValueError
        return None
    # A text that comes out as it went in has lost nothing: no key stood twice, no number was spelt in another way.
    return shape if _encode(shape) == data else None
