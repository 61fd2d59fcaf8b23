"""WCO Data Model 3.6 declarations (`DEC`, HMRC's profile) → `GoodsDeclaration`, or every fault at once.

Paths are WCO class ids where the domain guide names them (42A declaration, 67A goods shipment, 68A goods item, 02A
additional document, 23A commodity, 65A goods measure, 70A procedure), element names elsewhere:
`42A/67A/68A[3]/02A[1]/TypeCode`. Places count from 1 in document order.
"""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element  # a type only: defusedxml parses

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_AUTHORISATIONS, MAX_GOODS_ITEMS, MAX_GUARANTEES, MAX_ITEM_DOCUMENTS
from ledger.domain.trade.codes import UK_DOCUMENT_CODES
from ledger.domain.trade.declaration import (
    MINOR_PER_UNIT,
    QUANTITY_SCALE,
    Amount,
    AuthorisationHolder,
    CitedDocument,
    GoodsDeclaration,
    GoodsItem,
    Party,
    Quantity,
)
from ledger.domain.trade.references import is_ucr
from ledger.domain.trade.wco_names import DECLARATION, METADATA, unknown_elements
from ledger.domain.trade.xml import Node, Noticed, parse_xml

_TEXT: Final = r"[^\x00-\x1f]{1,512}"
_REFERENCE: Final = r"[!-~]{1,70}"
_DOCUMENT_REFERENCE: Final = r"[!-~]([ -~]{0,68}[!-~])?"
"""A document's own number, as its issuer wrote it: `GB AEOC 14274/19`."""
_PARTY_ID: Final = r"[A-Z0-9]{3,17}"
_GUARANTEE: Final = r"[!-~]{1,35}"
_COUNTRY: Final = r"[A-Z]{2}"
_CURRENCY: Final = r"[A-Z]{3}"
_UNIT: Final = r"[A-Z0-9]{2,3}(#[A-Z0-9])?"


def read_declaration(content: bytes) -> GoodsDeclaration:
    """Read an original declaration.

    Raises:
        LimitExceeded: Larger than the bounds of `limits.py`.
        Malformed: With all faults found.
    """
    faults: list[Fault] = []
    return declaration_in(body_of(parse_xml(content), faults), faults)


def body_of(root: Element, faults: list[Fault], noticed: Noticed | None = None) -> Element:
    """The Declaration element of a `DEC` message; what is wrong around it, and unknown names in it, go to `faults`.

    Raises `Malformed` if the message holds no declaration.
    """
    if root.tag != f"{{{METADATA}}}MetaData":
        space, _, name = root.tag.rpartition("}")
        found = f"{name[:80]} in {f'the namespace {space[1:81]}' if space else 'no namespace'}"
        raise Malformed(Fault("not_a_declaration", "", f"the root is {found}, not MetaData in {METADATA}"))
    faults.extend(unknown_elements(root))
    metadata = Node(root, METADATA, "MetaData", faults, noticed)
    metadata.text("WCODataModelVersionCode", r"3\.6")
    metadata.text("WCOTypeName", "DEC")
    bodies = root.findall(f"{{{DECLARATION}}}Declaration")
    if len(bodies) != 1:
        raise Malformed(*faults, Fault("missing", "42A", f"one Declaration is required, {len(bodies)} are here"))
    return bodies[0]


def declaration_in(body: Element, faults: list[Fault], noticed: Noticed | None = None) -> GoodsDeclaration:
    """Read the Declaration element of an original declaration.

    Raises as `read_declaration` does, beginning with the faults that were found around it.
    """
    declaration = _declaration(Node(body, DECLARATION, "42A", faults, noticed))
    if faults or declaration is None:
        raise Malformed(*faults)
    return declaration


