"""Puts the ledger on a chain, once: contracts in order of need, then one decision of governance that installs them.

Addresses follow from the deployer's key and nonces alone, so a deployment that was cut short is resumed, and a finished
one recognised, from the chain. The deployer's key keeps nothing and is used for nothing else.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.governing import GovernedCall, Governing
from ledger.adapters.evm.network import GOVERNANCE, Network
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.transactions import creation_address
from ledger.adapters.evm.web3_provider import asking, web3_on
from ledger.domain.errors import Conflict, Unavailable
from ledger.domain.ids import Address, BlockHash, Digest32, LedgerId
from ledger.ports.signer import Signer

SETTLE_S = 5.0
"""A receipt may be there some milliseconds before its block is what the node calls the latest (geth)."""
POLL_S = 0.02
CREATION_GAS = 8_000_000
"""24 KiB of code cost 4.9 M to store."""
REGISTRY_VERSION = 1
"""Version of the first DeclarationRegistry: top byte of its case ids."""
DECLARATION_REGISTRY_ROLE = 1
"""Role of the AccessManager that may use permits and open debt cases."""
ROLE_FUNCTIONS = {
    "PermitRegistry": ("reserve", "writeOff", "unreserve", "restore"),
    "DebtLedger": ("openCase", "closeCase", "bindSecurity"),
}
INSTALLATION = Digest32(keccak(text="tamga installation 1"))


@dataclass(frozen=True)
class DeploymentPlan:
    """What to deploy.

    Attributes:
        ledger_id: 32 bytes, survives a move to another chain.
        country: ISO 3166-1 alpha-2, in MRNs and GRNs.
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


ORDER: tuple[tuple[str, Callable[[DeploymentPlan, Mapping[str, Address]], tuple[Any, ...]]], ...] = (
    (GOVERNANCE, lambda plan, _: (list(plan.governors), plan.threshold, plan.delay_s)),
    ("AccessManager", lambda _, at: (at[GOVERNANCE],)),
    ("Directory", lambda plan, at: (at["AccessManager"], plan.ledger_id)),
    ("ActForwarder", lambda _, at: (at["AccessManager"],)),
    ("ParticipantRegistry", lambda _, at: (at["AccessManager"], at["ActForwarder"])),
    ("RuleRegistry", lambda _, at: (at["AccessManager"], at["ActForwarder"], at["ParticipantRegistry"])),
    ("AuthorisationRegistry", lambda _, at: (at["ActForwarder"], at["ParticipantRegistry"])),
    ("DocumentRegistry", lambda _, at: (at["ActForwarder"], at["ParticipantRegistry"], at["Directory"])),
    ("PermitRegistry", lambda _, at: (at["AccessManager"], at["ActForwarder"], at["ParticipantRegistry"])),
    ("SettlementToken", lambda plan, at: (at["ActForwarder"], at["ParticipantRegistry"], *plan.currency)),
    (
        "DebtLedger",
        lambda _, at: (
            at["AccessManager"],
            at["ActForwarder"],
            at["ParticipantRegistry"],
            at["AuthorisationRegistry"],
            at["SettlementToken"],
        ),
    ),
    (
        "DeclarationRegistry",
        lambda plan, at: (
            REGISTRY_VERSION,
            plan.country.encode("ascii"),
            at["ActForwarder"],
            at["ParticipantRegistry"],
            at["RuleRegistry"],
            at["AuthorisationRegistry"],
            at["PermitRegistry"],
            at["DebtLedger"],
        ),
    ),
    (
        "TradeEscrow",
        lambda _, at: (
            at["ActForwarder"],
            at["ParticipantRegistry"],
            at["DocumentRegistry"],
            at["Directory"],
            at["SettlementToken"],
        ),
    ),
)
"""Contracts and their constructors' arguments, each after what it needs."""


@dataclass(frozen=True)
class _Creation:
    name: str
    nonce: int
    address: Address
    code: bytes


