"""PDF objects written out: one fixed spelling for each value, so that an update can be compared byte for byte.

Values come as pypdf reads them. ISO 32000-2 §7.3; strings are written in hex, so that nothing needs an escape.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from ledger.domain.errors import Fault, LimitExceeded, Malformed

MAX_DEPTH: Final = 32
"""Nesting of one object: catalogs of real documents stay below 6."""
MAX_OBJECT_BYTES: Final = 256 * 1024
"""One object of an update; real ones are a few kilobytes."""
_PLAIN_NAME: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:")


class Ref(NamedTuple):
    """A reference to an object of the file."""

    number: int
    generation: int


def pdf_fault(code: str, text: str) -> Malformed:
    """A `Malformed` about a PDF."""
    return Malformed(Fault(code, "/pdf", text))


def write(value: Any, depth: int = 0) -> bytes:
    """Spell a value: pypdf's objects, and `Ref`, str (a name), bytes (a string), int, list and dict of our own.

    Raises:
        Malformed: A value of another kind, or nested too deeply.
        LimitExceeded: Larger than `MAX_OBJECT_BYTES`.
    """
    if depth > MAX_DEPTH:
        raise pdf_fault("depth", "an object is nested too deeply")
    match value:
        case StreamObject():
            raise pdf_fault("pdf_object", "a stream stands where none can")
        case Mapping() | DictionaryObject():
            spelt = [_name(name) + b" " + write(item, depth + 1) for name, item in _raw_items(value)]
            return _bounded(b"<< " + b" ".join(spelt) + b" >>")
        case ArrayObject() | list():
            return _bounded(b"[ " + b" ".join([write(item, depth + 1) for item in list.__iter__(value)]) + b" ]")
        case IndirectObject():
            return b"%d %d R" % (value.idnum, value.generation)
        case Ref():
            return b"%d %d R" % value
        case TextStringObject() | ByteStringObject():
            return _bounded(b"<" + bytes(value.original_bytes).hex().encode() + b">")
        case bytes():
            return _bounded(b"<" + value.hex().encode() + b">")
        case BooleanObject():
            return b"true" if value.value else b"false"
        case NullObject():
            return b"null"
        case NameObject() | str():
            return _name(value)
        case FloatObject() | float():
            return _number(float(value))
        case NumberObject() | int():
            return b"%d" % value
        case _:
            raise pdf_fault("pdf_object", f"{type(value).__name__} cannot be carried over")


def _raw_items(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Members as they stand: pypdf's own items() would do as well, but must never follow a reference."""
    return list(dict.items(value)) if isinstance(value, dict) else list(value.items())


def _name(name: str) -> bytes:
    if not name.startswith("/") or not name.isascii():
        raise pdf_fault("pdf_object", f"the name {name[:40]!r} cannot be carried over")
    return b"/" + b"".join(bytes([c]) if c in _PLAIN_NAME else b"#%02X" % c for c in name[1:].encode())


def _number(number: float) -> bytes:
    if abs(number) > 1e9:
        raise pdf_fault("pdf_object", "a number is out of range")
    return f"{number:.6f}".rstrip("0").rstrip(".").encode()


def _bounded(spelt: bytes) -> bytes:
    if len(spelt) > MAX_OBJECT_BYTES:
        raise LimitExceeded("an object of the PDF", MAX_OBJECT_BYTES)
    return spelt
