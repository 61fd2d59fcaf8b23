"""References of the trade that are not customs' own numbers: UCR, and the blinded LRN (domain guide, section 2)."""

import hashlib
import hmac
import re
from typing import Final

from ledger.domain.ids import Digest32

MAX_UCR_CHARS: Final = 35
_UCR = re.compile(r"[0-9][A-Z]{2}[A-Z0-9]{1,17}-[A-Z0-9()-]{1,32}")
_LRN_DOMAIN: Final = b"tamga/lrn/1"


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
