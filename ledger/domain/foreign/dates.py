"""Validity dates as other systems write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ledger.domain.errors import Malformed
from ledger.domain.fields import malformed
from ledger.domain.plain import instant

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def first_second(value: Any, path: str) -> int | None:
    """The instant from which something holds [unix s]; a bare day counts from its beginning, UTC. None if absent."""
    return None if value is None else _read(value, path, 0)


def last_second(value: Any, path: str) -> int | None:
    """The last instant at which something holds [unix s]; a bare day counts to its end, UTC. None if absent."""
    return None if value is None else _read(value, path, 86_399)


def _read(value: Any, path: str, into_day_s: int) -> int:
    if type(value) is not str or len(value) > 40:
        raise malformed("not_a_time", path, "a date or time is needed here")
    if _DAY.fullmatch(value) is None:
        return instant(value, path=path)
    try:
        day = datetime.fromisoformat(value).replace(tzinfo=UTC)
        return int((day + timedelta(seconds=into_day_s)).timestamp())
    except (ValueError, OverflowError) as bad:
        raise Malformed(*malformed("not_a_time", path, "not a date").faults) from bad
