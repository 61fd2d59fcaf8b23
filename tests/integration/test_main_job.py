"""The main job on every engine, as a newcomer runs it: `scripts/up`, the play, `scripts/down`.

Given a fresh state folder and an engine
    when the ledger is brought up and the main job played
        → it should end with the goods cleared, the early releases refused for their reasons, every verdict as it must
        → every party should have acted by its own key through the forwarder, governance by two of three
        → quantities, money and anchors on the chain should add up, and nothing readable should lie in the content store
    when the chain is indexed → its folded rows should say what the contracts answer
    when it is played again
        → it should do nothing more, and tell the same
    when the README is followed with a file of one's own (on Anvil)
        → it should print what the README shows
Given an engine that is called durable
    when its node is killed with SIGKILL in the middle of the play, and `scripts/up` run
        → the play should go on where it was cut short, and end the same
"""

import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.network import Network
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.file_store import FileStore
from ledger.adapters.sql.database import Database
from ledger.devnet.engines import Engine
from ledger.domain.cid import raw_cid
from ledger.domain.reference_numbers import parse_mrn
from scripts.demo.cast import MEMBERS, QUARANTINE
from scripts.demo.permits import AUTHORISED
from tests.support.clone import Clone
from tests.support.folded import compare_with_chain
from tests.support.readme import follow

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

CUT_AT = "lodges the importer's declaration"
VERDICTS = {
    "as issued, with its proof": "VALID",
    "as issued, the file alone": "VALID",
    "one byte changed, with its proof": "INVALID",
    "the changed file alone": "UNDETERMINED",
    "a document never anchored": "UNDETERMINED",
    "a made-up proof file": "INVALID",
    "revoked, asked for now": "INVALID",
    "revoked, the second before": "VALID",
    "chain switched off": "UNDETERMINED",
}
SECRETS = (b"Juan Perez", b"RIBES ALPINUM", b"%PDF-", b"Espresso", b"GB896458895015", b"DCSA Test Person", b"2897.19")
"""Words of the documents that nobody but their readers may find."""


class Ledger:
    """What the chain itself says."""

    def __init__(self, home: Path) -> None:
        network = Network.read(home / "network.json")
        self._rpc = EvmRpc(network.rpc_url, chain_id=network.chain_id)
        self.reader = EvmReader(self._rpc, Contracts.packaged(), network.directory)

    def view(self, contract: str, function: str, *args: Any) -> Any:
        return self.reader.call(contract, function, args, at=self.reader.head())

    def events(self, contract: str, name: str) -> list[Mapping[str, Any]]:
        return [event.args for event in self.reader.find_events(contract, name, {}, 0, self.reader.head().number)]

    def close(self) -> None:
        self._rpc.close()


@pytest.fixture(params=list(Engine), ids=str)
def clone(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path / "home", request.param)
    made.up()
    yield made
    pids = [made.pid(service) for service in ("chain", "api")]
    made.command("down")
    assert not any(map(runs, pids))


