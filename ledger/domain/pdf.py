"""A PDF that carries its own proof file, as an attachment in an incremental update.

    carrier = original ‖ update        the original's bytes stay as they are, and they are what the proof is about

The update adds the attachment `proof.tamga.json` (an associated file, ISO 32000-2 §14.13) and, on request, a last page
with a QR code; nothing else. Its spelling is fixed: a reader makes it anew from the original, the proof and the link
and compares every byte, so that nobody can show other pages under the proof of the original. Its last lines say how
long the three are:

    %tamga-proof/1 ORIGINAL_BYTES PROOF_OFFSET PROOF_BYTES LINK-or-dash
"""

import re
from hashlib import sha256
from typing import Any, Final, NamedTuple

from ledger.domain.errors import LimitExceeded
from ledger.domain.limits import MAX_PROOF_FILE_BYTES, MAX_UPLOAD_BYTES
from ledger.domain.pdf_objects import Ref, pdf_fault, write
from ledger.domain.pdf_source import HEADER, PdfSource, read_source
from ledger.domain.qr import MASKS, page_objects, proof_of_link

NAME: Final = b"proof.tamga.json"
DESCRIPTION: Final = b"Proof of this document: record, openings, inclusion path and anchor on its ledger"
_MARK: Final = b"\n%tamga-proof/1 "
_TAIL_BYTES: Final = 4_096
_TAIL: Final = re.compile(
    rb"\n%tamga-proof/1 (\d{1,10}) (\d{1,10}) (\d{1,8}) ([!-~]{1,3000})\nstartxref\n\d{1,10}\n%%EOF\n\Z"
)
_NO_LINK: Final = "-"


class Carried(NamedTuple):
    """What a carrier holds.

    Attributes:
        original: The document, as it was before: the bytes that the proof is about.
        proof: The proof file's bytes, not yet parsed.
        link: What the QR page leads to; None without such a page.
    """

    original: bytes
    proof: bytes
    link: str | None


def embed(original: bytes, proof: bytes, *, link: str | None = None) -> bytes:
    """Put a proof file into a PDF; the result begins with the original, byte for byte.

    Args:
        original: A PDF.
        proof: The proof file, as `dump_proof` gives it. That it is this document's is not looked at here.
        link: Adds a last page whose QR code leads there: a link that holds this proof (`qr.proof_link`); None: no page.

    Raises:
        Malformed: No PDF, a damaged one (`pdf`), an encrypted or certified one (`pdf_encrypted`, `pdf_certified`), one
            that has an attachment of that name already (`pdf_carries_proof`), or not a link that holds the proof
            (`link`).
        LimitExceeded: Larger than `MAX_UPLOAD_BYTES`, a proof larger than any, or a link too long for a QR code.
    """
    return original + _update(_source(original, proof, link), len(original), proof, link)


def extract(pdf: bytes) -> Carried | None:
    """Original and proof of a carrier; None for any other file.

    Raises:
        Malformed: The file says that it carries a proof, and more than that was added or changed
            (`pdf_altered`), or what it calls the original is no PDF.
        LimitExceeded: As `embed`.
    """
    if not pdf.startswith(HEADER) or len(pdf) > MAX_UPLOAD_BYTES + 2 * MAX_PROOF_FILE_BYTES:
        return None
    found = _TAIL.search(pdf, max(0, len(pdf) - _TAIL_BYTES))
    if found is None:
        if pdf.rfind(_MARK) >= 0:
            raise pdf_fault("pdf_altered", "something was added behind the proof that this PDF carries")
        return None
    length, offset, size = (int(found[place]) for place in (1, 2, 3))
    link = None if found[4] == _NO_LINK.encode() else found[4].decode()
    carried = Carried(pdf[:length], pdf[offset : offset + size], link)
    source, update = _source(carried.original, carried.proof, link), pdf[length:]
    # Which of the code's masks is best is for its writer to judge, and writers differ.
    masks = [None] if link is None else [None, *MASKS]
    if all(_update(source, len(carried.original), carried.proof, link, mask) != update for mask in masks):
        raise pdf_fault("pdf_altered", "this PDF holds more than a document and its proof: it was altered")
    return carried


def _source(original: bytes, proof: bytes, link: str | None) -> PdfSource:
    if len(proof) > MAX_PROOF_FILE_BYTES:
        raise LimitExceeded("proof file", MAX_PROOF_FILE_BYTES)
    if link is not None and proof_of_link(link) != proof:
        raise pdf_fault("link", "the link holds another proof than the one beside it")
    return read_source(original)


