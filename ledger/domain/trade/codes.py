"""Document codes: national ones map to UN/CEFACT UNCL 1001 by a table, never by guessing (domain guide, 3.3 and 9).

Our document type is the UNCL code × 1000 plus a national subtype: 001 where the nation's code means just what UNCL's
does, else the nation's own number, so that two licences that UNCL calls 911 stay apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from ledger.domain.ids import DocumentType

COMMERCIAL_INVOICE: Final = DocumentType(380_001)
PACKING_LIST: Final = DocumentType(271_001)
CERTIFICATE_OF_ORIGIN: Final = DocumentType(861_001)
PHYTOSANITARY_CERTIFICATE: Final = DocumentType(851_001)
IMPORT_LICENCE: Final = DocumentType(911_100)
IMPORT_DECLARATION: Final = DocumentType(929_001)
EXPORT_DECLARATION: Final = DocumentType(830_001)
INSPECTION_REPORT: Final = DocumentType(856_001)
ASSESSMENT: Final = DocumentType(961_001)
"""UNCL 961: a customs response."""


class Citation(Enum):
    """What customs does with what is cited for a goods item. Of all of them the sealed item says what was declared."""

    PERMIT = "permit"
    """A licence of an agency: matched with the permit registry, its quantity reserved at acceptance."""
    DOCUMENT = "document"
    """A paper that is produced: read and compared, nothing is charged to it."""
    AUTHORISATION = "authorisation"
    """A decision of customs that its holder (17C) relies on: looked up with customs, nothing is charged to it."""
    NOT_REQUIRED = "not_required"
    """The declarant's word that no document is needed (UNCL 1373: 32, waiver): a reason to be judged."""


@dataclass(frozen=True)
class CodedDocument:
    """What a national code names.

    Attributes:
        document_type: Ours.
        kind: What customs does with it.
    """

    document_type: DocumentType
    kind: Citation


UK_DOCUMENT_CODES: Final[Mapping[str, CodedDocument]] = MappingProxyType(
    {
        "9100": CodedDocument(IMPORT_LICENCE, Citation.PERMIT),
        "9104": CodedDocument(DocumentType(811_104), Citation.PERMIT),
        "9107": CodedDocument(DocumentType(811_107), Citation.PERMIT),
        "E012": CodedDocument(DocumentType(811_012), Citation.PERMIT),
        "N002": CodedDocument(DocumentType(2_001), Citation.DOCUMENT),
        "N380": CodedDocument(COMMERCIAL_INVOICE, Citation.DOCUMENT),
        "N851": CodedDocument(PHYTOSANITARY_CERTIFICATE, Citation.DOCUMENT),
        "N935": CodedDocument(DocumentType(935_001), Citation.DOCUMENT),
        "C644": CodedDocument(DocumentType(856_644), Citation.DOCUMENT),
        "9AID": CodedDocument(DocumentType(916_900), Citation.DOCUMENT),
        "C505": CodedDocument(DocumentType(916_505), Citation.AUTHORISATION),
        "C506": CodedDocument(DocumentType(916_506), Citation.AUTHORISATION),
        "C676": CodedDocument(DocumentType(916_676), Citation.AUTHORISATION),
        "Y935": CodedDocument(DocumentType(916_935), Citation.NOT_REQUIRED),
    }
)
"""UK data element 2/3 (category and type code together) → what it names. A code that is absent is refused.

9100 firearms (open individual import licence), 9104 and 9107 arms and dual-use goods, E012 cultural goods (Regulation
116/2009): import and export licences that UNCL has no codes of their own for, so 911 and 811 with a subtype. C644 is
the certificate of inspection for organic products. 9AID is the evidence for a relief from all charges but VAT; C505
the authorisation for a comprehensive guarantee (CGU), C506 for deferred payment (DPO), C676 for customs supervised
exports (CSE); Y935 says that Regulation 1332/2013 does not concern the goods. UNCL has none of these: they are 916,
related document.
"""
