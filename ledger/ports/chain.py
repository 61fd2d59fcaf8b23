"""What the services need from an EVM chain.

All reads are pinned to a block that the caller chose; nothing here reads "latest" behind a caller's back.
Contracts are named by their entry in the Directory (`DocumentRegistry`), functions and events by their ABI name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.ids import Address, BlockHash, Digest32, TxHash


@dataclass(frozen=True)
class Head:
    """A block header's identity.

    Attributes:
        number: Height.
        hash: Block hash.
        parent: Hash of the block before.
        time: Block time [unix s].
    """

    number: int
    hash: BlockHash
    parent: BlockHash
    time: int


@dataclass(frozen=True)
class Event:
    """One decoded log.

    Attributes:
        contract: Address that emitted it.
        name: Event name in that contract's ABI.
        args: Arguments by name; `bytesN` as bytes, addresses checksummed.
        block: The block that holds it.
        tx_hash: The transaction that holds it.
        log_index: Position in the block.
    """

    contract: Address
    name: str
    args: Mapping[str, Any]
    block: Head
    tx_hash: TxHash
    log_index: int


@dataclass(frozen=True)
class Receipt:
    """What became of a transaction.

    Attributes:
        succeeded: Status 1. A relayed act may still have been refused: look at its events.
        block: The block that holds it.
        gas_used: Gas.
        sender: Who sent it.
        events: Decoded logs of known contracts, in order.
    """

    tx_hash: TxHash
    succeeded: bool
    block: Head
    gas_used: int
    sender: Address
    events: tuple[Event, ...]


class ChainReader(ABC):
    """Pinned reads of one chain.

    Every method raises `Unavailable` when no node answers in time, answers with another chain, or cannot
    answer for that block (pruned); a contract's own error raises `ActRefused`.
    """

    @abstractmethod
    def chain_id(self) -> int:
        """Chain id, checked against the configured one."""

    @abstractmethod
    def genesis(self) -> BlockHash:
        """Hash of block 0."""

    @abstractmethod
    def head(self) -> Head:
        """The newest block."""

    @abstractmethod
    def final_head(self) -> Head:
        """The newest block that this profile calls final (single sealer and QBFT: the head itself)."""

    @abstractmethod
    def block(self, number: int) -> Head | None:
        """The block at that height; None above the head."""

    @abstractmethod
    def call(self, contract: str | Address, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        """Return a view function's decoded answer at `at` (a tuple if it has several outputs)."""

    @abstractmethod
    def call_many(self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        """Like `call` for each, in as few round trips as the node allows; a revert is returned as `ActRefused`."""

    @abstractmethod
    def code_hash(self, address: Address, *, at: Head) -> Digest32:
        """keccak-256 of the deployed code."""

    @abstractmethod
    def address_of(self, contract: str) -> Address:
        """Current address of a Directory entry."""

    @abstractmethod
    def is_listed(self, address: Address, contract: str, *, at: Head) -> bool:
        """Whether the Directory ever listed `address` under that name, up to `at`."""

    @abstractmethod
    def events(self, first: int, last: int, *, contracts: Sequence[Address] | None = None) -> list[Event]:
        """Decoded logs of blocks first..last, both inclusive, in order, of all known contracts or of those given."""

    @abstractmethod
    def receipt(self, tx_hash: TxHash) -> Receipt | None:
        """The receipt, or None while there is none."""


class ChainWriter(ABC):
    """Raw access that the outbox needs; knows nothing of acts."""

    @abstractmethod
    def send_raw(self, raw: bytes) -> None:
        """Offer a signed transaction. Returns for "known" answers too. Raises `Unavailable` for an unknown outcome."""

    @abstractmethod
    def nonce_at(self, sender: Address, *, at: Head) -> int:
        """Transactions of `sender` mined up to `at`."""

    @abstractmethod
    def has_base_fee(self) -> bool:
        """Whether the newest block carries `baseFeePerGas` (type 2 transactions), or not (legacy)."""

    @abstractmethod
    def simulate(self, sender: Address, to: Address, calldata: bytes) -> None:
        """Run a transaction without sending it. Raises `ActRefused` with the contract's error."""
