"""What a WCO `DEC` message asks for: to lodge (FunctionCode 9), to amend or to annul (13 with `COR` or `INV`).

An amendment carries pointers, each from the declaration down to what changes, and the changed data at the same places
of its own tree. Applied to the declaration in force they give the next version, which is then read like any other: an
amendment that makes it malformed is refused with the faults of that version. What it changes is what the two versions
say differently, whatever its pointers name.

What a reader took no notice of is told beside what it read: the sealed message holds it, the ledger's acts do not.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final
from xml.etree.ElementTree import Element, tostring  # defusedxml parses

from ledger.domain import canonical
from ledger.domain.errors import Fault, Malformed
from ledger.domain.ids import Digest32
from ledger.domain.limits import MAX_CHANGES_BYTES, MAX_IGNORED_PATHS
from ledger.domain.reference_numbers import ReferenceNumber, parse_mrn
from ledger.domain.trade.declaration import GoodsDeclaration
from ledger.domain.trade.wco_names import CLASSES, DECLARATION, MAX_SHOWN_CHARS, NUMBERED, SHOWN, TAGS
from ledger.domain.trade.wco_versions import Change, declared_digest, differences
from ledger.domain.trade.wco_xml import body_of, declaration_in
from ledger.domain.trade.xml import Node, Noticed, parse_xml

ORIGINAL, CHANGE = "9", "13"
"""Function codes of a declaration, and of a request to amend or to annul it (UNCL 1225)."""
MAX_CHANGES: Final = 999
"""Pointers of one amendment, and values that it changes."""

InForce = Callable[[ReferenceNumber], bytes]
"""The declaration in force under an MRN, as an original message: that by which it was lodged, with what was changed
since. Raises what it likes, if there is none to amend."""


@dataclass(frozen=True)
class Lodge:
    """An original declaration.

    Attributes:
        declaration: As read.
        declared: What names it as a whole (`wco_versions.declared_digest`).
    """

    declaration: GoodsDeclaration
    declared: Digest32


@dataclass(frozen=True)
class Amend:
    """A request to amend.

    Attributes:
        reference: The request's own reference.
        mrn: Of the declaration.
        statement: Why, in the declarant's words; None if it says nothing.
        declaration: The next version.
        changes: What it says differently from the version in force.
        declared: What names the next version as a whole.
        version: The next version as an original message: what the amendment after this one amends.
    """

    reference: str
    mrn: ReferenceNumber
    statement: str | None
    declaration: GoodsDeclaration
    changes: tuple[Change, ...]
    declared: Digest32
    version: bytes


@dataclass(frozen=True)
class Cancel:
    """A request to annul; attributes as `Amend`."""

    reference: str
    mrn: ReferenceNumber
    statement: str | None


Request = Lodge | Amend | Cancel


@dataclass(frozen=True)
class Message:
    """A message as it was read.

    Attributes:
        request: What it asks for.
        ignored: Where it says what nothing here reads, in its order, with class ids as in faults: a part that is not
            read at all, an attribute (`@unitCode`), a text; at most `MAX_IGNORED_PATHS`.
        ignored_count: How many such places it has.
    """

    request: Request
    ignored: tuple[str, ...]
    ignored_count: int


def read_message(content: bytes, in_force: InForce | None = None) -> Message:
    """Read a message, and tell what of it was passed over.

    Args:
        content: The message.
        in_force: For an amendment: gives the declaration that it is to be applied to.

    Raises:
        LimitExceeded: Larger than the bounds of `limits.py`.
        Malformed: With all faults found.
    """
    root, noticed = parse_xml(content), Noticed()
    request = _request(root, in_force, noticed)
    ignored, count = [], 0
    for count, path in enumerate(noticed.passed_over(root, "MetaData", SHOWN), 1):
        if count <= MAX_IGNORED_PATHS:
            ignored.append(path[:MAX_SHOWN_CHARS])
    return Message(request, tuple(ignored), count)


def amends_nothing(content: bytes) -> bool:
    """Whether a message is an original or an annulment, whatever else is wrong with it. Raises as `read_message`."""
    body = body_of(parse_xml(content), [])
    return not _asks_for_change(body) or _text(body, "TypeCode") == "INV"


def declared_in(content: bytes) -> Digest32:
    """What names the declaration in a message as a whole. Raises as `read_message`."""
    return declared_digest(body_of(parse_xml(content), []))


def reference_in(content: bytes) -> str:
    """A message's own reference (of an original, the LRN) as it stands there; empty without one. Raises likewise."""
    return _text(body_of(parse_xml(content), []), "FunctionalReferenceID")


