"""`tamga contracts verify` on a real node.

given a ledger deployed from the checked-in artifacts
├── when it is compared with the sources they come from
│   └── every listed contract, the Directory and every linked library should be the same, each immutable accounted for
├── when a version with one changed line is announced
│   ├── that version alone should differ, named by contract, offset, function and line
│   └── when the changed sources are named too, all should be the same
├── when a contract is announced that was built on another registry, its immutable should be named
├── when the node is away, or of another chain, it should be exit code 3 and no difference
└── when the sources are missing, or do not compile, it should be exit code 2
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ledger.adapters.evm.build import Build
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.solidity import compiler_of
from ledger.adapters.evm.transactions import creation_address
from ledger.bootstrap import code
from ledger.cli import context
from ledger.cli.app import make_app
from ledger.config import read_config
from ledger.devnet.engines import Engine
from ledger.devnet.places import ROOT
from ledger.domain.ids import Address, BlockHash
from scripts.lib.compiler import compile_folder, to_json
from tests.support.facades import own_chain
from tests.support.ledgers import TestLedger, install, key
from tests.support.terminal import Terminal

pytestmark = pytest.mark.integration
CHANGED = ("if (contract_.code.length == 0) revert NoCode(contract_);", "")
GAS = 8_000_000
OWN_WORD = {"COUNTRY": "UZ", "DECIMALS": "2", "_name": "Tokenised deposit", "_version": "1"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestLedger]:
    with own_chain(Engine.ANVIL, tmp_path_factory.mktemp("verified")) as chain:
        installed = install(chain)
        yield installed
        installed.rpc.close()


@pytest.fixture(scope="module")
def tamga(ledger: TestLedger, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    home = tmp_path_factory.mktemp("home")
    ledger.network.write(home / "network.json")
    return Terminal(TAMGA_HOME=str(home))


@pytest.fixture(scope="module")
def ours() -> Build:
    return Build(ROOT, compiler_of(ROOT))


@pytest.fixture(scope="module")
def changed_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with one line changed, of one contract: a Directory that announces addresses without code."""
    clone = tmp_path_factory.mktemp("clone")
    for folder in ("interfaces", "libraries", "types"):
        shutil.copytree(ROOT / "contracts" / folder, clone / "contracts" / folder)
    for missing in ("libraries", "interfaces"):  # those of other contracts are not needed
        for file in (clone / "contracts" / missing).iterdir():
            if file.name not in ("Acts.sol", "IDirectory.sol"):
                file.unlink()
    (clone / "node_modules").symlink_to(ROOT / "node_modules")
    before = (ROOT / "contracts" / "Directory.sol").read_text()
    assert before.count(CHANGED[0]) == 1
    (clone / "contracts" / "Directory.sol").write_text(before.replace(*CHANGED))
    return clone


