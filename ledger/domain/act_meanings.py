"""What an act means, in a sentence of the trade with the act's own values (`ledger.domain.act_sentences`).

Before it is signed a person reads `meaning`; who asks what a service does in general reads `description`, which names
the fields in place of their values. In a sentence `{name}` is a value as people read it; `{name:a|b}` is `a` for
nothing (no participant, no record, false) and `b` for the rest; `{name:# things}` counts. A `#` is the value, of a list
its length.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.act_sentences import SENTENCES
from ledger.domain.anchor import unpack_h
from ledger.domain.plain import LAST_WRITABLE_TIME, in_unit, rfc3339
from ledger.domain.roles import Role
from ledger.domain.trade.declaration import MINOR_PER_UNIT, QUANTITY_SCALE, decimal_text
from ledger.domain.units import TEXTS, UNITS, Unit

MOST_LISTED: Final = 10
"""Entries of a list that a sentence tells; their number is told in any case."""
DAY_S, HOUR_S = 86_400, 3_600
AEO_BENEFITS: Final = (
    "green lane",
    "fewer inspections",
    "priority treatment",
    "simplified procedure",
    "benchmark",
    "pilot",
)
OPERATOR_TYPES: Final = (
    "importer",
    "exporter",
    "manufacturer",
    "broker",
    "carrier",
    "warehouse keeper",
    "terminal",
    "forwarder",
)
SCOPES: Final = ("lodge and correct declarations", "pay", "claim and appeal")
"""Bits of a power of attorney (IAuthorisationRegistry.grantPower)."""
MONEY: Final = frozenset({"amount", "value", "interest", "toSeller"})
"""Arguments that are minor units of the settlement currency."""
_BEGINNING, _NOWHERE = "1970-01-01T00:00:00Z", "0x" + "00" * 20
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "representation": {
        "SELF": "by itself",
        "DIRECT": "represented directly",
        "INDIRECT": "represented indirectly, by who is liable too",
    },
    "control": {
        "NONE": "no control",
        "DOCUMENTARY": "its documents are checked",
        "PHYSICAL": "its goods are inspected",
    },
    "condition": {"RELEASE": "the release of the goods", "DOCUMENTS": "documents that the buyer asks for"},
    "securityType": {"CASH_DEPOSIT": "cash deposit, taken now from the signer's settlement money"},
}
"""Words of enumerations that a sentence needs in another form."""


@dataclass(frozen=True)
class _Said:
    """One value in a sentence."""

    text: str
    number: str
    is_nothing: bool

    def __format__(self, wanted: str) -> str:
        nothing, divided, something = wanted.partition("|")
        if not divided:
            counted = wanted[:-1] if self.number == "1" and wanted.endswith("s") else wanted
            return counted.replace("#", self.number) or self.text
        return (nothing if self.is_nothing else something).replace("#", self.number)


@dataclass(frozen=True)
class _Field(_Said):
    """A field in place of its value: both forms of a choice are told, or the one that names it."""

    def __format__(self, wanted: str) -> str:
        nothing, divided, something = wanted.partition("|")
        if not divided or not nothing or "#" in something:
            return (something if divided else wanted).replace("#", self.text) or self.text
        return f"{nothing} or {something[0].lower()}{something[1:]}" if something else nothing


def meaning(contract: str, function: str, values: Mapping[str, Any]) -> str:
    """What an act does, with its values, its reason and its evidence.

    Args:
        contract: Directory name of its target.
        function: ABI name.
        values: Its arguments as people read them (`ledger.services.act_values.shown`).

    Raises:
        KeyError: There is no such act.
    """
    fields = _flat(values)
    sentence = SENTENCES[contract][function].format_map({name: _said(name, fields) for name in fields})
    reason, evidence = fields.get("reason"), fields.get("evidence")
    if reason not in (None, 0, "NONE"):
        sentence += f" Reason: {_word(reason)}."
    if isinstance(evidence, bytes) and any(evidence):
        sentence += f" Evidence: document 0x{evidence.hex()}."
    return sentence


def description(contract: str, function: str) -> str:
    """What such an act does, its fields by name. Raises `KeyError`: there is no such act."""
    return SENTENCES[contract][function].format_map(_Names())


class _Names(dict[str, _Field]):
    """Every field by its name."""

    def __missing__(self, name: str) -> _Field:
        return _Field(f"`{name}`", f"`{name}`", is_nothing=False)


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments, and beside them the members of those that are structs."""
    members = {name: value for each in values.values() if isinstance(each, Mapping) for name, value in each.items()}
    return {**members, **values}


