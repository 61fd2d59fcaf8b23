"""Collecting documents into batches as they come: per issuer and type, full or after a deadline, whichever is first.

A document is accepted only once its envelope and wraps are durable in the store and the batch's anchor is durable in
the outbox; nothing is promised before. An outbox that is away is asked again until it answers, because what it did not
answer it may have kept. Documents are sealed while they arrive, one stream of them in one thread, so
memory holds what waits and no more: `submit` waits while too much does. A batch that was open when the process died
was never accepted, and leaves nothing.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ledger.domain.errors import LimitExceeded, Refused, TamgaError, Unavailable
from ledger.domain.ids import Digest32, DocumentType, LedgerId, ParticipantId
from ledger.domain.limits import MAX_BATCH, MAX_RECORD_PART_BYTES, MIB
from ledger.domain.record import CONTENT
from ledger.domain.recording import RecordMaker
from ledger.ports.clock import Clock
from ledger.ports.content_store import ContentStore
from ledger.services.contents import content_of
from ledger.services.sealing import BatchSealer, DocumentInput
from ledger.services.storing import StoredBatch, seal_into

MAX_WAITING: Final = 4_096
"""Documents of one stream that wait to be sealed."""
MAX_WAITING_BYTES: Final = 64 * MIB
"""Bytes of them; one larger document waits alone."""
MAX_STREAMS: Final = 64
"""Issuers and types collected at a time: each is a thread."""
ACCEPT_AGAIN_S: Final = 0.5
"""How long an outbox that did not answer is left alone."""


class Stream(NamedTuple):
    """What goes into one batch.

    Attributes:
        issuer: Participant.
        document_type: Type of all its documents.
    """

    issuer: ParticipantId
    document_type: DocumentType


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that will be anchored.

    Attributes:
        manifest: Its batch.
        leaf: Its place in it.
    """

    manifest: Digest32
    leaf: int


class Ticket:
    """Of one document that was submitted; small, because there may be a million."""

    __slots__ = ("_collector", "_document", "_leaf", "_outcome")

    def __init__(self, collector: "_Collector", document: DocumentInput) -> None:
        self._collector = collector
        self._document: DocumentInput | None = document
        self._leaf = 0
        self._outcome: list[StoredBatch | TamgaError] | None = None

    def wait(self, timeout_s: float | None = None) -> Accepted:
        """Wait until the document is accepted.

        Raises:
            Unavailable: Not within `timeout_s` (it may still be), or the store failed: submit it again; or the outbox
                was away until `close`: the text names the batch, which it may hold.
            Refused: It cannot be sealed.
        """
        return self._collector.wait(self, timeout_s)


class Batcher:
    """Collects documents of any number of issuers and types."""

    def __init__(
        self,
        store: ContentStore,
        sealer_of: Callable[[Stream], BatchSealer],
        accept: Callable[[StoredBatch], None],
        *,
        ledger: LedgerId,
        clock: Clock,
        full: int = MAX_BATCH,
        deadline_s: float = 1.0,
        max_waiting: int = MAX_WAITING,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        before_kept: Callable[[StoredBatch], None] = lambda _: None,
    ) -> None:
        """Collect nothing yet.

        Args:
            store: Where batches are kept.
            sealer_of: A fresh sealer of a stream.
            accept: Makes the anchor of a stored batch durable, from the streams' threads; called again for the same
                batch as long as it is `Unavailable`, so repeating it must change nothing.
            ledger: Ledger id.
            clock: Tells since when a document that ends is in force.
            full: Documents at which a batch closes.
            deadline_s: Seconds after its first document at which a batch closes.
            max_waiting: Documents of a stream that may wait to be sealed.
            max_waiting_bytes: Bytes of them.
            before_kept: As `seal_into` has it.
        """
        if not 1 <= full <= MAX_BATCH:
            raise ValueError(f"a batch of {full}")
        self._store, self._sealer_of, self._accept = store, sealer_of, accept
        self._ledger, self._clock, self._full, self._deadline_s = ledger, clock, full, deadline_s
        self._max_waiting, self._max_waiting_bytes = max_waiting, max_waiting_bytes
        self._before_kept = before_kept
        self._collectors: dict[Stream, _Collector] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._closing = threading.Event()

    def submit(self, stream: Stream, document: DocumentInput, *, timeout_s: float | None = None) -> Ticket:
        """Check a document and take it; waits while too much is waiting. One that ends is in force from now on.

        Raises:
            Refused: It cannot be sealed.
            LimitExceeded: More streams than `MAX_STREAMS`.
            Unavailable: No room within `timeout_s`, or closed.
        """
        if document.valid_from is None and document.valid_until is not None:  # it may end while it waits
            document = replace(document, valid_from=self._clock.now())
        size = self._check(stream, document)
        return self._collector(stream).put(document, size, timeout_s)

    def close(self) -> None:
        """Close every open batch as it is, wait until it is accepted, and take nothing more."""
        with self._lock:
            self._closed = True
            self._closing.set()
            collectors = list(self._collectors.values())
        for collector in collectors:
            collector.close()

    def _check(self, stream: Stream, document: DocumentInput) -> int:
        """Bytes of a document that can be sealed: what is wrong with one must not spoil its batch."""
        content = content_of(document.content, document.media_type)
        made = RecordMaker(self._ledger, stream.issuer, stream.document_type, bytes).make(
            ((CONTENT, content.claim), *document.claims),
            issued_at=0,
            valid_from=0 if document.valid_from is None else document.valid_from,
            valid_until=document.valid_until,
        )
        if len(made.part_text) > MAX_RECORD_PART_BYTES:
            raise LimitExceeded("record and openings", MAX_RECORD_PART_BYTES)
        return content.length if isinstance(document.content, bytes) else 0

    def _collector(self, stream: Stream) -> "_Collector":
        with self._lock:
            if self._closed:
                raise Unavailable("no more documents are taken")
            if stream not in self._collectors:
                if len(self._collectors) == MAX_STREAMS:
                    raise LimitExceeded("streams of documents", MAX_STREAMS)
                self._collectors[stream] = _Collector(
                    lambda documents: self._batch(stream, documents),
                    self._full,
                    self._deadline_s,
                    (self._max_waiting, self._max_waiting_bytes),
                )
            return self._collectors[stream]

    def _batch(self, stream: Stream, documents: Iterator[DocumentInput]) -> StoredBatch:
        sealer = self._sealer_of(stream)
        batch = seal_into(self._store, sealer, documents, stream.document_type, before_kept=self._before_kept)
        self._promise(batch)
        return batch

    def _promise(self, batch: StoredBatch) -> None:
        """Accept a stored batch. Told to submit its documents again, a caller would have them anchored twice."""
        while True:
            try:
                return self._accept(batch)
            except Unavailable as away:
                if self._closing.wait(ACCEPT_AGAIN_S):
                    text = f"batch {batch.manifest.hex()} is stored, and may have been accepted"
                    raise Unavailable(f"{text}: {away}") from away


