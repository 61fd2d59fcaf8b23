"""Every parser that takes bytes from outside, each with true inputs to damage, and inputs made to hurt."""

import io
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.adapters.clock import SystemClock
from ledger.domain import canonical
from ledger.domain.car import read_header, read_sections
from ledger.domain.dagpb import decode_node
from ledger.domain.envelope import parse_record_part
from ledger.domain.foreign.reading import read_foreign
from ledger.domain.foreign.settings import read_settings
from ledger.domain.grant import parse_grant
from ledger.domain.limits import MAX_FOREIGN_BYTES, MAX_UPLOAD_BYTES, MIB
from ledger.domain.manifest import parse_manifest
from ledger.domain.pdf import embed, extract
from ledger.domain.profiles import read_names
from ledger.domain.proof import dump_proof
from ledger.domain.proof_reading import parse_proof
from ledger.domain.qr import proof_of_link
from ledger.domain.reference_numbers import parse_grn, parse_mrn
from ledger.domain.siwe import read_message
from ledger.domain.tile import parse_tile
from ledger.domain.timestamp import read_stamp
from ledger.domain.tombstone import parse_tombstone
from ledger.domain.trade import wco_request
from ledger.domain.trade.bank_statement import read_bank_statement
from ledger.domain.trade.ephyto import read_ephyto
from ledger.domain.trade.recognising import recognise
from ledger.domain.trade.wco_xml import read_declaration
from ledger.domain.trade.xml import parse_xml
from ledger.services.verification import Submitted, Verifier
from tests.support.documents import CERTIFICATE, LEDGER, anchor, world
from tests.support.pdfs import INVOICE
from tests.support.samples import SAMPLES, sample


def samples(*folders: str) -> list[bytes]:
    return [path.read_bytes() for folder in folders for path in sorted((SAMPLES / folder).iterdir())]


def _as_text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda data: read(data.decode("utf-8", "replace"))


def _car(data: bytes) -> None:
    file = io.BytesIO(data)
    read_header(file)
    for _ in read_sections(file, len(data)):
        pass


def _verify(data: bytes) -> None:
    verifier = Verifier(LEDGER, None, SystemClock())
    found = [verifier.verify(Submitted(data)), verifier.verify(Submitted(None, data))]
    found.append(verifier.verify(Submitted(CERTIFICATE, data)))
    for each in found:
        json.dumps([fragment.text for fragment in each.fragments])


PROOF: Final = dump_proof(anchor(world(), [CERTIFICATE, b"second"])[0])
MESSAGE: Final = (
    "facade.example wants you to sign in with your Ethereum account:\n0x433097a1C1b8a3e9188d8C54eCC057B1D69f1638\n\n"
    "Read the ledger.\n\nURI: https://facade.example\nVersion: 1\nChain ID: 1\nNonce: abcdefgh12345678\n"
    "Issued At: 2026-11-23T09:00:00Z"
)


@dataclass(frozen=True)
class Parser:
    """A parser and true inputs of it."""

    read: Callable[[bytes], Any]
    seeds: Iterable[bytes]


STATEMENT: Final = (
    b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><FrToDt>'
    b"<FrDtTm>2026-11-26T00:00:00Z</FrDtTm><ToDtTm>2026-11-26T23:59:59Z</ToDtTm></FrToDt><Bal><Tp><CdOrPrtry>"
    b'<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="UZS">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal><Ntry><Amt Ccy="UZS">'
    b"7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><AcctSvcrRef>A-1</AcctSvcrRef></Ntry></Stmt>"
    b"</BkToCstmrStmt></Document>"
)

