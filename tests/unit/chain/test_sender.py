"""The exactly-once sender against a chain with every engine's habits.

given accepted acts
├── when all is well they should end FINAL in order, nonce 0 spent on nothing
├── when the same key comes with other content it should be a conflict
├── when the pool is forgotten they should be sent again as stored
├── when a block is reorganised away they should be sent again, and executed once
├── when another transaction took a nonce
│   ├── the row should end in CONFLICT and nothing more be signed
│   ├── unless the act's effect is there: then it is FINAL
│   └── when an operator renews it, it should be executed under a new nonce
├── when the target refuses it should end REFUSED with the target's reason
├── when one asks for more gas than a block has it should end REFUSED, and those behind it be carried
├── when the limit falls below one that is signed, a transaction that does nothing should take its nonce, and only
│   one of the two be executed
├── when the node refuses one for ever it should say so, in its row too, and sign nothing behind it
│   ├── when the node takes it after all it should end FINAL as if nothing had been
│   ├── when it is given up, a transaction that does nothing should take its nonce, and those behind it be carried
│   ├── when it is renewed, it should then be executed under a new nonce, once
│   └── when it was mined all the same it should end FINAL, whatever was decided
├── when the transaction reverts it should end REFUSED with the contract's reason
├── when the act was carried by somebody else it should end FINAL without a transaction
├── when the node is behind nothing should be signed
├── when another process holds the signer it should wait, say so, and go on once that is gone
├── when a process accepts and never carries it should remember a bounded number of acts
├── when a transaction goes past the outbox it should have the signer alone, once what was on its way has ended
└── when more than 64 wait no more than 64 should be in flight
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import ActRefused, Conflict, Refused, Unavailable
from ledger.domain.ids import Address
from ledger.domain.limits import MAX_IN_FLIGHT
from ledger.ports.chain import Head
from ledger.ports.outbox import ABANDONED, NODE_REFUSES, RENEWED, OutboxRow, OutboxState
from ledger.services import sender as sender_module
from ledger.services.sender import Backlog, Sender
from tests.support.databases import fresh_url
from tests.support.faults import Fault, Faults
from tests.support.lives import World
from tests.support.scripted_chain import SIGNER, act_id, submission

NAMES = ["one", "two", "three"]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty outbox; `tests/integration/chain/test_sender_on_postgres.py` gives another."""
    return fresh_url("sqlite", tmp_path)


@pytest.fixture
def world(url: str) -> World:
    return World.new(url)


def test_acts_end_final_in_order(world: World) -> None:
    assert world.live(Faults(0), NAMES)
    assert world.transactions() == ["", "act:one", "act:two", "act:three"]
    assert [(row.key, row.nonce, row.state) for row in world.rows()] == [
        (f"filler:{SIGNER}:0", 0, OutboxState.FINAL),
        ("one", 1, OutboxState.FINAL),
        ("two", 2, OutboxState.FINAL),
        ("three", 3, OutboxState.FINAL),
    ]


def test_same_key_with_other_content_is_a_conflict(world: World) -> None:
    with world.process() as (sender, _):
        first = sender.submit(submission("one"))
        assert sender.submit(submission("one")) == first
        with pytest.raises(Conflict):
            sender.submit(submission("one", "refuse"))


def test_refused_simulation_keeps_nothing(world: World) -> None:
    with world.process() as (sender, outbox):
        with pytest.raises(ActRefused):
            sender.submit(submission("one", "revert"))
        assert outbox.get("one") is None


def test_forgotten_pool_is_sent_again_as_stored(world: World) -> None:
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit_many([submission(name) for name in NAMES])
        sender.step()
        signed = [row.raw for row in outbox.open_rows(SIGNER, limit=10)]
        world.chain.forget_pool()
        for _ in range(5):  # the clock of these tests ticks a second a look
            sender.step()
        assert [world.chain.pool[SIGNER, nonce] for nonce in range(4)] == signed
        world.chain.mine()
        sender.drive(NAMES, timeout_s=100)
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}


@pytest.mark.parametrize("keep", [True, False], ids=["pool kept", "pool lost"])
def test_reorganisation_sends_again_and_executes_once(url: str, keep: bool) -> None:
    world = World.new(url, depth=3)
    with world.process() as (sender, outbox), sender.hold():
        sender.submit_many([submission(name) for name in NAMES])
        sender.step()
        sender.step()
        assert [row.state for row in outbox.in_state(SIGNER, OutboxState.MINED)] == ["MINED"] * 3
        world.chain.reorganise(2, keep=keep)
        with pytest.raises(Unavailable, match="reorganised"):
            sender.step()
        found = {row.key: row.state for row in outbox.open_rows(SIGNER, limit=10)}
        assert found == {"one": OutboxState.MINED, "two": OutboxState.SIGNED, "three": OutboxState.SIGNED}
        for _ in range(8):
            sender.step()
            world.chain.mine()
        sender.drive(NAMES, timeout_s=100)
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}
    assert sorted(world.transactions()) == ["", "act:one", "act:three", "act:two"]


