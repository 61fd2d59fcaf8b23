"""What the embedded chains promise: loopback only, free of charge, and, if durable, nothing confirmed is ever lost."""

import os
import socket
import sys
from pathlib import Path

import pytest

from ledger.devnet.engines import BLOCK_GAS, Engine, running_chain
from ledger.devnet.loopback import rpc
from scripts.benches.durability import Outcome, run_trials
from tests.support.sockets import listening

pytestmark = pytest.mark.integration
DURABLE = [engine for engine in Engine if engine.durable]


@pytest.mark.parametrize("engine", Engine)
def test_an_engine_keeps_to_loopback_and_charges_nothing(engine: Engine, tmp_path: Path) -> None:
    with running_chain(engine, tmp_path) as chain:
        if sys.platform == "linux":
            assert listening(chain.process.pid) == {"127.0.0.1"}
        block = rpc(chain.rpc_url, "eth_getBlockByNumber", ["latest", False])
        assert int(block["gasLimit"], 16) == BLOCK_GAS
        assert int(block.get("baseFeePerGas", "0x0"), 16) == 0
        genesis = chain.genesis()
    assert not chain.process.alive()
    with running_chain(engine, tmp_path) as again:
        assert again.genesis() == genesis


@pytest.mark.skipif(sys.platform != "linux", reason="sockets are read from /proc")
def test_the_reading_of_sockets_sees_more_than_loopback() -> None:
    """The test above could not fail otherwise."""
    with socket.socket() as listener, socket.socket(socket.AF_INET6) as sixth:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - the point of the test
        listener.listen()
        sixth.bind(("::1", 0))
        sixth.listen()
        assert {"0.0.0.0", "::1"} <= listening(os.getpid())  # noqa: S104


def _tried(engine: Engine, folder: Path, trials: int) -> Outcome:
    outcome = Outcome()
    for outcome in run_trials(engine, folder, trials):
        print(f"{engine}: {outcome}")
    return outcome


@pytest.mark.parametrize("engine", DURABLE)
def test_a_killed_node_keeps_what_it_confirmed(engine: Engine, tmp_path: Path) -> None:
    outcome = _tried(engine, tmp_path, 3)
    assert (outcome.trials, outcome.lost) == (3, [])
    assert outcome.confirmed > 100


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("engine", DURABLE)
def test_twenty_times_killed_it_keeps_what_it_confirmed(engine: Engine, tmp_path: Path) -> None:
    outcome = _tried(engine, tmp_path, 20)
    assert (outcome.trials, outcome.lost) == (20, [])
    assert outcome.confirmed > 1_000
