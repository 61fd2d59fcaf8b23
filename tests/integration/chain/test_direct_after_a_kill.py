"""Where there is no outbox: a deployment's installation that was cut short while its transaction was pending.

given a transaction of a governor's key in a node's pool, that nobody waits for any more
  when another decision is taken with the key → it waits for that, as long as it takes, and both are executed, once each
"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.adapters.evm import direct as direct_module
from ledger.adapters.evm.direct import Direct
from ledger.adapters.evm.rpc import EvmRpc
from ledger.devnet.engines import Engine
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32
from tests.support.facades import own_chain
from tests.support.ledgers import TestLedger, install

pytestmark = pytest.mark.integration
ME = b"\1" * 32


class Held:
    """A node that mines when it is told to."""

    def __init__(self, rpc: EvmRpc) -> None:
        self._rpc = rpc

    def hold(self) -> None:
        self._rpc.request("evm_setAutomine", False)

    def go_on(self) -> None:
        self._rpc.request("evm_mine")
        self._rpc.request("evm_setAutomine", True)


@pytest.fixture(params=[Engine.ANVIL, Engine.HARDHAT], ids=str)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[TestLedger, Held]]:
    with own_chain(request.param, tmp_path / "chain") as chain:
        ledger = install(chain)
        yield ledger, Held(ledger.rpc)
        ledger.rpc.close()


def test_a_step_that_was_cut_short_is_waited_for(
    made: tuple[TestLedger, Held], monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, node = made
    governing, (first, second) = ledger.governing(), ledger.governors
    registry = ledger.reader.address_of("ParticipantRegistry")
    one, two = (
        (
            Digest32(bytes([n] * 32)),
            [governing.call("ParticipantRegistry", registry, "admit", (bytes([n] * 32), 1, 0, ME))],
        )
        for n in (1, 2)
    )
    node.hold()
    with monkeypatch.context() as patch:
        patch.setattr(direct_module, "WAIT_S", 0.5)
        with pytest.raises(Unavailable, match="is not mined"):
            governing.step(first, *one)
        with pytest.raises(Unavailable, match="still pending"):
            Direct(ledger.rpc, ledger.contracts).wait_for_pool(first.address)
    threading.Timer(1.0, node.go_on).start()
    monkeypatch.setattr(direct_module, "WAIT_S", 10.0)
    assert governing.decide([first, second], *two) is not None
    assert governing.decide([first, second], *one) is not None
    last = ledger.reader.head().number
    assert len(ledger.reader.find_events("ParticipantRegistry", "ParticipantAdmitted", {}, 0, last)) == 2
