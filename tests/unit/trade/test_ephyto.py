"""Reading phytosanitary certificates.

Given the sample, it should give the fields that become claims
Given a certificate of another type, not issued, or damaged, it should refuse it with the path
"""

from pathlib import Path

import pytest

from ledger.domain.errors import Malformed
from ledger.domain.trade.ephyto import read_ephyto

SAMPLE = (Path(__file__).resolve().parents[2] / "samples" / "ephyto" / "SPSCertificateContent.xml").read_bytes()


def test_the_sample_gives_its_claims() -> None:
    certificate = read_ephyto(SAMPLE)
    assert certificate.claims() == {
        "number": "123ABC",
        "field:/issuer": "Servicio Nacional de Sanidad y Calida Agroalimentaria",
        "field:/issued_at": "2016-04-22T16:53:08Z",
        "field:/exporting_country": "AR",
        "field:/importing_country": "EC",
        "field:/commodities": ["06029048"],
    }


ISSUED = "SPSExchangedDocument/IssueDateTime/DateTimeString"


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<ns1:StatusCode>70<", "<ns1:StatusCode>41<", "wrong_format", "SPSExchangedDocument/StatusCode"),
        ("<ns1:TypeCode>851<", "<ns1:TypeCode>852<", "wrong_format", "SPSExchangedDocument/TypeCode"),
        ("<ns1:ID>123ABC</ns1:ID>", "", "missing", "SPSExchangedDocument/ID"),
        ("2016-04-22T13:53:08-03:00", "2016-02-30T13:53:08-03:00", "wrong_format", ISSUED),
        ("<ns1:ID>AR</ns1:ID>", "<ns1:ID>ARG</ns1:ID>", "wrong_format", "SPSConsignment/ExportSPSCountry/ID"),
    ],
)
def test_one_change_gives_one_fault(old: str, new: str, code: str, path: str) -> None:
    assert old.encode() in SAMPLE
    with pytest.raises(Malformed) as refusal:
        read_ephyto(SAMPLE.replace(old.encode(), new.encode(), 1))
    assert [(fault.code, fault.path) for fault in refusal.value.faults] == [(code, path)]


def test_another_document_is_refused() -> None:
    with pytest.raises(Malformed, match="not_an_ephyto"):
        read_ephyto(b"<SPSCertificate/>")