PARSERS: Final[Mapping[str, Parser]] = {
    "proof file": Parser(parse_proof, [PROOF]),
    "verification": Parser(
        _verify, [PROOF, sample("vectors/rfc3161-response.tsr"), *samples("tradetrust", "w3c-traceability", "pdf")]
    ),
    "foreign document": Parser(read_foreign, samples("tradetrust", "w3c-traceability")),
    "foreign settings": Parser(
        read_settings, [b'{"issuers": {"did:x": "y"}, "chains": {"1": {"rpc_url": "http://x"}}}']
    ),
    "time stamp": Parser(read_stamp, [sample("vectors/rfc3161-response.tsr")]),
    "JSON": Parser(lambda data: canonical.loads(data, max_bytes=MIB), samples("dcsa", "defra", "vectors")),
    "PDF": Parser(extract, [*samples("pdf"), embed(INVOICE.read_bytes(), PROOF)]),
    "XML": Parser(parse_xml, samples("hmrc-cds", "hmrc-ncts", "ubl")),
    "declaration": Parser(read_declaration, samples("hmrc-cds", "derived")),
    "WCO request": Parser(
        lambda data: wco_request.read_message(data, lambda _: sample("derived/import-declaration.xml")),
        samples("hmrc-cds"),
    ),
    "trade message": Parser(recognise, samples("hmrc-cds", "hmrc-ncts", "defra")),
    "bank statement": Parser(read_bank_statement, [STATEMENT]),
    "ePhyto": Parser(read_ephyto, [sample("ephyto/SPSCertificateContent.xml")[:12_000]]),
    "archive": Parser(_car, [sample("vectors/unixfs-dir-with-files.car")]),
    "IPFS node": Parser(decode_node, [b"\x12\x04\x0a\x02ab\x0a\x01x"]),
    "manifest": Parser(parse_manifest, [b"TAMGAMAN\x01" + bytes(120)]),
    "tile": Parser(parse_tile, [b"\x0a\x30TAMGATIL\x01" + bytes(40)]),
    "grant": Parser(parse_grant, [bytes(400)]),
    "record part": Parser(parse_record_part, [b'{"record": {}, "openings": []}']),
    "tombstone": Parser(parse_tombstone, [b'{"tamga": "tombstone/1"}']),
    "names": Parser(read_names, [b'{"17": {"name": "Plant quarantine"}}']),
    "sign-in message": Parser(_as_text(read_message), [MESSAGE.encode()]),
    "proof link": Parser(
        _as_text(proof_of_link), [b"https://facade.example/verify#proof=eNqrVkrOz0nVUUrNzSwpVrIyrAUAOWcFdg"]
    ),
    "MRN": Parser(_as_text(parse_mrn), [b"24GBDIRIGZ7QLCPAA8"]),
    "GRN": Parser(_as_text(parse_grn), [b"24UZ1000000000001A"]),
}


def _nested_xml(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels


def _bomb_pdf() -> bytes:
    """A PDF whose one stream unpacks to 256 MiB."""
    packer = zlib.compressobj(9)
    stream = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    head = b"%%PDF-1.7\n1 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream)
    return head + stream + b"\nendstream\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


LAUGHS: Final = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><a>&j;</a>"
)
SALTED: Final = b'{"version": "https://schema.openattestation.com/2.0/schema.json", "data": '
HOSTILE: Final[Mapping[str, Callable[[], bytes]]] = {
    "billion laughs": lambda: LAUGHS,
    "external entity": lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "external DTD": lambda: b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "deep XML": lambda: _nested_xml(1_000_000),
    "many elements": lambda: b"<a>" + b"<b/>" * 2_000_000 + b"</a>",
    "many attributes": lambda: b"<a " + b" ".join(b'a%d="1"' % n for n in range(500_000)) + b"/>",
    "deep JSON": lambda: b"[" * 4_000_000,
    "deep JSON objects": lambda: b'{"a":' * 800_000,
    "deep JSON that ends": lambda: b'{"a":' * 500 + b"1" + b"}" * 500,
    "long number": lambda: b"1" * 4_000_000,
    "long exponent": lambda: b'{"a": 1e' + b"9" * 1_000_000 + b"}",
    "many keys": lambda: b"{" + b",".join(b'"%d":0' % n for n in range(600_000)) + b"}",
    "foreign document without end": lambda: SALTED + b'{"a":' * 100_000,
    "foreign document of many fields": lambda: (
        SALTED + b"[" + b",".join([b'"x"'] * 1_000_000) + b'], "signature": {"targetHash": "x", "merkleRoot": "x"}}'
    ),
    "foreign document over the bound": lambda: SALTED + b'"' + b"x" * MAX_FOREIGN_BYTES + b'"}',
    "PDF bomb": _bomb_pdf,
    "PDF of many trailers": lambda: b"%PDF-1.7\n" + b"startxref\n0\n%%EOF\n" * 500_000,
    "PDF deep arrays": lambda: b"%PDF-1.7\n1 0 obj\n" + b"[" * 1_000_000 + b"\nendobj\nstartxref\n9\n%%EOF\n",
    "archive of one endless section": lambda: b"\xff" * 9 + b"\x7f" + bytes(1000),
    "zeros": lambda: bytes(MAX_UPLOAD_BYTES),
    "nothing": lambda: b"",
}
