"""Values as people and JSON readers see them: bytes as 0x hex, times in RFC 3339 UTC, integers past 2^53 as text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from ledger.domain.errors import Fault, Malformed

MAX_SAFE_INTEGER: Final = 2**53
"""Integers in JSON stay within it (RFC 8785 §3.2.2.3); larger ones travel as decimal text."""
MAX_TIME: Final = 2**40 - 1
"""Times on chain are uint40 [unix s]."""
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
