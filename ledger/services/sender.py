"""The exactly-once sender: one signer's transactions from ACCEPTED to FINAL (design §7)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.ids import Address
from ledger.ports.chain import ChainReader, ChainWriter
from ledger.ports.contracts import ContractCodec
from ledger.ports.outbox import Outbox, OutboxRow
from ledger.ports.signer import Signer
from ledger.services.effects import Effect


@dataclass(frozen=True)
class Submission:
    """A transaction to be sent exactly once.

    Attributes:
        key: Idempotency key.
        to: Contract called.
        calldata: Full calldata.
        gas: Gas limit.
        effect: How to ask the chain whether it took effect; None: by receipt alone.
    """

    key: str
    to: Address
    calldata: bytes
    gas: int
    effect: Effect | None = None


class Sender:
    """Carries submissions of one signer. Needs `hold()` around `step` and `drive`: one process per signer."""

    def __init__(
        self, reader: ChainReader, writer: ChainWriter, signer: Signer, outbox: Outbox, codec: ContractCodec
    ) -> None:
        raise NotImplementedError

    def submit(self, submission: Submission, *, simulate: bool = True) -> OutboxRow:
        """Accept one: durable when this returns. Needs no lease.

        Raises:
            ActRefused: The simulation was refused; nothing is kept.
            Conflict: Same key, other content.
            Unavailable: Nothing was accepted.
        """
        raise NotImplementedError

    def submit_many(self, submissions: Sequence[Submission], *, simulate: bool = False) -> list[OutboxRow]:
        """`submit` of each in one database transaction."""
        raise NotImplementedError

    def step(self) -> int:
        """One round: look for receipts and effects, sign what is accepted, send what is not mined.

        Returns:
            Number of rows still open.

        Raises:
            Conflict: The signer was used elsewhere; nothing more is signed until an operator decides.
            Unavailable: Node or database away; call again.
        """
        raise NotImplementedError

    def drive(self, keys: Sequence[str], *, timeout_s: float) -> list[OutboxRow]:
        """Step until each row is in an end state. Raises `Unavailable` on timeout."""
        raise NotImplementedError
