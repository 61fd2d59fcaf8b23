"""Movement and guarantee reference numbers (domain guide, section 2).

MRN, 18 characters: year (2 digits), country, registry version (one alphanumeric), counter (11 in base 36), procedure
letter, check digit. GRN, 17: year, country, twelve alphanumerics drawn from the guarantee's id, check digit. Numbers of
other countries keep only the outer shape: twelve alphanumerics whose meaning is theirs, so `parse_*` accepts them and
`counter` is just what the digits spell. Twin of `ReferenceNumber`, `MrnCodec` and `GuaranteeReference` in
`contracts/libraries`; vectors: `tests/golden/reference_numbers.json`.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ledger.domain.errors import Fault, Malformed

ALPHANUMERICS: Final = 12
COUNTER_DIGITS: Final = 11
"""36^11 > 2^56: every counter fits."""
MAX_REGISTRY_VERSION: Final = 35
"""Registry versions have one alphanumeric: 1 to 9, then A to Z."""
MAX_COUNTER: Final = (1 << 56) - 1

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MRN: Final = re.compile(r"[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[A-Z][0-9]", re.ASCII)
_GRN: Final = re.compile(r"[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[0-9]", re.ASCII)


@dataclass(frozen=True)
class ReferenceNumber:
    """What an MRN or GRN names.

    Attributes:
        text: The number itself, 18 or 17 characters.
        year: Two-digit year of acceptance.
        country: ISO 3166-1 alpha-2.
        registry_version: Value of the first alphanumeric, 0 to 35; a registry of ours has 1 to 35.
        counter: Value of the other eleven in base 36.
        procedure: Procedure letter; empty in a GRN.
    """

    text: str
    year: int
    country: str
    registry_version: int
    counter: int
    procedure: str

    @property
    def case_id(self) -> int:
        """Declaration id when the number is an MRN of ours: registry version in the top byte, counter below."""
        return self.registry_version << 56 | self.counter


def check_digit(text: str) -> str:
    """Check digit over `text`: ISO 6346 letter values, weight 2^i from the left, mod 11, mod 10."""
    return str(sum(_iso_value(character) << i for i, character in enumerate(text)) % 11 % 10)


def mrn(accepted_at: int, country: str, registry_version: int, counter: int, procedure: str) -> str:
    """MRN of the declaration with `counter`, accepted at `accepted_at` [unix s]."""
    if not 1 <= registry_version <= MAX_REGISTRY_VERSION:
        raise ValueError(f"registry version {registry_version} is not 1 to {MAX_REGISTRY_VERSION}")
    if not 1 <= counter <= MAX_COUNTER:
        raise ValueError(f"counter {counter} is not 1 to 2^56 - 1")
    body = _head(accepted_at, country, registry_version * 36**COUNTER_DIGITS + counter) + procedure
    return body + check_digit(body)


def grn(accepted_at: int, country: str, seed: int) -> str:
    """GRN of a guarantee accepted at `accepted_at` [unix s], its alphanumerics being `seed` modulo 36^12."""
    body = _head(accepted_at, country, seed)
    return body + check_digit(body)


def parse_mrn(text: str, path: str = "") -> ReferenceNumber:
    """Read an MRN.

    Args:
        text: 18 characters.
        path: Where it stands in the input, for the fault.

    Raises:
        Malformed: `mrn_shape` or `mrn_check_digit`.
    """
    return _parse(text, path, _MRN, "mrn")


def parse_grn(text: str, path: str = "") -> ReferenceNumber:
    """Read a GRN.

    Args:
        text: 17 characters.
        path: Where it stands in the input, for the fault.

    Raises:
        Malformed: `grn_shape` or `grn_check_digit`.
    """
    return _parse(text, path, _GRN, "grn")


def _parse(text: str, path: str, shape: re.Pattern[str], kind: str) -> ReferenceNumber:
    if not shape.fullmatch(text):
        raise Malformed(Fault(f"{kind}_shape", path, f"not a {kind.upper()}"))
    expected = check_digit(text[:-1])
    if text[-1] != expected:
        raise Malformed(Fault(f"{kind}_check_digit", path, f"check digit {text[-1]}, computed {expected}"))
    return ReferenceNumber(
        text=text,
        year=int(text[:2]),
        country=text[2:4],
        registry_version=_DIGITS.index(text[4]),
        counter=int(text[5:16], 36),
        procedure=text[16:-1],
    )


def _head(accepted_at: int, country: str, value: int) -> str:
    digits = ""
    for _ in range(ALPHANUMERICS):
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    year = datetime.fromtimestamp(accepted_at, UTC).year % 100
    return f"{year:02d}{country}{digits}"


def _iso_value(character: str) -> int:
    """A = 10, B = 12 … Z = 38: multiples of 11 are left out."""
    if character.isdigit():
        return int(character)
    order = ord(character) - ord("A")
    return 10 + order + (order + 9) // 10
