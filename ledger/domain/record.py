"""A record: what an issuer states about one document, as salted claims that can be opened one by one.

`record_id = SHA-256(0x00 ‖ JCS(record))` is the document's id and its leaf in the batch's tree. A claim is
`SHA-256(0x02 ‖ JCS([salt16, name, value]))`; its *opening* `[salt16, name, value]` travels outside the record.
Redacting is leaving an opening out; the 32-byte salt keeps a record's id from being guessed.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.domain import canonical
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.fields import (
    MAX_TIME,
    array_of,
    base64url_of,
    check_version,
    hex32s_of,
    hex_of,
    malformed,
    object_of,
    text_of,
    time_of,
    time_text,
    uint_of,
)
from ledger.domain.hashing import CLAIM, LEAF, base64url
from ledger.domain.ids import DocumentType, LedgerId, ParticipantId, RecordId
from ledger.domain.limits import MAX_CLAIMS, MAX_DOCUMENT_BYTES, MAX_OPENING_BYTES, MAX_UPLOAD_BYTES

FORM: Final = "record/1"
MAX_TYPE: Final = (1 << 24) - 1
MAX_NAME_CHARACTERS: Final = 512
"""Characters of a claim's name: a JSON pointer into a trade document is far shorter."""
MAX_MEDIA_TYPE_CHARACTERS: Final = 200
CONTENT: Final = "content"
REDACTED: Final = "content.redacted"
NUMBER: Final = "number"
_TEXT_NAMES: Final = frozenset({NUMBER, "ref.ucr", "ref.mrn", "ref.permit"})
_NAMES: Final = _TEXT_NAMES | {CONTENT, REDACTED, "supersedes"}
_FIELD_NAME: Final = re.compile(r"field:(?:/(?:[^~/]|~[01])*)*")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_HEX32: Final = re.compile(r"[0-9a-f]{64}")
_KEYS: Final = frozenset(
    {"tamga", "ledger", "issuer", "type", "issued_at", "valid_from", "valid_until", "salt", "claims"}
)
_CONTENT_KEYS: Final = frozenset({"sha256", "bytes", "media_type"})


class Opening(NamedTuple):
    """What opens one claim.

    Attributes:
        salt: 16 random bytes of its own.
        name: `content`, `number`, `ref.ucr`, `field:/items/0/netMass`, …
        value: Any JSON value.
    """

    salt: bytes
    name: str
    value: Any


class Record(NamedTuple):
    """One record.

    Attributes:
        ledger: Ledger id, 32 bytes.
        issuer: Participant that states it.
        type: UNCL 1001 code × 1000 + national subtype, u24.
        issued_at: When it was stated [unix s].
        valid_from: First second in force [unix s].
        valid_until: Last second in force [unix s]; None: no end.
        salt: 32 random bytes.
        claims: Claim hashes, sorted, each once.
    """

    ledger: LedgerId
    issuer: ParticipantId
    type: DocumentType
    issued_at: int
    valid_from: int
    valid_until: int | None
    salt: bytes
    claims: tuple[bytes, ...]


def opening_text(opening: Opening) -> bytes:
    """JCS of `[salt16, name, value]`."""
    salt, name, value = opening
    if type(value) is str or (name == CONTENT and _has_content_types(value)):
        return canonical.dumps_whole([base64url(salt), name, value])
    return canonical.dumps([base64url(salt), name, value])


def _has_content_types(value: Any) -> bool:
    """Whether a content's value is of the types it should have."""
    return (
        type(value) is dict
        and value.keys() == _CONTENT_KEYS
        and type(value["bytes"]) is int
        and type(value["media_type"]) is type(value["sha256"]) is str
    )


def make_claim(opening: Opening) -> bytes:
    """The claim's hash, 32 bytes."""
    return sha256(CLAIM + opening_text(opening)).digest()


def record_text(record: Record) -> bytes:
    """JCS of a record, written out: its fields need no escapes, so this equals `canonical.dumps` (a test compares)."""
    ledger, issuer, document_type, issued_at, valid_from, valid_until, salt, claims = record
    before, after = around_salt(ledger, issuer, document_type, issued_at, valid_from, valid_until)
    hashes = '","'.join([claim.hex() for claim in claims])  # never empty
    return f'{{"claims":["{hashes}{before}{base64url(salt)}{after}'.encode()


