"""Acts accepted but not yet final: the only thing that a lost database would lose.

ACCEPTED (request durable) → SIGNED (raw transaction and nonce durable, before the first send) → SENT → MINED → FINAL;
or REFUSED (a final block shows that it had no effect), or CONFLICT (our nonce is spent at a final block and neither our
receipt nor our effect is there: the signer was used elsewhere).

A row that the node refuses stays open with `NODE_REFUSES`, and is offered again and again: perhaps the node's settings
are mended. Until then its operator may decide to give it up or to have it signed anew, once its nonce is spent on
nothing.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, final

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


ABANDONED: Final = "Abandoned"
"""Error of a row that its operator gave up: nothing tries it again."""
RENEWED: Final = "Renewed"
"""Error of an open row that its operator wants to be signed anew, under another nonce."""
NODE_REFUSES: Final = "NodeRefuses"
"""Error of an open row that the node does not take."""
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
        error: JSON of the error when REFUSED: the contract's, or one of `refusal_texts.OWN`; text when CONFLICT. Of an
            open row: `NODE_REFUSES`, or what its operator decided then.
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

    @property
    def trouble(self) -> str | None:
        """Name of an open row's error: `NODE_REFUSES`, `RENEWED` or `ABANDONED`."""
        return error_name(self.error) if self.state in OPEN_STATES else None

    @property
    def is_decided(self) -> bool:
        """Whether its operator decided about an open row."""
        return self.trouble in (ABANDONED, RENEWED)


def error_name(error: str | None) -> str | None:
    """The name in an error as JSON."""
    return None if error is None else str(json.loads(error)["error"])


def is_decision(error: str | None) -> bool:
    """Whether an open row's error is its operator's decision."""
    return error_name(error) in (ABANDONED, RENEWED)


@dataclass(frozen=True)
class Release:
    """A transaction that does nothing, under the nonce of a row that no block can hold, or that was decided about.

    Only one of the two can be mined; either way the nonce is spent, and the signer goes on.

    Attributes:
        signer, nonce: The row's.
        raw, tx_hash: The transaction.
        block_gas: Gas that a block held when it was signed.
    """

    signer: Address
    nonce: int
    raw: bytes
    tx_hash: TxHash
    block_gas: int


class Outbox(ABC):
    """Durable rows; each method is one database transaction. Raises `Unavailable` when the database is away.

    `advance_many`, `release` and `reopen` need the signer's lease, and fail with `Unavailable` once another process
    holds it.
    """

    @final
    def accept(self, row: OutboxRow) -> OutboxRow:
        """Insert, or return the row already there under its key. Raises `Conflict` if its request hash differs."""
        return self.accept_many([row])[0]

    @abstractmethod
    def accept_many(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """`accept` of each, all or none."""

    @final
    def get(self, key: str) -> OutboxRow | None:
        """The row, if any."""
        return self.get_many([key])[0]

    @abstractmethod
    def get_many(self, keys: Sequence[str]) -> list[OutboxRow | None]:
        """`get` of each."""

    @abstractmethod
    def open_rows(self, signer: Address, *, limit: int) -> list[OutboxRow]:
        """At most `limit` rows not in an end state: by nonce, then unsigned ones in order of acceptance."""

    @abstractmethod
    def count_open(self, signer: Address, actor: Address | None = None) -> int:
        """How many of `signer`'s rows are not in an end state, and carry acts of `actor` if one is named."""

    @abstractmethod
    def signers(self) -> list[Address]:
        """Every signer that has a row, in order of address."""

    @abstractmethod
    def in_state(self, signer: Address, state: OutboxState) -> list[OutboxRow]:
        """Rows of `signer` in `state`, by nonce."""

    @abstractmethod
    def at_nonces(self, signer: Address, first: int, last: int) -> list[OutboxRow]:
        """Rows of any state whose nonce is in first..last, both inclusive."""

    @abstractmethod
    def next_nonce(self, signer: Address) -> int:
        """One above the highest nonce ever stored for `signer`; 0 if none."""

    @final
    def advance(self, row: OutboxRow, *, expected: OutboxState) -> OutboxRow:
        """Write `row` over the stored one, whose state must be `expected`. Raises `Conflict` otherwise."""
        self.advance_many([(row, expected)])
        return row

    @abstractmethod
    def advance_many(self, moves: Sequence[tuple[OutboxRow, OutboxState]]) -> None:
        """`advance` of each, all or none.

        Raises:
            Conflict: A row is not in its expected state, or its nonce is taken: (signer, nonce) is unique, and a
                stored raw transaction is never replaced by another. Only a row that is `RENEWED` may go back to
                ACCEPTED.
        """

    @abstractmethod
    def release(self, releases: Sequence[Release]) -> None:
        """Keep releases of nonces, all or none. Raises `Conflict` where a nonce has one: it is never signed again."""

    @abstractmethod
    def releases(self, signer: Address, first: int, last: int) -> list[Release]:
        """Releases of nonces in first..last, both inclusive, in their order."""

    @abstractmethod
    def reopen(self, signer: Address, from_nonce: int) -> None:
        """A reorganisation: SENT and MINED rows at and above `from_nonce` go back to SIGNED."""

    @abstractmethod
    def renew(self, key: str) -> OutboxRow:
        """An operator's decision: a CONFLICT row goes back to ACCEPTED, to be signed with a new nonce.

        Safe, because the old nonce is spent at a final block by another transaction. A row that the node refuses stays
        open as `RENEWED`, until that is so. Raises `NotFound` or `Conflict`.
        """

    @abstractmethod
    def abandon(self, key: str, reason: str) -> OutboxRow:
        """An operator's decision: a row in CONFLICT, or REFUSED, ends REFUSED with `ABANDONED` and the reason.

        Safe, because nothing of it can be mined any more. A row that the node refuses stays open with it, until that is
        so. Raises `NotFound`, or `Conflict` for a row in another state.
        """

    @abstractmethod
    def lease(self, signer: Address) -> AbstractContextManager[None]:
        """Hold the signer for this process. Raises `Unavailable` naming the holder while another has it."""