def _declaration(node: Node) -> GoodsDeclaration | None:
    function = node.text("FunctionCode", "9")
    lrn = node.text("FunctionalReferenceID", r"[!-~]{1,35}")
    kind = node.text("TypeCode", r"(IM|EX)[A-Z]")
    declared_items = node.decimal("GoodsItemQuantity", 1)
    declarant = _party(node, "Declarant", required=True)
    agent = _party(node, "Agent", required=False)
    agent_node = node.child("Agent")
    representation = None if agent_node is None else agent_node.text("FunctionCode", "[23]", required=False)
    exporter = _party(node, "Exporter", required=True)
    shipment = node.child("GoodsShipment", "67A")
    if shipment is None:
        node.fault("missing", "67A", "GoodsShipment is required")
        return None
    importer = _party(shipment, "Importer", required=bool(kind and kind.startswith("IM")))
    ucr = _ucr(shipment)
    terms = shipment.child("TradeTerms")
    destination, dispatch = shipment.child("Destination"), shipment.child("ExportCountry")
    items = _items(shipment, priced=bool(kind and kind.startswith("IM")))
    if declared_items is not None and declared_items != len(items):
        node.fault("contradiction", "GoodsItemQuantity", f"{declared_items} items are declared, {len(items)} are here")
    _packages(node, shipment)
    goods = tuple(item for item in items if item is not None)
    _one_procedure(node, goods)
    result_dispatch = None if dispatch is None else dispatch.text("ID", _COUNTRY)
    result_destination = None if destination is None else destination.text("CountryCode", _COUNTRY)
    term = None if terms is None else terms.text("ConditionCode", r"[A-Z]{3}")
    guarantees, authorisations = _guarantees(node), _authorisations(node)
    if node.faults or not (function and lrn and kind and declarant and exporter):
        return None
    return GoodsDeclaration(
        function,
        lrn,
        kind,
        ucr,
        declarant,
        exporter,
        importer,
        agent,
        result_dispatch,
        result_destination,
        term,
        goods,
        representation,
        guarantees,
        authorisations,
    )


def _party(node: Node, tag: str, *, required: bool) -> Party | None:
    party = node.child(tag)
    if party is None:
        if required:
            node.fault("missing", tag, f"{tag} is required")
        return None
    identifier = party.text("ID", _PARTY_ID, required=False)
    name = party.text("Name", _TEXT, required=False)
    address = party.child("Address")
    country = None if address is None else address.text("CountryCode", _COUNTRY)
    if required and identifier is None and name is None:
        party.fault("missing", "ID", f"{tag} needs an identifier, or a name and address")
    return Party(identifier, name, country)


def _guarantees(node: Node) -> tuple[str, ...]:
    """References of guarantees; one without a reference (a type that needs none) is left out."""
    found = node.children("ObligationGuarantee", numbered=True)
    if len(found) > MAX_GUARANTEES:
        raise LimitExceeded("guarantees of a declaration", MAX_GUARANTEES)
    references = [each.text("ReferenceID", _GUARANTEE, required=False) for each in found]
    return tuple(reference for reference in references if reference is not None)


def _authorisations(node: Node) -> tuple[AuthorisationHolder, ...]:
    found = node.children("AuthorisationHolder", "17C", numbered=True)
    if len(found) > MAX_AUTHORISATIONS:
        raise LimitExceeded("authorisations of a declaration", MAX_AUTHORISATIONS)
    read = [(each.text("ID", _PARTY_ID), each.text("CategoryCode", "[0-9A-Z]{2,4}")) for each in found]
    return tuple(AuthorisationHolder(holder, kind) for holder, kind in read if holder is not None and kind is not None)


def _ucr(shipment: Node) -> str | None:
    """The consignment's UCR; None if none is declared, which a declarant is free to do."""
    for previous in shipment.children("PreviousDocument", numbered=True):
        if previous.text("TypeCode", _REFERENCE) == "DCR":
            reference = previous.text("ID", _REFERENCE)
            if reference is not None and not is_ucr(reference):
                previous.fault("wrong_format", "ID", f"{reference!r} is no Unique Consignment Reference")
                return None
            return reference
    return None


