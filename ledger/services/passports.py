"""Service passports, from the table and the contracts' own words."""

from collections.abc import Sequence

from ledger.domain.passports import ACTS, FEE, SIGNATURE, VERSION, WITHOUT_ACT, Passport
from ledger.ports.contracts import ContractCodec

BEFORE, AFTER = ("actor",), ("nonce", "deadline", "gas")
"""Fields of every signed act that are no input of the service."""


def passports(codec: ContractCodec) -> Sequence[Passport]:
    """Every service, acts first, in the order of the table."""
    acts = [
        Passport(
            f"{contract}.{function}",
            service.name,
            service.owner,
            service.basis,
            _inputs(codec.act_type(contract, function).type_string),
            codec.notice(contract, function) or service.name,
            FEE,
            service.deadline,
            SIGNATURE,
            VERSION,
        )
        for contract, functions in ACTS.items()
        for function, service in functions.items()
    ]
    return [*acts, *WITHOUT_ACT]


def _inputs(type_string: str) -> tuple[str, ...]:
    """`name: type` of each input, from the EIP-712 type `Name(address actor,…,uint256 nonce,…)`."""
    fields = type_string.partition("(")[2].partition(")")[0].split(",")
    pairs = [field.split(" ") for field in fields]
    return tuple(f"{name}: {kind}" for kind, name in pairs if name not in BEFORE + AFTER)
