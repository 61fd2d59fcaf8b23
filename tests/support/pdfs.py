"""PDFs of few objects, well-formed or hostile, for tests of the carrier."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from zlib import compress

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
INVOICE = SAMPLES / "pdf" / "EN16931_Einfach.pdf"
BILL_OF_LADING = SAMPLES / "dcsa" / "test-iss-document.pdf"
CORRUPT = SAMPLES / "pdf" / "corrupt-factur-x-waytoosmall.pdf"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"


def pdf(objects: Mapping[int, bytes] | None = None, *, trailer: bytes = b"", prev: int | None = None) -> bytes:
    """A PDF with a classic cross-reference table; objects given replace or follow catalog, pages and page."""
    numbered = {1: CATALOG, 2: PAGES, 3: PAGE, **(objects or {})}
    out, offsets = bytearray(b"%PDF-1.7\n"), {}
    for number, body in numbered.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, at in sorted(offsets.items()):
        out += b"%d 1\n%010d 00000 n \n" % (number, at)
    before = b"" if prev is None else b"/Prev %d " % prev
    out += b"trailer\n<< /Size %d /Root 1 0 R %s%s >>\n" % (max(numbered) + 1, before, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def pdf_with_xref_stream(
    bodies: Sequence[bytes] = (CATALOG, PAGES, PAGE), *, root: int = 1, table: bytes | None = None
) -> bytes:
    """The same with a cross-reference stream, as writers since PDF 1.5 make them; `table`: a compressed one instead."""
    out, offsets = bytearray(b"%PDF-1.7\n"), [0]
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    own = len(offsets)
    start = len(out)
    rows = b"\0" + bytes(6) + b"".join(b"\1" + at.to_bytes(4) + bytes(2) for at in [*offsets[1:], start])
    packed = b"" if table is None else b"/Filter /FlateDecode "
    rows = rows if table is None else table
    head = b"<< /Type /XRef /Size %d /Root %d 0 R /W [1 4 2] %s/Length %d >>" % (
        max(own, root) + 1,
        root,
        packed,
        len(rows),
    )
    out += b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (own, head, rows)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def pdf_with_object_stream(inside: bytes) -> bytes:
    """Catalog, pages and page, and one more object that stands packed in an object stream."""
    packed = compress(b"6 0 " + inside)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate((CATALOG, PAGES, PAGE, b"null", stream % (len(packed), packed)), 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    rows = b"\0" + bytes(6) + b"".join(b"\1" + at.to_bytes(4) + bytes(2) for at in offsets)
    rows += b"\2" + (5).to_bytes(4) + bytes(2) + b"\1" + start.to_bytes(4) + bytes(2)
    head = b"<< /Type /XRef /Size 8 /Root 1 0 R /W [1 4 2] /Length %d >>" % len(rows)
    out += b"7 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (head, rows)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
