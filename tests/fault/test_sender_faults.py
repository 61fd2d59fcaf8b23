"""The fault table of the sender: every port call × every way to go wrong, on SQLite and on PostgreSQL.

given an act accepted by an earlier process, and a client and a process that go on with it and with another
├── when one call of a port goes wrong (failed; failed, but persisted; the process dies before or after it; the answer
    is truncated, or wrong), and the process is started again
│   └── each act should be executed once, under one nonce, from the one raw transaction that is stored; none is lost
├── when blocks hold less gas than one that is signed asks for, and a call goes wrong
│   └── it should be refused, its nonce spent on nothing, and the others executed once
└── when an operator has decided about one that the node refuses, and a call goes wrong
    └── its nonce should be spent on nothing; it should be refused, or executed once if it was renewed; the others once

The rows are not written down but walked: the n-th call of a life, for n from 1 until a life has no n-th call. Printed
with `-s`; `-` stands for a call that cannot go wrong that way (see `faults.LIES`).
"""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.domain.errors import Refused
from ledger.ports.outbox import OutboxState
from tests.support.databases import DATABASES, fresh_url
from tests.support.faults import LIES, Fault, Faults
from tests.support.lives import World
from tests.support.scripted_chain import submission

pytestmark = pytest.mark.integration
NAMES = ["one", "two"]
HABITS = {"plain": {}, "depth 2": {"depth": 2}, "ganache": {"reruns_nonce_zero": True}}
LISTS = {
    "chain.receipts",
    "chain.blocks",
    "chain.call_many",
    "chain.send_many",
    "outbox.accept_many",
    "outbox.get_many",
    "outbox.open_rows",
}
CALLS = (
    (LIES.keys() - {"chain.find_events"}) | LISTS | {"chain.simulate", "signer.sign_transaction", "outbox.advance_many"}
)
"""Rows that the table must have; events are searched only where a slot says that they are there."""


def assert_done_once(world: World, at: str) -> None:
    assert world.chain.executions == dict.fromkeys(NAMES, 1), at
    rows = world.rows()
    assert {row.key for row in rows} >= set(NAMES), at
    assert {row.state for row in rows} == {OutboxState.FINAL}, at
    assert [row.nonce for row in rows] == list(range(len(rows))), at
    stored = [json.loads(row.raw)["data"] for row in rows if row.raw is not None]
    mined = world.transactions()
    if world.chain.reruns_nonce_zero:  # what fills nonce 0 does nothing, and may do it again
        stored, mined = [list(filter(None, found)) for found in (stored, mined)]
    assert mined == stored, at


def endure(world: World, faults: Faults) -> None:
    """Live with the fault, then again without it, until all is done."""
    done, lives = world.live(faults, NAMES), 1
    while not done:
        lives += 1
        assert lives < 5, f"no end in sight after {faults.fault} at {faults.calls[faults.at - 1]}"
        done = world.live(Faults(0), NAMES)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("habits", HABITS)
@pytest.mark.parametrize("database", DATABASES)
def test_every_port_call_in_every_way(tmp_path: Path, database: str, habits: str) -> None:
    table: dict[str, dict[Fault, int]] = defaultdict(lambda: dict.fromkeys(Fault, 0))
    for fault in Fault:
        for at in range(1, 400):
            folder = tmp_path / f"{fault} {at}"
            folder.mkdir()
            world = World.new(fresh_url(database, folder), **HABITS[habits])
            with world.process() as (sender, _):  # an earlier process accepted one of them, and was no more
                sender.submit(submission(NAMES[0]))
            faults = Faults(at, fault)
            endure(world, faults)
            assert_done_once(world, f"after {fault} at {faults.calls[:at][-1]}, call {at}")
            if not faults.reached():
                break
            table[faults.calls[at - 1]][fault] += faults.happened
        else:
            pytest.fail("the table has no end")
    print_table(table, f"{database}, {habits}")
    assert table.keys() >= CALLS
    for call, cells in table.items():
        must = set(Fault) - {Fault.TRUNCATED, Fault.WRONG}
        must |= {Fault.TRUNCATED} if call in LISTS else set()
        must |= {Fault.WRONG} if call in LIES else set()
        assert all(cells[fault] for fault in must), (call, cells)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("database", "keeps_large"), [("sqlite", True), ("postgresql", False)])