def test_signer_used_elsewhere_stops(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit(submission("two"))
        sender.step()
        world.chain.forget_pool()
        world.chain.spend_elsewhere(2)
        with pytest.raises(Conflict, match="used elsewhere"):
            sender.drive(["two"], timeout_s=100)
        sender.submit(submission("three"))
        with pytest.raises(Conflict):
            sender.step()
        row = outbox.get("three")
        assert row is not None
        assert row.state is OutboxState.ACCEPTED
        assert sender.backlog() == Backlog(open=1, stuck=1)
        assert world.chain.executions == {"one": 1}
        renewed = outbox.renew("two")
        assert (renewed.state, renewed.nonce, renewed.raw) == (OutboxState.ACCEPTED, None, None)
        world.chain.automine = True
        sender.drive(["two", "three"], timeout_s=100)
        assert sender.backlog() == Backlog(open=0, stuck=0)
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}


def test_a_conflict_that_is_given_up_frees_its_signer(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit_many([submission("two"), submission("three")])
        sender.step()
        world.chain.forget_pool()
        world.chain.spend_elsewhere(2)
        with pytest.raises(Conflict, match="see `tamga outbox list`"):
            sender.drive(["two"], timeout_s=100)
        outbox.abandon("two", "done by hand")
        world.chain.automine = True
        (three,) = sender.drive(["three"], timeout_s=100)
        assert three.state is OutboxState.FINAL
    assert world.chain.executions == {"one": 1, "three": 1}


def test_alone_waits_for_what_is_on_its_way(world: World) -> None:
    """What a killed process left signed is carried first, so that its nonces are nobody else's."""
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, _), sender.hold():
        sender.submit_many([submission("two"), submission("three")])
        sender.step()
    told: list[str] = []

    def report(cause: str) -> None:
        told.append(cause)
        world.chain.mine()

    with world.process() as (sender, outbox), sender.alone(timeout_s=100, report=report):
        assert outbox.open_rows(SIGNER, limit=10) == []
        with world.process() as (other, _), pytest.raises(Unavailable, match="in use by"), other.hold():
            pytest.fail("two hold one signer")
    assert told[0] == f"2 transaction(s) of {SIGNER} are on their way"
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}


def test_alone_waits_for_the_holder_and_gives_up_in_the_end(world: World) -> None:
    told: list[str] = []
    with world.process() as (sender, _), world.process() as (other, _), sender.hold():
        with pytest.raises(Unavailable, match="in use by"), other.alone(timeout_s=5, report=told.append):
            pytest.fail("two hold one signer")
        assert len(told) == 1
        assert "in use by" in told[0]


def test_alone_is_refused_after_a_conflict(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("two"))
        sender.step()
        world.chain.forget_pool()
        world.chain.spend_elsewhere(2)
    with (
        world.process() as (sender, _),
        pytest.raises(Conflict, match="used elsewhere"),
        sender.alone(timeout_s=100, report=lambda _: None),
    ):
        pytest.fail("nothing may be sent")


def test_spent_nonce_with_the_effect_there_is_final(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("two"))
        sender.step()
        world.chain.forget_pool()
        world.chain.spend_elsewhere(2, "act:two")
        (row,) = sender.drive(["two"], timeout_s=100)
    assert row.state is OutboxState.FINAL
    assert world.chain.executions == {"one": 1, "two": 1}


def test_missing_receipt_that_comes_back_is_no_conflict(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("two", judged_by_effect=False))
        sender.step()
        world.chain.hidden_receipts = True
        sender.step()
        world.chain.hidden_receipts = False
        (row,) = sender.drive(["two"], timeout_s=100)
    assert row.state is OutboxState.FINAL


def test_refusal_of_the_target_is_decoded(world: World) -> None:
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("one", "refuse"))
        (row,) = sender.drive(["one"], timeout_s=100)
    assert row.state is OutboxState.REFUSED
    assert row.error == f'{{"error": "AlreadyDone", "arguments": {{"key": "0x{act_id("one").hex()}"}}}}'


