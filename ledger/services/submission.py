"""What a signer is asked to send exactly once."""

import hashlib
from dataclasses import dataclass

from ledger.domain.ids import Address, Digest32
from ledger.ports.outbox import OutboxRow, OutboxState
from ledger.services import effects
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

    def request_hash(self) -> Digest32:
        """SHA-256 over what makes two submissions under one key the same."""
        parts = (self.to.encode(), self.gas.to_bytes(8, "big"), self.calldata)
        return Digest32(hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest())

    def row(self, signer: Address) -> OutboxRow:
        """What is kept of it when it is accepted for a signer."""
        return OutboxRow(
            key=self.key,
            request_hash=self.request_hash(),
            signer=signer,
            to=self.to,
            calldata=self.calldata,
            gas=self.gas,
            state=OutboxState.ACCEPTED,
            effect=None if self.effect is None else effects.to_json(self.effect),
        )
