"""Collecting documents into batches.

given documents of several issuers and types, submitted from several threads
  when they arrive                   → one batch a stream, each document in it once, accepted after store and outbox
  when a batch is full               → it closes at once; else at its deadline; at the end as it is
given more documents than there is room for
  when the store is slow             → `submit` waits, and memory holds no more than may wait
given a document that cannot be sealed, a file that changes, or a store that fails
  when its batch is made             → the one is refused before it can spoil the others; a failed batch is nobody's
                                       loss: each of its documents is told to be submitted again
given an outbox that is away, or whose answer is lost
  when a batch is stored             → the same batch is accepted later, once; at the end it is told which it may hold
given a batch                        → proofs come from manifest and one tile, without any envelope
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.errors import LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.ids import Cid, Digest32, DocumentType, ParticipantId
from ledger.ports.content_store import Pin
from ledger.services.batching import Batcher, Stream
from ledger.services.opening import BatchReader, open_document
from ledger.services.sealing import BatchSealer, DocumentInput
from ledger.services.storing import StoredBatch
from tests.support.content import MemoryStore
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, PHYTOSANITARY, FixedClock, sealer_of

STREAM = Stream(ISSUER, PHYTOSANITARY)


class Outbox:
    """Remembers what was accepted, and that the store had it by then."""

    def __init__(self, store: MemoryStore) -> None:
        self.store, self.batches = store, []
        self.fails: Exception | None = None
        self.answers_lost = self.asked = 0

    def accept(self, batch: StoredBatch) -> None:
        self.asked += 1
        if self.fails is not None:
            raise self.fails
        BatchReader(self.store, batch.manifest)
        if batch not in self.batches:
            self.batches.append(batch)
        if self.answers_lost:
            self.answers_lost -= 1
            raise Unavailable("the database is away: connection lost while it committed")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def outbox(store: MemoryStore) -> Outbox:
    return Outbox(store)


@pytest.fixture
def make(store: MemoryStore, outbox: Outbox) -> Iterator[Callable[..., Batcher]]:
    made: list[Batcher] = []

    def build(held: MemoryStore = store, **changes: Any) -> Batcher:
        outbox.store = held
        settings = {"deadline_s": 0.05, "ledger": LEDGER, "clock": FixedClock(), **changes}
        made.append(Batcher(held, sealer_of, outbox.accept, **settings))
        return made[-1]

    yield build
    for batcher in made:
        batcher.close()


def text(number: int) -> DocumentInput:
    return DocumentInput(f"document {number}".encode(), "text/plain", [("number", f"{number}")])


def test_streams_do_not_mix_and_nothing_is_lost(
    make: Callable[..., Batcher], store: MemoryStore, outbox: Outbox
) -> None:
    batcher = make(full=50)
    streams = [Stream(ParticipantId(issuer), DocumentType(kind)) for issuer in (17, 18) for kind in (851001, 380000)]
    found: dict[tuple[Stream, int], tuple[Digest32, int]] = {}

    def issue(first: int) -> None:
        for number in range(first, first + 40):
            stream = streams[number % 4]
            accepted = batcher.submit(stream, text(number)).wait(30)
            found[stream, number] = accepted.manifest, accepted.leaf

    threads = [threading.Thread(target=issue, args=(first,)) for first in range(0, 320, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found.values())) == 320
    assert sum(batch.size for batch in outbox.batches) == 320
    by_manifest = {batch.manifest: batch for batch in outbox.batches}
    for (stream, number), (manifest, leaf) in found.items():
        batch = by_manifest[manifest]
        assert (batch.issuer, batch.document_type) == stream
        assert open_document(store, CUSTOMS, manifest, leaf).content == f"document {number}".encode()


def test_full_or_deadline_whichever_is_first(make: Callable[..., Batcher], outbox: Outbox) -> None:
    slow = make(full=3, deadline_s=60)
    tickets = [slow.submit(STREAM, text(number)) for number in range(6)]
    assert [ticket.wait(30).leaf for ticket in tickets] == [0, 1, 2, 0, 1, 2]  # long before the deadline
    waiting = [slow.submit(STREAM, text(number)) for number in (6, 7)]
    with pytest.raises(Unavailable, match="not accepted yet"):
        waiting[0].wait(0.05)
    slow.close()  # closes as it is
    assert [ticket.wait(0).leaf for ticket in waiting] == [0, 1]
    assert [batch.size for batch in outbox.batches] == [3, 3, 2]
    with pytest.raises(Unavailable, match="no more documents"):
        slow.submit(STREAM, text(8))

    quick = make(full=1_000, deadline_s=0.05)
    assert quick.submit(STREAM, text(0)).wait(30).leaf == 0
    assert outbox.batches[-1].size == 1


def test_a_stream_without_pauses_is_closed_by_its_deadline(make: Callable[..., Batcher], outbox: Outbox) -> None:
    batcher = make(deadline_s=0.2)
    until = time.monotonic() + 1.5
    last = batcher.submit(STREAM, text(0))
    while time.monotonic() < until:
        last = batcher.submit(STREAM, text(1))
    last.wait(30)
    assert len(outbox.batches) > 2


class AwayStore(MemoryStore):
    """Takes nothing while it is away."""

    is_away = True

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        if self.is_away:
            raise Unavailable("the store is away")
        super().put_batch(blocks, pins)


class SlowStore(MemoryStore):
    """Takes a block only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)
        self.taken = 0

    def put_batch(self, blocks: Iterable[tuple[Cid, bytes]], pins: Iterable[Pin]) -> None:
        def slowly() -> Iterator[tuple[Cid, bytes]]:
            for block in blocks:
                self.let.acquire()
                self.taken += 1
                yield block

        super().put_batch(slowly(), pins)


