"""Arguments of acts as people write them: an instant as RFC 3339, an enumeration and a reason as their words."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.codes import ENUMS
from ledger.domain.errors import Fault, Malformed
from ledger.domain.plain import instant
from ledger.domain.reason_codes import GIVEN
from ledger.ports.contracts import ActParam

TIME: Final = "uint40"
"""Instants on chain [unix s]."""


def words_of(param: ActParam) -> Mapping[str, int]:
    """The words of an enumeration or a list of reason codes, with their numbers; none for other parameters."""
    listed = GIVEN.get(param.enum)
    return listed or {word: number for number, word in enumerate(ENUMS.get(param.enum, ()))}


def value_of(param: ActParam, value: Any, path: str) -> Any:
    """A value as `ledger.ports.contracts` takes it, at any depth. What is of another shape is left for that to refuse.

    Raises:
        Malformed: No instant, or no word of the list; with its path, all of them.
    """
    faults: list[Fault] = []
    found = _value(param, value, path, faults)
    if faults:
        raise Malformed(*faults)
    return found


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
        return words.get(value.upper(), value)
    if param.base == TIME:
        try:
            return instant(value, path=path)
        except Malformed as error:
            faults += error.faults
    return value
