"""Arguments of acts as people write and read them.

Instants as RFC 3339, enumerations and reasons as their words, integers past 32 bits (amounts, participants, cases) as
decimal text: what is read can be given back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.domain.codes import ENUMS
from ledger.domain.errors import Fault, Malformed
from ledger.domain.plain import instant, rfc3339
from ledger.domain.reason_codes import GIVEN
from ledger.domain.units import UNITS, Unit
from ledger.ports.contracts import ActParam

SMALL_BITS: Final = 32
"""Integers up to this size are JSON integers; a participant, a case and an amount are larger."""
_TIME: Final = "uint40"
"""Instants and durations on chain [unix s, s]."""


def is_instant(param: ActParam) -> bool:
    """Whether the parameter is a point in time."""
    return param.base == _TIME and UNITS.get(param.name) is not Unit.DURATION


def is_large(param: ActParam) -> bool:
    """Whether the parameter is an integer that travels as decimal text."""
    bits = param.base.lstrip("uint")
    return param.base.startswith(("uint", "int")) and int(bits) > SMALL_BITS


def words_of(param: ActParam) -> Mapping[str, int]:
    """The words of an enumeration or a list of reason codes, with their numbers; none for other parameters."""
    listed = GIVEN.get(param.enum)
    return listed or {word: number for number, word in enumerate(ENUMS.get(param.enum, ()))}


def values_of(params: Sequence[ActParam], given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Values by their parameters' names as `ledger.ports.contracts` takes them; one that no parameter has is left.

    At any depth; what is of another shape is left for that to refuse.

    Returns:
        The values, with 0 for what is no instant or no word of its list, so that what stands beside it can be judged;
        and those faults, each with its path.
    """
    known = {param.name: param for param in params}
    faults: list[Fault] = []
    found = {n: _value(known[n], value, f"/{n}", faults) if n in known else value for n, value in given.items()}
    return found, faults


def shown(param: ActParam, value: Any, *, in_list: bool = False) -> Any:
    """A decoded value as people read it: what `values_of` takes back."""
    if param.is_list and not in_list:
        return [shown(param, each, in_list=True) for each in value]
    if param.struct:
        return {member.name: shown(member, value[member.name]) for member in param.members}
    if is_instant(param):
        return rfc3339(value)
    if is_large(param):
        return str(value)
    return next((word for word, number in words_of(param).items() if number == value), value)


def _value(param: ActParam, value: Any, path: str, faults: list[Fault], *, in_list: bool = False) -> Any:
    if param.is_list and not in_list:
        if not isinstance(value, list):
            return value
        return [_value(param, each, f"{path}/{i}", faults, in_list=True) for i, each in enumerate(value)]
    if isinstance(value, Mapping):
        members = {member.name: member for member in param.members}
        return {
            name: _value(members[name], each, f"{path}/{name}", faults) if name in members else each
            for name, each in value.items()
        }
    if not isinstance(value, str):
        return value
    words = words_of(param)
    if words and not value.isdecimal():
        if value.upper() not in words:
            faults.append(Fault("unknown_word", path, f"one of these is needed: {', '.join(words)}"))
        return words.get(value.upper(), 0)
    if is_instant(param):
        try:
            return instant(value, path=path)
        except Malformed as error:
            faults += error.faults
            return 0
    return value
