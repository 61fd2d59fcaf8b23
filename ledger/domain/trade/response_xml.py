"""Customs' answers as WCO Data Model 3.6 `RES` messages, in the shape of HMRC's: no namespace, times of format 304.

A WCO path becomes pointers: `42A/17C[1]/R144` is the class 42A, then the first 17C with the tag R144. A path of our own
readers may end in names of elements, which have no tag id here: of an error they stand in the description, of a changed
value in the changed data.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring  # writes; defusedxml parses

from ledger.domain.errors import Fault
from ledger.domain.trade.declaration import MINOR_PER_UNIT
from ledger.domain.trade.response import Response
from ledger.domain.trade.wco_names import CLASSES, TAGS

UTC_FORMAT: Final = "304"
"""UN/CEFACT 2379: CCYYMMDDHHMMSSZ with `Z`."""
_STEP: Final = re.compile(r"([0-9]{2}[A-Z])(?:\[([0-9]+)\])?")
_TAG: Final = re.compile(r"[A-Z]?[0-9]{3}")
_NAMED: Final = re.compile(r"([A-Za-z0-9]{1,64})(?:\[[0-9]{1,5}\])?")
"""A step of a changed path: class, tag or element, and its place."""
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INFORMED: Final = frozenset({"09", "10"})
"""Answers that carry their reason code as a statement (AFB)."""
_OWN_TIME: Final = {"01": "AcceptanceDateTime", "03": "RejectionDateTime", "10": "CancellationDateTime"}
"""Answers that state their time within the declaration too."""


def write_response(response: Response, *, currency: str) -> str:
    """The message of an answer.

    Args:
        response: The answer.
        currency: ISO 4217 alpha-3 of its amounts.
    """
    root = Element("MetaData")
    _put(root, "WCODataModelVersionCode", "3.6")
    _put(root, "WCOTypeName", "RES")
    body = SubElement(root, "Response")
    _put(body, "FunctionCode", response.function)
    _put(body, "FunctionalReferenceID", response.reference)
    _time(body, "IssueDateTime", response.issued_at)
    if response.function in _INFORMED and response.reason is not None:
        information = SubElement(body, "AdditionalInformation")
        _put(information, "StatementCode", str(response.reason))
        _put(information, "StatementTypeCode", "AFB")
    if response.statement is not None:
        information = SubElement(body, "AdditionalInformation")
        _put(information, "StatementDescription", response.statement)
        _put(information, "StatementTypeCode", "AES")
        for cls in ("07B", "06A"):
            _pointer(information, cls, 1, None)
    for path, _ in response.changes:
        amendment = SubElement(body, "Amendment")
        _put(amendment, "ChangeReasonCode", str(response.reason or 0))
        _pointers(amendment, path)
    for error in response.errors:
        _error(body, error)
    _declaration(body, response, currency)
    if response.changes:
        _changed(body, response.changes)
    indent(root, "\t")
    return tostring(root, encoding="unicode") + "\n"


def _declaration(body: Element, response: Response, currency: str) -> None:
    declaration = SubElement(body, "Declaration")
    own = _OWN_TIME.get(response.function)
    if own is not None and own != "RejectionDateTime":
        _time(declaration, own, response.issued_at)
    if response.lrn is not None:
        _put(declaration, "FunctionalReferenceID", response.lrn)
    _put(declaration, "ID", response.declaration_id)
    if own == "RejectionDateTime":
        _time(declaration, own, response.issued_at)
    _put(declaration, "VersionID", str(response.version))
    for charge in response.charges:
        fee = SubElement(declaration, "DutyTaxFee")
        _put(fee, "TypeCode", charge.code)
        payment = SubElement(fee, "Payment")
        for tag in ("TaxAssessedAmount", "PaymentAmount"):
            _put(payment, tag, _money(charge.minor), currencyID=currency)
    if response.lacking is not None:
        asked, guarantee = response.lacking
        payment = SubElement(SubElement(declaration, "DutyTaxFee"), "Payment")
        _put(payment, "PaymentAmount", _money(asked), currencyID=currency)
        _put(SubElement(payment, "ObligationGuarantee"), "ReferenceID", guarantee)


def _changed(body: Element, changes: Sequence[tuple[str, str | None]]) -> None:
    """The changed data, at the places that the pointers name; of a value that is gone, what held it."""
    declaration = SubElement(body, "Declaration")
    _put(declaration, "FunctionCode", "9")
    for path, after in changes:
        *above, last = path.split("/")[1:] or [""]
        element: Element | None = declaration
        for step in [*above, last] if _STEP.fullmatch(last) else above:
            element = None if element is None else _below(element, step)
        name = _name_of(last.removeprefix("@"))
        if element is None or name is None or after is None or _STEP.fullmatch(last):
            continue
        if last.startswith("@"):
            element.set(name, _NOT_XML.sub("", after))
        else:
            _put(element, name, after)


def _below(parent: Element, step: str) -> Element | None:
    """A new element for a step of a path; None for one that names none."""
    name = _name_of(step)
    if name is None:
        return None
    element = SubElement(parent, name)
    if name == CLASSES["68A"]:
        _put(element, "SequenceNumeric", step.partition("[")[2].removesuffix("]") or "1")
    return element


def _name_of(step: str) -> str | None:
    """The element of a class, of a tag, or of that name."""
    found = _NAMED.fullmatch(step)
    if found is None:
        return None
    return TAGS.get(found[1]) or CLASSES.get(found[1]) or (found[1] if found[1][0].isalpha() else None)


def _error(body: Element, error: Fault) -> None:
    element = SubElement(body, "Error")
    names = [step for step in error.path.split("/") if step and not _STEP.fullmatch(step) and not _TAG.fullmatch(step)]
    said = ": ".join(filter(None, ["/".join(names), error.text]))
    if said:
        _put(element, "Description", said)
    _put(element, "ValidationCode", error.code)
    _pointers(element, error.path)


def _pointers(parent: Element, path: str) -> None:
    """One pointer for each class of a path, a tag at the end with its class."""
    steps = list(_steps(path))
    for number, (cls, place, _) in enumerate(steps):
        if cls is not None:
            following = steps[number + 1] if number + 1 < len(steps) else None
            _pointer(parent, cls, place, following[2] if following is not None and following[0] is None else None)


def _steps(path: str) -> Iterator[tuple[str | None, int | None, str | None]]:
    """Class and place, or a tag, of each step; names of elements are left out."""
    for step in path.split("/"):
        if found := _STEP.fullmatch(step):
            yield found[1], None if found[2] is None else int(found[2]), None
        elif _TAG.fullmatch(step):
            yield None, None, step


def _pointer(parent: Element, cls: str, place: int | None, tag: str | None) -> None:
    pointer = SubElement(parent, "Pointer")
    if place is not None:
        _put(pointer, "SequenceNumeric", str(place))
    _put(pointer, "DocumentSectionCode", cls)
    if tag is not None:
        _put(pointer, "TagID", tag)


def _time(parent: Element, tag: str, time: int) -> None:
    text = datetime.fromtimestamp(time, UTC).strftime("%Y%m%d%H%M%SZ")
    _put(SubElement(parent, tag), "DateTimeString", text, formatCode=UTC_FORMAT)


def _money(minor: int) -> str:
    return f"{minor // MINOR_PER_UNIT}.{minor % MINOR_PER_UNIT:02}"


def _put(parent: Element, tag: str, text: str, **attributes: str) -> None:
    """Add an element; what XML 1.0 cannot hold is left out of its text, which others may have written."""
    SubElement(parent, tag, attributes).text = _NOT_XML.sub("", text)
