"""Anchors on their way, on a real engine: numbers given out ahead of the chain, and what becomes of them.

given batches of one issuer, accepted one after the other
  when they are carried                          → anchored under 1, 2, 3 in order; accepted again, nothing changes
  when a number was taken by another of its keys → that batch is refused, and gets the next free number, once
  when a process starts anew                     → it goes on above what is on its way
"""

import hashlib
from pathlib import Path

import pytest

from ledger.adapters.evm.direct import Direct
from ledger.domain.anchor import pack_head, unpack_h
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.ports.outbox import OutboxState
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.anchoring import find_anchor
from ledger.services.storing import StoredBatch
from tests.support.ledgers import ISSUER, SERVICE_ANCHOR, TestLedger, key, sqlite_outbox

pytestmark = pytest.mark.integration


def batch(issuer: int, name: str) -> StoredBatch:
    manifest, root = (Digest32(hashlib.sha256(f"{name} {what}".encode()).digest()) for what in ("manifest", "root"))
    return StoredBatch(manifest, root, ParticipantId(issuer), DocumentType(380000), 7)


def test_numbers_are_given_out_ahead_and_given_anew(ledger: TestLedger, tmp_path: Path) -> None:
    # Names of this engine's own: the chain is shared with other tests.
    name = f"anchor queue {ledger.chain.rpc_url}"
    service, officer = key(f"{name} service"), key(f"{name} officer")
    issuer = ledger.admit(name, (service, SERVICE_ANCHOR), (officer, ISSUER))

    def number_of(one: StoredBatch) -> int:
        event = find_anchor(ledger.reader, one.issuer, one.manifest, until=ledger.reader.final_head())
        return unpack_h(event.args["h"]).seq

    with sqlite_outbox(tmp_path) as outbox:
        sender = ledger.sender(service, outbox)
        queue = AnchorQueue(ledger.reader, ledger.contracts, sender, outbox)
        first, second, third = (batch(issuer, f"{name} {n}") for n in range(3))
        keys = [queue.accept(one) for one in (first, second)]
        assert queue.accept(first) == keys[0]
        assert queue.on_their_way() == 2
        restarted = AnchorQueue(ledger.reader, ledger.contracts, sender, outbox)
        keys.append(restarted.accept(third))
        with sender.hold():
            assert {row.state for row in sender.drive(keys, timeout_s=60)} == {OutboxState.FINAL}
        assert [number_of(one) for one in (first, second, third)] == [1, 2, 3]
        assert queue.on_their_way() == 0
        assert restarted.settle() == []

        # Number 4 is given out, and taken by the officer's own key before it is carried.
        late, last = batch(issuer, f"{name} late"), batch(issuer, f"{name} last")
        keys = [restarted.accept(one) for one in (late, last)]
        by_hand = batch(issuer, f"{name} by hand")
        call = ledger.contracts.encode_call(
            "DocumentRegistry", "anchor", (pack_head(4, 0, 7), by_hand.root, by_hand.manifest)
        )
        direct = Direct(ledger.rpc, ledger.contracts)
        direct.transact(officer, ledger.reader.address_of("DocumentRegistry"), call, gas=200_000)
        with sender.hold():
            states = [row.state for row in sender.drive(keys, timeout_s=60)]
        assert states == [OutboxState.REFUSED, OutboxState.FINAL]
        again = restarted.settle()
        assert again == [f"anchor:{late.manifest.hex()}:2"]
        assert restarted.settle() == []
        with sender.hold():
            assert [row.state for row in sender.drive(again, timeout_s=60)] == [OutboxState.FINAL]
        assert [number_of(one) for one in (by_hand, last, late)] == [4, 5, 6]
        assert restarted.settle() == []