def test_an_act_that_no_block_holds_any_more(tmp_path: Path, database: str, keeps_large: bool) -> None:
    """Two were sent, the limit falls below the first: that is given up, whatever call goes wrong, and none is twice."""
    for fault in (Fault.FAILED, Fault.PERSISTED, Fault.DIED, Fault.DIED_AFTER):
        failed = set()
        for at in range(1, 400):
            folder = tmp_path / f"{fault} {at}"
            folder.mkdir()
            world = World.new(fresh_url(database, folder), keeps_large=keeps_large, automine=False)
            with world.process() as (sender, _), sender.hold():
                sender.submit_many([replace(submission("large"), gas=200_000), submission(NAMES[0])])
                sender.step()
            world.chain.block_gas = 150_000
            world.chain.mine()
            world.chain.automine = True
            while True:
                faults = Faults(at, fault)
                if world.live(faults, NAMES) or faults.reached():
                    break  # else PostgreSQL had not noticed yet that the process before has gone, and holds its lease
            endure(world, Faults(0))
            where = f"after {fault} at {faults.calls[:at][-1]}, call {at}"
            assert world.chain.executions == dict.fromkeys(NAMES, 1), where
            states = {row.key: row.state for row in world.rows()}
            assert (states.pop("large"), set(states.values())) == (OutboxState.REFUSED, {OutboxState.FINAL}), where
            assert world.transactions() == ["", "", *(f"act:{name}" for name in NAMES)], where
            if not faults.reached():
                break
            failed.add(faults.calls[at - 1])
        else:
            pytest.fail("there is no end")
        assert {"outbox.release", "outbox.releases", "chain.gas_limit"} <= failed


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("database", "decision"), [("sqlite", "renew"), ("sqlite", "abandon")])
def test_a_decision_about_what_the_node_refuses(tmp_path: Path, database: str, decision: str) -> None:
    for fault in (Fault.FAILED, Fault.PERSISTED, Fault.DIED, Fault.DIED_AFTER):
        failed = set()
        for at in range(1, 400):
            folder = tmp_path / f"{fault} {at}"
            folder.mkdir()
            world = World.new(fresh_url(database, folder))
            world.chain.never_taken = {"act:odd"}
            with world.process() as (sender, outbox), sender.hold():
                sender.submit_many([submission("odd"), submission(NAMES[0])])
                with pytest.raises(Refused):
                    sender.step()
                decided = outbox.renew("odd") if decision == "renew" else outbox.abandon("odd", "refused")
            world.chain.never_taken = set()
            faults = Faults(at, fault)
            if not world.live(faults, NAMES):
                endure(world, Faults(0))
            where = f"after {fault} at {faults.calls[:at][-1]}, call {at}"
            done = ["odd", *NAMES] if decision == "renew" else NAMES
            assert world.chain.executions == dict.fromkeys(done, 1), where
            (odd,) = (row for row in world.rows() if row.key == "odd")
            assert odd.state is (OutboxState.FINAL if decision == "renew" else OutboxState.REFUSED), where
            assert (odd.nonce == decided.nonce) is (decision == "abandon"), where
            assert world.transactions()[:3] == ["", "", "act:one"], where
            if not faults.reached():
                break
            failed.add(faults.calls[at - 1])
        else:
            pytest.fail("there is no end")
        assert {"outbox.release", "outbox.advance_many", "signer.sign_transaction"} <= failed


def print_table(table: dict[str, dict[Fault, int]], title: str) -> None:
    print(f"\n{title}: times that each call went wrong, and each act was done once all the same")
    print(f"{'':<26}" + "".join(f"{fault:>27}" for fault in Fault))
    for call, cells in sorted(table.items()):
        print(f"{call:<26}" + "".join(f"{cells[fault] or '-':>27}" for fault in Fault))
