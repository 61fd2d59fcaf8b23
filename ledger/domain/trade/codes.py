"""Document codes: national ones map to UN/CEFACT UNCL 1001 by a table, never by guessing (domain guide, 3.3 and 9).

Our document type is the UNCL code × 1000 plus a national subtype: 001 where the nation's code means just what UNCL's
does, else the nation's own number, so that two licences that UNCL calls 911 stay apart.
"""

from collections.abc import Mapping
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

UK_DOCUMENT_CODES: Final[Mapping[str, DocumentType]] = MappingProxyType(
    {
        "N851": PHYTOSANITARY_CERTIFICATE,
        "N002": DocumentType(2_001),
        "9100": IMPORT_LICENCE,
        "9104": DocumentType(811_104),
        "9107": DocumentType(811_107),
        "N380": COMMERCIAL_INVOICE,
        "N935": DocumentType(935_001),
    }
)
"""UK data element 2/3 (category and type code together) → our document type. A code that is absent is refused.

9104 and 9107 are export licences (cultural goods, arms), which UNCL has no code of their own for: 811 and a subtype.
"""
