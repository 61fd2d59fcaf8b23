"""What a bare file says of itself when nobody's record knows it: a trade message, read, with all that is wrong in it.

Nothing of this vouches for the file. It tells an agency that was handed a message whether its own readers would take
it, and what it announces.
"""

from collections.abc import Callable
from typing import Any, Final
from xml.etree.ElementTree import Element  # a type only: defusedxml parses

from ledger.domain import canonical
from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.limits import MAX_XML_BYTES, MIB
from ledger.domain.trade import ephyto
from ledger.domain.trade.agency_message import VALIDATED, is_decisions, is_notification, read_decisions
from ledger.domain.trade.ncts import is_transit, read_transit
from ledger.domain.trade.wco_names import DECLARATION, METADATA
from ledger.domain.trade.wco_xml import body_of, declaration_in
from ledger.domain.trade.xml import parse_xml

MAX_MESSAGE_BYTES: Final = MIB
"""A JSON message that is looked at; an agency's stay below 100 KiB."""


def recognise(content: bytes) -> dict[str, Any]:
    """What kind of message it is (`read_as`), what it announces, and its `faults`; empty if it is none known here."""
    start = content[:256].lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        if start.startswith(b"<") and len(content) <= MAX_XML_BYTES:
            return _xml(content)
        if start.startswith(b"{") and len(content) <= MAX_MESSAGE_BYTES:
            return _json(content)
    except (Malformed, LimitExceeded):
        return {}  # no message at all
    return {}


def _xml(content: bytes) -> dict[str, Any]:
    root = parse_xml(content)
    if root.tag == f"{{{METADATA}}}MetaData":
        return _read("WCO DEC", lambda: _declaration(root))
    if root.tag == f"{{{ephyto.SPS}}}SPSCertificate":
        return _read("IPPC ePhyto", lambda: {"number": ephyto.read_ephyto(content).number})
    if is_transit(root):
        return _read("NCTS", lambda: vars(read_transit(root)))
    return {}


def _declaration(root: Element) -> dict[str, Any]:
    faults: list[Fault] = []
    body = body_of(root, faults)
    function = (body.findtext(f"{{{DECLARATION}}}FunctionCode") or "").strip()
    if function != "9":
        if faults:
            raise Malformed(*faults)
        return {"function": function}
    declaration = declaration_in(body, faults)
    return {"function": function, "kind": declaration.kind, "items": len(declaration.items)}


def _json(content: bytes) -> dict[str, Any]:
    message = canonical.loads(content, max_bytes=MAX_MESSAGE_BYTES)
    if not isinstance(message, dict):
        return {}
    if is_decisions(message):
        return _read("agency's decision", lambda: _decisions(message))
    if is_notification(message):
        status = str(message["Status"])[:64]
        return {"read_as": "import notification", "status": status, "is_permit": status == VALIDATED}
    return {}


def _decisions(message: dict[str, Any]) -> dict[str, Any]:
    decisions = read_decisions(message)
    return {"decisions": [{"item": d.item, "check": d.check, "decision": d.decision.name} for d in decisions]}


def _read(kind: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"read_as": kind, **read(), "faults": []}
    except Malformed as error:
        faults = [{"code": fault.code, "path": fault.path, "text": fault.text} for fault in error.faults]
        return {"read_as": kind, "faults": faults}
