"""Making the records of a batch: every opening and every record is written out once, and hashed as it was written.

The texts are those of `record.record_text` and `record.opening_text`, which define them; a property test compares them.
"""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.domain import canonical
from ledger.domain.errors import LimitExceeded
from ledger.domain.hashing import CLAIM, LEAF, base64url
from ledger.domain.ids import DocumentType, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_JSON_DEPTH, MAX_OPENING_BYTES, MAX_RECORD_BYTES
from ledger.domain.record import CONTENT, Opening, Record, around_salt, check_claims, parse_record

_SALT_BYTES: Final = 16
_RECORD_SALT_BYTES: Final = 32
_OPENING_DEPTH: Final = MAX_JSON_DEPTH - 2
"""An opening stands in an array in an object, in record parts and in proof files."""


class Recorded(NamedTuple):
    """A record as it was made.

    Attributes:
        record_id: Its id.
        text: JCS of the record.
        opening_texts: JCS of the opening of each of its claims; secret.
        claims: Names and values of its claims.
        salts: Its own salt, then one for each claim.
    """

    record_id: RecordId
    text: bytes
    opening_texts: tuple[bytes, ...]
    claims: Sequence[tuple[str, Any]]
    salts: bytes

    @property
    def record(self) -> Record:
        """The record, read from its text."""
        return parse_record(canonical.loads(self.text, max_bytes=MAX_RECORD_BYTES))

    @property
    def openings(self) -> tuple[Opening, ...]:
        """Openings of all its claims."""
        places = range(_RECORD_SALT_BYTES, len(self.salts), _SALT_BYTES)
        return tuple(
            [
                Opening(self.salts[at : at + _SALT_BYTES], name, value)
                for at, (name, value) in zip(places, self.claims, strict=True)
            ]
        )

    @property
    def part_text(self) -> bytes:
        """Plaintext of the record part of its envelope (`envelope.record_part_text`)."""
        return b'{"openings":[' + b",".join(self.opening_texts) + b'],"record":' + self.text + b"}"


class RecordMaker:
    """Makes records of one issuer and document type."""

    def __init__(
        self,
        ledger: LedgerId,
        issuer: ParticipantId,
        document_type: DocumentType,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Prepare for any number of records.

        Args:
            ledger: Ledger id.
            issuer: Participant that states them.
            document_type: UNCL 1001 code × 1000 + national subtype.
            random: Source of random bytes; another than `os.urandom` only to make golden vectors.
        """
        self._ledger, self._issuer, self._type, self._random = ledger, issuer, document_type, random

    def make(
        self, claims: Sequence[tuple[str, Any]], *, issued_at: int, valid_from: int, valid_until: int | None
    ) -> Recorded:
        """Make a record and the openings of all its claims, with fresh salts.

        Args:
            claims: Names and values, at least one, no name twice.
            issued_at: [unix s].
            valid_from: First second in force [unix s].
            valid_until: Last second in force [unix s]; None: no end.

        Raises:
            Malformed: A type, times, names or values that a reader would refuse.
            LimitExceeded: A value larger than a reader takes.
        """
        check_claims(claims)
        salts = self._random(_RECORD_SALT_BYTES + _SALT_BYTES * len(claims))
        texts, at = [], _RECORD_SALT_BYTES
        for name, value in claims:
            opening = [base64url(salts[at : at + _SALT_BYTES]), name, value]
            plain = type(value) is str or name == CONTENT
            text = canonical.dumps_whole(opening) if plain else canonical.dumps(opening)
            if len(text) > MAX_OPENING_BYTES:
                raise LimitExceeded(f"claim {name}", MAX_OPENING_BYTES)
            if (
                not plain
            ):  # what is written must be read: not too deep, no number that JCS prints as too large an integer
                canonical.loads(text, max_bytes=MAX_OPENING_BYTES, max_depth=_OPENING_DEPTH)
            texts.append(text)
            at += _SALT_BYTES
        hashes = '","'.join(sorted([sha256(CLAIM + text).hexdigest() for text in texts]))
        before, after = around_salt(self._ledger, self._issuer, self._type, issued_at, valid_from, valid_until)
        text = f'{{"claims":["{hashes}{before}{base64url(salts[:_RECORD_SALT_BYTES])}{after}'.encode()
        return Recorded(RecordId(sha256(LEAF + text).digest()), text, tuple(texts), claims, salts)


def build_record(
    *,
    ledger: LedgerId,
    issuer: ParticipantId,
    document_type: DocumentType,
    issued_at: int,
    valid_from: int,
    valid_until: int | None,
    claims: Sequence[tuple[str, Any]],
    random: Callable[[int], bytes] = os.urandom,
) -> tuple[Record, tuple[Opening, ...]]:
    """Make one record and the openings of all its claims; arguments and errors as `RecordMaker`."""
    maker = RecordMaker(ledger, issuer, document_type, random)
    made = maker.make(claims, issued_at=issued_at, valid_from=valid_from, valid_until=valid_until)
    return made.record, made.openings
