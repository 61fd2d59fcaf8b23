"""What an update of a PDF must know of the file before it: its catalog, attachments, pages and cross-reference.

Read by pypdf, strictly and only as far as needed: pages, fonts and images are only looked through for references.
Whatever pypdf stumbles over is one refusal, and every walk of ours is bounded.
"""

import logging
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NamedTuple

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from ledger.domain.errors import LimitExceeded, TamgaError
from ledger.domain.limits import MAX_UPLOAD_BYTES
from ledger.domain.pdf_objects import Ref, pdf_fault

HEADER: Final = b"%PDF-"
MAX_ATTACHMENTS: Final = 1_000
"""Attachments that an update carries over."""
MAX_OBJECT_NUMBER: Final = 8_388_607
"""Of Acrobat, ISO 32000-1 Annex C."""
MAX_UNPACKED_BYTES: Final = 4 * MAX_UPLOAD_BYTES
"""Of all object streams together."""
_TAIL_BYTES: Final = 2_048
_START: Final = re.compile(rb"startxref\s{1,8}(\d{1,10})\s{1,8}%%EOF")
_BLANK: Final = b"\0\t\n\f\r "
_NAMED: Final = re.compile(
    rb"(?<!\d)0*+(\d{1,7}+)(?=(?:S*+%|S++\d++(?:S*+%|S++R)))".replace(b"S", b"[" + _BLANK + b"]")
)
"""A number that may be a reference's (ISO 32000-2 §7.3.10): before a generation and `R`, or a comment, which may hide
them: where comments are and where texts or packed bytes, only a reader of the whole file knows."""
_OBJECT: Final = re.compile(rb"\d{1,10}\s{1,4}\d{1,5}\s{1,4}obj")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it cannot read is our refusal, not a line on a screen


class PdfSource(NamedTuple):
    """The file before an update.

    Attributes:
        catalog: Its catalog's members.
        catalog_ref: Where the catalog is.
        names: The catalog's name trees.
        attachments: Names and file specifications of `EmbeddedFiles`, as one list.
        associated: The catalog's associated files.
        pages: Members of the page tree's root.
        pages_ref: Where that is.
        kids: Its children.
        carried: Members of the trailer that an update repeats: `Info`, `ID`.
        next_number: First object number that is free, and that nothing in the file speaks of.
        xref_offset: Where its last cross-reference is.
        xref_is_stream: Whether that is a stream.
    """

    catalog: dict[str, Any]
    catalog_ref: Ref
    names: dict[str, Any]
    attachments: list[tuple[bytes, Any]]
    associated: list[Any]
    pages: dict[str, Any]
    pages_ref: Ref
    kids: list[Any]
    carried: dict[str, Any]
    next_number: int
    xref_offset: int
    xref_is_stream: bool


def read_source(data: bytes) -> PdfSource:
    """Read what an update needs.

    Raises:
        Malformed: No PDF, damaged, encrypted, or certified against changes.
        LimitExceeded: Larger than `MAX_UPLOAD_BYTES`, or with more attachments than `MAX_ATTACHMENTS`.
    """
    if len(data) > MAX_UPLOAD_BYTES:
        raise LimitExceeded("PDF", MAX_UPLOAD_BYTES)
    if not data.startswith(HEADER):
        raise pdf_fault("pdf", "the file does not begin as a PDF does")
    offset, is_stream = _last_xref(data)
    try:
        reader = PdfReader(BytesIO(data), strict=True)
        return _read(reader, _next_number(reader, data), offset, is_stream)
    except TamgaError:
        raise
    except Exception as bad:
        raise pdf_fault("pdf", f"the file cannot be read as a PDF: {type(bad).__name__}") from bad


def _last_xref(data: bytes) -> tuple[int, bool]:
    found = list(_START.finditer(data, max(0, len(data) - _TAIL_BYTES)))
    if not found:
        raise pdf_fault("pdf", "the file does not end as a PDF does")
    offset = int(found[-1][1])
    if data[offset : offset + 4] == b"xref":
        return offset, False
    if _OBJECT.match(data, offset):
        return offset, True
    raise pdf_fault("pdf", "the cross-reference is not where the file says")