def _request(root: Element, in_force: InForce | None, noticed: Noticed) -> Request:
    faults: list[Fault] = []
    body = body_of(root, faults, noticed)
    if not _asks_for_change(body):
        return Lodge(declaration_in(body, faults, noticed), declared_digest(body))
    node = Node(body, DECLARATION, "42A", faults, noticed)
    node.text("FunctionCode", CHANGE)
    kind = node.text("TypeCode", "COR|INV")
    reference = node.text("FunctionalReferenceID", r"[!-~]{1,35}")
    mrn = _mrn(node)
    statement = _statement(node)
    amendments = _amendments(node) if kind == "COR" else []
    if kind == "COR" and in_force is None:
        faults.append(Fault("missing", "/lodged", "an amendment needs the declaration that it amends, as a message"))
    if faults or reference is None or mrn is None:
        raise Malformed(*faults)
    if kind == "INV" or in_force is None:
        return Cancel(reference, mrn, statement)
    next_version = parse_xml(in_force(mrn))
    stands = body_of(next_version, faults)
    before = copy.deepcopy(stands)
    for amendment in amendments:
        _apply(stands, body, amendment, noticed)
    if faults:
        raise Malformed(*faults)
    declaration = declaration_in(stands, faults, noticed)
    changes = _changes(before, stands)
    return Amend(
        reference, mrn, statement, declaration, changes, declared_digest(stands), tostring(next_version, "utf-8")
    )


def _asks_for_change(body: Element) -> bool:
    """Whether it is read as a request about a declaration: by its function, and where that is none, by its type."""
    function, kind = _text(body, "FunctionCode"), _text(body, "TypeCode")
    return function == CHANGE or (function != ORIGINAL and kind in ("COR", "INV"))


def _text(body: Element, name: str) -> str:
    return (body.findtext(f"{{{DECLARATION}}}{name}") or "").strip()


def _mrn(node: Node) -> ReferenceNumber | None:
    text = node.text("ID", r"[0-9A-Z]{1,35}")
    try:
        return None if text is None else parse_mrn(text, f"{node.path}/ID")
    except Malformed as error:
        node.faults.extend(error.faults)
        return None


def _statement(node: Node) -> str | None:
    for information in node.children("AdditionalInformation", "03A", numbered=True):
        if information.text("StatementTypeCode", "[A-Z]{3}", required=False) == "AES":
            return information.text("StatementDescription", r"[^\x00-\x1f]{1,512}")
    return None


# ----- applying an amendment


def _amendments(node: Node) -> list[Node]:
    found = node.children("Amendment", "06A", numbered=True)
    if 1 <= len(found) <= MAX_CHANGES:
        return found
    node.fault("missing", "06A", f"1 to {MAX_CHANGES} Amendments are needed, {len(found)} are here")
    return []


def _changes(before: Element, after: Element) -> tuple[Change, ...]:
    """What the next version says differently. Raises `Malformed` if it is nothing, or too much for one request."""
    found = tuple(islice(differences(before, after), MAX_CHANGES + 1))
    if not found:
        raise Malformed(Fault("no_change", "42A/06A", "the declaration in force says so already"))
    size = len(canonical.dumps([[change.path, change.before, change.after] for change in found]))
    if len(found) > MAX_CHANGES or size > MAX_CHANGES_BYTES:
        text = f"more values change than one request tells: {MAX_CHANGES}, or {MAX_CHANGES_BYTES} bytes of them"
        raise Malformed(Fault("too_many_changes", "42A/06A", text))
    return found


