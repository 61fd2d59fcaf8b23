"""A ledger on a fresh geth node, with issuers that may anchor: what chain measurements run on."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import DeploymentPlan, deploy
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.keystore import LocalSigner
from ledger.devnet.engines import Chain, Engine, running_chain
from ledger.domain.ids import Digest32, LedgerId, ParticipantId
from ledger.ports.contracts import Args
from scripts.measure.figures import tell

LEDGER: Final = LedgerId(b"measured".ljust(32, b"\0"))
FOREVER: Final = 2**40 - 1
SERVICE_ANCHOR: Final = 1 << 24
"""Role of a key that anchors without a person (contracts/types/Roles.sol)."""


@dataclass(frozen=True)
class Measured:
    """A running ledger.

    Attributes:
        chain: Its node.
        network: Where it is.
        contracts: Its ABI.
        rpc, reader, writer: Its node, as adapters see it.
        folder: For databases and stores; gone when the ledger is.
    """

    chain: Chain
    network: Network
    contracts: Contracts
    rpc: EvmRpc
    reader: EvmReader
    writer: EvmWriter
    folder: Path

    def govern(self, name: str, calls: Sequence[tuple[str, str, Args]]) -> None:
        """Decide `calls` (contract, function, arguments) under the request id that `name` gives."""
        governing = Governing(self.rpc, self.contracts, self.reader.address_of("Governance"))
        made = [governing.call(c, self.reader.address_of(c), f, args) for c, f, args in calls]
        governing.decide(_governors(), Digest32(_digest(name)), made)

    def admit_issuer(self, signer: LocalSigner, accredited: int = 0) -> ParticipantId:
        """Admit a participant whose one key may anchor, also documents of type `accredited` if one is given."""
        request, registry = _digest(signer.address), "ParticipantRegistry"
        self.govern(f"admit {signer.address}", [(registry, "admit", (request, SERVICE_ANCHOR, 0, b"\1" * 32))])
        number: int = self.reader.call(registry, "admittedAs", (request,), at=self.reader.head())
        calls: list[tuple[str, str, Args]] = [
            (registry, "setKey", (number, signer.address, 0, SERVICE_ANCHOR, 0, 0, FOREVER))
        ]
        if accredited:
            calls.append((registry, "accredit", (number, accredited, 0, 0, FOREVER)))
        self.govern(f"equip {signer.address}", calls)
        return ParticipantId(number)


@contextmanager
def measured_ledger() -> Iterator[Measured]:
    """Start geth on a temporary folder and deploy a ledger; both are gone at the end."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tell("starting geth and deploying a ledger on it")
        with running_chain(Engine.GETH, folder / "chain") as chain, EvmRpc(chain.rpc_url) as rpc:
            contracts = Contracts.packaged()
            plan = DeploymentPlan(LEDGER, "UZ", [one.address for one in _governors()], 2)
            network = deploy(rpc, contracts, key("deployer"), _governors(), plan)
            reader = EvmReader(rpc, contracts, network.directory)
            yield Measured(chain, network, contracts, rpc, reader, EvmWriter(rpc, contracts), folder)


def key(name: str) -> LocalSigner:
    """The same key for the same name."""
    return LocalSigner(_digest(f"key of {name}"))


def _governors() -> list[LocalSigner]:
    return [key("governor 1"), key("governor 2")]


def _digest(name: str) -> bytes:
    return hashlib.sha256(b"tamga/measure/" + name.encode()).digest()
