"""An envelope: one document sealed, one IPFS object, which alone can be erased.

    "TAMGAENV" ‖ 01 ‖ u16 n ‖ n stanzas ‖ u64 length of the record part ‖ record part ‖ content part

The record part holds the JCS text of `{"openings": […], "record": {…}}`.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ledger.domain import canonical
from ledger.domain.fields import malformed, object_of
from ledger.domain.frame import FRAME_BYTES, check_frame
from ledger.domain.limits import MAX_DOCUMENT_BYTES, MAX_RECIPIENTS, MAX_RECORD_PART_BYTES
from ledger.domain.part import sealed_bytes
from ledger.domain.record import Opening, Record, opening_text, parse_openings, parse_record, record_text
from ledger.domain.stream import ByteStream
from ledger.domain.wrap import STANZA_BYTES

FRAME: Final = b"TAMGAENV\x01"
_KEYS: Final = frozenset({"record", "openings"})
_MAX_SEALED_RECORD: Final = sealed_bytes(MAX_RECORD_PART_BYTES)
MAX_ENVELOPE_BYTES: Final = (
    FRAME_BYTES + 2 + MAX_RECIPIENTS * STANZA_BYTES + 8 + _MAX_SEALED_RECORD + sealed_bytes(MAX_DOCUMENT_BYTES)
)


def envelope_head(stanzas: Sequence[bytes], record_part: bytes) -> bytes:
    """Everything before the content part."""
    return b"".join(
        (FRAME, len(stanzas).to_bytes(2), *stanzas, len(record_part).to_bytes(8), record_part),
    )


class EnvelopeReader:
    """Reads an envelope front to back.

    Attributes:
        stanzas: Stanzas by slot.
        record_part: The sealed record part.
        content_part: Source of the sealed content part, still unread.
        content_part_bytes: Its size.
    """

    def __init__(self, pieces: Iterable[bytes], total_bytes: int) -> None:
        """Read up to the content part.

        Args:
            pieces: The envelope's bytes, in pieces of any size.
            total_bytes: Size of the envelope.

        Raises:
            UnknownVersion: An envelope of another version.
            Malformed: No envelope.
        """
        source = ByteStream(pieces)
        check_frame(source.read(FRAME_BYTES), FRAME)
        count = int.from_bytes(source.read(2))
        if not 1 <= count <= MAX_RECIPIENTS:
            raise malformed("length", "/stanzas", f"{count} stanzas; from 1 to {MAX_RECIPIENTS} are allowed")
        stanzas = [source.read(STANZA_BYTES) for _ in range(count)]
        self.stanzas = {int.from_bytes(stanza[:2]): stanza for stanza in stanzas}
        if list(self.stanzas) != sorted(self.stanzas) or len(self.stanzas) != count:
            raise malformed("order", "/stanzas", "slots ascend, each once")
        length = int.from_bytes(source.read(8))
        if length > _MAX_SEALED_RECORD:
            raise malformed("length", "/record_part", f"{length} bytes are no record part")
        self.record_part = source.read(length)
        self.content_part = source
        self.content_part_bytes = total_bytes - FRAME_BYTES - 2 - count * STANZA_BYTES - 8 - length


def record_part_text(record: Record, openings: Iterable[Opening]) -> bytes:
    """Plaintext of the record part."""
    opened = b",".join([opening_text(opening) for opening in openings])
    return b'{"openings":[' + opened + b'],"record":' + record_text(record) + b"}"


def parse_record_part(text: bytes) -> tuple[Record, tuple[Opening, ...]]:
    """Read the plaintext of a record part; takes the canonical text only.

    Raises:
        Malformed: With code and JSON pointer.
    """
    value: Any = canonical.loads(text, max_bytes=MAX_RECORD_PART_BYTES)
    object_of(value, _KEYS, "")
    record = parse_record(value["record"], "/record")
    openings = parse_openings(value["openings"], record)
    if canonical.dumps(value) != text:
        raise malformed("not_canonical", "", "not in RFC 8785 form")
    return record, openings
