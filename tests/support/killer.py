"""A real sender process that anchors numbered batches, killed with SIGKILL at random and started again.

Anchors of one issuer are gap-free and each takes one sequence number, so a lost one refuses all that follow, and a
doubled one is refused itself: any fault of the sender shows as a row that is not FINAL.
"""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address, Digest32
from ledger.services.effects import AnchorEffect
from ledger.services.sender import Sender, Submission

ANCHOR_GAS = 200_000


@dataclass(frozen=True)
class Work:
    """What the process does.

    Attributes:
        rpc_url, directory: The ledger.
        database: URL of the outbox.
        signer: Anchoring key.
        issuer: Its participant.
        count: Batches to anchor.
    """

    rpc_url: str
    directory: Address
    database: str
    signer: LocalSigner
    issuer: int
    count: int

    def keys(self) -> list[str]:
        return [f"anchor {number}" for number in range(1, self.count + 1)]

    def submissions(self, contracts: Contracts, registry: Address) -> list[Submission]:
        return [self._submission(contracts, registry, number) for number in range(1, self.count + 1)]

    def _submission(self, contracts: Contracts, registry: Address, number: int) -> Submission:
        head = number << 56 | 1
        root, manifest = Digest32(number.to_bytes(32, "big")), Digest32(b"\7" * 32)
        effect = AnchorEffect(registry, self.issuer, int(self.signer.address, 16) << 96 | head, root, manifest)
        data = contracts.encode_call("DocumentRegistry", "anchor", (head, root, manifest))
        return Submission(f"anchor {number}", registry, data, ANCHOR_GAS, effect)


def live(work: Work) -> None:
    """A life: accept what is missing in small batches, and drive all to the end, through every outage."""
    contracts, until = Contracts.packaged(), time.monotonic() + 120.0 + work.count / 10
    while True:
        try:
            with EvmRpc(work.rpc_url, timeout_s=3.0) as rpc, closing(Database(work.database)) as database:
                reader = EvmReader(rpc, contracts, work.directory)
                outbox = SqlOutbox(database)
                sender = Sender(reader, EvmWriter(rpc, contracts), work.signer, outbox, contracts)
                wanted = work.submissions(contracts, reader.address_of("DocumentRegistry"))
                known = outbox.get_many(work.keys())
                _work(sender, work, [s for s, row in zip(wanted, known, strict=True) if row is None], until)
        except Unavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _work(sender: Sender, work: Work, submissions: list[Submission], until: float) -> None:
    with sender.hold():
        for first in range(0, len(submissions), 16):
            sender.submit_many(submissions[first : first + 16])
            sender.step()
        sender.drive(work.keys(), timeout_s=until - time.monotonic())


def killed_life(work: Work, after_s: float) -> bool:
    """Start a life in a process of its own and kill it after a while; returns whether it had ended by itself."""
    process = multiprocessing.get_context("fork").Process(target=live, args=(work,))
    process.start()
    process.join(after_s)
    ended = process.exitcode is not None
    if not ended and process.pid is not None:
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    process.close()
    return ended


def campaign(work: Work, *, kills: int, seed: int, restart_node: Callable[[], None] | None = None) -> int:
    """Kill lives at random moments, then let one live to its end. Returns how many were killed at work."""
    dice, killed = random.Random(seed), 0
    for cycle in range(kills):
        if not killed_life(work, dice.uniform(0.01, 0.35)):
            killed += 1
        if restart_node is not None and cycle % 4 == 3:
            restart_node()
    live(work)
    return killed
