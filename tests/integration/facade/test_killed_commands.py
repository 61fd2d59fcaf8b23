"""Commands that are killed while their transaction is pending, on real nodes whose blocks come at an interval.

given a command, killed when its transaction is in the node's pool and not mined
  when another command acts with the same key      → it waits, says so, and both take effect, once each
  when the same command is given again             → it is the same act: answered with what became of the first
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
from ledger.bootstrap import open_outbox
from ledger.config import read_config
from ledger.ports.outbox import OutboxState
from tests.support.ledgers import key
from tests.support.places import QUARANTINE, Place, two_participants

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


def nothing_is_stuck(place: Place) -> None:
    assert place.quarantine.json("outbox", "list") == []
    outbox, close = open_outbox(read_config({"TAMGA_HOME": str(place.home)}))
    for state in OutboxState:
        rows = outbox.in_state(key(QUARANTINE).address, state)
        assert state is OutboxState.FINAL or not rows, rows
    close()


def manifests(place: Place) -> list[str]:
    return [args["manifest"].hex() for args in place.events("Anchored")]


def comes_after(place: Place, node: Node, *args: str) -> Any:
    """What a command tells that has to wait for what the killed one left; blocks come only once it says so."""
    with place.quarantine.start(*args) as running:
        assert running.stderr
        assert running.stdout
        said = running.stderr.readline().decode()
        node.go_on()
        out, err = running.stdout.read(), said + running.stderr.read().decode()
    assert running.returncode == 0, (out, err)
    assert f" transaction(s) of {key(QUARANTINE).address} are on their way" in said
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