def _update(source: PdfSource, begins: int, proof: bytes, link: str | None, mask: int | None = None) -> bytes:
    """The bytes that follow an original of `begins` bytes; None: the mask that is best for scanners."""
    if any(name == NAME for name, _ in source.attachments):
        raise pdf_fault("pdf_carries_proof", f"the PDF has an attachment {NAME.decode()} already")
    file, specification = Ref(source.next_number, 0), Ref(source.next_number + 1, 0)
    parameters = {"/Size": len(proof)}
    head = {"/Type": "/EmbeddedFile", "/Subtype": "/application/json", "/Params": parameters, "/Length": len(proof)}
    described = {
        "/Type": "/Filespec",
        "/F": NAME,
        "/UF": NAME,
        "/Desc": DESCRIPTION,
        "/AFRelationship": "/Supplement",
        "/EF": {"/F": file, "/UF": file},
    }
    attachments = sorted([*source.attachments, (NAME, specification)], key=lambda each: each[0])
    names = {**source.names, "/EmbeddedFiles": {"/Names": [item for pair in attachments for item in pair]}}
    catalog = {**source.catalog, "/Names": names, "/AF": [*source.associated, specification]}
    objects: list[tuple[Ref, bytes]] = [
        (file, _stream(head, proof)),
        (specification, write(described)),
        (source.catalog_ref, write(catalog)),
    ]
    if link is not None:
        objects += _page(source, Ref(source.next_number + 2, 0), Ref(source.next_number + 3, 0), link, mask)
    out, offsets = bytearray(), {}
    proof_offset = begins + len(b"\n%d %d obj\n" % file) + objects[0][1].index(b"stream\n") + len(b"stream\n")
    for ref, body in objects:
        out += b"\n"
        offsets[ref] = begins + len(out)
        out += b"%d %d obj\n" % ref + body + b"\nendobj"
    out += b"\n"
    xref_offset = begins + len(out)
    out += _cross_reference(source, offsets, xref_offset, proof)
    out += _MARK + b"%d %d %d %s\n" % (begins, proof_offset, len(proof), (link or _NO_LINK).encode())
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % xref_offset)


def _page(source: PdfSource, page: Ref, drawing: Ref, link: str, mask: int | None) -> list[tuple[Ref, bytes]]:
    """The QR page, and the page tree's root with one more child."""
    count = source.pages.get("/Count")
    if not isinstance(count, int):
        raise pdf_fault("pdf", "the page tree has no count")
    members, drawn = page_objects(link, source.pages_ref, drawing, mask)
    pages = {**source.pages, "/Kids": [*source.kids, page], "/Count": int(count) + 1}
    return [
        (source.pages_ref, write(pages)),
        (page, write(members)),
        (drawing, _stream({"/Length": len(drawn)}, drawn)),
    ]


def _stream(head: dict[str, Any], body: bytes) -> bytes:
    return write(head) + b"\nstream\n" + body + b"\nendstream"


def _cross_reference(source: PdfSource, offsets: dict[Ref, int], here: int, proof: bytes) -> bytes:
    """Table or stream, as the file before has it (ISO 32000-2 §7.5.4, §7.5.8)."""
    trailer: dict[str, Any] = {"/Root": source.catalog_ref, "/Prev": source.xref_offset, **source.carried}
    if isinstance(trailer.get("/ID"), list) and len(trailer["/ID"]) == 2:
        trailer["/ID"] = [trailer["/ID"][0], sha256(proof).digest()[:16]]
    size = max(source.next_number, *(ref.number + 1 for ref in offsets))
    if not source.xref_is_stream:
        rows = b"".join(
            b"%d 1\n%010d %05d n \n" % (ref.number, at, ref.generation) for ref, at in sorted(offsets.items())
        )
        return b"xref\n" + rows + b"trailer\n" + write({"/Size": size, **trailer})
    own = Ref(size, 0)
    entries = sorted({**offsets, own: here}.items())
    table = b"".join(b"\1" + at.to_bytes(5) + ref.generation.to_bytes(2) for ref, at in entries)
    index = [number for ref, _ in entries for number in (ref.number, 1)]
    head = {"/Type": "/XRef", "/W": [1, 5, 2], "/Index": index, "/Size": size + 1, **trailer, "/Length": len(table)}
    return b"%d %d obj\n" % own + _stream(head, table) + b"\nendobj"
