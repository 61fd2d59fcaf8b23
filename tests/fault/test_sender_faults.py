"""Every port call failing, failing after it took effect, or the process dying there: after a restart the same end.

The table is not written down but walked: the n-th call of a life fails, for n from 1 until a life has no n-th call.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.domain.errors import Unavailable
from ledger.ports.outbox import OutboxState
from tests.support.faults import Faults, Killed
from tests.support.lives import World

NAMES = ["one", "two"]
ERRORS: dict[str, Callable[[], BaseException]] = {"fails": lambda: Unavailable("scripted"), "dies": Killed}


def assert_done_once(world: World, calls: list[str]) -> None:
    at = f"after a fault in {calls[-1] if calls else 'nothing'}"
    assert world.chain.executions == dict.fromkeys(NAMES, 1), at
    rows = world.rows()
    assert {row.key for row in rows} >= set(NAMES), at
    assert {row.state for row in rows} == {OutboxState.FINAL}, at
    assert [row.nonce for row in rows] == list(range(len(rows))), at
    stored = [json.loads(row.raw)["data"] for row in rows if row.raw is not None]
    assert world.transactions() == stored, at


@pytest.mark.parametrize("habits", [{}, {"depth": 2}, {"reruns_nonce_zero": True}], ids=["plain", "depth 2", "ganache"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after it took effect"])
@pytest.mark.parametrize("error", ERRORS)
def test_every_port_call_failing(tmp_path: Path, error: str, after: bool, habits: dict[str, int]) -> None:
    seen: set[str] = set()
    for at in range(1, 400):
        folder = tmp_path / str(at)
        folder.mkdir()
        world = World.new(folder, **habits)
        faults = Faults(at, after, ERRORS[error])
        done = world.live(faults, NAMES)
        seen |= set(faults.calls)
        lives = 1
        while not done:
            lives += 1
            assert lives < 5, f"no end in sight after {faults.calls[at - 1]}"
            done = world.live(Faults(0), NAMES)
        assert_done_once(world, faults.calls[:at])
        if not faults.reached():
            break
    else:
        pytest.fail("the table has no end")
    assert at > 30
    assert {"chain.send_many", "chain.receipts", "chain.nonce_at", "signer.sign_transaction"} <= seen
    assert {"outbox.accept_many", "outbox.advance_many", "outbox.open_rows", "outbox.next_nonce"} <= seen
