"""Sign-In with Ethereum: the message of EIP-4361, read by its ABNF and nothing looser, and written.

    example.uz wants you to sign in with your Ethereum account:
    0x…

    Statement.

    URI: https://example.uz
    Version: 1
    Chain ID: 7421
    Nonce: …
    Issued At: 2026-11-23T09:00:00Z
    Expiration Time: 2026-11-23T09:10:00Z

Lines end with LF; the address carries its EIP-55 checksum; `Not Before`, `Request ID` and `Resources` may follow.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from eth_utils.address import to_checksum_address

from ledger.domain.errors import Fault, LimitExceeded, Malformed
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_SIGN_IN_MESSAGE_BYTES
from ledger.domain.plain import MAX_TIME, rfc3339

GREETING: Final = " wants you to sign in with your Ethereum account:"
_UNRESERVED: Final = r"[A-Za-z0-9\-._~]"
_PCHAR: Final = rf"(?:{_UNRESERVED}|%[0-9A-Fa-f]{{2}}|[!$&'()*+,;=:@])"
_FIRST: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+\-.]*)://)?"
    rf"(?P<domain>(?:{_UNRESERVED}|%[0-9A-Fa-f]{{2}}|[!$&'()*+,;=:@\[\]])+)" + re.escape(GREETING)
)
_URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+\-.]*:(?:{_PCHAR}|[/?#\[\]])*")
_STATEMENT: Final = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]+")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_FIELDS: Final = (
    ("URI", _URI, True),
    ("Version", re.compile("1"), True),
    ("Chain ID", re.compile("[0-9]{1,78}"), True),
    ("Nonce", re.compile("[A-Za-z0-9]{8,}"), True),
    ("Issued At", _TIME, True),
    ("Expiration Time", _TIME, False),
    ("Not Before", _TIME, False),
    ("Request ID", re.compile(f"{_PCHAR}*"), False),
)
"""Fields in their order: label, form, whether it must be there."""


@dataclass(frozen=True)
class SignInMessage:
    """What a key signs to sign in.

    Attributes:
        domain: Authority that asks: host, and port if it is not the scheme's own.
        address: Key that signs.
        uri: What is signed in to.
        chain_id: EIP-155 id of the ledger's chain.
        nonce: Given out by the facade, at least 8 letters and digits.
        issued_at: When it was written [unix s].
        expires_at, not_before: Bounds of its use [unix s]; None: none.
        statement: For the person who signs; None: none.
        scheme: Scheme of the origin, if it is told.
        request_id: The asker's own reference.
        resources: URIs that the signer is told of.
    """

    domain: str
    address: Address
    uri: str
    chain_id: int
    nonce: str
    issued_at: int
    expires_at: int | None = None
    not_before: int | None = None
    statement: str | None = None
    scheme: str | None = None
    request_id: str | None = None
    resources: Sequence[str] | None = None

    def text(self) -> str:
        """The message to sign."""
        origin = self.domain if self.scheme is None else f"{self.scheme}://{self.domain}"
        said = [] if self.statement is None else [self.statement]
        values = {
            "URI": self.uri,
            "Version": "1",
            "Chain ID": str(self.chain_id),
            "Nonce": self.nonce,
            "Issued At": rfc3339(self.issued_at),
            "Expiration Time": None if self.expires_at is None else rfc3339(self.expires_at),
            "Not Before": None if self.not_before is None else rfc3339(self.not_before),
            "Request ID": self.request_id,
        }
        fields = [f"{label}: {value}" for label, value in values.items() if value is not None]
        named = [] if self.resources is None else ["Resources:", *(f"- {uri}" for uri in self.resources)]
        return "\n".join([f"{origin}{GREETING}", self.address, "", *said, "", *fields, *named])


def read_message(text: str) -> SignInMessage:
    """Read a message, strictly by the ABNF of EIP-4361.

    Raises:
        LimitExceeded: It is larger than `MAX_SIGN_IN_MESSAGE_BYTES`.
        Malformed: It is no such message; every line that is wrong is named.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_SIGN_IN_MESSAGE_BYTES:
        raise LimitExceeded("the sign-in message", MAX_SIGN_IN_MESSAGE_BYTES)
    lines = text.split("\n")
    faults: list[Fault] = []
    first = _FIRST.fullmatch(lines[0])
    if first is None:
        faults.append(_fault("domain", f"the first line is not `domain{GREETING}`"))
    address = _address(lines[1] if len(lines) > 1 else "", faults)
    statement, rest = _statement(lines[2:], faults)
    values, resources = _values(rest, faults)
    times = {label: _time(label, values.get(label), faults) for label in ("Issued At", "Expiration Time", "Not Before")}
    if faults or first is None:
        raise Malformed(*faults)
    return SignInMessage(
        domain=first["domain"],
        address=address,
        uri=values["URI"],
        chain_id=int(values["Chain ID"]),
        nonce=values["Nonce"],
        issued_at=times["Issued At"] or 0,
        expires_at=times["Expiration Time"],
        not_before=times["Not Before"],
        statement=statement,
        scheme=first["scheme"],
        request_id=values.get("Request ID"),
        resources=resources,
    )


def _address(line: str, faults: list[Fault]) -> Address:
    if re.fullmatch("0x[0-9A-Fa-f]{40}", line) is None or to_checksum_address(line) != line:
        faults.append(_fault("address", "the second line is not an address with its EIP-55 checksum"))
    return Address(line)


def _statement(lines: list[str], faults: list[Fault]) -> tuple[str | None, list[str]]:
    """The statement, and the lines after the empty one that ends it."""
    if lines[:2] == ["", ""]:
        return None, lines[2:]
    if len(lines) < 3 or lines[0] or lines[2]:
        faults.append(_fault("statement", "an empty line, perhaps a statement, and an empty line follow the address"))
        return None, []
    if _STATEMENT.fullmatch(lines[1]) is None:
        faults.append(_fault("statement", "characters that a statement cannot have"))
    return lines[1], lines[3:]


def _values(lines: list[str], faults: list[Fault]) -> tuple[dict[str, str], list[str] | None]:
    values: dict[str, str] = {}
    left = list(lines)
    for label, form, is_needed in _FIELDS:
        if left and left[0].startswith(f"{label}: "):
            value = left.pop(0).removeprefix(f"{label}: ")
            if form.fullmatch(value) is None:
                faults.append(_fault(label, f"`{label}` has another form"))
            values[label] = value
        elif is_needed:
            faults.append(_fault(label, f"`{label}` is not there, or not in its place"))
    resources: list[str] | None = None
    if left and left[0] == "Resources:":
        resources = [line.removeprefix("- ") for line in left[1:]]
        wrong = [line for line in left[1:] if not line.startswith("- ") or _URI.fullmatch(line[2:]) is None]
        faults += [_fault("resources", "a resource is `- ` and a URI") for _ in wrong]
    elif left and not faults:
        faults.append(_fault("line", "a line that the message cannot have, or not in this place"))
    return values, resources


def _time(label: str, value: str | None, faults: list[Fault]) -> int | None:
    """An RFC 3339 time as unix seconds, parts of a second cut off."""
    if value is None or _TIME.fullmatch(value) is None:
        return None  # told by its form already
    try:
        time = int(datetime.fromisoformat(value.upper()).timestamp())
    except (ValueError, OverflowError):
        time = -1
    if not 0 <= time <= MAX_TIME:
        faults.append(_fault(label, f"`{label}` is no time from 1970 on"))
        return None
    return time


def _fault(where: str, text: str) -> Fault:
    name = where.lower().replace(" ", "_")
    return Fault("not_eip4361", f"/message/{name}", text)
