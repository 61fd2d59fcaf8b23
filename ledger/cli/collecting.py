"""`tamga collect`: documents anchored as they come, batch after batch, for an issuer's own system."""

import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final, Self

import typer

from ledger.bootstrap.acting import Issuing, open_issuing
from ledger.bootstrap.chain import CLOCK
from ledger.bootstrap.documents import open_contents
from ledger.cli import context, notes, sources
from ledger.cli.documents import Key, Ring
from ledger.cli.output import OK, REFUSED, TRY_AGAIN, errors, show_line
from ledger.cli.sealing import DOCUMENT_TYPE, To, ToRecord, recipients_of
from ledger.domain.errors import NotFound, TamgaError, Unavailable
from ledger.domain.ids import Digest32, DocumentType
from ledger.domain.limits import MAX_BATCH
from ledger.services.batching import Batcher, Stream, Ticket
from ledger.services.sealing import BatchSealer, DocumentInput, SealedDocument
from ledger.services.storing import StoredBatch

MAX_UNTOLD: Final = 100_000
"""Documents whose line is not printed yet."""
LOOK_S: Final = 0.2
"""How often the anchors on their way are looked at [s]."""
REST: Final = 20
"""Or so many times as long as the last look took: a key that was refused thousands of times takes long to look at."""


def collect(
    document_type: Annotated[int, DOCUMENT_TYPE],
    key: Key,
    to: To = None,
    to_record: ToRecord = None,
    full: Annotated[int, typer.Option(min=1, max=MAX_BATCH, help="Documents at which a batch closes.")] = MAX_BATCH,
    deadline: Annotated[float, typer.Option(min=0.01, help="Seconds after its first document, likewise.")] = 1.0,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for the chain at the end of input.")] = 60.0,
    ring: Ring = None,
) -> None:
    """Read names of documents from standard input, one a line; seal and anchor them in batches as they come.

    Prints a line of JSON for each document once it is accepted: from then on it will be anchored, whatever happens to
    this process; started again, it takes up what was on its way. It holds its key while it runs: before it takes a
    document it waits for another process that uses the key, and other commands with this key wait for it. Exit code 1:
    a document was refused, the others were taken, or a batch's anchor was refused, which is said at once and tried
    again when this is started anew; 3: anchors are still on their way, or are carried no more, which ends it at once.
    """
    signer = context.signer(key)
    issuer, chain = context.participant_of(signer), context.hand().chain
    stream = Stream(issuer, DocumentType(document_type))
    own = context.own_key(ring, issuer)
    recipients = recipients_of(to, to_record)
    writers: list[notes.Writer] = []

    def sealed(document: SealedDocument) -> None:
        if isinstance(document.content, Path):
            writers[-1].add(document.content.name, document.content.absolute(), document.record_id)

    def sealer_of(_: Stream) -> BatchSealer:
        for writer in writers:
            writer.discard()
        writers[:] = [notes.Writer()]
        return BatchSealer(
            ledger=chain.network.ledger_id,
            issuer=issuer,
            issuer_key=own,
            document_type=stream.document_type,
            recipients=recipients,
            clock=CLOCK,
            on_sealed=sealed,
        )

    def noted(batch: StoredBatch) -> None:
        writers[-1].keep(batch)

    contents, issuing = open_contents(context.config()), open_issuing(context.config(), chain, signer)
    told: set[Digest32] = set()
    with _Carrying(issuing, told) as carrying:
        batcher = Batcher(
            contents,
            sealer_of,
            lambda batch: _anchored_later(issuing, batch),
            ledger=chain.network.ledger_id,
            clock=CLOCK,
            full=full,
            deadline_s=deadline,
            before_kept=noted,
        )
        teller = _Teller()
        try:
            for line in carrying.lines():
                file = Path(line.rstrip("\n"))
                try:
                    if not file.is_file():
                        raise NotFound("file", str(file))
                    document = DocumentInput(file, sources.Source(file.name, file).media_type)
                    teller.tell_of(file, batcher.submit(stream, document))
                except TamgaError as bad:
                    teller.tell_of(file, bad)
                except OSError as bad:  # no name of a file, or in a folder that is closed to us
                    teller.tell_of(file, Unavailable(f"{file} cannot be read: {bad.strerror}"))
        finally:
            batcher.close()
            refused = teller.close()
            for writer in writers:
                writer.discard()
            contents.close()
        carrying.require()
        late = _wait(issuing, wait)
        given_up = _tell_given_up(issuing, told)
    if late:
        errors.print(f"{late} anchor(s) on their way; started again, this takes them up")
    raise typer.Exit(REFUSED if refused or given_up else TRY_AGAIN if late else OK)