def test_reverted_transaction_is_refused_with_its_reason(world: World) -> None:
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("one", "revert"), simulate=False)
        (row,) = sender.drive(["one"], timeout_s=100)
    assert row.state is OutboxState.REFUSED
    assert row.error is not None
    assert "AlreadyDone" in row.error


def test_act_with_more_gas_than_a_block_does_not_stop_those_behind_it(world: World) -> None:
    large = replace(submission("large"), gas=world.chain.gas_limit() + 1)
    with world.process() as (sender, _), sender.hold():
        sender.submit_many([large, *map(submission, NAMES)])
        refused, *rows = sender.drive(["large", *NAMES], timeout_s=100)
    assert (refused.state, refused.nonce, refused.raw) == (OutboxState.REFUSED, None, None)
    assert refused.error is not None
    assert json.loads(refused.error) == over_block_gas(30_000_001, 30_000_000)
    assert [row.state for row in rows] == [OutboxState.FINAL] * 3
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}


def over_block_gas(gas: int, block_gas: int) -> dict[str, object]:
    return {"error": "OverBlockGas", "arguments": {"gas": gas, "blockGas": block_gas}}


@pytest.mark.parametrize("keeps_large", [False, True], ids=["geth", "Besu"])
def test_a_signed_act_that_no_block_holds_any_more_frees_its_nonce(url: str, keeps_large: bool) -> None:
    world = World.new(url, keeps_large=keeps_large)
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit_many([replace(submission("large"), gas=200_000), submission("two")])
        sender.step()
        before = outbox.get("large")
        world.chain.block_gas = 150_000
        world.chain.mine()
        world.chain.automine = True
        large, two = sender.drive(["large", "two"], timeout_s=100)
    assert before is not None
    assert (large.state, large.nonce, large.raw) == (OutboxState.REFUSED, before.nonce, before.raw)
    assert json.loads(large.error or "") == over_block_gas(200_000, 150_000)
    assert two.state is OutboxState.FINAL
    assert world.chain.executions == {"one": 1, "two": 1}
    assert world.transactions() == ["", "act:one", "", "act:two"]


@pytest.mark.parametrize("restarted", [False, True])
def test_an_act_that_was_given_up_and_mined_all_the_same_is_final(world: World, restarted: bool) -> None:
    """The limit is raised again before what stands in for the act is mined; some node still has the act."""
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit(replace(submission("large"), gas=200_000))
        sender.step()
        world.chain.block_gas = 150_000
        world.chain.mine()
        while not outbox.releases(SIGNER, 0, 9):
            sender.step()
        (row,) = outbox.open_rows(SIGNER, limit=9)
        world.chain.forget_pool()
        world.chain.block_gas = 30_000_000
        assert row.raw is not None
        world.chain.send_many([row.raw])
        world.chain.mine()
        if not restarted:
            (row,) = sender.drive(["large"], timeout_s=100)
    with world.process() as (sender, _), sender.hold():
        (row,) = sender.drive(["large"], timeout_s=100)
    assert (row.state, row.error) == (OutboxState.FINAL, None)
    assert world.chain.executions == {"one": 1, "large": 1}
    assert world.transactions() == ["", "act:one", "act:large"]


def test_what_was_given_up_is_sent_as_stored_by_the_next_process(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit(replace(submission("large"), gas=200_000))
        sender.step()
        world.chain.block_gas = 150_000
        world.chain.mine()
        while not (released := outbox.releases(SIGNER, 0, 9)):
            sender.step()
    world.chain.forget_pool()
    world.chain.block_gas = 30_000_000  # what was given up stays so
    world.chain.automine = True
    with world.process() as (sender, outbox), sender.hold():
        (row,) = sender.drive(["large"], timeout_s=100)
        assert outbox.releases(SIGNER, 0, 9) == released
    assert row.state is OutboxState.REFUSED
    assert [world.chain.transaction_hash(raw) for raw in world.chain.chain[-1].raws] == [released[0].tx_hash]


def refused_by_the_node(world: World, sender: Sender, outbox: SqlOutbox) -> None:
    """`two` is signed and refused, `three` waits behind it."""
    world.chain.never_taken = {"act:two"}
    sender.submit_many([submission("two"), submission("three")])
    for _ in range(2):
        with pytest.raises(Refused, match=r"two: .*intrinsic gas too low; see `tamga outbox list`"):
            sender.step()
    sender.submit(submission("four"))
    with pytest.raises(Refused):
        sender.step()
    two, four = outbox.get_many(["two", "four"])
    assert two is not None
    assert four is not None
    assert (two.state, two.trouble) == (OutboxState.SIGNED, NODE_REFUSES)
    assert (four.state, four.nonce) == (OutboxState.ACCEPTED, None), "nothing is signed behind it"
    assert sender.backlog() == Backlog(open=3, stuck=1)


def test_what_the_node_takes_after_all_is_carried(world: World) -> None:
    assert world.live(Faults(0), ["one"])
    with world.process() as (sender, outbox), sender.hold():
        refused_by_the_node(world, sender, outbox)
        world.chain.never_taken = set()
        rows = sender.drive(["two", "three", "four"], timeout_s=100)
    assert [(row.state, row.error) for row in rows] == [(OutboxState.FINAL, None)] * 3
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1, "four": 1}