def _apply(version: Element, request: Element, amendment: Node, noticed: Noticed) -> None:
    """Put what one pointer names into `version`."""
    steps, tag = _pointer(amendment)
    if not steps:
        return
    path = "/".join([*(f"{cls}[{place}]" if cls in NUMBERED else cls for cls, place in steps), *filter(None, [tag])])
    target, source, above = version, request, version
    walked = steps[0][0]
    for cls, place in steps[1:]:
        above = target
        found, given = _nth(target, cls, place), _nth(source, cls, place)
        if found is None or given is None:
            where = "the declaration" if found is None else "the amendment"
            amendment.faults.append(Fault("no_such_place", path, f"{where} has nothing there"))
            return
        target, source = found, given
        walked += f"/{cls}[{place}]" if cls in NUMBERED else f"/{cls}"
        noticed.element(source, walked)
        if cls == "68A":
            _take(source, "SequenceNumeric", walked, noticed)
    if tag is None:
        if target is version:
            amendment.faults.append(Fault("no_such_place", path, "a declaration is replaced by lodging another"))
            return
        above[list(above).index(target)] = source
        return
    _take(source, TAGS[tag], path.rpartition("/")[0], noticed)
    _set(target, source, tag, path, amendment)


def _take(parent: Element, name: str, path: str, noticed: Noticed) -> None:
    """Note that a child's text was used."""
    found = parent.find(f"{{{DECLARATION}}}{name}")
    if found is not None:
        noticed.element(found, f"{path}/{name}")
        noticed.text(found)


def _set(target: Element, source: Element, tag: str, path: str, amendment: Node) -> None:
    name = f"{{{DECLARATION}}}{TAGS[tag]}"
    old, new = target.find(name), source.find(name)
    if new is None:
        if old is not None:
            target.remove(old)
    elif old is None:
        amendment.faults.append(Fault("no_such_place", path, f"the declaration has no {TAGS[tag]} there"))
    else:
        old.text = new.text


def _pointer(amendment: Node) -> tuple[list[tuple[str, int]], str | None]:
    """Classes with their places, from the declaration down, and the tag at the end; no steps if it is at fault."""
    steps: list[tuple[str, int]] = []
    tag: str | None = None
    before = len(amendment.faults)
    for pointer in amendment.children("Pointer", numbered=True):
        cls = pointer.text("DocumentSectionCode", "[0-9]{2}[A-Z]")
        place = pointer.decimal("SequenceNumeric", 1, required=False)
        tag = pointer.text("TagID", "[0-9A-Z]{3,4}", required=False)
        if cls is not None and cls not in CLASSES:
            pointer.fault("unknown_class", "DocumentSectionCode", f"{cls} is no class that can be amended here")
        if tag is not None and tag not in TAGS:
            pointer.fault("unknown_tag", "TagID", f"{tag} is no element that can be amended here")
        steps.append((cls or "", 1 if place is None else place))
    if not steps or steps[0][0] != "42A":
        amendment.fault("wrong_format", "Pointer", "a pointer begins at 42A")
    return ([], None) if len(amendment.faults) > before else (steps, tag)


def _nth(parent: Element, cls: str, place: int) -> Element | None:
    """The child of that class: goods items by their own number, others by their place."""
    found = parent.findall(f"{{{DECLARATION}}}{CLASSES[cls]}")
    if cls == "68A":
        numbered = [
            item for item in found if (item.findtext(f"{{{DECLARATION}}}SequenceNumeric") or "").strip() == str(place)
        ]
        return numbered[0] if numbered else None
    return found[place - 1] if 1 <= place <= len(found) else None
