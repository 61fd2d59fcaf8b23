"""A PDF that carries its proof.

given an invoice (PDF/A-3 with an attachment), a bill of lading, and a PDF with a cross-reference stream
  when a proof is put in                       → the original's bytes stay in front, and come out again as they were
                                               → other software finds the attachment, and those that were there
                                               → as many pages as before; one more, with the code, when asked for
  when that page is printed and scanned        → the link is read, also the longest that a code holds
  when it is put in again                      → refused: it carries one already
given a carrier
  when anything behind the original is changed → refused, at every byte
  when a further update shows another page     → refused, even with last lines that look like ours
given a file that is no PDF, is damaged, encrypted or hostile (cycles, bombs, depth, a million attachments)
  when a proof is put in                       → refused, in little time
"""

import random
import re
import time
import zlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from ledger.domain import pdf as carrier
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.pdf import embed, extract
from ledger.domain.pdf_source import read_source
from ledger.domain.qr import MAX_LINK_BYTES, modules, proof_link, proof_of_link
from tests.support.pdfs import (
    BILL_OF_LADING,
    CATALOG,
    CORRUPT,
    INVOICE,
    PAGE,
    PAGES,
    pdf,
    pdf_with_object_stream,
    pdf_with_xref_stream,
)

PROOF = b'{"tamga":"proof/1","any":"text will do here"}'
LINK = proof_link("https://facade.example/verify", PROOF)
ORIGINALS = {
    "invoice": INVOICE.read_bytes(),
    "bill of lading": BILL_OF_LADING.read_bytes(),
    "xref stream": pdf_with_xref_stream(),
    "plain": pdf(),
}


def code_of(refused: pytest.ExceptionInfo[Malformed]) -> str:
    return refused.value.faults[0].code


@pytest.mark.parametrize("link", [None, LINK], ids=["attachment", "attachment and page"])
@pytest.mark.parametrize("original", ORIGINALS.values(), ids=ORIGINALS.keys())
def test_the_original_comes_out_as_it_was(original: bytes, link: str | None) -> None:
    carried = embed(original, PROOF, link=link)
    assert carried.startswith(original)
    assert extract(carried) == (original, PROOF, link)

    before, after = PdfReader(BytesIO(original), strict=True), PdfReader(BytesIO(carried), strict=True)
    assert len(after.pages) == len(before.pages) + (link is not None)
    found = {name: list(contents) for name, contents in after.attachments.items()}
    assert found == {**before.attachments, "proof.tamga.json": [PROOF]}
    catalog = after.trailer["/Root"]
    assert [one.get_object()["/AFRelationship"] for one in catalog["/AF"]][-1] == "/Supplement"
    assert {name for name in before.trailer["/Root"] if name not in ("/AF", "/Names")} <= set(catalog)
    assert [page.extract_text() for page in before.pages] == [p.extract_text() for p in after.pages][
        : len(before.pages)
    ]


def test_other_files_carry_nothing() -> None:
    for other in (*ORIGINALS.values(), CORRUPT.read_bytes(), b"", b"%PDF-", PROOF):
        assert extract(other) is None


def test_a_second_proof_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        embed(embed(pdf(), PROOF), PROOF)
    assert code_of(refused) == "pdf_carries_proof"


@pytest.mark.parametrize("link", [None, LINK], ids=["attachment", "attachment and page"])
def test_no_byte_of_the_update_can_be_changed(link: str | None) -> None:
    original = pdf()
    carried = embed(original, PROOF, link=link)
    everywhere = range(len(original), len(carried))
    for at in everywhere if link is None else (*everywhere[::97], *everywhere[-400:]):
        changed = bytearray(carried)
        changed[at] ^= 1
        try:
            found = extract(bytes(changed))
        except (Malformed, LimitExceeded):
            continue
        # The proof itself may be another one; that is for its own check to tell. Nothing else may differ.
        assert found is None or (found.original == original and found.proof != PROOF and found.link == link)


def test_a_page_shown_over_the_original_is_refused() -> None:
    original = ORIGINALS["bill of lading"]
    carried = embed(original, PROOF)
    page = b"\n28 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    table = b"xref\n28 1\n%010d 00000 n \ntrailer\n<< /Size 120 /Root 87 0 R >>\n" % (len(carried) + 1)
    forged = carried + page + table
    with pytest.raises(Malformed) as refused:
        extract(forged + b"startxref\n1\n%%EOF\n")
    assert code_of(refused) == "pdf_altered"

    lines = carried[carried.rindex(b"\n%tamga-proof/1 ") :]
    with pytest.raises(Malformed) as refused:
        extract(forged + lines)
    assert code_of(refused) == "pdf_altered"

    # the same object slipped in between, with the last lines left true
    proof_at = carried.index(PROOF)
    slipped = carried[: len(carried) - len(lines)] + page.rstrip() + lines
    assert slipped.index(PROOF) == proof_at
    with pytest.raises(Malformed) as refused:
        extract(slipped)
    assert code_of(refused) == "pdf_altered"


