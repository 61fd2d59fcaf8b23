"""What the embedded chains promise: loopback only, free of charge, and, if durable, nothing confirmed is ever lost."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from ledger.devnet.engines import BLOCK_GAS, Engine, running_chain
from ledger.devnet.loopback import rpc
from ledger.devnet.trouble import Trouble
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
    if not engine.starts_again:
        with pytest.raises(Trouble, match="in memory"), running_chain(engine, tmp_path):
            pass
        return
    time.sleep(2)  # a block 0 made anew would show by its time
    with running_chain(engine, tmp_path) as again:
        assert again.genesis() == genesis


def test_anvil_keeps_the_present_time_through_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with running_chain(Engine.ANVIL, tmp_path) as chain:
            rpc(chain.rpc_url, "evm_mine")
            block = rpc(chain.rpc_url, "eth_getBlockByNumber", ["latest", False])
            assert abs(int(block["timestamp"], 16) - time.time()) < 3
        time.sleep(4)


@pytest.mark.skipif(sys.platform != "linux", reason="sockets are read from /proc")
def test_the_reading_of_sockets_sees_more_than_loopback() -> None:
    """The test above could not fail otherwise."""
    with socket.socket() as listener, socket.socket(socket.AF_INET6) as sixth:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - the point of the test
        listener.listen()
        sixth.bind(("::1", 0))
        sixth.listen()
        assert {"0.0.0.0", "::1"} <= listening(os.getpid())  # noqa: S104 - what it heard, not where it listens


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
