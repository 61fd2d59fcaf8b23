"""Puts the ledger on a chain, once: contracts in order of need, then one decision of governance that installs them.

Addresses follow from the deployer's key and nonces alone, so a deployment that was cut short is resumed, and a finished
one recognised, from the chain. The deployer's key keeps nothing and is used for nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.rpc import EvmRpc
from ledger.domain.ids import Address, BlockHash, LedgerId
from ledger.ports.signer import Signer


@dataclass(frozen=True)
class DeploymentPlan:
    """What to deploy.

    Attributes:
        ledger_id: 32 bytes, survives a move to another chain.
        country: ISO 3166-1 alpha-2, in MRNs.
        governors: Addresses of governance's signers.
        threshold: Signatures a decision needs.
        delay_s: Wait between approval and execution [s].
        currency: Name, symbol and decimals of the settlement token.
    """

    ledger_id: LedgerId
    country: str
    governors: Sequence[Address]
    threshold: int
    delay_s: int = 0
    currency: tuple[str, str, int] = ("Tokenised deposit", "UZSD", 2)


@dataclass(frozen=True)
class Network:
    """What a client needs to know of a ledger: `network.json`.

    Attributes:
        chain_id: EIP-155 id.
        genesis: Hash of block 0.
        rpc_url: A node.
        directory: Address of the Directory, the one address a client is configured with.
        ledger_id: 32 bytes.
        api_url: The facade, once it runs.
        finality_depth: Blocks after which a block is final; 0 for a single sealer and for QBFT.
    """

    chain_id: int
    genesis: BlockHash
    rpc_url: str
    directory: Address
    ledger_id: LedgerId
    api_url: str | None = None
    finality_depth: int = 0

    def write(self, path: Path) -> None:
        """Write atomically as JSON."""
        raise NotImplementedError

    @classmethod
    def read(cls, path: Path) -> "Network":
        """Raises `Malformed`, or `NotFound` if there is no such file."""
        raise NotImplementedError


def deploy(
    rpc: EvmRpc, contracts: Contracts, deployer: Signer, governors: Sequence[Signer], plan: DeploymentPlan
) -> Network:
    """Deploy and install, or resume, or recognise what is already there; repeating it changes nothing.

    Args:
        rpc: A node.
        contracts: Artifacts.
        deployer: A key used for nothing else; its address names the ledger's contracts.
        governors: At least `plan.threshold` of governance's signers, to propose and approve the installation.
        plan: What to deploy.

    Raises:
        Conflict: The deployer's key was used for something else on this chain.
        ActRefused: A constructor or the installation was refused.
        Unavailable: No node; run it again.
    """
    raise NotImplementedError
