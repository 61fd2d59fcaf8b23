"""Reading outside XML: bounded, without entities or DTDs, every fault with its path."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # types only: defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_XML_BYTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS

_SCHEMA_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
"""Its attributes say where a schema lies, and nothing of what is declared."""
_DECIMAL: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


class _BoundedBuilder(TreeBuilder):
    """Builds the tree and gives up before it grows past the bounds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_XML_DEPTH:
            raise LimitExceeded("XML nesting", MAX_XML_DEPTH)
        if self._elements > MAX_XML_ELEMENTS:
            raise LimitExceeded("XML elements", MAX_XML_ELEMENTS)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse_xml(content: bytes) -> Element:
    """Return the root element.

    Raises:
        LimitExceeded: Too many bytes, elements or levels.
        Malformed: Not well-formed, or with a DTD, entities or external references.
    """
    if len(content) > MAX_XML_BYTES:
        raise LimitExceeded("XML bytes", MAX_XML_BYTES)
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException as cause:
        text = "a document type or entities are declared, which no reader here follows: leave them out"
        raise Malformed(Fault("forbidden_xml", "", text)) from cause
    except (ParseError, LookupError, UnicodeError, ValueError) as cause:
        raise Malformed(Fault("not_xml", "", str(cause))) from cause
    assert isinstance(root, Element)  # noqa: S101  # _BoundedBuilder builds nothing else
    return root


class Noticed:
    """What a reader took notice of in a tree: elements with their paths, texts and attributes that it asked for.

    Elements count by identity: a part that was moved into another tree keeps what is known of it.
    """

    def __init__(self) -> None:
        self._paths: dict[Element, str] = {}
        self._texts: set[Element] = set()
        self._attributes: set[tuple[Element, str]] = set()

    def element(self, element: Element, path: str) -> None:
        """The element was looked at, whatever was asked of it."""
        self._paths.setdefault(element, path)

    def text(self, element: Element) -> None:
        """Its text was asked for."""
        self._texts.add(element)

    def attribute(self, element: Element, name: str) -> None:
        """An attribute was asked for."""
        self._attributes.add((element, name))

    def passed_over(self, root: Element, path: str, shown: Mapping[str, str]) -> Iterator[str]:
        """Paths of what nobody asked for, in document order; of a part that nobody looked at, that of the part alone.

        Args:
            root: The tree; it counts as looked at.
            path: Its path.
            shown: Names of elements in paths, such as WCO class ids; the tag itself by default.
        """
        yield from self._own(root, path)
        for child, step in steps_below(root, shown):
            below = self._paths.get(child)
            if below is None:
                yield f"{path}/{step}"
            else:
                yield from self.passed_over(child, below, shown)

    def _own(self, element: Element, path: str) -> Iterator[str]:
        for name in element.keys():  # noqa: SIM118  # an element is no mapping: iterating gives its children
            if (element, name) not in self._attributes and not name.startswith(_SCHEMA_INSTANCE):
                yield f"{path}/@{name}"
        stray = [element.text if element not in self._texts else None, *(child.tail for child in element)]
        if any(text and text.strip() for text in stray):
            yield f"{path}/text()"


def steps_below(parent: Element, shown: Mapping[str, str]) -> Iterator[tuple[Element, str]]:
    """Its children and their steps in paths, with a place where there are several of one name."""
    alike, places = Counter(child.tag for child in parent), Counter[str]()
    for child in parent:
        places[child.tag] += 1
        name = child.tag.rpartition("}")[2]
        yield child, shown.get(name, name) + (f"[{places[child.tag]}]" if alike[child.tag] > 1 else "")


class Node:
    """An element, its path, and the list that collects every fault below one root; and what it was asked for."""

    def __init__(
        self, element: Element, namespace: str, path: str, faults: list[Fault], noticed: Noticed | None = None
    ) -> None:
        self._element, self._namespace = element, namespace
        self.path, self.faults = path, faults
        self._noticed = Noticed() if noticed is None else noticed
        self._noticed.element(element, path)

    def fault(self, code: str, tag: str, text: str) -> None:
        """Note a fault at the child `tag`; at this element itself when `tag` is empty."""
        self.faults.append(Fault(code, f"{self.path}/{tag}" if tag else self.path, text))

    def child(self, tag: str, shown: str | None = None) -> "Node | None":
        """The only child of that name; a second one is a fault."""
        found = self.children(tag, shown)
        if len(found) > 1:
            self.fault("repeated", shown or tag, f"{tag} stands here {len(found)} times, it may once")
        return found[0] if found else None

    def children(self, tag: str, shown: str | None = None, *, numbered: bool = False) -> list["Node"]:
        """Children of that name in order.

        Args:
            tag: Element name.
            shown: Its name in paths, such as a WCO class id; the tag itself by default.
            numbered: Whether paths carry the place, from 1.
        """
        elements = self._element.findall(f"{{{self._namespace}}}{tag}")
        return [
            Node(
                element,
                self._namespace,
                f"{self.path}/{shown or tag}" + (f"[{place}]" if numbered else ""),
                self.faults,
                self._noticed,
            )
            for place, element in enumerate(elements, 1)
        ]

    def text(self, tag: str, pattern: str, *, required: bool = True) -> str | None:
        """Stripped text of the only child `tag`, which must match `pattern` in full.

        Returns:
            None when it is absent, or (with a fault noted) when it is missing, empty or does not match.
        """
        node = self.child(tag)
        value = "" if node is None else node._own_text()
        if not value:
            if required:
                self.fault("missing", tag, f"{tag} is required")
            return None
        if re.fullmatch(pattern, value) is None:
            self.fault("wrong_format", tag, f"{value[:40]!r} does not match {pattern}")
            return None
        return value

    def within(self, namespace: str) -> "Node":
        """The same element, whose children are of another namespace."""
        return Node(self._element, namespace, self.path, self.faults, self._noticed)

    def attribute(self, name: str) -> str | None:
        """An attribute without namespace."""
        self._noticed.attribute(self._element, name)
        return self._element.get(name)

    def _own_text(self) -> str:
        self._noticed.text(self._element)
        return (self._element.text or "").strip()

    def decimal(self, tag: str, scale: int, *, required: bool = True) -> int | None:
        """The decimal number in the only child `tag`, times `scale`, exactly; a finer number is a fault."""
        value = self.text(tag, _DECIMAL.pattern, required=required)
        if value is None:
            return None
        whole, _, part = value.partition(".")
        places = len(str(scale)) - 1
        if len(part.rstrip("0")) > places:
            self.fault("too_precise", tag, f"{value} has more than {places} decimals")
            return None
        return int(whole) * scale + int(part[:places].ljust(places, "0") or "0")
