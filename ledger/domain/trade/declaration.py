"""A goods declaration as typed values (domain guide, sections 1 to 3): header, parties, goods items, documents.

Amounts are whole minor units, quantities whole millionths, never floating point.
"""

from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.ids import DocumentType
from ledger.domain.trade.codes import Citation

QUANTITY_SCALE: Final = 10**6
MINOR_PER_UNIT: Final = 100
"""Both currencies of the profile, UZS and GBP, have two decimals (ISO 4217)."""


@dataclass(frozen=True)
class Quantity:
    """An amount of goods.

    Attributes:
        scaled: In the unit, × 10^6.
        unit: UN/ECE Recommendation 20 code (`KGM`); a qualifier behind `#`, as in HMRC's `KGM#G`, stays with it.
    """

    scaled: int
    unit: str


@dataclass(frozen=True)
class Amount:
    """An amount of money.

    Attributes:
        minor: In hundredths of the currency's unit.
        currency: ISO 4217 alpha-3.
    """

    minor: int
    currency: str


@dataclass(frozen=True)
class Party:
    """Who takes part in the declaration: known by an identifier (EORI, TIN), or by name and country."""

    identifier: str | None
    name: str | None
    country: str | None


@dataclass(frozen=True)
class AuthorisationHolder:
    """Who holds an authorisation that the declaration relies on (WCO class 17C).

    Attributes:
        holder: Its identifier (EORI, TIN).
        category: National code of the authorisation: `DPO` deferred payment, `CGU` comprehensive guarantee.
    """

    holder: str
    category: str


@dataclass(frozen=True)
class CitedDocument:
    """A document, authorisation or waiver that is cited for a goods item (WCO class 02A).

    Attributes:
        document_type: Our type, from the national code.
        kind: What customs does with the citation.
        national_code: As declared: category and type code (`N851`).
        reference: The document's own number.
        status: National status code (`ES` surrendered, `AC` attached), if given.
        write_off: What the item charges to the document, if it is a permit with a quantity.
    """

    document_type: DocumentType
    kind: Citation
    national_code: str
    reference: str
    status: str | None
    write_off: Quantity | None


@dataclass(frozen=True)
class GoodsItem:
    """One commodity line (WCO class 68A).

    Attributes:
        number: From 1, gap-free.
        commodity_code: 6 to 14 digits, of the HS edition in force at acceptance.
        origin: ISO 3166-1 alpha-2; None on exports without one.
        requested: Requested procedure, two digits (`40` free circulation).
        previous: Previous procedure, two digits (`00` none).
        additional: Additional procedure codes, three characters each.
        net_mass: In kilograms.
        gross_mass: In kilograms, if given.
        value: Invoiced price at the declared delivery term; under CIF the customs value. None on exports without one.
        documents: In the order declared.
    """

    number: int
    commodity_code: str
    description: str
    origin: str | None
    requested: str
    previous: str
    additional: tuple[str, ...]
    net_mass: Quantity
    gross_mass: Quantity | None
    value: Amount | None
    documents: tuple[CitedDocument, ...]


@dataclass(frozen=True)
class GoodsDeclaration:
    """One lodged declaration.

    Attributes:
        function: UNCL 1225 message function: `9` original.
        lrn: Local Reference Number of the declarant; reaches the chain only blinded.
        kind: WCO type code: `IM` or `EX` and the additional declaration type.
        ucr: Unique Consignment Reference, if declared.
        dispatch, destination: ISO 3166-1 alpha-2, if given.
        delivery_term: Incoterm, if given.
        representation: How the agent acts, as declared: `2` direct, `3` indirect; None if no agent is.
        guarantees: References of the guarantees that the debt is charged to (GRN), in the order declared.
        authorisations: Who holds the authorisations that it relies on, in the order declared.
    """

    function: str
    lrn: str
    kind: str
    ucr: str | None
    declarant: Party
    exporter: Party
    importer: Party | None
    agent: Party | None
    dispatch: str | None
    destination: str | None
    delivery_term: str | None
    items: tuple[GoodsItem, ...]
    representation: str | None = None
    guarantees: tuple[str, ...] = ()
    authorisations: tuple[AuthorisationHolder, ...] = ()

    @property
    def is_import(self) -> bool:
        """Whether goods enter the country."""
        return self.kind.startswith("IM")

    def header_json(self) -> dict[str, Any]:
        """The header as JSON values for sealing: what every agency concerned may read; items travel apart."""
        return {
            "function": self.function,
            "lrn": self.lrn,
            "kind": self.kind,
            "ucr": self.ucr,
            "declarant": party_json(self.declarant),
            "exporter": party_json(self.exporter),
            "importer": None if self.importer is None else party_json(self.importer),
            "agent": None if self.agent is None else party_json(self.agent),
            "dispatch": self.dispatch,
            "destination": self.destination,
            "delivery_term": self.delivery_term,
            "items": len(self.items),
            "guarantees": list(self.guarantees),
            "authorisations": [[each.holder, each.category] for each in self.authorisations],
        }


def party_json(party: Party) -> dict[str, str | None]:
    """A party as JSON values."""
    return {"identifier": party.identifier, "name": party.name, "country": party.country}


def item_json(item: GoodsItem) -> dict[str, Any]:
    """A goods item as JSON values; amounts and quantities are decimal strings (domain guide, section 2)."""
    return {
        "number": item.number,
        "commodity_code": item.commodity_code,
        "description": item.description,
        "origin": item.origin,
        "procedure": [item.requested, item.previous, *item.additional],
        "net_mass": quantity_json(item.net_mass),
        "gross_mass": None if item.gross_mass is None else quantity_json(item.gross_mass),
        "value": None if item.value is None else [decimal_text(item.value.minor, MINOR_PER_UNIT), item.value.currency],
        "documents": [
            {
                "type": document.document_type,
                "kind": document.kind.value,
                "code": document.national_code,
                "reference": document.reference,
                "status": document.status,
                "write_off": None if document.write_off is None else quantity_json(document.write_off),
            }
            for document in item.documents
        ],
    }


def quantity_json(quantity: Quantity) -> list[str]:
    """`["31", "KGM"]`."""
    return [decimal_text(quantity.scaled, QUANTITY_SCALE), quantity.unit]


def decimal_text(scaled: int, scale: int) -> str:
    """A scaled integer as the shortest decimal string: `decimal_text(31_500_000, 10**6)` is `31.5`.

    Args:
        scaled: Not negative.
        scale: A power of ten.
    """
    whole, part = divmod(scaled, scale)
    digits = str(part).zfill(len(str(scale)) - 1).rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)