BOMB = zlib.compress(bytes(200_000_000), 9)
NESTED = b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 20_000 + b"]" * 20_000 + b" >>"
HOSTILE = {
    "not a PDF": b"PK\3\4",
    "15 bytes": CORRUPT.read_bytes(),
    "cut short": INVOICE.read_bytes()[:30_000],
    "no catalog": pdf({1: b"null"}),
    "catalog that is itself": pdf({1: b"1 0 R"}),
    "pages that are missing": pdf({1: b"<< /Type /Catalog >>"}),
    "encrypted": pdf({9: b"<< /Filter /Standard /V 1 /R 2 /P -4 >>"}, trailer=b"/Encrypt 9 0 R"),
    "deep": pdf({1: NESTED}),
    "cycle of attachments": pdf(
        {1: b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 4 0 R >> >>", 4: b"<< /Kids [4 0 R 4 0 R] >>"}
    ),
    "a name that cannot be carried": pdf({1: b"<< /Type /Catalog /Pages 2 0 R /\xff\xfe 1 >>"}),
    "bomb in the cross-reference": pdf_with_xref_stream(table=BOMB),
    "catalog in a bomb": pdf_with_xref_stream(
        [
            b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (len(BOMB), BOMB),
            PAGES,
            PAGE,
        ],
        root=9,
        table=zlib.compress(b"\0" * 7 + b"\1" + (9).to_bytes(4) + bytes(2) + bytes(7 * 7) + b"\2\0\0\0\1\0\0"),
    ),
    "cross-reference that leads to itself": pdf({1: b"null"}, prev=pdf({1: b"null"}).rindex(b"\nxref\n") + 1),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_good_pdf_is_refused_in_little_time(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises((Malformed, LimitExceeded)):
        embed(data, PROOF)
    assert time.process_time() - began < 20, "a bound is missing"


def test_too_many_attachments_are_refused() -> None:
    many = b" ".join(b"(%d) 3 0 R" % number for number in range(1_001))
    with pytest.raises(Malformed):
        embed(
            pdf({1: b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [%s] >> >> >>" % many}), PROOF
        )


def test_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitExceeded):
        embed(pdf(), bytes(4 * 1024 * 1024 + 1))
    monkeypatch.setattr("ledger.domain.pdf_source.MAX_UPLOAD_BYTES", 100)
    with pytest.raises(LimitExceeded):
        embed(pdf(), PROOF)
    monkeypatch.setattr(carrier, "MAX_UPLOAD_BYTES", -8 * 1024 * 1024)
    assert extract(embed_free(pdf())) is None


def embed_free(original: bytes) -> bytes:
    return original + b"\n%tamga-proof/1 1 1 1 -\nstartxref\n1\n%%EOF\n"


def test_the_link_holds_the_proof_in_its_fragment() -> None:
    assert LINK.startswith("https://facade.example/verify#proof=")
    assert proof_of_link(LINK) == PROOF
    with pytest.raises(LimitExceeded):
        proof_link("https://facade.example/", random.Random(1).randbytes(3_000))
    for wrong in (
        "ftp://a/#proof=AA",
        "https://a b/",
        "https://a/#proof=",
        "https://a/#proof=AA",
        "https://a/",
        LINK[:-3],
        LINK + "=",
        LINK[:60] + "." + LINK[60:],
    ):
        with pytest.raises(Malformed):
            proof_of_link(wrong)
    with pytest.raises(Malformed):
        proof_link("https://a/#own", PROOF)
    with pytest.raises(LimitExceeded):
        proof_of_link("https://a/#proof=" + "A" * MAX_LINK_BYTES)


def test_a_proof_has_one_spelling_in_a_link() -> None:
    left_over = set()
    for more in range(8):
        link = proof_link("https://a/", PROOF + b"%d" % 7**more)
        left_over.add(len(link.partition("#proof=")[2]) % 4)
        for other in set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") - {link[-1]}:
            with suppress(Malformed):
                assert proof_of_link(link[:-1] + other) != proof_of_link(link)
    assert left_over == {0, 2, 3}


def test_a_link_cannot_unpack_to_more_than_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    packer = zlib.compressobj(9, wbits=-15)
    bomb = packer.compress(bytes(1_000_000)) + packer.flush()
    link = "https://a/#proof=" + urlsafe_b64encode(bomb).decode().rstrip("=")
    assert len(proof_of_link(link)) == 1_000_000
    monkeypatch.setattr("ledger.domain.qr.MAX_PROOF_FILE_BYTES", 999_999)
    with pytest.raises(LimitExceeded):
        proof_of_link(link)


@pytest.mark.parametrize(
    "reference",
    [b"%d 0 R", b"%d\n0\tR", b"000%d 0 R", b"%d%% hidden\n0 R", b"%d 0 %% hidden\r R", b"+%d 0 R"],
    ids=["plain", "white space", "zeros", "comment", "second comment", "sign"],
)
def test_a_document_cannot_show_what_its_proof_brings(reference: bytes) -> None:
    """A page that draws an object which is not there, and which an update could put there."""
    drawn = b"<< /Length 0 >>\nstream\n\nendstream"
    for number in range(5, 9):
        contents = b" /Contents [4 0 R " + reference % number + b"] >>"
        original = pdf({3: PAGE.replace(b" >>", contents), 4: drawn})
        made = embed(original, PROOF, link=LINK)
        put = {int(found) for found in re.findall(rb"\n(\d+) 0 obj", made[len(original) :])}
        assert number not in put
        assert extract(made) == (original, PROOF, LINK)


def test_nor_by_a_reference_in_an_object_stream() -> None:
    assert read_source(pdf_with_object_stream(b"[1 0 R]")).next_number == 8
    assert read_source(pdf_with_object_stream(b"[1 0 R 41 0 R]")).next_number == 42
    assert extract(embed(pdf_with_object_stream(b"[9 0 R]"), PROOF)) is not None
    with pytest.raises(LimitExceeded):
        embed(pdf_with_object_stream(b"[8388607 0 R]"), PROOF)


def test_a_certified_document_is_left_as_it_is() -> None:
    certified = pdf({1: CATALOG.replace(b" >>", b" /Perms << /DocMDP 4 0 R >> >>"), 4: b"<< /Type /Sig >>"})
    with pytest.raises(Malformed) as refused:
        embed(certified, PROOF)
    assert refused.value.faults[0].code == "pdf_certified"
    signed = pdf({1: CATALOG.replace(b" >>", b" /Perms << /UR3 4 0 R >> >>"), 4: b"<< /Type /Sig >>"})
    assert extract(embed(signed, PROOF)) is not None


def test_whichever_mask_a_writer_took_for_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    source = pdf()
    seen = set()
    for mask in range(8):
        with monkeypatch.context() as other:
            other.setattr("ledger.domain.qr.modules", lambda link, _, mask=mask: modules(link, mask))
            made = embed(source, PROOF, link=LINK)
        seen.add(made)
        assert extract(made) == (source, PROOF, LINK)
    assert len(seen) == 8
    for made in seen:  # a module more
        with pytest.raises(Malformed, match="altered"):
            extract(made.replace(b" 1 re\n", b" 2 re\n", 1))


@pytest.mark.parametrize("proof", [PROOF, random.Random(1).randbytes(2_150)], ids=["short", "the longest"])
def test_a_scanner_reads_the_printed_page(proof: bytes) -> None:
    link = proof_link("https://facade.example/verify", proof)
    with pypdfium2.PdfDocument(embed(ORIGINALS["invoice"], proof, link=link)) as document:
        printed = document[len(document) - 1].render(scale=300 / 72, grayscale=True)  # 300 dots an inch
    image = memoryview(bytes(printed.buffer)).cast("B", (printed.height, printed.stride))
    (code,) = zxingcpp.read_barcodes(image)
    assert code.text == link
    assert proof_of_link(code.text) == proof


def test_the_page_draws_the_code_module_by_module() -> None:
    carried = embed(pdf(), PROOF, link=LINK)
    page = PdfReader(BytesIO(carried), strict=True).pages[-1]
    wanted = modules(LINK)
    drawn = [[0] * len(wanted) for _ in wanted]
    for line in page.get_contents().get_data().splitlines():  # type: ignore[union-attr]
        if line.endswith(b" re"):
            x, y, width, height = (int(word) for word in line.split()[:4])
            assert height == 1
            for column in range(x - 4, x - 4 + width):
                drawn[len(wanted) - 1 - (y - 4)][column] = 1
    assert drawn == wanted
    assert page["/Annots"][0]["/A"]["/URI"] == LINK