def runs(pid: int) -> bool:
    """Whether the process lives; one that ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_main_job(clone: Clone, tmp_path: Path) -> None:
    if clone.engine.durable:
        cut_short(clone)
    told = clone.play()
    ledger = Ledger(clone.home)
    try:
        check_outcome(told)
        check_parties(told, ledger)
        check_balances(told, ledger)
        check_documents(clone.home, ledger)
        check_index(ledger, tmp_path)
        head = ledger.reader.head()
    finally:
        ledger.close()
    again = clone.play()
    assert all(step["before"] for step in again["steps"] if step["tx"] or step["refused"])
    ledger = Ledger(clone.home)
    assert ledger.reader.head() == head
    ledger.close()
    same = ("MRN", "declaration", "refused while unpaid for", "refused while suspended for", "history")
    assert [again["outcome"][name] for name in same] == [told["outcome"][name] for name in same]
    assert again["history"] == told["history"]
    if clone.engine is Engine.ANVIL:
        follow(clone.home, clone.environment, tmp_path)


def cut_short(clone: Clone) -> None:
    """Kill the node without warning once the declaration is lodged: the play stops, and the ledger comes up again."""
    running = clone.start_play()
    assert running.stdout is not None
    assert any(CUT_AT in line for line in running.stdout)
    os.kill(clone.pid("chain"), signal.SIGKILL)
    _, said = running.communicate(timeout=240)
    assert running.returncode == 3, said
    assert "Traceback" not in said
    time.sleep(0.5)
    clone.up()


def check_outcome(told: Mapping[str, Any]) -> None:
    outcome = told["outcome"]
    assert parse_mrn(outcome["MRN"]).country == "UZ"
    assert outcome["declaration"].endswith(", CLEARED")
    assert outcome["refused while unpaid for"] == "DEBT_UNPAID, NOT_ARRIVED"
    held = ", ".join(f"PERMIT_UNUSABLE (item {item})" for item in range(1, 5))
    assert outcome["refused while suspended for"] == held
    assert {name: verdict["overall"] for name, verdict in told["verdicts"].items()} == VERDICTS
    named = {fragment["name"]: fragment for fragment in told["verdicts"]["as issued, with its proof"]["fragments"]}
    assert named["issuer"]["evidence"]["participant"]["name"] == QUARANTINE.title
    changed = {
        fragment["name"]: fragment for fragment in told["verdicts"]["one byte changed, with its proof"]["fragments"]
    }
    assert changed["integrity"]["evidence"]["claim"] == "content"
    places = [(act["block_number"], act["log_index"]) for act in told["history"]]
    assert places == sorted(set(places))
    assert all(act["actor"] and act["time"] and act["tx_hash"] for act in told["history"])
    assert sum(act["evidence"] is not None for act in told["history"]) >= 4


def check_parties(told: Mapping[str, Any], ledger: Ledger) -> None:
    actors = {args["actor"] for args in ledger.events("ActForwarder", "ActExecuted")}
    words = [ledger.view("ParticipantRegistry", "keyWord", actor)[0] for actor in actors]
    acted = {word & (1 << 64) - 1 for word in words}
    only_reads = next(number for number, member in enumerate(MEMBERS, 1) if member.name == "auditor")
    assert acted == set(range(1, len(MEMBERS) + 1)) - {only_reads}
    governors = {step["who"] for step in told["steps"] if step["part"] == 1}
    assert governors == {"governor-1", "governor-2"}


def check_balances(told: Mapping[str, Any], ledger: Ledger) -> None:
    (issued,) = ledger.events("PermitRegistry", "PermitIssued")
    lines = [ledger.view("PermitRegistry", "lineOf", issued["permit"], line) for line in range(2)]
    assert [line[1:] for line in lines] == [(58_000_000, 0, 42_000_000), (35_000_000, 0, 65_000_000)]
    assert all(sum(line[1:]) == AUTHORISED for line in lines)
    case = int(told["outcome"]["declaration"].partition(",")[0])
    debt = ledger.view("DebtLedger", "caseOf", case)
    assert debt["assessed"] == debt["paid"] == debt["settled"] == 26_999 + 205_400
    assert ledger.view("SettlementToken", "totalSupply") == debt["paid"]


def check_index(ledger: Ledger, folder: Path) -> None:
    """The rows folded from events say what the contracts answer."""
    with closing(Database(f"sqlite:///{folder / 'folded.sqlite'}")) as database:
        agreed = compare_with_chain(ledger.reader, database)
    one_each = dict.fromkeys(("declaration", "permit", "application", "debt", "record", "supply"), 1)
    assert agreed.items() >= {**one_each, "participant": len(MEMBERS)}.items()


def check_documents(home: Path, ledger: Ledger) -> None:
    anchored = ledger.events("DocumentRegistry", "Anchored")
    assert len(anchored) == 9
    store = FileStore(home / "content")
    assert all(store.has(raw_cid(args["manifest"])) for args in anchored)
    store.close()
    kept = b"".join(file.read_bytes() for file in (home / "content").rglob("*") if file.is_file())
    assert len(kept) > 200_000
    assert not [secret for secret in SECRETS if secret in kept]
    for file in (home / "demo" / "keystore").iterdir():
        assert re.search(r'"kdf": ?"scrypt"', file.read_text()), file
