"""One document as it is compared: what it says, where it stands on the chain, and what of a declaration it is.

The chain names a declaration's header alone. The header names the others: the record ids of its items
(`item_records`), and the digest of what it declares (claim `field:/declaration`), which tells the whole beside it in
its batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.canonical import loads
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.limits import MAX_GOODS_ITEMS, MAX_XML_BYTES
from ledger.domain.record import Opening, Record, is_json
from ledger.domain.trade.statements import XML_TYPES, Statement, statements_of
from ledger.domain.trade.wco_request import declared_in

DECLARED: Final = "field:/declaration"
"""Claim of a header that names the whole of its version."""

Place = tuple[int, int, int]
"""Where a document stands: block and log index of its anchor, and its leaf. A later one is a newer word."""


@dataclass(frozen=True)
class Said:
    """What one document says.

    Attributes:
        record_id: The document.
        issuer: Its issuer.
        document_type: Its type.
        place: Where it stands.
        statements: One for each thing that it says something of.
        declares: Digest of the declaration that it is the whole of; None: of none.
        parts: Of a declaration's header, its own record id, those of its items, and the digest of what it declares.
    """

    record_id: RecordId
    issuer: ParticipantId
    document_type: DocumentType
    place: Place
    statements: tuple[Statement, ...]
    declares: bytes | None = None
    parts: frozenset[bytes] = frozenset()


def said_in(
    record_id: RecordId, record: Record, openings: Sequence[Opening], content: bytes | None, place: Place
) -> Said:
    """What a document says, by the claims that are open and, where it could be read, by its content."""
    claims = {opening.name: opening.value for opening in openings}
    media_type = claims["content"]["media_type"] if "content" in claims else ""
    stated = statements_of(record_id, record, openings, content)
    declares, parts = None, frozenset[bytes]()
    if content is not None and media_type in XML_TYPES:
        declares = _declared(content)
    elif content is not None and is_json(media_type):
        parts = _parts(record_id, claims, content)
    statements = tuple(each.statement for each in stated)
    return Said(record_id, record.issuer, record.type, place, statements, declares, parts)


def _declared(content: bytes) -> bytes | None:
    try:
        return declared_in(content)
    except (Malformed, LimitExceeded):
        return None


def _parts(record_id: RecordId, claims: Mapping[str, Any], content: bytes) -> frozenset[bytes]:
    """What a header names; nothing of another document."""
    try:
        value = loads(content, max_bytes=MAX_XML_BYTES)
    except (Malformed, LimitExceeded):
        return frozenset()
    if not isinstance(value, dict) or not {"lrn", "ucr", "declarant"} <= value.keys():
        return frozenset()
    items = value.get("item_records")
    named = items[:MAX_GOODS_ITEMS] if isinstance(items, list) else []
    digests = (_digest(each) for each in (*named, claims.get(DECLARED)))
    return frozenset({bytes(record_id), *(each for each in digests if each is not None)})


def _digest(value: Any) -> bytes | None:
    """32 bytes from their hex; None for anything else."""
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return None
    return found if len(found) == 32 else None