def _items(shipment: Node, *, priced: bool) -> list[GoodsItem | None]:
    nodes = shipment.children("GovernmentAgencyGoodsItem", "68A", numbered=True)
    if not nodes:
        shipment.fault("missing", "68A", "at least one goods item is required")
    if len(nodes) > MAX_GOODS_ITEMS:
        raise LimitExceeded("goods items", MAX_GOODS_ITEMS)
    return [_item(node, place, priced=priced) for place, node in enumerate(nodes, 1)]


def _packages(node: Node, shipment: Node) -> None:
    """The number of packages in all is the sum of the items', where every item tells its own."""
    total = node.decimal("TotalPackageQuantity", 1, required=False)
    items = shipment.children("GovernmentAgencyGoodsItem", "68A", numbered=True)
    packed = [item.children("Packaging", numbered=True) for item in items]
    counts = [packages.decimal("QuantityQuantity", 1, required=False) for of_item in packed for packages in of_item]
    found = sum(count for count in counts if count is not None)
    if total is not None and all(packed) and None not in counts and total != found:
        node.fault("contradiction", "TotalPackageQuantity", f"{total} packages are declared, the items have {found}")


def _one_procedure(node: Node, items: Sequence[GoodsItem]) -> None:
    for item in items:
        if (item.requested, item.previous) != (items[0].requested, items[0].previous):
            place = f"67A/68A[{item.number}]/70A[1]"
            node.fault("contradiction", place, "items under several procedures are several declarations")


def _item(node: Node, place: int, *, priced: bool) -> GoodsItem | None:
    before = len(node.faults)
    number = node.decimal("SequenceNumeric", 1)
    if number is not None and number != place:
        node.fault("contradiction", "SequenceNumeric", f"item {number} stands in place {place}; they count from 1")
    documents = _documents(node)
    procedures = _procedures(node)
    origin_node = _origin(node)
    origin = None if origin_node is None else origin_node.text("CountryCode", _COUNTRY)
    commodity = node.child("Commodity", "23A")
    if commodity is None:
        node.fault("missing", "23A", "Commodity is required")
        return None
    description = commodity.text("Description", _TEXT)
    code = _commodity_code(commodity)
    net, gross = _masses(commodity)
    value = _price(commodity, required=priced)
    if origin_node is None and priced:  # exporters of goods in free circulation need not declare it
        node.fault("missing", "Origin", "Origin is required on an import")
    if len(node.faults) > before or description is None or code is None or net is None or procedures is None:
        return None
    requested, previous, *additional = procedures
    return GoodsItem(
        place, code, description, origin, requested, previous, tuple(additional), net, gross, value, documents
    )


def _origin(node: Node) -> Node | None:
    """The country of origin (type 1, data element 5/15); a preferential one (type 2, 5/16) may stand beside it."""
    found = node.children("Origin")
    if len(found) < 2:
        return found[0] if found else None
    plain = [each for each in found if each.text("TypeCode", "[0-9]") == "1"]
    if len(plain) != 1:
        node.fault("repeated", "Origin", f"{len(plain)} of {len(found)} countries of origin are of type 1, one may be")
    return plain[0] if plain else found[0]


def _procedures(node: Node) -> list[str] | None:
    nodes = node.children("GovernmentProcedure", "70A", numbered=True)
    if not nodes:
        node.fault("missing", "70A", "GovernmentProcedure is required")
        return None
    first, *others = nodes
    requested, previous = first.text("CurrentCode", "[0-9]{2}"), first.text("PreviousCode", "[0-9]{2}")
    additional = [other.text("CurrentCode", "[0-9A-Z]{3}") for other in others]
    codes = [requested, previous, *additional]
    return None if None in codes else [code for code in codes if code is not None]