@lru_cache(maxsize=256)
def around_salt(
    ledger: LedgerId,
    issuer: ParticipantId,
    document_type: DocumentType,
    issued_at: int,
    valid_from: int,
    valid_until: int | None,
) -> tuple[str, str]:
    """What a record's text has between claims and salt, and behind it: the same for a batch.

    Raises:
        Malformed: A type or times that no reader accepts.
    """
    times = {"issued_at": issued_at, "valid_from": valid_from, "valid_until": valid_until}
    faults = [
        Fault("time", f"/{name}", "lies outside the years 1970 to 9999")
        for name, time in times.items()
        if time is not None and not 0 <= time <= MAX_TIME
    ]
    if not 0 <= document_type <= MAX_TYPE:
        faults.append(Fault("number_range", "/type", f"must lie in 0..{MAX_TYPE}"))
    if valid_until is not None and valid_until < valid_from:
        faults.append(Fault("order", "/valid_until", "ends before it begins"))
    if faults:
        raise Malformed(*faults)
    until = "null" if valid_until is None else f'"{time_text(valid_until)}"'
    return (
        f'"],"issued_at":"{time_text(issued_at)}","issuer":{issuer},"ledger":"{ledger.hex()}","salt":"',
        f'","tamga":"record/1","type":{document_type},"valid_from":"{time_text(valid_from)}","valid_until":{until}}}',
    )


def record_id(record: Record) -> RecordId:
    """SHA-256(0x00 ‖ JCS(record))."""
    return RecordId(sha256(LEAF + record_text(record)).digest())


def record_json(record: Record) -> dict[str, Any]:
    """The record as a JSON value."""
    return {
        "tamga": FORM,
        "ledger": record.ledger.hex(),
        "issuer": record.issuer,
        "type": record.type,
        "issued_at": time_text(record.issued_at),
        "valid_from": time_text(record.valid_from),
        "valid_until": None if record.valid_until is None else time_text(record.valid_until),
        "salt": base64url(record.salt),
        "claims": [claim.hex() for claim in record.claims],
    }


def parse_record(value: Any, path: str = "") -> Record:
    """Read a record from its JSON value.

    Raises:
        UnknownVersion: Of another version.
        Malformed: With code and pointer, below `path`.
    """
    check_version(value, FORM, path)
    object_of(value, _KEYS, path)
    claims = array_of(value["claims"], f"{path}/claims", at_most=MAX_CLAIMS, at_least=1)
    hashes = tuple(hex32s_of(claims, lambda index: f"{path}/claims/{index}"))
    for index in range(1, len(hashes)):
        if hashes[index - 1] >= hashes[index]:
            raise malformed("order", f"{path}/claims/{index}", "claims are sorted, each once")
    valid_from = time_of(value["valid_from"], f"{path}/valid_from")
    until = value["valid_until"]
    valid_until = None if until is None else time_of(until, f"{path}/valid_until")
    if valid_until is not None and valid_until < valid_from:
        raise malformed("order", f"{path}/valid_until", "ends before it begins")
    return Record(
        ledger=LedgerId(hex_of(value["ledger"], f"{path}/ledger")),
        issuer=ParticipantId(uint_of(value["issuer"], f"{path}/issuer", at_least=1)),
        type=DocumentType(uint_of(value["type"], f"{path}/type", at_most=MAX_TYPE)),
        issued_at=time_of(value["issued_at"], f"{path}/issued_at"),
        valid_from=valid_from,
        valid_until=valid_until,
        salt=base64url_of(value["salt"], f"{path}/salt", 32),
        claims=hashes,
    )


def opening_json(opening: Opening) -> list[Any]:
    """The opening as a JSON value."""
    return [base64url(opening.salt), opening.name, opening.value]


def parse_openings(value: Any, record: Record, path: str = "/openings") -> tuple[Opening, ...]:
    """Read openings and check each against the record's claims.

    Raises:
        Malformed: A name twice (`duplicate_name`), an opening that matches no claim (`no_such_claim`), or a name or
            value that the format does not have.
    """
    claims = set(record.claims)
    names: set[str] = set()
    openings = []
    for index, item in enumerate(array_of(value, path, at_most=len(record.claims))):
        here = f"{path}/{index}"
        array_of(item, here, at_least=3, at_most=3)
        opening = Opening(base64url_of(item[0], f"{here}/0", 16), _name_of(item[1], f"{here}/1"), item[2])
        check_value(opening.name, opening.value, f"{here}/2")
        if opening.name in names:
            raise malformed("duplicate_name", f"{here}/1", "the name stands twice")
        names.add(opening.name)
        text = opening_text(opening)
        if len(text) > MAX_OPENING_BYTES:
            raise LimitExceeded(f"opening {index}", MAX_OPENING_BYTES)
        if sha256(CLAIM + text).digest() not in claims:
            raise malformed("no_such_claim", here, f"the record has no claim that {opening.name!r} opens")
        openings.append(opening)
    return tuple(openings)


