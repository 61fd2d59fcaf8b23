"""A ledger deployed on a real engine, with the few participants that chain tests need."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import DeploymentPlan, deploy
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.devnet.engines import Chain
from ledger.domain.ids import Digest32, LedgerId
from ledger.ports.outbox import Outbox
from ledger.services.acts import Acts
from ledger.services.sender import Sender

FOREVER = 2**40 - 1
DECLARANT, ISSUER, REGISTRAR, SERVICE_ANCHOR = 1 << 0, 1 << 16, 1 << 15, 1 << 24


def key(name: str) -> LocalSigner:
    """The same key for the same name."""
    return LocalSigner(secret_of(name))


def secret_of(name: str) -> bytes:
    """That key's secret."""
    return hashlib.sha256(b"test key " + name.encode()).digest()


@dataclass(frozen=True)
class TestLedger:
    """Everything a test needs to act on a deployed ledger."""

    __test__ = False

    chain: Chain
    network: Network
    contracts: Contracts
    rpc: EvmRpc
    reader: EvmReader
    writer: EvmWriter
    governors: Sequence[LocalSigner]

    def governing(self) -> Governing:
        return Governing(self.rpc, self.contracts, self.reader.address_of("Governance"))

    def govern(self, name: str, *calls: tuple[str, str, tuple[Any, ...]]) -> None:
        """Decide `calls` (contract, function, arguments) under the request id that `name` gives."""
        governing = self.governing()
        made = [governing.call(c, self.reader.address_of(c), f, args) for c, f, args in calls]
        governing.decide(self.governors, Digest32(hashlib.sha256(name.encode()).digest()), made)

    def admit(self, name: str, *signers: tuple[LocalSigner, int]) -> int:
        """Admit a participant with these keys and roles; the same name is the same participant."""
        request = hashlib.sha256(name.encode()).digest()
        mask = 0
        for _, roles in signers:
            mask |= roles
        self.govern(f"admit {name}", ("ParticipantRegistry", "admit", (request, mask, 0, b"\1" * 32)))
        number: int = self.reader.call("ParticipantRegistry", "admittedAs", (request,), at=self.reader.head())
        calls = [
            ("ParticipantRegistry", "setKey", (number, signer.address, 0, roles, 0, 0, FOREVER))
            for signer, roles in signers
        ]
        self.govern(f"keys of {name}", *calls)
        return number

    def sender(self, signer: LocalSigner, outbox: Outbox) -> Sender:
        return Sender(self.reader, self.writer, signer, outbox, self.contracts)

    def acts(self, outbox: Outbox, sender: Sender | None = None) -> Acts:
        return Acts(self.reader, self.writer, self.contracts, outbox, SystemClock(), sender)


def install(chain: Chain) -> TestLedger:
    """Deploy on a running chain, or find what was deployed there before."""
    contracts, rpc = Contracts.packaged(), EvmRpc(chain.rpc_url, chain_id=chain.chain_id)
    governors = [key(f"governor {i}") for i in range(3)]
    plan = DeploymentPlan(LedgerId(b"L" * 32), "UZ", [g.address for g in governors], 2)
    network = deploy(rpc, contracts, key("deployer"), governors[:2], plan)
    reader = EvmReader(rpc, contracts, network.directory)
    return TestLedger(chain, network, contracts, rpc, reader, EvmWriter(rpc, contracts), governors[:2])


@contextmanager
def sqlite_outbox(folder: Path) -> Iterator[SqlOutbox]:
    with closing(Database(f"sqlite:///{folder / 'outbox.db'}")) as database:
        yield SqlOutbox(database)
