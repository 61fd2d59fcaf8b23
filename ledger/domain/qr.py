"""A proof file behind a QR code: the link that holds it, and the page that shows the code.

The link is `URL#proof=…`: base64url of the proof's DEFLATE stream (RFC 1951). All of it stands in the URL's fragment,
which no browser sends to a server: openings are for who holds the paper.
"""

import re
import zlib
from typing import Any, Final

import segno

from ledger.domain.errors import LimitExceeded
from ledger.domain.fields import malformed
from ledger.domain.hashing import base64url, from_base64url
from ledger.domain.limits import MAX_PROOF_FILE_BYTES
from ledger.domain.pdf_objects import Ref

FRAGMENT: Final = "#proof="
MAX_LINK_BYTES: Final = 2_953
"""Bytes that the largest QR code holds (ISO/IEC 18004, version 40, level L)."""
MASKS: Final = range(8)
"""Masks of a code (ISO/IEC 18004, 7.8)."""
_LINK: Final = re.compile(r"https?://[!-\"$-~]+(?:#[!-~]*)?")
_WIDTH: Final = 595
"""A4 [1/72 inch]."""
_HEIGHT: Final = 842
_SIDE: Final = 480
"""Side of the code with its quiet zone [1/72 inch]: 2.7 units a module at the largest version, printable at 300 dpi."""
_QUIET: Final = 4
"""Empty modules around a code that ISO/IEC 18004 asks for."""


def proof_link(url: str, proof: bytes) -> str:
    """The link that holds a proof file.

    Args:
        url: Page that reads it, `http(s)://…`, without fragment.
        proof: The proof file's bytes.

    Raises:
        Malformed: Not such a URL.
        LimitExceeded: More than a QR code holds; redact the proof first.
    """
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(proof) + packer.flush()
    link = url + FRAGMENT + base64url(packed)
    if "#" in url:
        raise malformed("link", "/link", "the page's address has a fragment of its own")
    check_link(link)
    return link


def proof_of_link(link: str) -> bytes:
    """The proof file that a link holds.

    Raises:
        Malformed: It holds none.
        LimitExceeded: Longer than any QR code, or it unpacks to more than a proof file can be.
    """
    check_link(link)
    _, found, text = link.partition(FRAGMENT)
    if not found:
        raise malformed("link", "/link", "the link holds no proof")
    unpacker = zlib.decompressobj(wbits=-15)
    try:
        packed = from_base64url(text, len(text) * 3 // 4) or b""
        proof = unpacker.decompress(packed, MAX_PROOF_FILE_BYTES + 1)
    except zlib.error as bad:
        raise malformed("link", "/link", "the link's fragment is damaged") from bad
    if len(proof) > MAX_PROOF_FILE_BYTES:
        raise LimitExceeded("proof file", MAX_PROOF_FILE_BYTES)
    if not unpacker.eof or unpacker.unused_data:
        raise malformed("link", "/link", "the link's fragment is damaged")
    return proof


def check_link(link: str) -> None:
    """Require an `http(s)` link of printable ASCII that fits into a QR code."""
    if len(link) > MAX_LINK_BYTES:
        raise LimitExceeded("link of a QR code [bytes]", MAX_LINK_BYTES)
    if not _LINK.fullmatch(link):
        raise malformed("link", "/link", "an http(s) address in printable ASCII is needed here")


def modules(link: str, mask: int | None = None) -> list[list[int]]:
    """The code's modules by row, 1 for dark. All but the mask is fixed (FORMATS.md); None: the best for scanners."""
    code = segno.make(link, error="l", boost_error=False, mode="byte", micro=False, mask=mask)
    return [list(row) for row in code.matrix]


def page_objects(link: str, parent: Ref, drawing: Ref, mask: int | None) -> tuple[dict[str, Any], bytes]:
    """Members of a page that shows a link's QR code, and its drawing."""
    page = {
        "/Type": "/Page",
        "/Parent": parent,
        "/MediaBox": [0, 0, _WIDTH, _HEIGHT],
        "/CropBox": [0, 0, _WIDTH, _HEIGHT],
        "/Rotate": 0,
        "/Resources": {"/Font": {"/F1": {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}}},
        "/Contents": drawing,
        "/Annots": [
            {
                "/Type": "/Annot",
                "/Subtype": "/Link",
                "/Rect": [57, 200, 57 + _SIDE, 200 + _SIDE],
                "/Border": [0, 0, 0],
                "/A": {"/Type": "/Action", "/S": "/URI", "/URI": link.encode()},
            }
        ],
    }
    return page, _drawing(link, mask)


def _drawing(link: str, mask: int | None) -> bytes:
    """Two lines of text and one rectangle for each run of dark modules."""
    rows = modules(link, mask)
    unit = _SIDE / (len(rows) + 2 * _QUIET)
    host = link.partition("#")[0].encode()
    lines = [
        b"BT /F1 14 Tf 57 770 Td <%s> Tj ET" % b"Proof of the document before this page".hex().encode(),
        b"BT /F1 9 Tf 57 748 Td <%s> Tj ET" % (b"Scan to check it at " + host[:90]).hex().encode(),
        b"BT /F1 9 Tf 57 734 Td <%s> Tj ET" % b"This page is not part of the document.".hex().encode(),
        b"q %.6f 0 0 %.6f 57 200 cm 0 g" % (unit, unit),
    ]
    for number, row in enumerate(rows):
        y = len(rows) - 1 - number + _QUIET
        start = None
        for x, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = x
            elif not dark and start is not None:
                lines.append(b"%d %d %d 1 re" % (start + _QUIET, y, x - start))
                start = None
    return b"\n".join([*lines, b"f Q"])