@pytest.mark.parametrize("room", [{"max_waiting": 4}, {"max_waiting_bytes": 45}], ids=["documents", "bytes"])
def test_who_submits_waits_while_too_much_is_waiting(make: Callable[..., Batcher], room: dict[str, int]) -> None:
    slow = SlowStore()
    batcher = make(slow, **room)
    tickets = []

    def submit_all() -> None:
        for number in range(20):
            tickets.append(batcher.submit(STREAM, text(number), timeout_s=0.3))

    with pytest.raises(Unavailable, match="too many documents are waiting"):
        submit_all()
    assert 4 <= len(tickets) <= 6  # one being sealed, perhaps one more taken, four waiting
    slow.let.release(1_000)
    told = [ticket.wait(30) for ticket in tickets]
    assert len({(one.manifest, one.leaf) for one in told}) == len(tickets)
    assert batcher.submit(STREAM, text(20), timeout_s=10).wait(30).leaf >= 0


def test_a_document_larger_than_the_room_goes_alone(make: Callable[..., Batcher]) -> None:
    assert make(max_waiting_bytes=10).submit(STREAM, text(123_456)).wait(30).leaf == 0


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (DocumentInput(b"{", "application/json"), Malformed),
        (DocumentInput(b"", "Text/Plain"), Malformed),
        (DocumentInput(b"", "text/plain", [("no such claim", 1)]), Malformed),
        (DocumentInput(b"", "text/plain", [(f"field:/{n}", "x" * 60_000) for n in range(60)]), LimitExceeded),
        (DocumentInput(Path("/no/such/file"), "text/plain"), NotFound),
    ],
)
def test_what_cannot_be_sealed_is_refused_at_once(
    make: Callable[..., Batcher], document: DocumentInput, error: type[Exception]
) -> None:
    batcher = make()
    good = batcher.submit(STREAM, text(1))
    with pytest.raises(error):
        batcher.submit(STREAM, document)
    assert good.wait(30).leaf == 0


def test_a_batch_that_fails_is_told_to_each_of_its_documents(make: Callable[..., Batcher], tmp_path: Path) -> None:
    away = AwayStore()
    batcher = make(away, deadline_s=0.2)
    tickets = [batcher.submit(STREAM, text(number)) for number in range(3)]
    for ticket in tickets:
        with pytest.raises(Unavailable, match="the store is away"):
            ticket.wait(30)
    away.is_away = False
    assert batcher.submit(STREAM, text(0)).wait(30).leaf == 0

    gone = tmp_path / "gone.txt"
    gone.write_bytes(b"here when it is submitted")
    slow = SlowStore()
    batcher = make(slow, deadline_s=30, full=2)
    first = batcher.submit(STREAM, text(1))
    file = batcher.submit(STREAM, DocumentInput(gone, "text/plain"))
    gone.unlink()
    slow.let.release(100)
    for ticket in (first, file):
        with pytest.raises(Unavailable, match="submit again"):
            ticket.wait(30)


def test_an_outbox_that_does_not_answer_is_asked_again_for_the_same_batch(
    make: Callable[..., Batcher], outbox: Outbox
) -> None:
    outbox.answers_lost = 2
    told = make().submit(STREAM, text(1)).wait(30)
    assert [batch.manifest for batch in outbox.batches] == [told.manifest]
    assert outbox.asked == 3


def test_an_outbox_that_stays_away_until_the_end_may_hold_the_batch(
    make: Callable[..., Batcher], outbox: Outbox
) -> None:
    outbox.fails = Unavailable("the database is away")
    batcher = make()
    ticket = batcher.submit(STREAM, text(1))
    with pytest.raises(Unavailable, match="not accepted yet"):
        ticket.wait(0.3)
    batcher.close()
    with pytest.raises(Unavailable, match=r"batch [0-9a-f]{64} is stored, and may have been accepted: the database is"):
        ticket.wait(0)
    assert outbox.asked >= 1


def test_a_stream_that_cannot_begin_a_batch_says_so(store: MemoryStore, outbox: Outbox) -> None:
    def nobody(_: Stream) -> BatchSealer:
        raise NotFound("participant", "17")

    batcher = Batcher(store, nobody, outbox.accept, ledger=LEDGER, clock=FixedClock(), deadline_s=0.05)
    with pytest.raises(Unavailable, match="no participant 17"):
        batcher.submit(STREAM, text(1)).wait(30)
    batcher.close()


def test_a_document_that_has_ended_is_refused_and_spoils_no_batch(make: Callable[..., Batcher]) -> None:
    clock = FixedClock()
    batcher = make(clock=clock, deadline_s=0.2)
    with pytest.raises(Malformed, match="ends before it begins"):
        batcher.submit(STREAM, replace(text(1), valid_until=clock.now() - 1))
    good, ends_now = batcher.submit(STREAM, text(2)), batcher.submit(STREAM, replace(text(3), valid_until=clock.now()))
    assert good.wait(30).manifest == ends_now.wait(30).manifest


def test_streams_are_bounded(make: Callable[..., Batcher], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.services.batching.MAX_STREAMS", 1)
    batcher = make()
    batcher.submit(STREAM, text(1))
    with pytest.raises(LimitExceeded):
        batcher.submit(Stream(ISSUER, DocumentType(380000)), text(1))
    with pytest.raises(ValueError, match="a batch of 0"):
        make(full=0)


def test_proofs_do_not_read_the_batch(make: Callable[..., Batcher], store: MemoryStore, outbox: Outbox) -> None:
    batcher = make(full=600, deadline_s=30)
    tickets = [batcher.submit(STREAM, text(number)) for number in range(600)]
    manifest = tickets[599].wait(60).manifest
    store.reads.clear()
    assert BatchReader(store, manifest).path(300).size == 600
    assert len(store.reads) == 2
