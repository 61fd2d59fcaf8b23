"""NCTS phase 5 transit messages: what every such message has, and whose office it names (IE014, IE015, IE029).

Not the whole schema: the elements without which no office could act on the message, each missing one with its path.
"""

from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element  # a type only: defusedxml parses

from ledger.domain.errors import Fault, Malformed
from ledger.domain.trade.xml import Node

NAMESPACE: Final = "http://ncts.dgtaxud.ec"
_HEADER: Final = ("messageSender", "messageRecipient", "preparationDateAndTime", "messageIdentification", "messageType")
_WORDS: Final = r"[^\x00-\x1f]{1,512}"
_OFFICE: Final = "[A-Z]{2}[A-Z0-9]{6}"
_NEEDED: Final = {
    "CC014C": (("Invalidation", "justification"), ("CustomsOfficeOfDeparture", "referenceNumber")),
    "CC015C": (("TransitOperation", "LRN"), ("CustomsOfficeOfDeparture", "referenceNumber")),
    "CC029C": (("TransitOperation", "MRN"), ("CustomsOfficeOfDeparture", "referenceNumber")),
}
"""What each message needs beside its header."""


@dataclass(frozen=True)
class TransitMessage:
    """What is read of a transit message.

    Attributes:
        kind: `CC015C`.
        departure: Customs office of departure: country and six characters.
    """

    kind: str
    departure: str


def is_transit(root: Element) -> bool:
    """Whether a root element is one of the messages read here."""
    return root.tag.removeprefix(f"{{{NAMESPACE}}}") in _NEEDED and root.tag.startswith("{")


def read_transit(root: Element, *, countries: frozenset[str] = frozenset({"GB", "XI"})) -> TransitMessage:
    """Read a transit message.

    Args:
        root: Its root element, for which `is_transit` holds.
        countries: Whose offices of departure may be named.

    Raises:
        Malformed: With every missing element, or `office_outside` for an office of departure of another country.
    """
    kind, faults = root.tag.rpartition("}")[2], list[Fault]()
    message = Node(root, "", kind, faults)
    for tag in _HEADER:
        message.text(tag, _WORDS)
    departure = None
    for group, tag in _NEEDED[kind]:
        parent = message.child(group)
        if parent is None:
            message.fault("missing", group, f"{group} is required")
            continue
        found = parent.text(tag, _OFFICE if tag == "referenceNumber" else _WORDS)
        departure = found if tag == "referenceNumber" else departure
    if kind == "CC015C" and departure is not None and departure[:2] not in countries:
        place = "CustomsOfficeOfDeparture/referenceNumber"
        message.fault("office_outside", place, f"{departure} is no office of {', '.join(sorted(countries))}")
    if faults or departure is None:
        raise Malformed(*faults)
    return TransitMessage(kind, departure)
