"""IPPC ePhyto (UN/CEFACT SPSCertificate:17) → the few fields of a phytosanitary certificate that become claims."""

import datetime
from dataclasses import dataclass
from typing import Final

from ledger.domain.errors import Fault, Malformed
from ledger.domain.trade.xml import Node, parse_xml

SPS: Final = "urn:un:unece:uncefact:data:standard:SPSCertificate:17"
RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:21"
UDT: Final = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:21"
ISSUED: Final = "70"
"""UNCL 1373 as ePhyto uses it: the certificate is issued."""
PHYTOSANITARY: Final = "851"
_REFERENCE: Final = r"[!-~]{1,70}"
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})"


@dataclass(frozen=True)
class PhytosanitaryCertificate:
    """What is read of an ePhyto.

    Attributes:
        number: Certificate number given by the issuing plant protection organisation.
        issued_at: Issue [unix s].
        issuer: Name of the issuing organisation.
        exporting, importing: ISO 3166-1 alpha-2.
        commodities: HS codes of its lines, in order.
    """

    number: str
    issued_at: int
    issuer: str
    exporting: str
    importing: str
    commodities: tuple[str, ...]

    def claims(self) -> dict[str, str | list[str]]:
        """Claims by name as the record knows them: its number, and single fields under their JSON pointers."""
        return {
            "number": self.number,
            "field:/issuer": self.issuer,
            "field:/issued_at": datetime.datetime.fromtimestamp(self.issued_at, datetime.UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "field:/exporting_country": self.exporting,
            "field:/importing_country": self.importing,
            "field:/commodities": list(self.commodities),
        }


def read_ephyto(content: bytes) -> PhytosanitaryCertificate:
    """Read an issued phytosanitary certificate.

    Raises:
        LimitExceeded: Larger than the bounds of `limits.py`.
        Malformed: With all faults found; a certificate of another type or not issued is one.
    """
    root = parse_xml(content)
    if root.tag != f"{{{SPS}}}SPSCertificate":
        raise Malformed(Fault("not_an_ephyto", "", f"the root is {root.tag[:80]}, not SPSCertificate of {SPS}"))
    faults: list[Fault] = []
    parts = {}
    for name in ("SPSExchangedDocument", "SPSConsignment"):
        element = root.find(f"{{{SPS}}}{name}")
        if element is None:
            faults.append(Fault("missing", name, f"{name} is required"))
        else:
            parts[name] = Node(element, RAM, name, faults)
    if faults:
        raise Malformed(*faults)
    certificate = _certificate(parts["SPSExchangedDocument"], parts["SPSConsignment"])
    if faults or certificate is None:
        raise Malformed(*faults)
    return certificate


def _certificate(document: Node, consignment: Node) -> PhytosanitaryCertificate | None:
    number = document.text("ID", _REFERENCE)
    document.text("TypeCode", PHYTOSANITARY)
    document.text("StatusCode", ISSUED)
    issued_at = _instant(document)
    issuer = _below(document, "IssuerSPSParty", "Name", r"[^\x00-\x1f]{1,512}")
    exporting = _below(consignment, "ExportSPSCountry", "ID", "[A-Z]{2}")
    importing = _below(consignment, "ImportSPSCountry", "ID", "[A-Z]{2}")
    commodities = [
        code
        for item in consignment.children("IncludedSPSConsignmentItem", numbered=True)
        for line in item.children("IncludedSPSTradeLineItem", numbered=True)
        for classification in line.children("ApplicableSPSClassification", numbered=True)
        if classification.text("SystemName", _REFERENCE, required=False) == "HS"
        and (code := classification.text("ClassCode", "[0-9]{6,14}", required=False)) is not None
    ]
    if number is None or issued_at is None or issuer is None or exporting is None or importing is None:
        return None
    return PhytosanitaryCertificate(number, issued_at, issuer, exporting, importing, tuple(commodities))


def _below(node: Node, tag: str, field: str, pattern: str) -> str | None:
    inner = node.child(tag)
    if inner is None:
        node.fault("missing", tag, f"{tag} is required")
        return None
    return inner.text(field, pattern)


def _instant(document: Node) -> int | None:
    stated = document.child("IssueDateTime")
    if stated is None:
        document.fault("missing", "IssueDateTime", "IssueDateTime is required")
        return None
    text = stated.within(UDT).text("DateTimeString", _DATE)
    if text is None:
        return None
    try:
        return int(datetime.datetime.fromisoformat(text).timestamp())
    except ValueError:
        stated.fault("wrong_format", "DateTimeString", f"{text} is no instant")
        return None
