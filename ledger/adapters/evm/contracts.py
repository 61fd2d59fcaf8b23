"""The contracts' ABI: calls, events and errors to and from Python values."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ledger.ports.contracts import ActType, ContractCodec


class Contracts(ContractCodec):
    """Registry of the generated artifacts; the codec of every adapter and service.

    `Contracts.packaged()` loads `ledger/artifacts/*.json`.
    """

    def __init__(self, artifacts: Path) -> None:
        raise NotImplementedError

    @classmethod
    def packaged(cls) -> "Contracts":
        """The artifacts that came with this package. Raises `NotFound` naming the mend if they were never generated."""
        raise NotImplementedError

    def names(self) -> Sequence[str]:
        """Every contract with bytecode."""
        raise NotImplementedError

    def acts(self, contract: str) -> Sequence[ActType]:
        """See the port."""
        raise NotImplementedError

    def decode_result(self, contract: str, function: str, output: bytes) -> Any:
        """One output as itself, several as a tuple; structs as dicts. Raises `Malformed`."""
        raise NotImplementedError
