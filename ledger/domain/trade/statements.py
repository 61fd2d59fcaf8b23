"""What a document says of one consignment or goods item, in a form in which two documents can be compared.

A statement names what it is about (a UCR or an MRN, and an item number or none for the whole consignment) and facts
under fixed names. A document that is none of those read here says nothing comparable: that is no fault of it. Anybody
may anchor a document of these kinds, so each value of a statement is bounded, in size and in what it is made of.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ledger.domain.canonical import loads
from ledger.domain.errors import LimitExceeded, Malformed
from ledger.domain.ids import DocumentType, ParticipantId, RecordId
from ledger.domain.limits import MAX_GOODS_ITEMS, MAX_ITEM_DOCUMENTS, MAX_XML_BYTES
from ledger.domain.record import Opening, Record, is_json
from ledger.domain.trade.declaration import GoodsDeclaration, item_json
from ledger.domain.trade.references import is_ucr
from ledger.domain.trade.wco_xml import read_declaration

COMPARED: Final = ("commodity", "origin", "net_mass", "gross_mass", "value", "declarant", "exporter", "importer")
"""Facts that are compared (domain guide, invariant 9: commodity, quantity, value, parties)."""
XML_TYPES: Final = frozenset({"application/xml", "text/xml"})
MAX_FACT_CHARS: Final = 100
"""Of one value: identifiers, codes and amounts are far shorter."""
MAX_VALUES: Final = 100
"""Values of one fact: a certificate lists its commodities."""

_UNIT: Final = re.compile(r"[A-Z0-9]{2,3}(#[A-Z0-9])?")
"""UN/ECE Recommendation 20 code with HMRC's qualifier, or a currency."""

Facts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Statement:
    """What one document says of one thing.

    Attributes:
        about: `ucr:4DP99…` or `mrn:24GB…`.
        item: Goods item number, 1 to `MAX_GOODS_ITEMS`; None: the whole consignment.
        facts: Values by name, e.g. `{"commodity": ("0808108010",), "net_mass": ("31 KGM",)}`.
        number: The document's own number, if it names one.
        cites: Numbers of the documents that the item cites, at most `MAX_ITEM_DOCUMENTS`.
    """

    about: str
    item: int | None
    facts: Facts
    number: str | None = None
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stated:
    """A statement and who makes it.

    Attributes:
        statement: What is said.
        record_id: The document.
        issuer: Its issuer.
        document_type: Its type; a later document of the same issuer and type speaks in the place of an earlier one.
    """

    statement: Statement
    record_id: RecordId
    issuer: ParticipantId
    document_type: DocumentType


def statements_of(
    record_id: RecordId, record: Record, openings: Sequence[Opening], content: bytes | None
) -> list[Stated]:
    """All that a document says, from the claims that are open and, where it could be read, from its content.

    Of each thing it makes one statement: what it says of an item in several places is put together.
    """
    claims = {opening.name: opening.value for opening in openings}
    media_type = claims["content"]["media_type"] if "content" in claims else ""
    found = [*_of_claims(claims), *(() if content is None else _of_content(content, media_type, claims))]
    of_one_thing: dict[tuple[str, int | None], list[Statement]] = {}
    for each in found:
        of_one_thing.setdefault((each.about, each.item), []).append(each)
    together = map(_together, of_one_thing.values())
    return [Stated(each, record_id, record.issuer, record.type) for each in together if each.facts]


def _together(said: Sequence[Statement]) -> Statement:
    """One statement with all that these say of the same thing."""
    if len(said) == 1:
        return said[0]
    facts = {
        name: tuple(dict.fromkeys(value for each in said for value in each.facts.get(name, ())))[:MAX_VALUES]
        for name in COMPARED
    }
    number = next((each.number for each in said if each.number is not None), None)
    cites = tuple(dict.fromkeys(cited for each in said for cited in each.cites))[:MAX_ITEM_DOCUMENTS]
    stated = {name: values for name, values in facts.items() if values}
    return Statement(said[0].about, said[0].item, stated, number, cites)


def is_comparable(claims: Mapping[str, Any]) -> bool:
    """Whether a document's content is of a kind and size that is read for statements."""
    content = claims.get("content")
    if content is None or content["bytes"] > MAX_XML_BYTES:
        return False
    return is_json(content["media_type"]) or content["media_type"] in XML_TYPES


def _of_claims(claims: Mapping[str, Any]) -> Iterator[Statement]:
    """Single fields that an issuer opened: a certificate lists the commodities that it covers."""
    about, number, commodities = _about(claims), _short(claims.get("number")), claims.get("field:/commodities")
    if about is None or number is None or not isinstance(commodities, list):
        return
    values = tuple(text for each in commodities[:MAX_VALUES] if (text := _short(each)) is not None)
    yield Statement(about, None, {"commodity": values} if values else {}, number=number)


