"""The fault table of collecting: every call of content store, anchor queue, outbox, signer and chain × four ways.

given a batch that an earlier process accepted, and a client that submits documents, and submits again whatever it was
not told of as accepted
├── when one call of a port goes wrong (failed; failed, but persisted; the process dies before or after it), and the
│   process is started again
│   └── each document should be accepted; what was accepted should be stored whole and anchored once, no batch twice,
│       and no document in two batches, unless the process died before it could tell

The rows are walked, as the sender's are: the n-th call of a life, for n from 1 until a life has no n-th call.
"""

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.errors import Unavailable
from ledger.domain.ids import Digest32, DocumentType
from ledger.services import batching
from ledger.services.anchor_queue import AnchorQueue
from ledger.services.batching import Accepted, Batcher, Stream
from ledger.services.opening import open_document
from ledger.services.sealing import DocumentInput
from tests.support.anchoring_chain import AnchorCodec, AnchoringChain
from tests.support.content import MemoryStore
from tests.support.databases import DATABASES, fresh_url
from tests.support.evidence import CUSTOMS, ISSUER, LEDGER, FixedClock, sealer_of
from tests.support.faults import Fault, Faults, Killed
from tests.support.lives import World

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),  # the process dies in a thread
]
STREAM = Stream(ISSUER, DocumentType(380_000))
NUMBERS = range(6)
FULL = 2
WAYS = (Fault.FAILED, Fault.PERSISTED, Fault.DIED, Fault.DIED_AFTER)
CALLS = {
    *("store.put_batch", "queue.accept", "outbox.get", "outbox.accept_many", "outbox.open_rows", "outbox.in_state"),
    *("outbox.advance_many", "chain.send_many", "chain.final_head", "chain.call", "chain.call_many", "chain.receipts"),
    "signer.sign_transaction",
}
"""Rows that the table must have."""


class Deadly(Faults):
    """Faults of a process with threads: when one of them dies, none goes on."""

    dead = False

    def run(self, name: str, call: Any, args: tuple[Any, ...]) -> Any:
        if self.dead:
            raise Killed
        try:
            return super().run(name, call, args)
        except Killed:
            self.dead = True
            raise


@dataclass
class Client:
    """Who submits, and what it was told; with what outlives the process.

    Attributes:
        world: Chain and database.
        store: What is kept of the documents.
        accepted: By number, for each that was told to be accepted.
    """

    world: World
    store: MemoryStore = field(default_factory=MemoryStore)
    accepted: dict[int, Accepted] = field(default_factory=dict)

    def live(self, faults: Deadly, numbers: range = NUMBERS, *, carries: bool = True) -> bool:
        """Submit what was not accepted, then carry all anchors to their end. Returns whether it got there."""
        with self.world.process(faults) as (sender, outbox):
            chain, codec = faults.wrap("chain", self.world.chain), AnchorCodec()
            queue = AnchorQueue(chain, codec, sender, faults.wrap("outbox", outbox))  # type: ignore[arg-type]
            wrapped = faults.wrap("queue", queue)
            batcher = Batcher(
                faults.wrap("store", self.store),
                sealer_of,
                lambda batch: wrapped.accept(batch) and None,
                ledger=LEDGER,
                clock=FixedClock(),
                full=FULL,
                deadline_s=60,
            )
            try:
                self._submit(batcher, faults, numbers)
                if not carries:
                    return False
                with sender.hold():
                    for _ in range(200):
                        with suppress(Unavailable):
                            sender.step()
                            if not queue.settle() and not queue.on_their_way():
                                return True
                raise AssertionError(f"anchors are on their way without end: {queue.given_up()}")
            except (Killed, Unavailable):
                return False
            finally:
                with suppress(Killed):
                    batcher.close()

    def _submit(self, batcher: Batcher, faults: Deadly, numbers: range) -> None:
        tickets = {n: batcher.submit(STREAM, document(n)) for n in numbers if n not in self.accepted}
        until = time.monotonic() + 30
        for number, ticket in tickets.items():
            while not ticket._outcome:
                if faults.dead:
                    raise Killed
                assert time.monotonic() < until, f"nobody tells what became of document {number}"
                time.sleep(0.001)
            with suppress(Unavailable):  # submitted again in the next life
                self.accepted[number] = ticket.wait(0)


def document(number: int) -> DocumentInput:
    return DocumentInput(f"document {number}".encode(), "text/plain")


def assert_anchored_once(client: Client, fault: Fault, at: str) -> None:
    assert client.accepted.keys() == set(NUMBERS), at
    chain = client.world.chain
    assert isinstance(chain, AnchoringChain)
    manifests = [Digest32(event.args["manifest"]) for event in chain.anchored()]
    assert len(set(manifests)) == len(manifests), f"{at}: a batch was anchored twice"
    if fault in (Fault.FAILED, Fault.PERSISTED):
        assert len(manifests) == len(NUMBERS) // FULL, f"{at}: a document is in two batches"
    for number, told in client.accepted.items():
        assert told.manifest in manifests, f"{at}: document {number} was accepted and is not anchored"
        opened = open_document(client.store, CUSTOMS, told.manifest, told.leaf)
        assert opened.content == document(number).content, at


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", DATABASES)
def test_every_port_call_in_every_way(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "ACCEPT_AGAIN_S", 0.001)
    table: dict[str, dict[Fault, int]] = defaultdict(lambda: dict.fromkeys(WAYS, 0))
    for fault in WAYS:
        for at in range(1, 400):
            folder = tmp_path / f"{fault} {at}"
            folder.mkdir()
            client = Client(World(AnchoringChain(), fresh_url(database, folder)))
            client.live(Deadly(0), NUMBERS[:FULL], carries=False)
            faults = Deadly(at, fault)
            done, lives = client.live(faults), 1
            while not done or client.accepted.keys() != set(NUMBERS):
                lives += 1
                assert lives < 6, f"no end in sight after {fault} at {faults.calls[:at][-1]}"
                done = client.live(Deadly(0))
            assert_anchored_once(client, fault, f"after {fault} at {faults.calls[:at][-1]}, call {at}")
            if not faults.reached():
                break
            table[faults.calls[at - 1]][fault] += faults.happened
        else:
            pytest.fail("the table has no end")
    print(f"\n{database}: times that each call went wrong, and each accepted document was anchored once all the same")
    print(f"{'':<26}" + "".join(f"{fault:>27}" for fault in WAYS))
    for call, cells in sorted(table.items()):
        print(f"{call:<26}" + "".join(f"{cells[fault] or '-':>27}" for fault in WAYS))
    assert table.keys() >= CALLS
    assert all(cells[fault] for cells in table.values() for fault in WAYS)
