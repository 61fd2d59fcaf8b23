"""Acts accepted but not yet final: the only thing that a lost database would lose.

ACCEPTED (request durable) → SIGNED (raw transaction and nonce durable, before the first send) → SENT → MINED → FINAL;
or REFUSED (a final block shows that it had no effect), or CONFLICT (our nonce is spent at a final block and neither our
receipt nor our effect is there: the signer was used elsewhere).
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.ids import Address, BlockHash, Digest32, TxHash


class OutboxState(StrEnum):
    """State of a row; see the module's docstring."""

    ACCEPTED = "ACCEPTED"
    SIGNED = "SIGNED"
    SENT = "SENT"
    MINED = "MINED"
    FINAL = "FINAL"
    REFUSED = "REFUSED"
    CONFLICT = "CONFLICT"


OPEN_STATES = (OutboxState.ACCEPTED, OutboxState.SIGNED, OutboxState.SENT, OutboxState.MINED)


@dataclass(frozen=True)
class OutboxRow:
    """One act on its way.

    Attributes:
        key: Idempotency key, unique for the signer's participant.
        request_hash: SHA-256 of the request; the same key with another hash is a conflict.
        signer: Address that signs the transaction (for relayed acts: the relayer's).
        to: Contract called.
        calldata: Full calldata.
        gas: Gas limit, fixed per act.
        effect: How to ask the chain whether it took effect, as JSON; None: by receipt alone.
        nonce, raw, tx_hash: Set when SIGNED.
        block_number, block_hash: Set when MINED.
        error: JSON of the contract's error when REFUSED, text when CONFLICT.
    """

    key: str
    request_hash: Digest32
    signer: Address
    to: Address
    calldata: bytes
    gas: int
    state: OutboxState
    effect: str | None = None
    nonce: int | None = None
    raw: bytes | None = None
    tx_hash: TxHash | None = None
    block_number: int | None = None
    block_hash: BlockHash | None = None
    error: str | None = None


class Outbox(ABC):
    """Durable rows; each method is one database transaction. Raises `Unavailable` when the database is away."""

    @abstractmethod
    def accept(self, row: OutboxRow) -> OutboxRow:
        """Insert, or return the row already there under its key. Raises `Conflict` if its request hash differs."""

    @abstractmethod
    def get(self, key: str) -> OutboxRow | None:
        """The row, if any."""

    @abstractmethod
    def open_rows(self, signer: Address) -> Sequence[OutboxRow]:
        """Rows not in an end state: by nonce, then unsigned ones by age."""

    @abstractmethod
    def advance(self, row: OutboxRow, *, expected: OutboxState) -> OutboxRow:
        """Write `row` over the stored one, whose state must be `expected`. Raises `Conflict` otherwise."""

    @abstractmethod
    def reopen(self, signer: Address, from_nonce: int) -> None:
        """A reorganisation: MINED rows at and above `from_nonce` go back to SIGNED."""

    @abstractmethod
    def lease(self, signer: Address) -> AbstractContextManager[None]:
        """Hold the signer for this process. Raises `Unavailable` naming the holder while another has it."""