@pytest.mark.parametrize("restarted", [False, True])
def test_what_the_node_refuses_is_given_up(world: World, restarted: bool) -> None:
    assert world.live(Faults(0), ["one"])
    with world.process() as (sender, outbox), sender.hold():
        refused_by_the_node(world, sender, outbox)
        given_up = outbox.abandon("two", "too large")
        assert (given_up.state, given_up.trouble) == (OutboxState.SIGNED, ABANDONED)
        if not restarted:
            sender.drive(["two", "three", "four"], timeout_s=100)
    with world.process() as (sender, outbox), sender.hold():
        two, *others = sender.drive(["two", "three", "four"], timeout_s=100)
    assert two.state is OutboxState.REFUSED
    assert json.loads(two.error or "") == {"error": ABANDONED, "arguments": {"text": "too large"}}
    assert [row.state for row in others] == [OutboxState.FINAL] * 2
    assert world.chain.executions == {"one": 1, "three": 1, "four": 1}
    assert world.transactions() == ["", "act:one", "", "act:three", "act:four"]


@pytest.mark.parametrize("restarted", [False, True])
def test_what_the_node_refuses_is_renewed_under_another_nonce(world: World, restarted: bool) -> None:
    assert world.live(Faults(0), ["one"])
    with world.process() as (sender, outbox), sender.hold():
        refused_by_the_node(world, sender, outbox)
        old = outbox.get("two")
        assert outbox.renew("two").trouble == RENEWED
        with pytest.raises(Conflict):
            outbox.renew("two")
        if not restarted:
            with pytest.raises(Refused, match="two"):
                sender.drive(["two"], timeout_s=100)  # signed anew, and refused again
    with world.process() as (sender, outbox), sender.hold():
        if restarted:
            world.chain.never_taken = set()
        else:
            with pytest.raises(Refused, match="two"):
                sender.step()
            world.chain.never_taken = set()
        two, *_ = sender.drive(["two", "three", "four"], timeout_s=100)
    assert old is not None
    assert two.nonce != old.nonce
    assert (two.state, two.error) == (OutboxState.FINAL, None)
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1, "four": 1}


@pytest.mark.parametrize("decision", ["abandon", "renew"])
def test_what_was_decided_about_and_mined_all_the_same_is_final(world: World, decision: str) -> None:
    """Some other node took it before this one refused it."""
    assert world.live(Faults(0), ["one"])
    with world.process() as (sender, outbox), sender.hold():
        refused_by_the_node(world, sender, outbox)
        row = outbox.abandon("two", "too large") if decision == "abandon" else outbox.renew("two")
        assert row.raw is not None
        world.chain.never_taken = set()
        world.chain.send_many([row.raw])
        rows = sender.drive(["two", "three", "four"], timeout_s=100)
    assert [(row.state, row.error) for row in rows] == [(OutboxState.FINAL, None)] * 3
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1, "four": 1}


def test_act_carried_by_another_needs_no_transaction(world: World) -> None:
    world.chain.spend_elsewhere(0, "act:one")
    with world.process() as (sender, _), sender.hold():
        sender.submit(submission("one"))
        (row,) = sender.drive(["one"], timeout_s=100)
    assert (row.state, row.nonce) == (OutboxState.FINAL, None)
    assert world.transactions() == ["act:one"]


def test_node_that_is_behind_signs_nothing(world: World) -> None:
    assert world.live(Faults(0), NAMES)
    del world.chain.chain[2:]
    with world.process() as (sender, outbox), sender.hold():
        sender.submit(submission("four"))
        with pytest.raises(Unavailable, match="behind"):
            sender.step()
        row = outbox.get("four")
        assert row is not None
        assert row.state is OutboxState.ACCEPTED


