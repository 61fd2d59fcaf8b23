"""What a transaction asks of the ledger, in the words of prepared acts: an outbox row holds its calldata alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import LimitExceeded, Malformed, NotFound
from ledger.domain.ids import Address
from ledger.domain.plain import in_units, plain
from ledger.ports.contracts import ContractCodec
from ledger.services.act_values import shown

FORWARDER = "ActForwarder"


@dataclass(frozen=True)
class NamedCall:
    """A call of one of the ledger's contracts.

    Attributes:
        contract: Directory name.
        function: ABI name.
        meaning: What it does, in the words of its interface.
        args: Arguments by name, as people read them.
    """

    contract: str
    function: str
    meaning: str
    args: Mapping[str, Any]


def name_call(codec: ContractCodec, names: Mapping[Address, str], to: Address, calldata: bytes) -> NamedCall | None:
    """The call; of an act that a relayer carries, the act's own. None for what no contract of ours knows.

    Args:
        codec: Contracts as this program knows them.
        names: Directory names by address.
        to: Whom the transaction calls.
        calldata: With what.
    """
    contract = names.get(to)
    if contract is None:
        return None
    try:
        function, args = codec.decode_call(contract, calldata)
    except (NotFound, Malformed, LimitExceeded):
        return None
    if (contract, function) == (FORWARDER, "execute"):
        return name_call(codec, names, args["act"]["target"], args["act"]["data"])
    return NamedCall(contract, function, codec.notice(contract, function), _in_words(codec, contract, function, args))


def _in_words(codec: ContractCodec, contract: str, function: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        parameters = codec.parameters(contract, function)
    except NotFound:  # no act that a wallet signs: a grant, an anchor, a step of governance
        return {name: plain(value) for name, value in in_units(function, args).items()}
    return {param.name: plain(shown(param, args[param.name])) for param in parameters}
