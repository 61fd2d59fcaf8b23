"""Request shapes of acts, made from the contracts' own interfaces: one for each act, one for each struct in it.

A small integer is a JSON integer, a larger one decimal text, an instant RFC 3339, an enumeration its words, a reason
its word or number, bytes 0x hex. What the interface says of a parameter is its description.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StrictBool, create_model

from api.faults import Misfit
from api.schemas.base import ADDRESS, HEX, Shape
from ledger.domain.errors import Malformed
from ledger.domain.plain import instant
from ledger.domain.reason_codes import GIVEN
from ledger.domain.units import UNITS, Unit
from ledger.ports.contracts import ActParam
from ledger.services.act_values import SMALL_BITS, is_instant, is_large, words_of
from ledger.services.completing import FILLED

MAX_LIST: Final = 2_000
"""Entries of one list: more do not fit into the calldata of one act."""
MAX_BYTES: Final = 64 * 1024
ADDRESS_EXAMPLE: Final = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
"""An address of EIP-55's own examples."""
TIME_EXAMPLE: Final = "2026-11-23T09:00:00Z"

REASONS: Final = {name: StrEnum(name, {word: word for word in words}) for name, words in GIVEN.items()}
"""The reasons in words, one schema for each list."""


def shape_of(name: str, parameters: Sequence[ActParam]) -> type[Shape]:
    """The request shape of an act, with an example; `name` has to differ from act to act."""
    example = {param.name: _example(param) for param in parameters if param.name not in FILLED}
    return _model(name, parameters, optional=FILLED, kwargs={"json_schema_extra": {"examples": [example]}})


def _model(
    name: str,
    parameters: Sequence[ActParam],
    *,
    optional: Mapping[str, str] | None = None,
    kwargs: dict[str, Any] | None = None,
) -> type[Shape]:
    fields: dict[str, Any] = {}
    for param in parameters:
        filled = (optional or {}).get(param.name)
        note = " ".join(filter(None, [param.note, _unit(param), filled]))
        kind = _type(param, name)
        if param.is_list:
            kind = Annotated[list[kind], Field(max_length=MAX_LIST)]  # type: ignore[valid-type]  # known at run time only
        if filled is None:
            fields[param.name] = (kind, Field(description=note or param.name))
        else:
            fields[param.name] = (kind | None, Field(None, description=note))
    made: type[Shape] = create_model(name, __base__=Shape, __cls_kwargs__=kwargs, **fields)
    return made


def _type(param: ActParam, owner: str) -> Any:
    if param.struct:
        return _model(f"{owner}{param.struct}", param.members)
    base, words = param.base, words_of(param)
    if param.enum in REASONS:
        # A reason may be of the national list, which has numbers only.
        return REASONS[param.enum] | _integer(base)
    if words:
        return Literal[tuple(words)]
    if base == "bool":
        return StrictBool
    if base == "address":
        return Annotated[str, Field(pattern=ADDRESS)]
    if base == "string":
        return Annotated[str, Field(max_length=MAX_BYTES)]
    if base == "bytes":
        return Annotated[str, Field(pattern=HEX, max_length=2 + 2 * MAX_BYTES)]
    if base.startswith("bytes"):
        return Annotated[str, Field(pattern=f"^0x[0-9a-fA-F]{{{2 * int(base[5:])}}}$")]
    if is_instant(param):
        return Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_instant)]
    return _integer(base)


def _integer(base: str) -> Any:
    found = re.fullmatch("(u?)int([0-9]+)", base)
    if found is None:
        raise TypeError(f"no request shape for {base}")
    signed, bits = not found[1], int(found[2])
    if bits <= SMALL_BITS:
        least, most = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
        return Annotated[int, Field(strict=True, ge=least, lt=most)]
    sign = "-?" if signed else ""
    text = Field(pattern=f"^{sign}[0-9]{{1,{len(str(1 << bits))}}}$")
    return Annotated[str, text, AfterValidator(partial(_within, -(1 << bits - 1) if signed else 0, 1 << bits - signed))]


def _instant(text: str) -> str:
    """The text of an instant. What is none is told with all else that does not fit, not after it."""
    try:
        instant(text)
    except Malformed as bad:
        raise Misfit(bad.faults[0].code, bad.faults[0].text) from bad
    return text


def _within(low: int, high: int, text: str) -> str:
    """The text of an integer that its type holds."""
    if not low <= int(text) < high:
        raise Misfit("out_of_range", f"{low} to {high - 1}")
    return text


def _example(param: ActParam, *, in_list: bool = False) -> Any:
    """A value that the parameter's type takes; whether the contract does is another question."""
    if param.is_list and not in_list:
        return [_example(param, in_list=True)]
    if param.struct:
        return {member.name: _example(member) for member in param.members}
    base, words = param.base, words_of(param)
    if words:
        return list(words)[-1]
    if is_instant(param):
        return TIME_EXAMPLE
    known = {"bool": True, "address": ADDRESS_EXAMPLE, "string": "text", "bytes": "0x"}
    if base in known:
        return known[base]
    if base.startswith("bytes"):
        return "0x" + "1a" * int(base[5:])
    return "1" if is_large(param) else 1


def _unit(param: ActParam) -> str:
    if is_instant(param):
        return "RFC 3339, or unix seconds."
    if UNITS.get(param.name) is Unit.DURATION:
        return "Seconds, as decimal text." if is_large(param) else "Seconds."
    return "Decimal text." if is_large(param) else ""