def test_gap_that_nobody_holds_is_filled(world: World) -> None:
    """A database restored from before, on a chain that then lost what the later one had sent."""
    world.chain.spend_elsewhere(0)
    world.chain.spend_elsewhere(1)
    world.chain.automine = False
    with world.process() as (sender, outbox), sender.hold():
        sender.submit(submission("one"))
        sender.step()
        world.chain.reorganise(1, keep=False)
        world.chain.automine = True
        (row,) = sender.drive(["one"], timeout_s=100)
        assert row.nonce == 2
        assert outbox.get(f"filler:{SIGNER}:1") is not None
    assert world.transactions() == ["", "", "act:one"]


def test_ganache_may_run_nonce_zero_again(url: str) -> None:
    world = World.new(url, reruns_nonce_zero=True)
    for at in range(1, 40):
        if world.live(Faults(at, Fault.PERSISTED), NAMES):
            break
    assert world.live(Faults(0), NAMES)
    assert world.chain.executions == {"one": 1, "two": 1, "three": 1}


def test_no_more_than_64_in_flight(world: World) -> None:
    world.chain.automine = False
    names = [f"act {i}" for i in range(150)]
    with world.process() as (sender, _), sender.hold():
        sender.submit_many([submission(name) for name in names])
        while len(world.chain.executions) < len(names):
            sender.step()
            assert len(world.chain.pool) <= MAX_IN_FLIGHT + 1  # and nonce 0
            world.chain.mine()
        rows = sender.drive(names, timeout_s=1000)
        assert [row.nonce for row in rows] == list(range(1, 151))


def test_a_process_that_only_accepts_remembers_a_bounded_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "MAX_VOUCHED", 10)
    with world.process() as (accepting, _), world.process() as (carrying, _), carrying.hold():
        for number in range(50):
            accepting.submit(submission(f"act {number}"))
        assert len(accepting._vouched) <= 11
        carrying.drive([f"act {number}" for number in range(50)], timeout_s=1000)
    assert len(world.chain.executions) == 50


def test_a_new_process_asks_for_what_it_finds_once_and_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"act {number}" for number in range(100)]
    asked: list[int] = []
    ask = world.chain.call_many

    def counted(calls: Sequence[tuple[str, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        asked.append(len(calls))
        return ask(calls, at=at)

    with world.process() as (accepting, _):
        accepting.submit_many([submission(name) for name in names])
    monkeypatch.setattr(world.chain, "call_many", counted)
    with world.process() as (carrying, _), carrying.hold():
        carrying.drive(names, timeout_s=1000)
    assert asked == [len(names)]
    assert world.chain.executions == dict.fromkeys(names, 1)


def test_second_process_waits_and_says_so(world: World) -> None:
    with world.process() as (first, _), world.process() as (second, _):
        with first.hold(), pytest.raises(Unavailable, match="is in use by "), second.hold():
            pass
        with second.hold():
            second.submit(submission("one"))
            second.drive(["one"], timeout_s=100)
        first.submit(submission("two"))
        with pytest.raises(Unavailable, match="lease"):
            first.step()


def test_second_process_waits_until_the_first_is_gone_and_goes_on(world: World) -> None:
    told: list[str] = []
    stopped = threading.Event()
    with world.process() as (first, outbox), world.process() as (second, _):
        waiting = threading.Thread(target=second.run, args=(stopped.is_set, told.append))
        with first.hold():
            waiting.start()
            _until(lambda: bool(told))
            first.submit(submission("one"))
            first.drive(["one"], timeout_s=100)
            first.submit(submission("two"))
        _until(lambda: outbox.in_state(SIGNER, OutboxState.FINAL)[-1].key == "two")
        stopped.set()
        waiting.join(30)
    assert "is in use by " in told[0]
    assert told[1:] == [""]
    assert world.chain.executions == {"one": 1, "two": 1}


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_an_idle_sender_asks_its_own_rows_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While its clock stands still the node is not asked again; what is accepted is found at the next look."""
    looks: list[str] = []
    final_head = world.chain.final_head

    def asked() -> Head:
        looks.append("node")
        return final_head()

    monkeypatch.setattr(world.chain, "final_head", asked)
    with world.process() as (sender, outbox):
        rows = outbox.open_rows

        def looked(signer: Address, *, limit: int) -> list[OutboxRow]:
            looks.append("rows")
            if len(looks) == 6:
                sender.submit(submission("one"))
            return rows(signer, limit=limit)

        monkeypatch.setattr(outbox, "open_rows", looked)
        monkeypatch.setattr(sender, "_monotonic", lambda: 0.0)
        sender.run(lambda: "one" in world.chain.executions, lambda trouble: None)
    assert looks[:7] == ["node", "rows", "rows", "rows", "rows", "rows", "node"]
