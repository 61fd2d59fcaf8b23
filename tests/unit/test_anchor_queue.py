"""What the queue of anchors says of those that will not come to an end by themselves.

given an anchor in conflict, its key used elsewhere → named as given up, with the reason; not on its way
given one that its operator gave up, from either state → neither given up once more nor tried again
given one refused for what it is, in an earlier life → not given up before it was tried once more
given one that another key of its issuer has on its way → not accepted for this key as well: it would be anchored twice
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.domain.anchor import pack_h, pack_head
from ledger.domain.errors import Unavailable
from ledger.domain.hashing import digest
from ledger.domain.ids import Address, Digest32, DocumentType, ParticipantId
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services import effects
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.effects import AnchorEffect
from ledger.services.storing import StoredBatch
from tests.support.databases import DATABASES, fresh_url
from tests.support.lives import CODEC, World
from tests.support.scripted_chain import FORWARDER, SIGNER


def row(name: str, state: OutboxState, error: str | None = None) -> OutboxRow:
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


def test_what_another_key_has_on_its_way_is_not_anchored_as_well(world: World) -> None:
    rival = Address("0x" + "11" * 20)
    batch = StoredBatch(digest(b"one"), Digest32(bytes(32)), ParticipantId(17), DocumentType(851001), 1)
    with world.process() as (sender, outbox):
        queue = AnchorQueue(world.chain, CODEC, sender, outbox)
        outbox.accept(replace(row("one", OutboxState.ACCEPTED), signer=rival))
        with pytest.raises(Unavailable, match=f"^batch {batch.manifest.hex()} is on its way to the chain by {rival}$"):
            queue.accept_now(batch)
        assert outbox.count_open(sender.address) == 0