def _about(claims: Mapping[str, Any]) -> str | None:
    for name, kind in (("ref.ucr", "ucr"), ("ref.mrn", "mrn")):
        reference = _short(claims.get(name))
        if reference is not None:
            return f"{kind}:{reference}"
    return None


def _of_content(content: bytes, media_type: str, claims: Mapping[str, Any]) -> list[Statement]:
    try:
        if media_type in XML_TYPES:
            return _of_declaration(read_declaration(content))
        value = loads(content, max_bytes=MAX_XML_BYTES)
    except (Malformed, LimitExceeded):
        return []
    if not isinstance(value, dict):
        return []
    readers: tuple[Callable[[dict[str, Any], Mapping[str, Any]], list[Statement]], ...] = (
        _of_item_part,
        _of_header_part,
        _of_clearance_request,
    )
    try:
        return next((found for read in readers if (found := read(value, claims))), [])
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation):  # another kind of document after all
        return []


def _of_declaration(declaration: GoodsDeclaration) -> list[Statement]:
    if declaration.ucr is None:  # nothing else names the consignment to others
        return []
    about = f"ucr:{declaration.ucr}"
    whole = {"declarant": declaration.declarant, "exporter": declaration.exporter, "importer": declaration.importer}
    parties = {role: party.identifier for role, party in whole.items() if party is not None}
    items = [_item(about, item_json(item)) for item in declaration.items]
    return [Statement(about, None, _facts(parties)), *items]


def _of_item_part(value: dict[str, Any], claims: Mapping[str, Any]) -> list[Statement]:
    """One goods item as a declaration is sealed: `declaration.item_json`."""
    about = _about(claims)
    return (
        [_item(about, value)] if about is not None and {"number", "commodity_code", "net_mass"} <= value.keys() else []
    )


def _of_header_part(value: dict[str, Any], _: Mapping[str, Any]) -> list[Statement]:
    """A declaration's header as it is sealed: `GoodsDeclaration.header_json`."""
    if not {"lrn", "ucr", "declarant"} <= value.keys() or not is_ucr(str(value["ucr"])):
        return []
    parties = {role: value[role]["identifier"] for role in ("declarant", "exporter", "importer") if value.get(role)}
    return [Statement(f"ucr:{value['ucr']}", None, _facts(parties))]


def _of_clearance_request(value: dict[str, Any], _: Mapping[str, Any]) -> list[Statement]:
    """Customs' request to a border agency, as Defra's gateway takes it."""
    header = value.get("header")
    if not isinstance(header, dict) or "declarationUCR" not in header:
        return []
    ucr = _short(header["declarationUCR"])
    if ucr is None:
        return []
    about = f"ucr:{ucr}"
    found = [Statement(about, None, _facts({"declarant": header.get("declarantId")}))]
    for item in value["items"][:MAX_GOODS_ITEMS]:
        facts = {
            "commodity": item.get("taricCommodityCode"),
            "origin": item.get("itemOriginCountryCode"),
            "net_mass": _quantity(item.get("itemNetMass"), "KGM"),
            "importer": item.get("consigneeId"),
        }
        cites = _cites(item.get("documents", ()), "documentReference")
        found.append(Statement(about, _item_number(item["itemNumber"]), _facts(facts), cites=cites))
    return found


def _item(about: str, item: Mapping[str, Any]) -> Statement:
    facts = {
        "commodity": item["commodity_code"],
        "origin": item["origin"],
        "net_mass": _quantity(*item["net_mass"]),
        "gross_mass": None if item.get("gross_mass") is None else _quantity(*item["gross_mass"]),
        "value": None if item.get("value") is None else _quantity(*item["value"]),
    }
    cites = _cites(item.get("documents", ()), "reference")
    return Statement(about, _item_number(item["number"]), _facts(facts), cites=cites)


def _item_number(value: Any) -> int:
    """Raises `ValueError` for what is no goods item's number."""
    number = int(value)
    if not 1 <= number <= MAX_GOODS_ITEMS:
        raise ValueError(f"no goods item has the number {number}")
    return number


def _cites(documents: Any, name: str) -> tuple[str, ...]:
    numbers = (_short(document[name]) for document in documents[:MAX_ITEM_DOCUMENTS])
    return tuple(number for number in numbers if number is not None)


def _facts(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (text,) for name, value in values.items() if (text := _short(value)) is not None}


def _short(value: Any) -> str | None:
    """A text of usual size without control characters; None for another value."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_FACT_CHARS and value.isprintable() else None


def _quantity(amount: Any, unit: str) -> str | None:
    """`31 KGM`, in the shortest form, so that 31 and 31.000 are equal; None for what is no quantity."""
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", str(amount)) or not _UNIT.fullmatch(unit):
        return None
    text = f"{Decimal(str(amount)):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"
