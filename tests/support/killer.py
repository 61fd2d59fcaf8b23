"""A real sender process that anchors numbered batches, killed with SIGKILL at random and started again.

Anchors of one issuer are gap-free and each takes one sequence number, so a lost one refuses all that follow, and a
doubled one is refused itself: any fault of the sender shows as a row that is not FINAL.
"""

import multiprocessing
import os
import random
import signal
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.http import Exchange, KeptConnections
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import EvmRpc
from ledger.adapters.evm.writer import EvmWriter
from ledger.adapters.keystore import LocalSigner
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import Unavailable
from ledger.domain.ids import Address, Digest32
from ledger.domain.limits import MAX_IN_FLIGHT
from ledger.ports.outbox import OPEN_STATES
from ledger.services.effects import AnchorEffect
from ledger.services.sender import Sender
from ledger.services.submission import Submission

ANCHOR_GAS = 200_000
ROUND, DRIVEN = 16, 1_000
"""Batches accepted in one round, and looked at together in the end."""
MAX_EXCHANGES = 64
"""Exchanges with the node in the longest life that is killed, however long they take."""
MOMENT_S = 0.02
"""Death comes at any moment up to this long after the last of them began: in it, after it, or in a later one."""


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

    def submission(self, contracts: Contracts, registry: Address, number: int) -> Submission:
        head = number << 56 | 1
        root, manifest = Digest32(number.to_bytes(32, "big")), Digest32(b"\7" * 32)
        effect = AnchorEffect(registry, self.issuer, int(self.signer.address, 16) << 96 | head, root, manifest)
        data = contracts.encode_call("DocumentRegistry", "anchor", (head, root, manifest))
        return Submission(f"anchor {number}", registry, data, ANCHOR_GAS, effect)


def live(
    work: Work,
    metered: Callable[[Exchange], Exchange] = lambda exchange: exchange,
    held: Callable[[], None] = lambda: None,
) -> None:
    """A life: accept what is missing, in order and in small batches, and drive all to the end, through every outage.

    `metered` stands between the sender and its node; `held` is called each time that it holds its signer.
    """
    contracts, until = Contracts.packaged(), time.monotonic() + 120.0 + work.count / 10
    while True:
        try:
            with (
                closing(KeptConnections(work.rpc_url, 3.0)) as connections,
                EvmRpc(work.rpc_url, exchange=metered(connections)) as rpc,
                closing(Database(work.database)) as database,
            ):
                reader = EvmReader(rpc, contracts, work.directory)
                outbox = SqlOutbox(database)
                sender = Sender(reader, EvmWriter(rpc, contracts), work.signer, outbox, contracts)
                make = partial(work.submission, contracts, reader.address_of("DocumentRegistry"))
                with sender.hold():
                    held()
                    _work(sender, outbox, work, make, until)
        except Unavailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _work(sender: Sender, outbox: SqlOutbox, work: Work, make: Callable[[int], Submission], until: float) -> None:
    numbers, keys = range(1, work.count + 1), work.keys()
    # Accepted in order: the first that is missing is found without reading them all, which would be most of a life.
    accepted = bisect_left(numbers, True, key=lambda number: outbox.get_many([keys[number - 1]]) == [None])
    for first in range(accepted, work.count, ROUND):
        sender.submit_many([make(number) for number in numbers[first : first + ROUND]])
        sender.step()
    for first in range(0, work.count, DRIVEN):
        sender.drive(keys[first : first + DRIVEN], timeout_s=until - time.monotonic())


class Doom:
    """Kills its own process with SIGKILL, a moment after so many exchanges with the node.

    Counted in exchanges and not in time, a life does as much before its death on a busy machine as on a quiet one; and
    counted once it holds its signer, as PostgreSQL needs a while to notice that the life before has died.
    """

    def __init__(self, exchanges: int, moment_s: float) -> None:
        self._left, self._moment_s = exchanges, moment_s
        self._is_at_work = False

    def begin(self) -> None:
        """Count from now on."""
        self._is_at_work = True

    def __call__(self, exchange: Exchange) -> Exchange:
        def counted(body: bytes, max_bytes: int) -> tuple[int, bytes]:
            self._left -= self._is_at_work
            if self._is_at_work and self._left == 0:
                death = threading.Timer(self._moment_s, os.kill, (os.getpid(), signal.SIGKILL))
                death.daemon = True
                death.start()
            return exchange(body, max_bytes)

        return counted


def killed_life(work: Work, doom: Doom) -> bool:
    """A life in a process of its own, to its doom; returns whether it had ended by itself.

    Raises:
        AssertionError: It ended by an error.
    """
    process = multiprocessing.get_context("fork").Process(target=live, args=(work, doom, doom.begin))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code in (0, -signal.SIGKILL), f"a life ended with {code}"
    return code == 0


@dataclass
class Campaign:
    """What a campaign did.

    Attributes:
        killed: Lives that were killed before their work was done.
        nodes_killed: Times that the node was killed too.
        left: States of the rows that each killed life left open, one count for each life and state.
        done: Rows that had ended before the last life began, which was not killed.
    """

    killed: int = 0
    nodes_killed: int = 0
    left: Counter[str] = field(default_factory=Counter)
    done: int = 0


def campaign(work: Work, *, kills: int, seed: int, restart_node: Callable[[], None] | None = None) -> Campaign:
    """Kill lives at random moments, then let one live to its end."""
    dice, told = random.Random(seed), Campaign()
    for cycle in range(kills):
        doom = Doom(dice.randint(1, MAX_EXCHANGES), dice.uniform(0, MOMENT_S))
        if not killed_life(work, doom):
            told.killed += 1
            told.left.update(left_open(work))
        if restart_node is not None and cycle % 4 == 3:
            restart_node()
            told.nodes_killed += 1
        if cycle % 50 == 49:
            print(f"  {cycle + 1} of {kills} lives, {told.killed} of them killed at work", flush=True)
    with closing(Database(work.database)) as database:
        rows = SqlOutbox(database).get_many(work.keys())
    told.done = sum(row is not None and row.state not in OPEN_STATES for row in rows)
    live(work)
    return told


def left_open(work: Work) -> set[str]:
    """States of the open rows that a killed life left behind."""
    with closing(Database(work.database)) as database:
        return {row.state.value for row in SqlOutbox(database).open_rows(work.signer.address, limit=2 * MAX_IN_FLIGHT)}
