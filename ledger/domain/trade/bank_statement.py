"""A bank's statement (ISO 20022 `camt.053`, Bank to Customer Statement) → its booked entries, or every fault at once.

Of the account that holds the money behind the settlement token. An entry's own reference (`AcctSvcrRef`) is the one
that a mint or a redemption names on chain by its SHA-256. Entries that are not booked yet are left out.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.domain.errors import Fault, Malformed
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32
from ledger.domain.trade.declaration import MINOR_PER_UNIT
from ledger.domain.trade.xml import Node, parse_xml

_DOCUMENT: Final = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d\d)\}Document")
_REFERENCE: Final = r"[^\x00-\x1f]{1,35}"
_BOOKED: Final = "BOOK"
_CLOSING: Final = "CLBD"


@dataclass(frozen=True)
class BankEntry:
    """One booked entry.

    Attributes:
        reference: The bank's own reference.
        amount: Of its money [minor units].
        is_credit: Whether the money came in.
    """

    reference: str
    amount: int
    is_credit: bool

    @property
    def on_chain(self) -> Digest32:
        """The reference as acts name it."""
        return digest(self.reference.encode())


@dataclass(frozen=True)
class BankStatement:
    """A statement of one account in one currency.

    Attributes:
        first, last: Its period [unix s].
        currency: ISO 4217.
        closing: Booked balance at its end [minor units].
        entries: Booked entries, in its order.
    """

    first: int
    last: int
    currency: str
    closing: int
    entries: tuple[BankEntry, ...]


def read_bank_statement(content: bytes) -> BankStatement:
    """Read a `camt.053` message that holds one statement.

    Raises:
        LimitExceeded: Larger than the bounds of `limits.py`.
        Malformed: With all faults found, in document order.
    """
    root = parse_xml(content)
    namespace = _DOCUMENT.fullmatch(root.tag)
    if namespace is None:
        raise Malformed(Fault("not_a_statement", "", f"the root is {root.tag[:80]}, not a Document of camt.053.001"))
    faults: list[Fault] = []
    message = Node(root, namespace[1], "Document", faults).child("BkToCstmrStmt")
    statement = None if message is None else message.child("Stmt")
    if statement is None:
        raise Malformed(*faults, Fault("missing", "Document/BkToCstmrStmt/Stmt", "one statement is required"))
    period = statement.child("FrToDt")
    if period is None:
        statement.fault("missing", "FrToDt", "FrToDt is required")
    first, last = (0, 0) if period is None else (_instant(period, "FrDtTm"), _instant(period, "ToDtTm"))
    if first > last:
        statement.fault("wrong_order", "FrToDt", "the period ends before it begins")
    balances = [_signed(each) for each in statement.children("Bal", numbered=True) if _kind(each) == _CLOSING]
    if len(balances) != 1:
        statement.fault("missing", "Bal", f"one closing booked balance ({_CLOSING}) is required")
    entries, currencies = [], {currency for _, currency in balances}
    for node in statement.children("Ntry", numbered=True):
        amount, currency = _signed(node)
        reference = node.text("AcctSvcrRef", _REFERENCE)
        currencies.add(currency)
        if _state(node) == _BOOKED and reference is not None:
            entries.append(BankEntry(reference, abs(amount), is_credit=amount > 0))
    if len(currencies) > 1:
        statement.fault("several_currencies", "Ntry", f"one currency is needed: {', '.join(sorted(currencies))}")
    if faults:
        raise Malformed(*faults)
    return BankStatement(first, last, currencies.pop(), balances[0][0], tuple(entries))


def _instant(period: Node, tag: str) -> int:
    text = period.text(tag, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
    try:
        return 0 if text is None else int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        period.fault("wrong_format", tag, f"{text} is no instant")
        return 0


def _signed(node: Node) -> tuple[int, str]:
    """Amount, negative for a debit, and its currency."""
    amount = node.decimal("Amt", MINOR_PER_UNIT)
    element = node.child("Amt")
    currency = None if element is None else element.attribute("Ccy")
    if re.fullmatch("[A-Z]{3}", currency or "") is None:
        node.fault("missing", "Amt/@Ccy", "a currency is required")
    direction = node.text("CdtDbtInd", "CRDT|DBIT")
    return (amount or 0) * (-1 if direction == "DBIT" else 1), currency or ""


def _state(entry: Node) -> str | None:
    """Booked, pending or for information: a code of its own since version 8, plain text before."""
    node = entry.child("Sts")
    if node is not None and node.children("Cd"):
        return node.text("Cd", "[A-Z]{4}")
    return entry.text("Sts", "[A-Z]{4}")


def _kind(balance: Node) -> str | None:
    kind = balance.child("Tp")
    code = None if kind is None else kind.child("CdOrPrtry")
    return None if code is None else code.text("Cd", "[A-Z]{4}", required=False)
