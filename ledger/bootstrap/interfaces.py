"""The acts of the contracts in this package; no node is asked."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.adapters.evm.contracts import Contracts
from ledger.domain.act_meanings import description
from ledger.ports.contracts import ActParam


@dataclass(frozen=True)
class DescribedAct:
    """An act of a contract.

    Attributes:
        contract: Directory name.
        function: ABI name.
        meaning: What it does, its fields by name.
        notice: What its interface says of it (NatSpec): who may do it, from which state to which.
        parameters: Its parameters, in order.
    """

    contract: str
    function: str
    meaning: str
    notice: str
    parameters: Sequence[ActParam]


def acts_of(contract: str) -> list[DescribedAct]:
    """Every act of a contract in this package, in the order of its interface; no node is asked. Raises `NotFound`."""
    contracts = packaged_contracts()
    return [
        DescribedAct(
            contract,
            function,
            description(contract, function),
            contracts.notice(contract, function),
            contracts.parameters(contract, function),
        )
        for function in contracts.artifact(contract).acts
    ]


def every_act() -> list[DescribedAct]:
    """Every act of every contract in this package; no node is asked."""
    return [act for contract in packaged_contracts().names() for act in acts_of(contract)]


def act_inputs(contract: str, function: str) -> Sequence[ActParam]:
    """Parameters of an act, in order. Raises `NotFound`."""
    return packaged_contracts().parameters(contract, function)


@functools.cache
def packaged_contracts() -> Contracts:
    """ABI of the contracts in this package."""
    return Contracts.packaged()
