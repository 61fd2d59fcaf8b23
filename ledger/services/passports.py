"""Service passports, from the table and the acts' own fields."""

from collections.abc import Collection, Sequence
from typing import Final

from ledger.domain.act_inputs import FORMS, Kind, described
from ledger.domain.act_meanings import description
from ledger.domain.passports import ACTS, FEE, SIGNATURE, VERSION, WITHOUT_ACT, Input, Passport
from ledger.domain.reason_codes import GIVEN
from ledger.ports.contracts import ActParam, ContractCodec
from ledger.services.act_values import is_instant, is_large, words_of
from ledger.services.completing import FILLED

SECONDS: Final = "unix seconds"


def passports(codec: ContractCodec) -> Sequence[Passport]:
    """Every service, acts first, in the order of the table."""
    acts = [
        Passport(
            f"{contract}.{function}",
            service.name,
            service.owner,
            service.basis,
            tuple(_input(function, param, filled=FILLED) for param in codec.parameters(contract, function)),
            description(contract, function),
            FEE,
            service.deadline,
            SIGNATURE,
            VERSION,
        )
        for contract, functions in ACTS.items()
        for function, service in functions.items()
    ]
    return [*acts, *WITHOUT_ACT]


def _input(owner: str, param: ActParam, *, filled: Collection[str] = ()) -> Input:
    told = described(owner, param.name)
    return Input(
        param.name,
        told.kind.value,
        told.says,
        _form(told.kind, param),
        param.name not in filled,
        tuple(words_of(param)),
        tuple(_input(param.struct, member) for member in param.members),
    )


def _form(kind: Kind, param: ActParam) -> str:
    """The unit or form of a kind, and how the API takes it."""
    form = SECONDS if kind is Kind.TIME and not is_instant(param) else FORMS.get(kind, "")
    if param.enum in GIVEN:
        form += ", or a national number"
    if param.struct:
        written = "each an object of the members" if param.is_list else "an object of the members"
    elif param.base.startswith("bytes"):
        written = f"0x and {2 * int(param.base[5:])} hex digits"
    elif param.base == "address":
        written = "0x and 40 hex digits"
    elif is_instant(param) or param.base == "bool" or words_of(param):
        written = ""
    else:
        written = "decimal text" if is_large(param) else "integer"
    told = ", ".join(filter(None, [form, written]))
    return f"list of: {told}" if param.is_list and not param.struct else told