def _name_of(value: Any, path: str) -> str:
    name = text_of(value, path, at_most=MAX_NAME_CHARACTERS)
    if name not in _NAMES and not _FIELD_NAME.fullmatch(name):
        raise malformed("claim_name", path, "no such claim in this version")
    return name


def check_value(name: str, value: Any, path: str) -> None:
    """Require the shape that the values of named claims have.

    `content` and `content.redacted`: `{sha256, bytes, media_type}`; `supersedes`: a record id, hex32; `number` and
    references: text of 1 to 512 characters; `field:…`: any JSON value.
    """
    if name in (CONTENT, REDACTED):
        if _is_content(value):
            return
        object_of(value, _CONTENT_KEYS, path)
        hex_of(value["sha256"], f"{path}/sha256")
        uint_of(value["bytes"], f"{path}/bytes", at_most=MAX_DOCUMENT_BYTES)
        media_type = text_of(value["media_type"], f"{path}/media_type", at_most=MAX_MEDIA_TYPE_CHARACTERS)
        if not _MEDIA_TYPE.fullmatch(media_type):
            raise malformed("media_type", f"{path}/media_type", "a lower-case type/subtype is needed here")
    elif name == "supersedes":
        hex_of(value, path)
    elif name in _NAMES:
        text_of(value, path, at_most=MAX_NAME_CHARACTERS)


def _is_content(value: Any) -> bool:
    """Whether a content's value is surely as it should be; `check_value` tells what is wrong with another."""
    return (
        _has_content_types(value)
        and 0 <= value["bytes"] <= MAX_DOCUMENT_BYTES
        and _HEX32.fullmatch(value["sha256"]) is not None
        and _is_media_type(value["media_type"])
    )


@lru_cache(maxsize=256)
def _is_media_type(text: str) -> bool:
    return 0 < len(text) <= MAX_MEDIA_TYPE_CHARACTERS and _MEDIA_TYPE.fullmatch(text) is not None


def is_json(media_type: str) -> bool:
    """Whether documents of this type are hashed by value (JCS) instead of byte by byte."""
    return media_type == "application/json" or media_type.endswith("+json")


def content_value(content: bytes, media_type: str) -> dict[str, Any]:
    """Value of the `content` claim: `{sha256, bytes, media_type}` of a document held in memory.

    JSON documents (`application/json`, `…+json`) are hashed and counted in their RFC 8785 form, so that spelling and
    white space do not matter; all others byte by byte.

    Raises:
        Malformed: Said to be JSON, and is not; seal it as `application/octet-stream` to hash its bytes.
        LimitExceeded: JSON that is too large, or of too many values, to be read into memory; the same helps.
    """
    hashed = canonical.canonicalise(content, max_bytes=MAX_UPLOAD_BYTES) if is_json(media_type) else content
    return {"sha256": sha256(hashed).hexdigest(), "bytes": len(hashed), "media_type": media_type}


def check_claims(claims: Sequence[tuple[str, Any]]) -> None:
    """Require claims that a reader accepts: from 1 to `MAX_CLAIMS`, no name twice. Raises `Malformed`."""
    names = set()
    for index, (name, value) in enumerate(claims):
        if not is_plain_claim(name, value):
            check_value(_name_of(name, f"/claims/{index}/0"), value, f"/claims/{index}/1")
        if name in names:
            raise malformed("duplicate_name", f"/claims/{index}/0", "the name stands twice")
        names.add(name)
    if not 0 < len(names) <= MAX_CLAIMS:
        raise malformed("length", "/claims", f"{len(names)} claims; from 1 to {MAX_CLAIMS} are allowed")


def is_plain_claim(name: str, value: Any) -> bool:
    """Whether a claim is a usual one, surely as it should be; `check_value` tells what is wrong with another."""
    if name in (CONTENT, REDACTED):
        return _is_content(value)
    if name in _TEXT_NAMES:
        return type(value) is str and 0 < len(value) <= MAX_NAME_CHARACTERS
    return type(value) is str and len(name) <= MAX_NAME_CHARACTERS and _FIELD_NAME.fullmatch(name) is not None


def redact(openings: Iterable[Opening], keep: Iterable[str]) -> tuple[Opening, ...]:
    """The openings whose names are kept; the others stay closed. Raises `Malformed` for a name that is not there."""
    kept, opened = set(keep), tuple(openings)
    shown = tuple(opening for opening in opened if opening.name in kept)
    if unknown := sorted(kept - {opening.name for opening in shown}):
        names = ", ".join(sorted(opening.name for opening in opened)) or "nothing"
        told = (f"nothing is opened under {name!r}; this opens {names}" for name in unknown)
        raise Malformed(*(Fault("no_such_claim", "/openings", text) for text in told))
    return shown