def deploy(
    rpc: EvmRpc,
    contracts: Contracts,
    deployer: Signer,
    governors: Sequence[Signer],
    plan: DeploymentPlan,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _of: None,
) -> Network:
    """Deploy and install, or resume, or recognise what is already there; repeating it changes nothing.

    Args:
        rpc: A node.
        contracts: Artifacts.
        deployer: A key used for nothing else; its address names the ledger's contracts.
        governors: At least `plan.threshold` of governance's signers, to propose and approve the installation.
        plan: What to deploy.
        progress: Told of each contract: name, how many are done, of how many.

    Raises:
        Conflict: The chain holds other contracts of this deployer: of another plan, or of an older build.
        ActRefused: A constructor or the installation was refused.
        Unavailable: No node; run it again.
    """
    direct = Direct(rpc, contracts)
    creations = planned(contracts, deployer.address, plan)
    direct.spend_nonce_zero(deployer)
    done = direct.nonce(deployer.address)
    if done > len(creations) + 1:
        raise Conflict(f"the deployer's key {deployer.address} was used for something else on this chain")
    for place, creation in enumerate(creations, 1):
        progress(creation.name, place - 1, len(creations))
        if creation.nonce >= done:
            direct.create(deployer, creation.code, nonce=creation.nonce, gas=CREATION_GAS)
        _check_code(rpc, contracts, direct, deployer.address, creation)
    progress("installation", len(creations), len(creations))
    at = {creation.name: creation.address for creation in creations}
    _check_ledger(rpc, contracts, at["Directory"], plan.ledger_id)
    governing = Governing(rpc, contracts, at[GOVERNANCE])
    governing.decide(governors, INSTALLATION, installation(governing, contracts, at, plan.country))
    with asking("a block"):
        genesis = BlockHash(bytes(web3_on(rpc).eth.get_block(0)["hash"]))
    return Network(
        chain_id=rpc.chain_id(),
        genesis=genesis,
        rpc_url=rpc.url,
        directory=at["Directory"],
        ledger_id=plan.ledger_id,
    )


def planned(contracts: Contracts, deployer: Address, plan: DeploymentPlan) -> list[_Creation]:
    """Every creation with its nonce and address: linked libraries first, then `ORDER`. Nonce 0 is spent on nothing."""
    at: dict[str, Address] = {}
    creations = []
    libraries = _libraries(contracts)
    constructors = dict(ORDER)
    for nonce, name in enumerate((*libraries, *constructors), 1):
        at[name] = creation_address(deployer, nonce)
        args = constructors[name](plan, at) if name in constructors else ()
        code = contracts.creation_code(name, args, {library: at[library] for library in libraries if library in at})
        creations.append(_Creation(name, nonce, at[name], code))
    return creations


def installation(
    governing: Governing, contracts: Contracts, at: Mapping[str, Address], country: str
) -> list[GovernedCall]:
    """The calls of the one decision that makes the deployed contracts a ledger."""
    names = [name for name, _ in ORDER]
    calls = [
        governing.call("Directory", at["Directory"], "announce", (name.encode().ljust(32, b"\0"), at[name]))
        for name in names
    ]
    grant = (DECLARATION_REGISTRY_ROLE, at["DeclarationRegistry"], 0)
    calls.append(governing.call("AccessManager", at["AccessManager"], "grantRole", grant))
    for name, functions in ROLE_FUNCTIONS.items():
        selectors = [contracts.function(name, function).selector for function in functions]
        bound = (at[name], selectors, DECLARATION_REGISTRY_ROLE)
        calls.append(governing.call("AccessManager", at["AccessManager"], "setTargetFunctionRole", bound))
    for name in names:
        acts = contracts.acts(name)
        if acts:
            columns = [[a.selector for a in acts], [a.type_string for a in acts], [a.layout for a in acts]]
            calls.append(governing.call("ActForwarder", at["ActForwarder"], "setActTypes", (at[name], *columns)))
    calls.append(governing.call("DebtLedger", at["DebtLedger"], "setCountry", (country.encode("ascii"),)))
    return calls


def _libraries(contracts: Contracts) -> list[str]:
    """Linked libraries, each after those that it is linked with itself."""
    ordered: list[str] = []

    def add(name: str) -> None:
        for library in sorted(contracts.artifact(name).links):
            add(library)
            if library not in ordered:
                ordered.append(library)

    for name, _ in ORDER:
        add(name)
    return ordered


def _check_ledger(rpc: EvmRpc, contracts: Contracts, directory: Address, ledger_id: LedgerId) -> None:
    with asking("a ledger id"):
        listing = web3_on(rpc).eth.contract(to_checksum_address(directory), abi=contracts.artifact("Directory").abi)
        found = bytes(listing.functions.ledgerId().call())
    if found != ledger_id:
        raise Conflict(f"the chain holds another ledger of this deployer: 0x{found.hex()}")


def _check_code(rpc: EvmRpc, contracts: Contracts, direct: Direct, deployer: Address, creation: _Creation) -> None:
    until = time.monotonic() + SETTLE_S
    while not (spent := direct.nonce(deployer) > creation.nonce) and time.monotonic() < until:
        time.sleep(POLL_S)
    with asking("code"):
        code = bytes(web3_on(rpc).eth.get_code(to_checksum_address(creation.address)))
    if not code and not spent:
        raise Unavailable(f"{creation.name} is not deployed yet")
    if not code:
        raise direct.why_refused(deployer, creation.code, gas=CREATION_GAS)
    if not contracts.is_code_of(creation.name, code):
        raise Conflict(f"the chain holds another build of {creation.name} at {creation.address}")
