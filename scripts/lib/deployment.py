"""Puts the embedded ledger on the embedded chain, once, and recognises it ever after.

The keys of the deployer, of governance's three signers and of the relayer lie in `keystore/` of the state folder,
opened by the passphrase in `passphrase`. One folder and one passphrase for all of them is for a single machine; on a
network each signer keeps its own.
"""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Final

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import DeploymentPlan, deploy
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.keyring import create_keyring
from ledger.adapters.keystore import Keystore
from ledger.devnet.engines import Chain
from ledger.devnet.places import write_whole
from ledger.devnet.trouble import Trouble
from ledger.domain.errors import Conflict, TamgaError
from ledger.domain.ids import Address, LedgerId
from ledger.ports.signer import Signer
from scripts.lib.state import State

GOVERNORS: Final = ("governor-1", "governor-2", "governor-3")
THRESHOLD: Final = 2
DEPLOYER: Final = "deployer"
RELAYER: Final = "relayer"
COUNTRY: Final = "UZ"
"""ISO 3166-1 alpha-2 of the example ledger; stands in its MRNs."""
LIGHT_SCRYPT: Final = 1 << 14
"""The passphrase beside the keys has 192 random bits: a costly derivation would only slow each start."""


def passphrase_file(state: State) -> Path:
    """Opens the folder's key files; made on first use, for its owner's eyes only."""
    file = state.home / "passphrase"
    if not file.exists():
        scratch = file.with_name(".passphrase.new")
        scratch.touch(mode=0o600)
        scratch.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
        scratch.replace(file)
    return file


def install(state: State, chain: Chain, api_url: str) -> Network:
    """Deploy, go on with a deployment cut short, or recognise the ledger; write `network.json` either way.

    Raises:
        Trouble: The chain's state belongs to other contracts, or the deployment was refused.
    """
    file = state.network_file
    known = Network.read(file) if file.exists() else None
    genesis = bytes.fromhex(chain.genesis()[2:])
    if known is not None and (known.chain_id, known.genesis) != (chain.chain_id, genesis):
        raise Trouble(
            f"the chain in {state.chain} is not the one of {file.name}",
            f"put the state back that belongs together, or set TAMGA_HOME to a new folder (or move {state.home} away)",
        )
    keys = _Keys(state)
    plan = DeploymentPlan(
        ledger_id=_ledger_id(state),
        country=COUNTRY,
        governors=[keys.signer(name).address for name in GOVERNORS],
        threshold=THRESHOLD,
    )
    contracts = Contracts.packaged()
    try:
        with EvmRpc(chain.rpc_url, chain_id=chain.chain_id) as rpc:
            network = deploy(rpc, contracts, keys.signer(DEPLOYER), [keys.signer(n) for n in GOVERNORS], plan)
    except Conflict as error:
        raise Trouble(
            f"the chain in {state.chain} holds other contracts: {error}",
            f"go back to the version that deployed them, or set TAMGA_HOME to a new folder (or move {state.home} away)",
        ) from error
    except TamgaError as error:
        raise Trouble(
            f"the ledger was not deployed: {error}", "run scripts/up again; it goes on where it ended"
        ) from error
    if known is not None and known.directory != network.directory:
        raise Trouble(
            f"the keys in {state.home} belong to another ledger than {file.name}", "put back the keystore folder"
        )
    keys.signer(RELAYER)
    keys.make_ring()
    network = replace(network, rpc_url=chain.rpc_url, api_url=api_url)
    network.write(file)
    return network


def places(network: Network) -> dict[str, Address]:
    """Every contract that the ledger lists, by name."""
    with EvmRpc(network.rpc_url, chain_id=network.chain_id) as rpc:
        reader = EvmReader(rpc, Contracts.packaged(), network.directory)
        return {name: address for address, name in reader.contracts_at(reader.head()).items()}


class _Keys:
    """The keys of this machine, each made on first use."""

    def __init__(self, state: State) -> None:
        self._ring = state.home / "keyring" / "facade.json"
        self._store = Keystore(state.home / "keystore", scrypt_n=LIGHT_SCRYPT)
        self._passphrase = passphrase_file(state).read_text(encoding="utf-8").strip()
        self._open: dict[str, Signer] = {}

    def signer(self, name: str) -> Signer:
        if name not in self._open:
            known = {key.name for key in self._store.list()}
            take = self._store.load if name in known else self._store.create
            self._open[name] = take(name, self._passphrase)
        return self._open[name]

    def make_ring(self) -> None:
        """The facade's decryption keys; it looks for them once, when it starts."""
        if not self._ring.exists():
            self._ring.parent.mkdir(mode=0o700, exist_ok=True)
            create_keyring(self._ring, self._passphrase, scrypt_n=LIGHT_SCRYPT)


def _ledger_id(state: State) -> LedgerId:
    """Drawn once, and durable before it is used."""
    file = state.home / "ledger-id"
    if not file.exists():
        write_whole(file, secrets.token_hex(32) + "\n")
    return LedgerId(bytes.fromhex(file.read_text(encoding="utf-8").strip()))
