"""What the services need from an EVM chain.

All reads are pinned to a block that the caller chose; nothing here reads "latest" behind a caller's back.
Contracts are named by their entry in the Directory (`DocumentRegistry`), functions and events by their ABI name.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from ledger.domain.errors import TamgaError
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
        contract_name: Directory name under which the address is listed.
    """

    contract: Address
    name: str
    args: Mapping[str, Any]
    block: Head
    tx_hash: TxHash
    log_index: int
    contract_name: str = ""


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

    @final
    def block(self, number: int) -> Head | None:
        """The block at that height; None above the head."""
        return self.blocks([number])[0]

    @abstractmethod
    def blocks(self, numbers: Sequence[int]) -> list[Head | None]:
        """`block` of each, in as few round trips as the node allows."""

    @abstractmethod
    def transactions(self, numbers: Sequence[int]) -> list[list[TxHash]]:
        """Hashes of each block's transactions, in order. Raises `Unavailable` above the head."""

    @abstractmethod
    def call(self, contract: str | Address, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        """Return a view function's decoded answer at `at` (a tuple if it has several outputs)."""

    @abstractmethod
    def call_many(self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        """Like `call` for each, in as few round trips as the node allows; a revert is returned as `ActRefused`."""

    def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        """`call_many` at a block seen before, if it still is the newest final one; None if it is not."""
        return self.call_many(calls, at=at) if self.final_head() == at else None

    @abstractmethod
    def code_hash(self, address: Address, *, at: Head) -> Digest32:
        """keccak-256 of the deployed code."""

    @abstractmethod
    def address_of(self, contract: str) -> Address:
        """Newest address of a Directory entry. Raises `NotFound`."""

    @abstractmethod
    def contracts_at(self, at: Head) -> Mapping[Address, str]:
        """Every address that the Directory ever listed up to `at`, with its name; the Directory itself included."""

    @abstractmethod
    def is_listed(self, address: Address, contract: str, *, at: Head) -> bool:
        """Whether the Directory ever listed `address` under that name, up to `at`."""

    @abstractmethod
    def events(self, first: int, last: int, *, contracts: Sequence[Address] | None = None) -> list[Event]:
        """Decoded logs of blocks first..last, both inclusive, in order, of all known contracts or of those given."""

    @abstractmethod
    def find_events(self, contract: str, event: str, where: Mapping[str, Any], first: int, last: int) -> list[Event]:
        """Events of every version of `contract` in blocks first..last whose indexed arguments equal `where`."""

    @abstractmethod
    def events_in(self, numbers: Sequence[int], contract: str, event: str, addresses: Sequence[Address]) -> list[Event]:
        """Events of that name at these addresses, versions of `contract`, in the blocks at these heights, in order.

        In as few round trips as the node allows, however many blocks they are and however far from each other.
        """

    @final
    def receipt(self, tx_hash: TxHash) -> Receipt | None:
        """The receipt, or None while there is none."""
        return self.receipts([tx_hash])[0]

    @abstractmethod
    def receipts(self, tx_hashes: Sequence[TxHash]) -> list[Receipt | None]:
        """`receipt` of each, in as few round trips as the node allows."""


class LoopReader(ABC):
    """What of a `ChainReader` an event loop may ask by itself, without a thread. Used by one loop."""

    @abstractmethod
    async def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        """As `ChainReader` does, in one exchange; None also where that does not do. Raises `Unavailable`."""

    @abstractmethod
    async def hangs(self) -> bool:
        """Whether it is known that questions are left without an answer: then nobody should wait for one."""

    @abstractmethod
    async def close(self) -> None:
        """Give the connection back."""


class ChainWriter(ABC):
    """Raw access that the outbox needs; knows nothing of acts."""

    @final
    def send_raw(self, raw: bytes) -> None:
        """Offer a signed transaction. Returns for "known" and "nonce too low" too: then look for the receipt.

        Raises:
            Unavailable: Outcome unknown; it may have been taken.
            Refused: The node will never take this transaction; the text is the node's.
        """
        failure = self.send_many([raw])[0]
        if failure is not None:
            raise failure

    @abstractmethod
    def send_many(self, raws: Sequence[bytes]) -> list[TamgaError | None]:
        """`send_raw` of each in order, in as few round trips as the node allows; failures are returned, not raised."""

    @abstractmethod
    def transaction_hash(self, raw: bytes) -> TxHash:
        """The hash under which the chain knows a raw transaction; pure."""

    @abstractmethod
    def nonce_at(self, sender: Address, *, at: Head) -> int:
        """Transactions of `sender` mined up to `at`."""

    @abstractmethod
    def has_base_fee(self) -> bool:
        """Whether the newest block carries `baseFeePerGas` (type 2 transactions), or not (legacy)."""

    @abstractmethod
    def gas_limit(self) -> int:
        """Gas limit of the newest block: no transaction can ask for more."""

    @abstractmethod
    def simulate(self, sender: Address, to: Address, calldata: bytes, *, gas: int | None = None) -> bytes:
        """Run a transaction on the newest state without sending it; return its output.

        Raises:
            ActRefused: The contract's error.
            Unavailable: No answer.
        """