def _commodity_code(commodity: Node) -> str | None:
    """Combined nomenclature digits (TSP), then the TARIC digits (TRC)."""
    parts = {}
    for classification in commodity.children("Classification", numbered=True):
        kind = classification.text("IdentificationTypeCode", r"[A-Z]{2,3}")
        if kind in ("TSP", "TRC"):
            parts[kind] = classification.text("ID", "[0-9]{2}" if kind == "TRC" else "[0-9]{6,10}")
    if "TSP" not in parts:
        commodity.fault("missing", "Classification", "a commodity code (type TSP) is required")
    main = parts.get("TSP")
    return None if main is None else main + (parts.get("TRC") or "")


def _masses(commodity: Node) -> tuple[Quantity | None, Quantity | None]:
    measure = commodity.child("GoodsMeasure", "65A")
    if measure is None:
        commodity.fault("missing", "65A", "GoodsMeasure is required")
        return None, None
    net = measure.decimal("NetNetWeightMeasure", QUANTITY_SCALE)
    gross = measure.decimal("GrossMassMeasure", QUANTITY_SCALE, required=False)
    for tag in ("NetNetWeightMeasure", "GrossMassMeasure"):
        mass = measure.child(tag)
        if mass is not None and mass.attribute("unitCode") not in (None, "KGM"):
            measure.fault("wrong_format", tag, "masses are declared in KGM")
    if net is not None and gross is not None and net > gross:
        measure.fault("contradiction", "NetNetWeightMeasure", "the net mass is greater than the gross mass")
    return None if net is None else Quantity(net, "KGM"), None if gross is None else Quantity(gross, "KGM")


def _price(commodity: Node, *, required: bool) -> Amount | None:
    line = commodity.child("InvoiceLine")
    if line is None:
        if required:
            commodity.fault("missing", "InvoiceLine", "the item's price is required on an import")
        return None
    minor = line.decimal("ItemChargeAmount", MINOR_PER_UNIT)
    charge = line.child("ItemChargeAmount")
    currency = None if charge is None else charge.attribute("currencyID")
    if charge is not None and (currency is None or re.fullmatch(_CURRENCY, currency) is None):
        line.fault("wrong_format", "ItemChargeAmount", "an amount needs its ISO 4217 currencyID")
        return None
    if minor is None or currency is None:
        return None
    return Amount(minor, currency)


def _documents(node: Node) -> tuple[CitedDocument, ...]:
    found = node.children("AdditionalDocument", "02A", numbered=True)
    if len(found) > MAX_ITEM_DOCUMENTS:
        raise LimitExceeded("documents of a goods item", MAX_ITEM_DOCUMENTS)
    return tuple(document for document in map(_document, found) if document is not None)


def _document(node: Node) -> CitedDocument | None:
    category, kind = node.text("CategoryCode", "[0-9A-Z]"), node.text("TypeCode", "[0-9A-Z]{3}")
    reference = node.text("ID", _DOCUMENT_REFERENCE)
    status = node.text("LPCOExemptionCode", "[A-Z]{2}", required=False)
    write_off = _write_off(node)
    if category is None or kind is None:
        return None
    code = category + kind
    known = UK_DOCUMENT_CODES.get(code)
    if known is None:
        node.fault("unknown_document_code", "TypeCode", f"{code} maps to no document type")
        return None
    if reference is None:
        return None
    return CitedDocument(known.document_type, known.kind, code, reference, status, write_off)


def _write_off(node: Node) -> Quantity | None:
    charged = node.child("WriteOff")
    if charged is None:
        return None
    scaled = charged.decimal("QuantityQuantity", QUANTITY_SCALE)
    quantity = charged.child("QuantityQuantity")
    unit = None if quantity is None else quantity.attribute("unitCode")
    if scaled == 0:
        charged.fault("wrong_format", "QuantityQuantity", "a write-off is greater than zero")
    if quantity is not None and (unit is None or re.fullmatch(_UNIT, unit) is None):
        charged.fault("wrong_format", "QuantityQuantity", "a quantity needs its Recommendation 20 unitCode")
        return None
    if scaled is None or unit is None:
        return None
    return Quantity(scaled, unit)
