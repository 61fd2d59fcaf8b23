"""Reference numbers of the trade: MRN and GRN check digits, UCR, and the blinded LRN (domain guide, section 2)."""

import hashlib
import hmac
import re
from typing import Final

from ledger.domain.ids import Digest32

MRN_LENGTH: Final = 18
GRN_LENGTH: Final = 17
_NUMBER = re.compile(r"[0-9]{2}[A-Z]{2}[A-Z0-9]{12,13}[0-9]")
_UCR = re.compile(r"[0-9][A-Z]{2}[A-Z0-9]{1,17}-[A-Z0-9()-]{1,32}")
MAX_UCR_CHARS: Final = 35
_LRN_DOMAIN: Final = b"tamga/lrn/1"


def check_digit(number: str) -> int:
    """The check digit of an MRN's first 17 or a GRN's first 16 characters (ISO 6346 letter values, 2^i, mod 11 mod 10).

    Raises:
        ValueError: A character is neither a digit nor an upper-case ASCII letter.
    """
    return sum(_value(character) << place for place, character in enumerate(number)) % 11 % 10


def is_mrn(number: str) -> bool:
    """Whether `number` has the shape and the check digit of a Movement Reference Number."""
    return len(number) == MRN_LENGTH and _is_checked(number)


def is_grn(number: str) -> bool:
    """Whether `number` has the shape and the check digit of a Guarantee Reference Number."""
    return len(number) == GRN_LENGTH and _is_checked(number)


def is_ucr(reference: str) -> bool:
    """Whether `reference` is a WCO Unique Consignment Reference: year digit, country, trader id, hyphen, own part."""
    return len(reference) <= MAX_UCR_CHARS and _UCR.fullmatch(reference) is not None


def blind_lrn(key: bytes, lrn: str) -> Digest32:
    """HMAC-SHA256 of a Local Reference Number under its declarant's key: what the chain knows of it.

    Equal references of one declarant give equal values, so that the registry can refuse a second use; without the key
    nobody can try guesses.

    Args:
        key: The declarant's own, 32 bytes; the same for all its declarations.
        lrn: The declarant's reference, as declared.

    Raises:
        ValueError: The key is not 32 bytes.
    """
    if len(key) != 32:
        raise ValueError(f"the key has {len(key)} bytes, not 32")
    return Digest32(hmac.new(key, _LRN_DOMAIN + lrn.encode(), hashlib.sha256).digest())


def _is_checked(number: str) -> bool:
    return _NUMBER.fullmatch(number) is not None and check_digit(number[:-1]) == int(number[-1])


def _value(character: str) -> int:
    """ISO 6346: digits are themselves; letters count from A = 10, leaving out every multiple of 11."""
    if "0" <= character <= "9":
        return int(character)
    if "A" <= character <= "Z":
        place = ord(character) - ord("A")
        return 10 + place + (place + 9) // 10
    raise ValueError(f"{character!r} has no value in a reference number")