def _next_number(reader: PdfReader, data: bytes) -> int:
    """Above all that the file has, and all that it refers to.

    A file may refer to an object that it does not have. Would an update put one there, the same file would show other
    pages with each proof.
    """
    if "/Encrypt" in reader.trailer:
        raise pdf_fault("pdf_encrypted", "an encrypted PDF cannot carry a proof; keep the proof file beside it")
    packed = {stream for stream, _ in reader.xref_objStm.values()}
    numbers = [int(_resolved(reader.trailer.raw_get("/Size"))) - 1, *reader.xref_objStm, *packed]
    numbers += [max(entries) for entries in reader.xref.values() if entries]
    highest, unpacked = max([*numbers, _highest_named(data)]), 0
    for stream in packed:
        objects = reader.get_object(IndirectObject(stream, 0, reader))
        if not isinstance(objects, StreamObject):
            raise pdf_fault("pdf", "an object stream is missing")
        content = bytes(objects.get_data())
        unpacked += len(content)
        if unpacked > MAX_UNPACKED_BYTES:
            raise LimitExceeded("object streams of the PDF", MAX_UNPACKED_BYTES)
        highest = max(highest, _highest_named(content))
    if highest >= MAX_OBJECT_NUMBER - 16:
        raise LimitExceeded("object number of the PDF", MAX_OBJECT_NUMBER)
    return int(highest) + 1


def _highest_named(content: bytes) -> int:
    highest = 0
    for found in _NAMED.finditer(content):
        number = int(found[1])
        if highest < number <= MAX_OBJECT_NUMBER and not _is_offset(content, *found.span()):
            highest = number
    return highest


def _is_offset(content: bytes, begin: int, end: int) -> bool:
    """Whether this is the number in `startxref NUMBER %%EOF`, which every revision of a file ends with."""
    before, after = content[max(0, begin - 16) : begin], content[end : end + 16]
    return before.rstrip(_BLANK).endswith(b"startxref") and after.lstrip(_BLANK).startswith(b"%%EOF")


def _read(reader: PdfReader, next_number: int, offset: int, is_stream: bool) -> PdfSource:
    trailer = reader.trailer
    catalog_ref = _ref(trailer.raw_get("/Root"))
    catalog = _dictionary(trailer.raw_get("/Root"))
    if "/DocMDP" in _dictionary(catalog.get("/Perms", DictionaryObject())):
        text = "its author certified this PDF against changes; keep the proof file beside it"
        raise pdf_fault("pdf_certified", text)
    names = _dictionary(catalog.get("/Names", DictionaryObject()))
    pages_ref, pages = _ref(catalog.get("/Pages")), _dictionary(catalog.get("/Pages"))
    return PdfSource(
        catalog=catalog,
        catalog_ref=catalog_ref,
        names=names,
        attachments=list(_attachments(names.get("/EmbeddedFiles"))),
        associated=_array(catalog.get("/AF", ArrayObject())),
        pages=pages,
        pages_ref=pages_ref,
        kids=_array(pages.get("/Kids")),
        carried={name: trailer.raw_get(name) for name in ("/Info", "/ID") if name in trailer},
        next_number=next_number,
        xref_offset=offset,
        xref_is_stream=is_stream,
    )


def _attachments(root: Any) -> Iterator[tuple[bytes, Any]]:
    """All of a name tree, level by level."""
    level = [] if root is None else [root]
    nodes = 0
    while level:
        below: list[Any] = []
        for node in level:
            nodes += 1
            if nodes > MAX_ATTACHMENTS:
                raise LimitExceeded("attachments of the PDF", MAX_ATTACHMENTS)
            members = _dictionary(node)
            found = _array(members.get("/Names", ArrayObject()))
            if len(found) % 2 or len(found) > 2 * MAX_ATTACHMENTS:
                raise pdf_fault("pdf", "the list of attachments is damaged")
            for name, specification in zip(found[::2], found[1::2], strict=True):
                text = _resolved(name)
                if not isinstance(text, TextStringObject | ByteStringObject):
                    raise pdf_fault("pdf", "an attachment has no name")
                yield bytes(text.original_bytes), specification
            below += _array(members.get("/Kids", ArrayObject()))
        level = below


def _resolved(value: Any) -> Any:
    for _ in range(8):
        if not isinstance(value, IndirectObject):
            return value
        value = value.get_object()
    raise pdf_fault("pdf", "a reference leads nowhere")


def _ref(value: Any) -> Ref:
    if not isinstance(value, IndirectObject):
        raise pdf_fault("pdf", "a reference is missing")
    return Ref(value.idnum, value.generation)


def _dictionary(value: Any) -> dict[str, Any]:
    found = _resolved(value)
    if not isinstance(found, DictionaryObject):
        raise pdf_fault("pdf", "a dictionary is missing")
    return dict(dict.items(found))


def _array(value: Any) -> list[Any]:
    found = _resolved(value)
    if not isinstance(found, ArrayObject):
        raise pdf_fault("pdf", "a list is missing")
    return list(list.__iter__(found))
