"""What WCO messages ask for, and what two of them have in common, as tests compare them."""

from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from ledger.domain.trade.wco_request import Request, read_message


def read_request(content: bytes, lodged: bytes | None = None) -> Request:
    """What a message asks for; `lodged` is the declaration in force."""
    return read_message(content, None if lodged is None else lambda _: lodged).request


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