def _anchored_later(issuing: Issuing, batch: StoredBatch) -> None:
    issuing.anchors.accept(batch)


class _Teller:
    """Prints what became of documents, in order, each as soon as it is known."""

    def __init__(self) -> None:
        self._refused = 0
        self._waiting: queue.Queue[tuple[Path, Ticket | TamgaError] | None] = queue.Queue(MAX_UNTOLD)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def tell_of(self, file: Path, told: Ticket | TamgaError) -> None:
        """Take the next document; waits while too many are untold."""
        self._waiting.put((file, told))

    def close(self) -> int:
        """Tell of all that is left; returns how many documents were not taken."""
        self._waiting.put(None)
        self._thread.join()
        return self._refused

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            file, told = item
            try:
                if isinstance(told, TamgaError):
                    raise told
                accepted = told.wait()
            except TamgaError as bad:
                self._refused += 1
                show_line({"file": str(file), "error": bad.code, "text": str(bad)})
            else:
                show_line({"file": str(file), "manifest": accepted.manifest.hex(), "leaf": accepted.leaf})


class _Carrying:
    """Carries anchors in threads of their own meanwhile, gives new numbers where it takes them, says what is refused.

    Begins once the key is held. A thread that ends by an error ends the command: what was accepted stays in the outbox.
    """

    def __init__(self, issuing: Issuing, told: set[Digest32]) -> None:
        self._issuing, self._told = issuing, told
        self._stopped, self._held = threading.Event(), threading.Event()
        self._failed: list[Exception] = []
        self._is_reading = False
        self._threads = [
            threading.Thread(target=self._run, args=(work,), daemon=True) for work in (self._send, self._settle)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        try:
            self._held.wait()
            self.require()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self.require()

    def require(self) -> None:
        """Raise `Unavailable` if anchors are carried no more, with the cause."""
        if self._failed:
            bad = self._failed[0]
            text = f"anchors are carried no more ({type(bad).__name__}: {bad}); what was accepted stays in the outbox"
            raise Unavailable(f"{text}: started again, this takes it up") from bad

    def lines(self) -> Iterator[str]:
        """Lines of standard input, up to its end or until anchors are carried no more."""
        while not self._failed:
            self._is_reading = True
            try:
                line = sys.stdin.readline()
            except KeyboardInterrupt:
                if self._failed:  # it was `_run` that interrupted
                    return
                raise
            finally:
                self._is_reading = False
            if not line:
                return
            yield line

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as bad:  # noqa: BLE001 - a thread that dies would leave the command waiting for ever
            self._failed.append(bad)
            self._held.set()
            while not self._stopped.wait(LOOK_S):
                if self._is_reading:  # perhaps for hours: its next document may be tomorrow's
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def _send(self) -> None:
        self._issuing.sender.run(self._stopped.is_set, _say_waiting, self._held.set)

    def _settle(self) -> None:
        self._held.wait()
        rest = LOOK_S
        while not self._stopped.wait(rest):
            begun = time.monotonic()
            with suppress(Unavailable):
                self._issuing.anchors.settle()
                _tell_given_up(self._issuing, self._told)
            rest = max(LOOK_S, REST * (time.monotonic() - begun))

    def _end(self) -> None:
        self._stopped.set()
        self._held.set()
        for thread in self._threads:
            thread.join()
        self._issuing.close()


def _say_waiting(trouble: str) -> None:
    if trouble:
        errors.print(f"anchors wait: {trouble}", markup=False, soft_wrap=True)


def _tell_given_up(issuing: Issuing, told: set[Digest32]) -> int:
    """Say once of each batch that it is not anchored, and why; returns how many there are now."""
    found = issuing.anchors.given_up()
    for manifest in found.keys() - told:
        told.add(manifest)
        errors.print(f"not anchored: batch {manifest.hex()}: {found[manifest]}", markup=False, soft_wrap=True)
    return len(found)


def _wait(issuing: Issuing, limit_s: float) -> int:
    """Wait for the chain; returns how many anchors are still on their way."""
    until = time.monotonic() + limit_s
    while True:
        try:
            again, left = issuing.anchors.settle(), issuing.anchors.on_their_way()
        except Unavailable:
            again, left = [], 1
        if (not left and not again) or time.monotonic() > until:
            return left
        time.sleep(LOOK_S)