class _Collector:
    """One stream: a queue, and a thread that makes batches of it."""

    def __init__(
        self,
        make: Callable[[Iterator[DocumentInput]], StoredBatch],
        full: int,
        deadline_s: float,
        room: tuple[int, int],
    ) -> None:
        self._make, self._full, self._deadline_s, self._room = make, full, deadline_s, room
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Ticket, int]] = deque()
        self._waiting_bytes = 0
        self._taken = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
        self._thread.start()

    def put(self, document: DocumentInput, size: int, timeout_s: float | None) -> Ticket:
        ticket = Ticket(self, document)
        with self._changed:
            if not self._changed.wait_for(lambda: self._closing or self._has_room(size), timeout_s):
                raise Unavailable("too many documents are waiting to be sealed")
            if self._closing:
                raise Unavailable("no more documents are taken")
            self._waiting.append((ticket, size))
            self._waiting_bytes += size
            self._changed.notify_all()
        return ticket

    def wait(self, ticket: Ticket, timeout_s: float | None) -> Accepted:
        with self._changed:
            if not self._changed.wait_for(lambda: bool(ticket._outcome), timeout_s):
                raise Unavailable("not accepted yet")
            outcome = (ticket._outcome or [])[0]
        if isinstance(outcome, TamgaError):
            raise outcome
        return Accepted(outcome.manifest, ticket._leaf)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _has_room(self, size: int) -> bool:
        documents, total = self._room
        if not self._waiting:
            return True
        return len(self._waiting) < documents and self._waiting_bytes + size <= total

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or bool(self._waiting))
                if not self._waiting:
                    return
            self._taken = 0
            outcome: list[StoredBatch | TamgaError] = []  # shared by the batch's tickets, filled at its end
            try:
                made: StoredBatch | TamgaError = self._make(self._arriving(outcome))
            except Unavailable as bad:
                made = bad
            except Refused as bad:  # a file that changed after it was checked
                made = Unavailable(f"the batch was given up, submit again: {bad}")
            except Exception as bad:  # noqa: BLE001 - a thread that dies would leave its tickets waiting for ever
                made = Unavailable(f"the batch failed: {type(bad).__name__}: {bad}")
            with self._changed:
                outcome.append(made)
                if self._taken == 0:  # no batch can be begun: whoever waits is told, instead of trying for ever
                    for ticket, _ in self._waiting:
                        ticket._outcome = outcome
                    self._waiting.clear()
                    self._waiting_bytes = 0
                self._changed.notify_all()

    def _arriving(self, outcome: list[StoredBatch | TamgaError]) -> Iterator[DocumentInput]:
        """Documents of one batch, as they come, until it is full or its deadline has passed."""
        until = time.monotonic() + self._deadline_s
        for leaf in range(self._full):
            with self._changed:
                left_s = until - time.monotonic()
                if leaf > 0 and left_s <= 0:
                    return
                self._changed.wait_for(lambda: self._closing or bool(self._waiting), max(0.0, left_s))
                if not self._waiting:
                    return
                ticket, size = self._waiting.popleft()
                self._waiting_bytes -= size
                ticket._leaf, ticket._outcome = leaf, outcome
                self._taken += 1
                document, ticket._document = ticket._document, None
                self._changed.notify_all()
            if document is not None:
                yield document
