"""Document types: UNCL 1001 code × 1000 + national subtype, and which of them anyone may issue.

Commercial and transport papers are their parties' own word, so a participant anchors them without accreditation
(document type 0 of the anchor). Whatever is not listed is an authority's word, and needs accreditation.
"""

from typing import Final

from ledger.domain.ids import DocumentType

SUBTYPES: Final = 1000
"""National subtypes per code."""
MOST_TYPE: Final = 999 * SUBTYPES + SUBTYPES - 1
"""UNCL 1001 codes have three digits."""

OWN_WORD: Final = frozenset(
    {
        *(105, 325),  # purchase order, proforma invoice
        *(380, 381, 384, 934, 935),  # invoices, credit note, value declaration, customs invoice
        271,  # packing list
        *(703, 704, 705, 706, 710, 714, 720, 722, 730, 740, 741, 760),  # bills, waybills, consignment notes
        *(785, 788),  # manifests
        *(640, 835, 890),  # delivery order, paid insurance, dangerous goods declaration
        *(830, 929, 950, 960),  # goods declarations: a declarant's own word
        *(862,),  # declaration of origin: the exporter's own, unlike the certificate (861)
    }
)
"""UNCL 1001 codes of documents that are their issuer's own word (domain guide 3.3)."""


def needs_accreditation(document_type: DocumentType) -> bool:
    """Whether only an accredited participant may issue documents of this type. Type 0 names none, and needs none."""
    return document_type != 0 and document_type // SUBTYPES not in OWN_WORD