def _said(name: str, fields: Mapping[str, Any]) -> _Said:
    value = fields[name]
    special = _SPECIAL.get(name)
    text = _plain(name, value) if special is None else special(value, fields)
    number = str(len(value)) if isinstance(value, list | tuple) else text
    return _Said(text, number, _is_nothing(value))


def _is_nothing(value: Any) -> bool:
    return not any(value) if isinstance(value, bytes) else value in (0, "0", "", _NOWHERE, [], ())


def _plain(name: str, value: Any) -> str:
    if name in _WORDS and value in _WORDS[name]:
        return _WORDS[name][value]
    if name in MONEY:
        return f"{int(value) // MINOR_PER_UNIT}.{int(value) % MINOR_PER_UNIT:02}"
    if isinstance(value, bytes):
        return str(in_unit("", name, value)) if name in TEXTS else f"0x{value.hex()}"
    if UNITS.get(name) is Unit.INSTANT or (name == "from" and isinstance(value, str)):
        return _instant(str(value))
    if isinstance(value, str) and value.isupper():
        return _word(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _instant(text: str) -> str:
    if text.isdecimal():  # past year 9999, or of another contract than ours (EIP-2612)
        return "further notice" if int(text) > LAST_WRITABLE_TIME else rfc3339(int(text))
    return "now" if text == _BEGINNING else text


def _word(value: Any) -> str:
    return str(value).lower().replace("_", " ")


def _bits(names: Sequence[str]) -> Callable[[Any, Mapping[str, Any]], str]:
    def tell(value: Any, _: Mapping[str, Any]) -> str:
        said = [name for bit, name in enumerate(names) if int(value) >> bit & 1]
        return " and ".join(filter(None, [", ".join(said[:-1]), *said[-1:]])) or "none"

    return tell


def _listed(tell: Callable[[Any], str]) -> Callable[[Any, Mapping[str, Any]], str]:
    def told(values: Sequence[Any], _: Mapping[str, Any]) -> str:
        shown = [tell(value) for value in values[:MOST_LISTED]]
        more = [f"and {len(values) - MOST_LISTED} more"] if len(values) > MOST_LISTED else []
        return ", ".join([*shown, *more]) or "nothing"

    return told


def _charge(charge: Mapping[str, Any]) -> str:
    return f"{in_unit('', 'code', charge['code'])} {_plain('amount', charge['amount'])}"


def _decision(decided: Mapping[str, Any]) -> str:
    until = f" until {_instant(decided['validUntil'])}" if decided["decision"] == "RELEASE" else ""
    return f"item {decided['item']} (check {decided['checkCode']}) {_word(decided['decision'])}{until}"


def _batch(head: Any, _: Mapping[str, Any]) -> str:
    batch = unpack_h(int(head))
    return f"batch {batch.seq} with {batch.size} {'document' if batch.size == 1 else 'documents'}"


def _joint(kind: Any, fields: Mapping[str, Any]) -> str:
    items = f"goods items {fields['from']} to {fields['to']}"
    lowered = f"its control is lowered, to: {_plain('control', fields['control'])}"
    told = {"LOWER_CONTROL": lowered, "LIFT_SEIZURE": f"the seizure of {items} is lifted"}
    return told.get(str(kind), "it is annulled, and ends")


def _period(seconds: Any, _: Mapping[str, Any]) -> str:
    count, unit = (int(seconds) // DAY_S, "day") if int(seconds) % DAY_S == 0 else (int(seconds) / HOUR_S, "hour")
    return f"1 {unit}'s" if count == 1 else f"{count:g} {unit}s'"


_SPECIAL: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], str]]] = {
    "categories": _bits(AEO_BENEFITS),
    "charges": _listed(_charge),
    "changedItems": _listed(lambda item: f"item {item}"),
    "decisions": _listed(_decision),
    "head": _batch,
    "kind": _joint,
    "lines": _listed(lambda line: decimal_text(int(line["authorised"]), QUANTITY_SCALE)),
    "notice": _period,
    "operatorTypes": _bits(OPERATOR_TYPES),
    "roles": lambda value, _: ", ".join(map(_word, Role(int(value)).names)) or "nothing",
    "scope": _bits(SCOPES),
}
"""Values that are told in a form of their own."""
