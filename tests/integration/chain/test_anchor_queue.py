"""Anchors on their way, on a real engine: numbers given out ahead of the chain, and what becomes of them.

given batches of one issuer, accepted one after the other
  when they are carried                          → anchored under 1, 2, 3 in order; accepted again, nothing changes
  when a number was taken by another of its keys → that batch is refused, and gets the next free number, once
  when a process starts anew                     → it goes on above what is on its way
given a batch whose anchor is refused for what it is, and others behind it
  when more come meanwhile                       → they wait for their numbers until those behind it have new ones
  when it is tried once more, in vain            → it is named as given up, the others are anchored without a gap
  when what stood against it is over             → the next process anchors it
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.adapters.evm.direct import Direct
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.anchor import pack_head, unpack_h
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.ports.outbox import OutboxState
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.anchoring import find_anchor
from ledger.services.storing import StoredBatch
from tests.support.databases import DATABASES, fresh_url
from tests.support.ledgers import FOREVER, ISSUER, SERVICE_ANCHOR, TestLedger, key

pytestmark = pytest.mark.integration


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def outbox(database: str, tmp_path: Path) -> Iterator[SqlOutbox]:
    with closing(Database(fresh_url(database, tmp_path))) as opened:
        yield SqlOutbox(opened)


def batch(issuer: int, name: str) -> StoredBatch:
    manifest, root = (Digest32(hashlib.sha256(f"{name} {what}".encode()).digest()) for what in ("manifest", "root"))
    return StoredBatch(manifest, root, ParticipantId(issuer), DocumentType(380000), 7)


def test_numbers_are_given_out_ahead_and_given_anew(ledger: TestLedger, database: str, outbox: SqlOutbox) -> None:
    # Names of this engine's and this database's own: the chain is shared with other tests.
    name = f"anchor queue {database} {ledger.chain.rpc_url}"
    service, officer = key(f"{name} service"), key(f"{name} officer")
    issuer = ledger.admit(name, (service, SERVICE_ANCHOR), (officer, ISSUER))

    def number_of(one: StoredBatch) -> int:
        event = find_anchor(ledger.reader, one.issuer, one.manifest, until=ledger.reader.final_head())
        return unpack_h(event.args["h"]).seq

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


def test_what_is_refused_for_what_it_is_does_not_keep_the_others(
    ledger: TestLedger, database: str, outbox: SqlOutbox
) -> None:
    name = f"anchors refused {database} {ledger.chain.rpc_url}"
    officer = key(f"{name} officer")
    issuer = ledger.admit(name, (officer, ISSUER))
    refused = replace(batch(issuer, f"{name} refused"), document_type=DocumentType(851001))
    others = [batch(issuer, f"{name} {n}") for n in range(3)]
    sender = ledger.sender(officer, outbox)
    queue = AnchorQueue(ledger.reader, ledger.contracts, sender, outbox)
    keys = [queue.accept(one) for one in (refused, others[0])]
    with sender.hold():
        assert [row.state for row in sender.drive(keys, timeout_s=60)] == [OutboxState.REFUSED] * 2
        behind = queue.accept(others[1])
        assert queue.settle() == []
        late = threading.Thread(target=queue.accept, args=(others[2],))
        late.start()
        late.join(0.3)
        assert late.is_alive(), "above a gap it would be refused as well"
        sender.drive([behind], timeout_s=60)
        again = queue.settle()
        assert again == [f"{key_}:2" for key_ in (*keys, behind)]
        late.join(30)
        again.append(f"anchor:{others[2].manifest.hex()}")
        while again:
            sender.drive(again, timeout_s=60)
            again = queue.settle()
        assert list(queue.given_up()) == [refused.manifest]
        assert "NotAccredited" in queue.given_up()[refused.manifest]

    def numbers() -> list[int]:
        until = ledger.reader.final_head()
        events = [find_anchor(ledger.reader, one.issuer, one.manifest, until=until) for one in others]
        return [unpack_h(event.args["h"]).seq for event in events]

    assert numbers() == [1, 2, 3]
    ledger.govern(f"accredit {name}", ("ParticipantRegistry", "accredit", (issuer, 851001, 0, 0, FOREVER)))
    restarted = AnchorQueue(ledger.reader, ledger.contracts, sender, outbox)
    assert list(restarted.given_up()) == []
    with sender.hold():
        assert [row.state for row in sender.drive(restarted.settle(), timeout_s=60)] == [OutboxState.FINAL]
    assert restarted.settle() == []
    assert list(restarted.given_up()) == []
