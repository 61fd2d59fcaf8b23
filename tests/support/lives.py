"""A sender over a fake chain and a real outbox, killed and started again as a test likes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.sql.database import Database
from ledger.adapters.sql.outbox import SqlOutbox
from ledger.domain.errors import Unavailable
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services.sender import Sender
from tests.support.faults import Faults, Killed
from tests.support.scripted_chain import SIGNER, ScriptedChain, ScriptedSigner, submission

CODEC = Contracts.packaged()


@dataclass
class World:
    """What outlives a process: the chain and the database's address."""

    chain: ScriptedChain
    url: str
    ticks: Iterator[int] = field(default_factory=count)

    @classmethod
    def new(cls, url: str, **habits: bool | int) -> "World":
        return cls(ScriptedChain(**habits), url)  # type: ignore[arg-type]

    @contextmanager
    def process(self, faults: Faults | None = None) -> Iterator[tuple[Sender, SqlOutbox]]:
        """A process: a sender and its outbox, every port call of which may fail."""
        faults = faults or Faults(0)
        database = Database(self.url)
        outbox = SqlOutbox(database)
        chain, signer = faults.wrap("chain", self.chain), faults.wrap("signer", ScriptedSigner())
        wrapped = faults.wrap("outbox", outbox)
        ticks = self.ticks
        sender = Sender(
            chain, chain, signer, wrapped, CODEC, monotonic=lambda: float(next(ticks)), pause=self._let_time_pass
        )
        try:
            yield sender, outbox
        finally:
            database.close()

    def live(self, faults: Faults, names: list[str]) -> bool:
        """One life of a client and its process: submit, then drive to the end. Returns whether it got there."""
        with self.process(faults) as (sender, _):
            try:
                for name in names:
                    self._insist(sender, name)
                with sender.hold():
                    sender.drive(names, timeout_s=10_000)
                    while sender.step():  # what filled a gap
                        self._let_time_pass(0)
            except (Killed, Exception):  # noqa: BLE001 - whatever ends a life, the next one has to make good
                return False
            return True

    def _insist(self, sender: Sender, name: str) -> None:
        while True:
            try:
                sender.submit(submission(name))
            except Unavailable:
                continue
            return

    def _let_time_pass(self, _seconds: float) -> None:
        if self.chain.depth:
            self.chain.mine()

    def rows(self) -> list[OutboxRow]:
        with self.process() as (_, outbox):
            return sorted(
                (row for state in OutboxState for row in outbox.in_state(SIGNER, state)),
                key=lambda row: -1 if row.nonce is None else row.nonce,
            )

    def transactions(self) -> list[str]:
        """Calldata of everything mined, in order."""
        return [json.loads(raw)["data"] for block in self.chain.chain for raw in block.raws]
