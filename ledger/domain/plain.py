"""Values as people and JSON readers see them: bytes as 0x hex, times in RFC 3339 UTC, integers past 2^53 as text.

What the contracts' own fields mean is in `ledger.domain.units`, and `in_units` tells them so.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from ledger.domain.codes import ENUMS, named
from ledger.domain.errors import Fault, Malformed
from ledger.domain.units import TEXTS, Unit, meaning_of

MAX_SAFE_INTEGER: Final = 2**53
"""Integers in JSON stay within it (RFC 8785 §3.2.2.3); larger ones travel as decimal text."""
MAX_TIME: Final = 2**40 - 1
"""Times on chain are uint40 [unix s]."""
HEX_DIGITS: Final = re.compile("0x(?:[0-9a-f]{2})+")
LAST_WRITABLE_TIME: Final = 253_402_300_799
"""9999-12-31T23:59:59Z: RFC 3339 years have four digits."""


def plain(value: Any) -> Any:
    """Return `value` with only JSON values in it."""
    match value:
        case bool() | None | str() | float():
            return value
        case int():
            return value if -MAX_SAFE_INTEGER < value < MAX_SAFE_INTEGER else str(value)
        case bytes():
            return "0x" + value.hex()
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return str(value)


def in_units(owner: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an event, error or struct as JSON values that say what they mean, at any depth.

    What was told so before stays as it is: a refusal comes from the chain, from the outbox or from a facade.

    Args:
        owner: Name of the event, error or struct.
        values: Its fields by name, decoded.
    """
    return {str(name): in_unit(owner, str(name), value) for name, value in values.items()}


def in_unit(owner: str, name: str, value: Any) -> Any:
    """Return one field of `owner` as `in_units` tells it."""
    match value:
        case Mapping() if set(value) == {"error", "arguments"}:  # a refusal within a refusal
            return {"error": value["error"], "arguments": in_units(value["error"], value["arguments"])}
        case Mapping():
            return in_units(owner, value)
        case list() | tuple():
            return [in_unit(owner, name, each) for each in value]
        case int() if not isinstance(value, bool):
            return _number(value, meaning_of(owner, name))
        case bytes() if name in TEXTS:
            return _ascii(value)
        case str() if name in TEXTS and HEX_DIGITS.fullmatch(value):
            return _ascii(bytes.fromhex(value[2:]))
        case _:
            return plain(value)


def _number(value: int, meaning: Unit | str | None) -> Any:
    match meaning:
        case str() as enumeration:
            return named(enumeration, value) if enumeration in ENUMS else plain(value)
        case Unit.AMOUNT | Unit.ID:
            return str(value)
        case Unit.CASE:
            return str(value) if value else None
        case Unit.INSTANT:
            return rfc3339(value) if value else None
        case Unit.PARTICIPANT if not value:
            return None
        case _:
            return plain(value)


def _ascii(code: bytes) -> str | None:
    """The text that `code` holds; None for zeros, 0x hex for what is no printable ASCII."""
    text = code.rstrip(b"\0")
    if not all(0x20 < byte < 0x7F for byte in text):
        return "0x" + code.hex()
    return text.decode("ascii") or None


@lru_cache(maxsize=4096)
def rfc3339(time: int) -> str:
    """An instant [unix s] as `2026-11-23T09:00:00Z`; past year 9999, the number itself."""
    if time > LAST_WRITABLE_TIME:
        return str(time)
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str, *, path: str = "/at") -> int:
    """Read an RFC 3339 time, or unix seconds, as unix seconds; parts of a second are cut off.

    Raises:
        Malformed: It is neither, has no time zone, or lies outside 1970 .. year 36812 (uint40).
    """
    try:
        if text.isascii() and text.isdigit():
            time = int(text)
        else:
            parsed = datetime.fromisoformat(text)
            if parsed.tzinfo is None:
                raise Malformed(Fault("no_time_zone", path, "a time needs Z or an offset"))
            time = int(parsed.timestamp())
    except (ValueError, OverflowError) as error:
        raise Malformed(Fault("not_a_time", path, "not an RFC 3339 time")) from error
    if not 0 <= time <= MAX_TIME:
        raise Malformed(Fault("time_out_of_range", path, f"must lie in 0..{MAX_TIME} [unix s]"))
    return time
