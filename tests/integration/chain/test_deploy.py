"""Deployment: once, resumed where it was cut short, recognised when it is done, refused when it is another's.

given an empty chain
├── when the ledger is deployed every contract should be listed, its role granted, its acts carried
├── when it is deployed again nothing should change
├── when it was cut short after any step deploying again should finish it
├── when the deployer's key was used for something else it should be a conflict
└── when it is another ledger's it should be a conflict
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.deploy import ORDER, DeploymentPlan, deploy, planned
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.devnet.engines import Chain, Engine, running_chain
from ledger.domain.errors import ActRefused, Conflict, Malformed, NotFound
from ledger.domain.ids import Address, BlockHash, LedgerId
from ledger.ports.signer import Signer
from tests.support.ledgers import TestLedger, key

pytestmark = pytest.mark.integration
CONTRACTS = Contracts.packaged()
GOVERNORS = [key(f"governor {i}") for i in range(3)]
PLAN = DeploymentPlan(LedgerId(b"D" * 32), "UZ", [g.address for g in GOVERNORS], 2)


class CutShort(Exception):
    """The program ends here."""


class Dying(Signer):
    """A key that signs so many transactions and then takes its program with it."""

    def __init__(self, signer: Signer, left: list[int]) -> None:
        self._signer, self._left = signer, left

    @property
    def address(self) -> Address:
        return self._signer.address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        if not self._left[0]:
            raise CutShort
        self._left[0] -= 1
        return self._signer.sign_transaction(transaction)

    def sign_message(self, text: str) -> bytes:
        return self._signer.sign_message(text)

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        return self._signer.sign_typed_data(typed_data)


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_chain(Engine.ANVIL, tmp_path_factory.mktemp("anvil")) as running:
        yield running
    if running.process.child is not None:
        running.process.child.wait()


def snapshot(reader: EvmReader, network: Network) -> dict[Address, str]:
    return dict(reader.contracts_at(reader.head()))


def test_everything_is_listed_and_wired(ledger: TestLedger) -> None:
    head = ledger.reader.head()
    listed = ledger.reader.contracts_at(head)
    assert sorted(listed.values()) == sorted(name for name, _ in ORDER)
    view = ledger.reader
    for name, address in ((name, address) for address, name in listed.items()):
        assert view.is_listed(address, name, at=head)
    assert view.call("Directory", "ledgerId", at=head) == ledger.network.ledger_id
    manager, registry = view.address_of("AccessManager"), view.address_of("DeclarationRegistry")
    assert view.call("AccessManager", "hasRole", (1, registry), at=head) == (True, 0)
    assert view.call("AccessManager", "hasRole", (0, view.address_of("Governance")), at=head) == (True, 0)
    assert view.call("AccessManager", "hasRole", (0, key("deployer").address), at=head) == (False, 0)
    permits = view.address_of("PermitRegistry")
    for function in ("reserve", "writeOff", "unreserve", "restore"):
        selector = ledger.contracts.function("PermitRegistry", function).selector
        assert view.call(manager, "getTargetFunctionRole", (permits, selector), at=head) == 1
    set_types = view.find_events("ActForwarder", "ActTypeSet", {}, 0, head.number)
    acts = {(view.address_of(n), a.selector): a for n in ledger.contracts.names() for a in ledger.contracts.acts(n)}
    assert {(e.args["target"], e.args["selector"]): e.args["typeString"] for e in set_types} == {
        place: act.type_string for place, act in acts.items()
    }
    (country,) = view.find_events("DebtLedger", "CountrySet", {}, 0, head.number)
    assert country.args["country"] == b"UZ"


def test_again_changes_nothing(ledger: TestLedger) -> None:
    height = ledger.reader.head()
    plan = DeploymentPlan(ledger.network.ledger_id, "UZ", [g.address for g in GOVERNORS], 2)
    assert deploy(ledger.rpc, ledger.contracts, key("deployer"), GOVERNORS[:2], plan) == ledger.network
    assert ledger.reader.head() == height


def test_cut_short_after_any_step(anvil: Chain) -> None:
    contracts = CONTRACTS
    with EvmRpc(anvil.rpc_url) as rpc:
        steps = len(planned(contracts, key("x").address, PLAN)) + 1 + 3 + 2  # and nonce 0; three acts; two nonces 0
        for after in (0, 1, steps // 2, *range(steps - 5, steps)):
            deployer, left = key(f"deployer cut {after}"), [after]
            governors = [key(f"governor {after} {i}") for i in range(3)]
            plan = replace(PLAN, governors=[g.address for g in governors])
            dying = [Dying(g, left) for g in governors[:2]]
            with pytest.raises(CutShort):
                deploy(rpc, contracts, Dying(deployer, left), dying, plan)
            network = deploy(rpc, contracts, deployer, governors[:2], plan)
            reader = EvmReader(rpc, contracts, network.directory)
            assert sorted(snapshot(reader, network).values()) == sorted(name for name, _ in ORDER)
            assert Direct(rpc, contracts).nonce(deployer.address) == steps - 5


def test_key_used_for_something_else(anvil: Chain) -> None:
    with EvmRpc(anvil.rpc_url) as rpc:
        deployer, direct = key("deployer elsewhere"), Direct(rpc, CONTRACTS)
        direct.transact(deployer, GOVERNORS[0].address, b"", gas=30_000)
        with pytest.raises((Conflict, ActRefused)):
            deploy(rpc, CONTRACTS, deployer, GOVERNORS[:2], PLAN)


def test_other_ledger_is_a_conflict(anvil: Chain) -> None:
    with EvmRpc(anvil.rpc_url) as rpc:
        deployer = key("deployer of another plan")
        deploy(rpc, CONTRACTS, deployer, GOVERNORS[:2], PLAN)
        with pytest.raises(Conflict, match="another ledger"):
            deploy(rpc, CONTRACTS, deployer, GOVERNORS[:2], replace(PLAN, ledger_id=LedgerId(b"E" * 32)))


def test_refused_constructor_says_why(anvil: Chain) -> None:
    with EvmRpc(anvil.rpc_url) as rpc:
        plan = replace(PLAN, threshold=4)
        with pytest.raises(ActRefused) as caught:
            deploy(rpc, CONTRACTS, key("deployer of a bad plan"), GOVERNORS[:2], plan)
    assert caught.value.error == "BadQuorum"
    assert caught.value.arguments == {"signers": 3, "threshold": 4, "delay": 0}


def test_network_file_round_trips(tmp_path: Path) -> None:
    network = Network(
        7, BlockHash(b"\1" * 32), "http://node", Address("0x" + "11" * 20), LedgerId(b"\2" * 32), "http://api", 3
    )
    network.write(tmp_path / "network.json")
    assert Network.read(tmp_path / "network.json") == network
    assert [file.name for file in tmp_path.iterdir()] == ["network.json"]
    with pytest.raises(NotFound):
        Network.read(tmp_path / "other.json")
    for damage in ("", "[]", "{}", '{"genesis": 5}', '{"genesis": "0x11", "ledger_id": "0x", "x": 1}'):
        (tmp_path / "network.json").write_text(damage)
        with pytest.raises(Malformed):
            Network.read(tmp_path / "network.json")
