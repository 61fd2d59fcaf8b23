"""An issuer's collecting process, killed with SIGKILL at random: documents into batches, store, outbox and chain.

Each document that a life is told of as accepted is written to a log before anything else; what stands there has to be
anchored. Another key of the same issuer takes numbers of its sequence meanwhile.
"""

import multiprocessing
import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ledger.adapters.clock import SystemClock
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.http import Exchange, KeptConnections
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.file_store import FileStore
from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain import hpke
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address, DocumentType, LedgerId, ParticipantId
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.batching import Batcher, Stream
from ledger.services.sealing import BatchSealer, DocumentInput
from ledger.services.sender import Sender
from tests.support.killer import Doom

TYPE = DocumentType(380_000)
FULL, DEADLINE_S = 5, 0.03
SETTLE_S = 0.1
DRAIN_S = 120.0
OWN_KEY = hpke.public_key(b"\1" * 32)


@dataclass(frozen=True)
class Collecting:
    """What the process collects into.

    Attributes:
        rpc_url, directory, ledger: The ledger.
        database: URL of the outbox.
        signer: Anchoring key.
        issuer: Its participant.
        folder: Holds the store and the log.
    """

    rpc_url: str
    directory: Address
    ledger: LedgerId
    database: str
    signer: LocalSigner
    issuer: ParticipantId
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "accepted"

    def accepted(self) -> list[tuple[str, int]]:
        """Manifest and leaf of each document that was told to be accepted."""
        if not self.log.exists():
            return []
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [(manifest, int(leaf)) for manifest, leaf in lines]

    def sealer(self, stream: Stream) -> BatchSealer:
        return BatchSealer(
            ledger=self.ledger,
            issuer=stream.issuer,
            issuer_key=OWN_KEY,
            document_type=stream.document_type,
            recipients=[],
            clock=SystemClock(),
        )


@contextmanager
def carrying(
    work: Collecting, metered: Callable[[Exchange], Exchange], begun: Callable[[], None] = lambda: None
) -> Iterator[AnchorQueue]:
    """The anchors of a process that holds its key, sends and settles in threads of its own."""
    contracts, stopped, held = Contracts.packaged(), threading.Event(), threading.Event()
    with ExitStack() as opened:
        connections = opened.enter_context(closing(KeptConnections(work.rpc_url, 3.0)))
        rpc = opened.enter_context(EvmRpc(work.rpc_url, exchange=metered(connections)))
        outbox = SqlOutbox(opened.enter_context(closing(Database(work.database))))
        reader = EvmReader(rpc, contracts, work.directory)
        sender = Sender(reader, EvmWriter(rpc, contracts), work.signer, outbox, contracts)
        queue = AnchorQueue(reader, contracts, sender, outbox)

        def send() -> None:
            sender.run(stopped.is_set, lambda _: None, held.set)

        def settle() -> None:
            while not stopped.wait(SETTLE_S):
                with suppress(Unavailable):
                    queue.settle()

        threads = [threading.Thread(target=run, daemon=True) for run in (send, settle)]
        for thread in threads:
            thread.start()
        held.wait()
        begun()
        try:
            yield queue
        finally:
            stopped.set()
            for thread in threads:
                thread.join()


def live(work: Collecting, metered: Callable[[Exchange], Exchange], begun: Callable[[], None]) -> None:
    """A life: collect for ever."""
    dice = random.Random(secrets.randbits(64))
    log = os.open(work.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with carrying(work, metered, begun) as queue, closing(FileStore(work.folder / "store")) as store:
        batcher = Batcher(
            store,
            work.sealer,
            queue.accept,
            ledger=work.ledger,
            clock=SystemClock(),
            full=FULL,
            deadline_s=DEADLINE_S,
        )
        stream = Stream(work.issuer, TYPE)
        while True:
            documents = [DocumentInput(secrets.token_bytes(20), "text/plain") for _ in range(dice.randint(1, 12))]
            for ticket in [batcher.submit(stream, document) for document in documents]:
                told = ticket.wait()
                os.write(log, f"{told.manifest.hex()} {told.leaf}\n".encode())


def killed_life(work: Collecting, doom: Doom, meanwhile: Callable[[], None]) -> None:
    """A life in a process of its own, to its doom; `meanwhile` is called again and again beside it.

    Raises:
        AssertionError: It ended in another way.
    """
    process = multiprocessing.get_context("fork").Process(target=live, args=(work, doom, doom.begin))
    process.start()
    while process.is_alive():
        meanwhile()
    process.join()
    code = process.exitcode
    process.close()
    assert code == -signal.SIGKILL, f"a life ended with {code}"


def drain(work: Collecting) -> None:
    """The last life: takes nothing more, and carries to its end what was accepted.

    Raises:
        AssertionError: Something is still on its way after `DRAIN_S`, or was given up.
    """
    until = time.monotonic() + DRAIN_S
    with carrying(work, lambda exchange: exchange) as queue:
        while time.monotonic() < until:
            if not queue.settle() and queue.on_their_way() == 0:
                assert queue.given_up() == {}
                return
            time.sleep(SETTLE_S)
    raise AssertionError(f"anchors are on their way after {DRAIN_S} s")
