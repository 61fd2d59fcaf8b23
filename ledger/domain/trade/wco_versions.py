"""Versions of one declaration, as WCO messages: what each declares as a whole, and what the next says differently.

A version is named by the SHA-256 of its Declaration element in canonical form: W3C Canonical XML 2.0 with
`TrimTextNodes` and `PrefixRewrite="sequential"`, without comments and without the attributes that say where a schema
lies. So the same declaration has the same name however its sender lays it out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, canonicalize, tostring  # defusedxml parsed what is written here

from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32
from ledger.domain.trade.wco_names import DECLARATION, NUMBERED, SHOWN, TAGS

_SCHEMA_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_ITEM: Final = f"{{{DECLARATION}}}GovernmentAgencyGoodsItem"
_ITEM_NUMBER: Final = f"{{{DECLARATION}}}SequenceNumeric"
_TAG_OF: Final = {name: tag for tag, name in TAGS.items()}

Place = tuple[str, str]
"""A child's name, and its place among those of that name; of a goods item, its own number."""


@dataclass(frozen=True)
class Change:
    """One value that a version says differently.

    Attributes:
        path: WCO path, down to a tag where there is one, else to an element's name or an attribute's:
            `42A/67A/68A[1]/02A[1]/360`, `42A/67A/68A[1]/23A/Description`, `…/ItemChargeAmount/@currencyID`.
        before, after: Stripped text; None where there is nothing.
    """

    path: str
    before: str | None
    after: str | None


def declared_digest(body: Element) -> Digest32:
    """Name of what a Declaration element declares."""
    alone = Element(body.tag, body.attrib)
    alone.text = body.text
    alone.extend(body)
    form = canonicalize(
        tostring(alone, encoding="unicode"), strip_text=True, rewrite_prefixes=True, exclude_attrs=[_SCHEMA_LOCATION]
    )
    return digest(form.encode())


def differences(before: Element, after: Element) -> Iterator[Change]:
    """All that `after`, a Declaration element, says differently from `before`, in its own order; what is gone last."""
    yield from _compared(before, after, "42A")


def _compared(before: Element | None, after: Element | None, path: str) -> Iterator[Change]:
    old, new = _own_text(before), _own_text(after)
    if old != new:
        yield Change(path, old, new)
    said = [{} if each is None else each.attrib for each in (before, after)]
    for name in sorted({*said[0], *said[1]} - {_SCHEMA_LOCATION}):
        if said[0].get(name) != said[1].get(name):
            yield Change(f"{path}/@{name}", said[0].get(name), said[1].get(name))
    olds, news = _children(before), _children(after)
    several = {tag for tag, place in (*olds, *news) if place != "1"}
    for tag, place in dict.fromkeys((*news, *olds)):
        name = tag.rpartition("}")[2]
        step = SHOWN.get(name) or _TAG_OF.get(name) or name
        numbered = f"[{place}]" if step in NUMBERED or tag in several else ""
        yield from _compared(olds.get((tag, place)), news.get((tag, place)), f"{path}/{step}{numbered}")


def _own_text(element: Element | None) -> str | None:
    """Its text, empty for an empty element; None for one that only holds others."""
    if element is None:
        return None
    text = (element.text or "").strip()
    return None if not text and (len(element) or element.attrib) else text


def _children(parent: Element | None) -> dict[Place, Element]:
    found: dict[Place, Element] = {}
    counts: dict[str, int] = {}
    for child in () if parent is None else parent:
        counts[child.tag] = counts.get(child.tag, 0) + 1
        number = (child.findtext(_ITEM_NUMBER) or "").strip() if child.tag == _ITEM else ""
        found[child.tag, number or str(counts[child.tag])] = child
    return found
