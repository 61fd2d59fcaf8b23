"""The main job, played by the commands of this clone, and who signs in to its facade."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.governing import Governing
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.keystore import Keystore, LocalSigner
from ledger.devnet.engines import Engine
from ledger.devnet.loopback import HOST
from ledger.domain.ids import Address, Digest32
from ledger.domain.roles import Role
from scripts.demo.cast import all_seats
from tests.support.clone import Clone
from tests.support.facades import signed_in
from tests.support.ledgers import FOREVER, key

SERVICE = Role.SERVICE_ANCHOR | Role.SERVICE_AUTO_RELEASE


@dataclass(frozen=True)
class Played:
    """The ledger after the main job.

    Attributes:
        clone: The commands, and the folder of its state.
        url: Its facade, which is customs'.
        case: The declaration's id.
        told: What the play told.
        strangers: For each role a key that has this role alone, of a participant that has to do with nothing.
    """

    clone: Clone
    url: str
    case: str
    told: Mapping[str, Any]
    strangers: Mapping[str, LocalSigner]

    def seat(self, name: str) -> LocalSigner:
        return Keystore(self.clone.home / "demo" / "keystore").load(name, passphrase(self.clone))

    def callers(self) -> dict[str, LocalSigner | None]:
        """Everyone who may ask: the cast by seat, strangers by role, and who does not sign in."""
        seats = {seat.name: self.seat(seat.name) for _, seat in all_seats()}
        return {"anonymous": None, **seats, **{f"stranger {role}": k for role, k in self.strangers.items()}}

    @contextmanager
    def client(self, signer: LocalSigner | None) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.url, timeout=60) as client:
            yield client if signer is None else signed_in(client, signer)

    @contextmanager
    def reader(self) -> Iterator[EvmReader]:
        network = Network.read(self.clone.home / "network.json")
        with EvmRpc(network.rpc_url, chain_id=network.chain_id) as rpc:
            yield EvmReader(rpc, Contracts.packaged(), network.directory)


def passphrase(clone: Clone) -> str:
    return (clone.home / "passphrase").read_text().partition("\n")[0]


@contextmanager
def played(folder: Path) -> Iterator[Played]:
    """Bring up a ledger, play the main job on it, admit the strangers; all of it is taken down afterwards."""
    clone = Clone(folder / "home", Engine.ANVIL)
    clone.environment |= {"TAMGA_RATE_LIMIT": "0", "TAMGA_WEBHOOK_HOSTS": f"http://{HOST}:9"}
    with ExitStack() as stack:
        clone.up()
        stack.callback(clone.command, "down")
        told = clone.play()
        network = json.loads((clone.home / "network.json").read_text())
        case = told["outcome"]["declaration"].partition(",")[0]
        yield Played(clone, network["api_url"], case, told, _strangers(clone))


def _strangers(clone: Clone) -> dict[str, LocalSigner]:
    network, contracts = Network.read(clone.home / "network.json"), Contracts.packaged()
    found = {str(role.name): key(f"stranger {role.name}") for role in Role}
    governors = [Keystore(clone.home / "keystore").load(f"governor-{n}", passphrase(clone)) for n in (1, 2)]
    with EvmRpc(network.rpc_url, chain_id=network.chain_id) as rpc:
        reader = EvmReader(rpc, contracts, network.directory)
        governing = Governing(rpc, contracts, reader.address_of("Governance"))
        registry = reader.address_of("ParticipantRegistry")

        def decide(name: str, *calls: tuple[str, tuple[Any, ...]]) -> None:
            made = [governing.call("ParticipantRegistry", registry, function, args) for function, args in calls]
            governing.decide(governors, Digest32(hashlib.sha256(name.encode()).digest()), made)

        mask = sum(Role)
        request = hashlib.sha256(b"strangers").digest()
        decide("admit strangers", ("admit", (request, mask, 0, b"\1" * 32)))
        number = reader.call("ParticipantRegistry", "admittedAs", (request,), at=reader.head())
        decide("strangers' keys", *(("setKey", _key(number, found[str(role.name)].address, role)) for role in Role))
    return found


def _key(participant: int, address: Address, role: Role) -> tuple[Any, ...]:
    return participant, address, 0, int(role), 0, 0, FOREVER
