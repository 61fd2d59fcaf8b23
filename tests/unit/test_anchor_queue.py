"""What the queue of anchors says of those that will not come to an end by themselves.

given an anchor in conflict, its key used elsewhere → named as given up, with the reason; not on its way
given one that its operator gave up, from either state → neither given up once more nor tried again
given one refused for what it is, in an earlier life → not given up before it was tried once more
"""

import json
from pathlib import Path

import pytest

from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.hashing import digest
from ledger.domain.ids import Digest32
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.effects import AnchorEffect
from tests.support.databases import DATABASES, fresh_url
from tests.support.lives import CODEC, World
from tests.support.scripted_chain import FORWARDER, SIGNER


def row(name: str, state: OutboxState, error: str) -> OutboxRow:
    manifest = digest(name.encode())
    h = pack_h(bytes.fromhex(SIGNER[2:]), pack_head(1, 0, 1))
    effect = effects.to_json(AnchorEffect(FORWARDER, 17, h, Digest32(bytes(32)), manifest))
    return OutboxRow(
        f"anchor:{manifest.hex()}", Digest32(bytes(32)), SIGNER, FORWARDER, b"", 1, state, effect, error=error
    )


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World.new(fresh_url(request.param, tmp_path))


def test_an_anchor_in_conflict_is_given_up(world: World) -> None:
    with world.process() as (sender, outbox):
        queue = AnchorQueue(world.chain, CODEC, sender, outbox)
        outbox.accept(row("one", OutboxState.CONFLICT, "nonce 4 is spent by another transaction"))
        refused = {"error": "NotAccredited", "arguments": {}}
        outbox.accept(row("two", OutboxState.REFUSED, json.dumps(refused)))
        assert queue.given_up() == {digest(b"one"): "nonce 4 is spent by another transaction"}
        assert queue.on_their_way() == 1, "what was refused is tried once more"


def test_what_its_operator_gave_up_is_left_alone(world: World) -> None:
    with world.process() as (sender, outbox):
        queue = AnchorQueue(world.chain, CODEC, sender, outbox)
        refused = {"error": "NotAccredited", "arguments": {}}
        rows = [row("one", OutboxState.CONFLICT, "used"), row("two", OutboxState.REFUSED, json.dumps(refused))]
        for stuck in outbox.accept_many(rows):
            outbox.abandon(stuck.key, "sent by hand")
        assert queue.settle() == []
        assert queue.given_up() == {}
