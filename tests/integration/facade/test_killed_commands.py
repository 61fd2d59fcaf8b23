"""Commands that are killed while their transaction is pending, on real nodes whose blocks come at an interval.

given a command, killed when its transaction is in the node's pool and not mined
  when another command acts with the same key      → it waits, says so, and both take effect, once each
  when the same command is given again             → it is the same act: answered with what became of the first, even
                                                     where a request id is drawn for each
  when documents are collected with the same key   → likewise
  when the node has forgotten the transaction      → it is sent again as it was stored
given a step of governance, killed likewise
  when the same signer repeats it                  → it finds the first, and goes on to what comes next
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.keystore import Keystore
from ledger.bootstrap.acting import open_outbox
from ledger.config import read_config
from ledger.ports.outbox import OutboxRow, OutboxState
from tests.support.ledgers import key
from tests.support.places import CUSTOMS, QUARANTINE, Place, two_participants
from tests.support.terminal import PASSPHRASE, key_secret

pytestmark = pytest.mark.integration
INTERVAL_S = 2
TYPE = ("--type", "851001", "--key", QUARANTINE)


class Node:
    """The place's node: blocks come when the test says so, or at an interval."""

    def __init__(self, place: Place) -> None:
        self._rpc = EvmRpc(json.loads((place.home / "network.json").read_text())["rpc_url"])

    def hold(self) -> None:
        self._rpc.request("evm_setAutomine", False)
        self._rpc.request("evm_setIntervalMining", 0)

    def go_on(self) -> None:
        self._rpc.request("evm_setIntervalMining", INTERVAL_S)

    def mine(self) -> None:
        self._rpc.request("evm_mine")

    def forget_pool(self) -> None:
        self._rpc.request("anvil_dropAllTransactions")

    def pending(self, name: str) -> int:
        counts = [self._rpc.request("eth_getTransactionCount", key(name).address, tag) for tag in ("pending", "latest")]
        return int(counts[0], 16) - int(counts[1], 16)

    def close(self) -> None:
        self._rpc.request("evm_setIntervalMining", 0)
        self._rpc.request("evm_setAutomine", True)
        self._rpc.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with two_participants(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def node(place: Place) -> Iterator[Node]:
    made = Node(place)
    yield made
    made.close()


def killed_while_pending(place: Place, node: Node, name: str, *args: str) -> None:
    """Run a command until its transaction is in the pool, and kill it."""
    node.hold()
    before = node.pending(name)
    running = place.quarantine.start(*args)
    until = time.monotonic() + 60
    while node.pending(name) == before:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until, "nothing was sent"
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert running.returncode == -signal.SIGKILL


def paper(folder: Path, name: str) -> str:
    (folder / name).write_text(json.dumps({"serial": name, "of": str(folder)}))
    return str(folder / name)


def nothing_is_stuck(place: Place, name: str = QUARANTINE) -> list[OutboxRow]:
    """All that a key ever sent, in order."""
    assert place.quarantine.json("outbox", "list") == []
    outbox, close = open_outbox(read_config({"TAMGA_HOME": str(place.home)}))
    rows = {state: outbox.in_state(key(name).address, state) for state in OutboxState}
    close()
    assert {state for state, found in rows.items() if found} == {OutboxState.FINAL}
    return rows[OutboxState.FINAL]


def manifests(place: Place) -> list[str]:
    return [args["manifest"].hex() for args in place.events("Anchored")]


def comes_after(place: Place, node: Node, *args: str, name: str = QUARANTINE) -> Any:
    """What a command tells that has to wait for what the killed one left; blocks come only once it says so."""
    with place.quarantine.start(*args) as running:
        assert running.stderr
        assert running.stdout
        said = running.stderr.readline().decode()
        node.go_on()
        out, err = running.stdout.read(), said + running.stderr.read().decode()
    assert running.returncode == 0, (out, err)
    assert f" transaction(s) of {key(name).address} are on their way" in said
    return json.loads(out)


@pytest.mark.parametrize("forgotten", [False, True], ids=["pool kept", "pool lost"])
def test_another_command_comes_after_a_killed_one(place: Place, node: Node, tmp_path: Path, forgotten: bool) -> None:
    anchored = manifests(place)
    killed_while_pending(place, node, QUARANTINE, "anchor", paper(tmp_path, "a.json"), *TYPE)
    if forgotten:
        node.forget_pool()
    told = comes_after(place, node, "anchor", paper(tmp_path, "b.json"), *TYPE, "--json")
    first, other = manifests(place)[len(anchored) :]
    assert other == told["manifest"]
    assert {batch["manifest"] for batch in place.quarantine.json("batches") if batch["anchored"]} >= {first, other}
    nothing_is_stuck(place)


def test_the_same_anchor_again_is_anchored_once(place: Place, node: Node, tmp_path: Path) -> None:
    anchored, anchor = manifests(place), ("anchor", paper(tmp_path, "a.json"), *TYPE)
    killed_while_pending(place, node, QUARANTINE, *anchor)
    told = comes_after(place, node, *anchor, "--json")
    assert manifests(place) == [*anchored, told["manifest"]]
    nothing_is_stuck(place)


def test_the_same_act_again_is_done_once_though_its_request_id_is_drawn(place: Place, node: Node) -> None:
    terms = ("--broker", "1", "--scope", "1", "--from", "2026-01-01T00:00:00Z", "--until", "2100-01-01T00:00:00Z")
    grant = ("authorisation", "grant-power", *terms, "--key", CUSTOMS)
    killed_while_pending(place, node, CUSTOMS, *grant)
    told = comes_after(place, node, *grant, "--json", name=CUSTOMS)
    _, row = nothing_is_stuck(place, CUSTOMS)
    assert (told["state"], told["tx_hash"]) == ("FINAL", f"0x{(row.tx_hash or b'').hex()}")
    assert [event["name"] for event in told["events"]] == ["PowerChanged"]
    place.quarantine.run(*grant)
    assert len(nothing_is_stuck(place, CUSTOMS)) == 3, "given once more, it is another"


def test_a_step_of_governance_again_finds_the_first(place: Place, node: Node, tmp_path: Path) -> None:
    Keystore(place.home / "keystore", scrypt_n=2).add("governor", PASSPHRASE, key_secret("governor 0"))
    admit = {"requestId": "0x" + "a7" * 32, "roles": 1, "supervisor": 0, "profile": "0x" + "00" * 32}
    call = {"contract": "ParticipantRegistry", "function": "admit", "args": admit}
    (tmp_path / "decision.json").write_text(json.dumps({"request": "admit a trader", "calls": [call]}))
    propose = ("govern", str(tmp_path / "decision.json"), "--key", "governor")
    killed_while_pending(place, node, "governor 0", *propose)
    told = comes_after(place, node, *propose, "--json", name="governor 0")
    assert told == {"state": "waiting", "tx_hash": None}
    assert len(nothing_is_stuck(place, "governor 0")) == 1


def test_documents_are_collected_after_a_killed_command(place: Place, node: Node, tmp_path: Path) -> None:
    anchored = manifests(place)
    killed_while_pending(place, node, QUARANTINE, "anchor", paper(tmp_path, "a.json"), *TYPE)
    with place.quarantine.start("collect", *TYPE, stdin=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(f"{paper(tmp_path, 'b.json')}\n".encode())
        running.stdin.close()
        told = json.loads(running.stdout.readline())  # accepted, and to come after what was left
        node.go_on()
    assert running.returncode == 0
    assert manifests(place)[len(anchored) + 1 :] == [told["manifest"]]
    nothing_is_stuck(place)


def test_a_grant_and_an_erasure_are_killed(place: Place, node: Node, tmp_path: Path) -> None:
    told = place.quarantine.json("anchor", paper(tmp_path, "a.json"), *TYPE)
    grant = ("grant", told["manifest"], "--to", str(place.customs_id), "--key", QUARANTINE)
    erase = ("erase", told["manifest"], "--leaf", "0", "--reason", "court-order", "--key", QUARANTINE)
    granted, ordered = len(place.events("AccessGranted")), len(place.events("ErasureOrdered"))
    killed_while_pending(place, node, QUARANTINE, *grant)
    node.mine()
    killed_while_pending(place, node, QUARANTINE, *erase)
    comes_after(place, node, *erase, "--json")
    assert len(place.events("AccessGranted")) == granted + 1
    assert len(place.events("ErasureOrdered")) == ordered + 1
    nothing_is_stuck(place)
