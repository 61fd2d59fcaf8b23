"""Values from the chain as an answer shows them: instants as RFC 3339 UTC, amounts and quantities as decimal text.

What a value is follows from its Solidity type, or from its name where a state was put together from several answers.
"""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.plain import plain, rfc3339

INSTANT: Final = "uint40"
DURATIONS: Final = frozenset({"appealPeriod", "retention", "timeLimit", "delay"})
"""Members of that type that are lengths of time [s]."""
AMOUNTS: Final = frozenset({"uint96", "uint112", "uint128", "uint256", "int256"})
"""Types of amounts [minor units] and of scaled quantities."""
TEXTS: Final = frozenset({"bytes1", "bytes2", "bytes3", "bytes17", "bytes18"})
"""Types of codes and references in ASCII: of a charge, a country, a procedure, a guarantee, a declaration."""
INSTANT_NAMES: Final = frozenset(
    {
        "lodgedAt",
        "acceptedAt",
        "arrivedAt",
        "exitedAt",
        "releasedAt",
        "decisionsExpireAt",
        "dueAt",
        "validFrom",
        "validUntil",
        "since",
    }
)
"""Instants in the states of declarations, debts, permits and documents."""
AMOUNT_NAMES: Final = frozenset(
    {
        "assessed",
        "paid",
        "refunded",
        "settled",
        "secured",
        "approved",
        "quantity",
    }
)
"""Amounts and quantities in them."""


def shown(value: Any, base: str, name: str) -> Any:
    """A value of a Solidity type, as JSON; null for an instant that has not come."""
    if isinstance(value, int) and not isinstance(value, bool):
        if base == INSTANT and name not in DURATIONS:
            return rfc3339(value) if value else None
        if base in AMOUNTS:
            return str(value)
    if base in TEXTS and isinstance(value, bytes):
        return value.rstrip(b"\0").decode("ascii", "replace")
    return plain(value)


def shown_state(value: Any, name: str = "") -> Any:
    """A state's value and all within it, by their names."""
    match value:
        case Mapping():
            return {str(key): shown_state(item, str(key)) for key, item in value.items()}
        case list() | tuple():
            return [shown_state(item) for item in value]
        case _ if name in INSTANT_NAMES:
            return shown(value, INSTANT, name)
        case _ if name in AMOUNT_NAMES:
            return shown(value, "uint128", name)
        case _:
            return plain(value)
