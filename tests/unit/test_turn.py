"""A command's turn with a key: what it sends goes through the outbox, whatever ends the command.

given a command that ended while its act was on its way
  when the same command is given again                → it is the same act, refused or not; and once more: another
  when it differs in what was drawn for it alone      → likewise
  when it is another                                  → it comes after: wherever in its calldata it differs, to
                                                        another contract, or with other gas
given an act that is refused by the simulation        → nothing is kept
given one that is refused once it is mined            → the contract's reason
given one that the node does not take                 → its reason; the key is free for the next
given one that is not final in time                   → it is accepted, and the next turn carries it
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.errors import ActRefused, Refused, Unavailable
from ledger.domain.ids import Address, TxHash
from ledger.ports.outbox import OutboxState
from ledger.services import turn as turn_module
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.turn import Turn
from tests.support.databases import DATABASES, fresh_url
from tests.support.lives import CODEC, World
from tests.support.scripted_chain import FORWARDER, NOBODY, SIGNER


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World.new(fresh_url(request.param, tmp_path))


@contextmanager
def turn_in(world: World) -> Iterator[Turn]:
    """A turn of a process of its own; blocks come while it waits for it."""
    with (
        world.process() as (sender, outbox),
        sender.alone(timeout_s=100, report=lambda _: world.chain.mine()) as left,
    ):
        yield Turn(sender, AnchorQueue(world.chain, CODEC, sender, outbox), left)


def transact(turn: Turn, data: str, *, drawn: str = "", to: Address = FORWARDER, gas: int = 100_000) -> TxHash:
    return turn.transact(to, data.encode(), gas=gas, drawn=drawn.encode())


def cut_short(world: World, data: str) -> None:
    """Send an act, and end before it is mined."""
    world.chain.automine = False
    with pytest.raises(Unavailable, match="accepted, and goes on in the key's next turn"), turn_in(world) as turn:
        transact(turn, data)


def test_the_same_command_again_is_the_same_act(world: World) -> None:
    cut_short(world, "act:one")
    with turn_in(world) as turn:
        world.chain.automine = True
        first = transact(turn, "act:one")
        with pytest.raises(ActRefused, match="AlreadyDone"):
            transact(turn, "act:one")
    assert world.chain.executions == {"one": 1}
    assert world.chain.transaction_hash(world.chain.chain[1].raws[-1]) == first


def test_a_drawn_value_makes_no_other_act(world: World) -> None:
    cut_short(world, "act:pay 5, request 11")
    with turn_in(world) as turn:
        world.chain.automine = True
        transact(turn, "act:pay 5, request 22", drawn="22")
        transact(turn, "act:pay 5, request 33", drawn="33")
    assert world.chain.executions == {"pay 5, request 11": 1, "pay 5, request 33": 1}


def test_another_command_comes_after(world: World) -> None:
    cut_short(world, "act:pay 5, request 11")
    with turn_in(world) as turn:
        world.chain.automine = True
        transact(turn, "act:pay 6, request 22", drawn="22")
        transact(turn, "act:pay 7, request 33")
    assert list(world.chain.executions) == ["pay 5, request 11", "pay 6, request 22", "pay 7, request 33"]


def test_a_longer_value_is_another(world: World) -> None:
    cut_short(world, "act:pay 5, request 1")
    with turn_in(world) as turn:
        world.chain.automine = True
        transact(turn, "act:pay 5, request 22", drawn="22")
    assert list(world.chain.executions) == ["pay 5, request 1", "pay 5, request 22"]


def test_what_stands_behind_the_drawn_value_counts(world: World) -> None:
    """Where it does in real calldata: the request's id is the first argument."""
    cut_short(world, "act:request 11, pay 5")
    with turn_in(world) as turn:
        world.chain.automine = True
        transact(turn, "act:request 22, pay 6", drawn="22")
        transact(turn, "act:request 33, pay 5", drawn="33")
        transact(turn, "act:request 44, pay 5", drawn="44")
    assert list(world.chain.executions) == ["request 11, pay 5", "request 22, pay 6", "request 44, pay 5"]


@pytest.mark.parametrize("other", [{"to": NOBODY}, {"gas": 100_001}])
def test_the_same_words_to_another_or_with_other_gas_come_after(world: World, other: dict[str, Any]) -> None:
    cut_short(world, "act:request 11, pay 5")
    with turn_in(world) as turn:
        world.chain.automine = True
        transact(turn, "act:request 22, pay 5", drawn="22", **other)
        transact(turn, "act:request 33, pay 5", drawn="33")
    assert list(world.chain.executions) == ["request 11, pay 5", "request 22, pay 5"]


def test_the_same_command_is_told_that_the_first_was_refused(world: World) -> None:
    cut_short(world, "act:one")
    world.chain.forget_pool()
    world.chain.automine = True
    other = {"from": FORWARDER, "nonce": 0, "data": "act:one", "gas": 100_000}
    world.chain.send_many([json.dumps(other).encode()])  # somebody else was first
    with turn_in(world) as turn, pytest.raises(ActRefused):
        transact(turn, "act:one")
    assert world.chain.executions == {"one": 1}


def test_what_the_simulation_refuses_is_not_kept(world: World) -> None:
    with turn_in(world) as turn, pytest.raises(ActRefused, match="AlreadyDone"):
        transact(turn, "revert:one")
    assert world.rows() == []


def test_what_the_node_does_not_take_leaves_the_key_free(world: World) -> None:
    world.chain.never_taken = {"act:one"}
    with turn_in(world) as turn:
        with pytest.raises(Refused, match="intrinsic gas too low"):
            transact(turn, "act:one")
        transact(turn, "act:two")
    assert world.chain.executions == {"two": 1}
    assert [row.state for row in world.rows()] == [OutboxState.FINAL, OutboxState.REFUSED, OutboxState.FINAL]


def test_what_is_not_final_in_time_is_carried_in_the_next_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_module, "CARRIED_S", 5.0)
    cut_short(world, "act:one")
    assert world.chain.executions == {}
    with turn_in(world):
        assert world.chain.executions == {"one": 1}
    assert {row.state for row in world.rows()} == {OutboxState.FINAL}
    assert {row.signer for row in world.rows()} == {SIGNER}