@pytest.fixture
def show(ledger: TestLedger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """The command in this process, on builds that are compiled already: (exit code, output)."""

    def run(*builds: Build, as_json: bool = False) -> tuple[int, str]:
        ledger.network.write(tmp_path / "network.json")
        monkeypatch.setattr(code, "Build", lambda root, _compiler: {b.root: b for b in builds}[root])
        monkeypatch.setattr(context, "config", lambda: read_config({"TAMGA_HOME": str(tmp_path)}))
        named = [word for build in builds for word in ("--sources", str(build.root))]
        done = CliRunner().invoke(make_app(), ["contracts", "verify", *named, *(["--json"] if as_json else [])])
        return done.exit_code, done.stdout

    return run


def by_name(answer: dict[str, Any]) -> dict[tuple[str, int | None], dict[str, Any]]:
    return {(found["contract"], found["version"]): found for found in answer["contracts"]}


def announce(ledger: TestLedger, contracts: Contracts, name: str, maker: str, *args: Any) -> Address:
    """Deploy another version of a contract and let governance announce it."""
    signer, direct = key(maker), Direct(ledger.rpc, contracts)
    direct.spend_nonce_zero(signer)
    direct.create(signer, contracts.creation_code(name, args, {}), nonce=1, gas=GAS)
    address = creation_address(signer.address, 1)
    ledger.govern(f"announce {maker}", ("Directory", "announce", (name.encode().ljust(32, b"\0"), address)))
    return address


def test_what_was_deployed_is_what_the_sources_say(ledger: TestLedger, tamga: Terminal) -> None:
    answer = tamga.json("contracts", "verify", timeout_s=600)
    assert answer["same"]
    found = by_name(answer)
    contracts = {name for name in ledger.contracts.names() if (name, 1) in found}
    libraries = {name for name in ledger.contracts.names() if (name, None) in found}
    assert contracts | libraries == set(ledger.contracts.names())
    assert {"DeclarationRelease", "DebtLedger"} & libraries == {"DeclarationRelease"}
    assert {checked["metadata"] for checked in answer["contracts"]} == {"same"}
    values = [value for checked in answer["contracts"] for value in checked["immutables"]]
    assert len(values) > 30
    assert {value["name"]: value["value"] for value in values if not value["proven_by"]} == OWN_WORD


def test_one_changed_line_is_caught_and_named(
    ledger: TestLedger, ours: Build, show: Callable[..., Any], changed_clone: Path
) -> None:
    built = changed_clone / "built"
    built.mkdir()
    for name, made in compile_folder(changed_clone / "contracts", prefix="contracts").items():
        (built / f"{name}.json").write_text(to_json(made))
    manager = ledger.reader.address_of("AccessManager")
    second = announce(ledger, Contracts(built), "Directory", "changer", manager, ledger.network.ledger_id)

    code, shown = show(ours, as_json=True)
    answer = json.loads(shown)
    wrong = [checked for checked in answer["contracts"] if not checked["same"]]
    assert (code, answer["same"]) == (1, False)
    assert [(checked["contract"], checked["version"], checked["address"]) for checked in wrong] == [
        ("Directory", 2, second)
    ]
    difference = wrong[0]["difference"]
    assert difference["bytes_on_chain"] < difference["bytes_compiled"]
    assert 0 < difference["offset"] < difference["bytes_on_chain"]
    line = (ROOT / "contracts" / "Directory.sol").read_text().split(CHANGED[0])[0].count("\n") + 1
    assert difference["in"] == [{"function": "Directory.announce", "file": "contracts/Directory.sol", "line": line}]
    code, shown = show(ours)
    assert code == 1
    assert f"DIFFERS Directory version 2 at {second}" in shown
    assert f"in Directory.announce, contracts/Directory.sol:{line}" in shown

    code, shown = show(ours, Build(changed_clone, compiler_of(ROOT)))
    assert (code, "DIFFERS" in shown) == (0, False)


def test_foreign_immutable_is_named(ledger: TestLedger, ours: Build, show: Callable[..., Any]) -> None:
    stranger = key("stranger").address
    args = (ledger.reader.address_of("ActForwarder"), stranger, ledger.reader.address_of("Directory"))
    address = announce(ledger, ledger.contracts, "DocumentRegistry", "misbuilder", *args)
    code, shown = show(ours, as_json=True)
    found = next(checked for checked in json.loads(shown)["contracts"] if checked["address"] == address)
    assert (code, found["same"], found["difference"], found["fault"]) == (1, False, None, None)
    faults = {value["name"]: value["fault"] for value in found["immutables"] if value["fault"]}
    assert faults == {"PARTICIPANTS": f"is {stranger}, never listed as ParticipantRegistry"}


def test_address_without_such_a_contract_is_no_match(ledger: TestLedger, ours: Build, show: Callable[..., Any]) -> None:
    other = ledger.reader.address_of("RuleRegistry")
    ledger.govern("odd", ("Directory", "announce", (b"Oddity".ljust(32, b"\0"), other)))
    code, shown = show(ours)
    assert code == 1
    assert f"DIFFERS Oddity version 1 at {other}" in shown
    assert "have no such contract" in shown


def test_outage_is_no_difference(ledger: TestLedger, tamga: Terminal, tmp_path: Path) -> None:
    away = tamga.but(TAMGA_RPC_URL="http://127.0.0.1:9")
    assert away.json("contracts", "verify", exits=3)["error"] == "unavailable"
    replace(ledger.network, genesis=BlockHash(b"\7" * 32)).write(tmp_path / "network.json")
    elsewhere = tamga.but(TAMGA_NETWORK=str(tmp_path / "network.json"))
    assert "genesis" in elsewhere.json("contracts", "verify", exits=3)["text"]


def test_sources_that_are_none(tamga: Terminal, tmp_path: Path) -> None:
    assert "no_sources" in tamga.json("contracts", "verify", "--sources", str(tmp_path), exits=2)["text"]
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "Odd.sol").write_text("pragma solidity 0.8.37; contract Odd {")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    compiler = str(compiler_of(ROOT))
    bad = tamga.json("contracts", "verify", "--sources", str(tmp_path), "--compiler", compiler, exits=2)
    assert "ParserError" in bad["text"]
    gone = tamga.json("contracts", "verify", "--compiler", str(tmp_path / "solc"), exits=2)
    assert "no_compiler" in gone["text"]
