"""WCO messages of the samples, as tests need them: changed copies, and what two answers have in common."""

import re
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from ledger.domain.errors import Malformed
from ledger.domain.trade.wco_xml import read_declaration
from tests.support.samples import sample

DOCUMENT = re.compile(rb"<AdditionalDocument>.*?</AdditionalDocument>\s*", re.DOTALL)
SHIPMENT = re.compile(rb"<GovernmentAgencyGoodsItem>.*", re.DOTALL)
UCR = b"<PreviousDocument><ID>1GB150454489082-12345</ID><TypeCode>DCR</TypeCode></PreviousDocument>"


def within_profile(name: str) -> bytes:
    """A sample declaration without the documents that the profile has no type for, and with a UCR if it has none.

    What is taken out is exactly what the reader names.
    """
    content = sample(name)
    try:
        read_declaration(content)
    except Malformed as refused:
        unknown = [
            int(f.path.rsplit("[", 1)[1].split("]")[0]) for f in refused.faults if f.code == "unknown_document_code"
        ]
        content = _without(content, unknown)
        if any(f.path == "42A/67A/PreviousDocument" for f in refused.faults):
            content = content.replace(b"</GovernmentAgencyGoodsItem>", b"</GovernmentAgencyGoodsItem>" + UCR, 1)
    read_declaration(content)
    return content


def _without(content: bytes, places: list[int]) -> bytes:
    """Without the item's documents at those places, from 1."""
    found = SHIPMENT.search(content)
    assert found is not None
    head, item = content[: found.start()], found[0]
    documents = list(DOCUMENT.finditer(item))
    for place in sorted(places, reverse=True):
        item = item[: documents[place - 1].start()] + item[documents[place - 1].end() :]
    return head + item


def skeleton(xml: bytes | str) -> set[str]:
    """Paths of all elements that hold a text, without namespaces: the shape of a message."""
    root = fromstring(xml)
    return {path for path, text in _leaves(root, "") if text}


def texts(xml: bytes | str, path: str) -> list[str]:
    """Texts of every element at that path, in order."""
    return [text for found, text in _leaves(fromstring(xml), "") if found.endswith(path)]


def _leaves(element: Element, above: str) -> list[tuple[str, str]]:
    path = f"{above}/{element.tag.rpartition('}')[2]}"
    own = [(path, (element.text or "").strip())]
    return own + [leaf for child in element for leaf in _leaves(child, path)]
