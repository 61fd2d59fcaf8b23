"""A chain in memory that can be told to fail: every method of the reader, in scripted order, with any error."""

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from ledger.domain.errors import ActRefused, TamgaError, Unavailable
from ledger.domain.ids import Address, BlockHash, Digest32, TxHash
from ledger.ports.chain import ChainReader, Event, Head, Receipt

Answer = Callable[[tuple[Any, ...], Head], Any]

GENESIS_PARENT = BlockHash(bytes(32))


def block_hash(parent: bytes, number: int, time: int, fork: str = "") -> BlockHash:
    return BlockHash(hashlib.sha256(b"%b|%d|%d|%b" % (parent, number, time, fork.encode())).digest())


def contract_address(name: str) -> Address:
    return Address(to_checksum_address(hashlib.sha256(name.encode()).digest()[:20]))


class FakeChain(ChainReader):
    """Blocks, events and view answers held in lists; `fail(method, error)` makes the next call of a method raise."""

    def __init__(self, *, chain_id: int = 1337, start: int = 1_700_000_000) -> None:
        self._chain_id = chain_id
        self.blocks_: list[Head] = [Head(0, block_hash(GENESIS_PARENT, 0, start), GENESIS_PARENT, start)]
        self.events_: dict[int, list[Event]] = defaultdict(list)
        self.final_depth = 0
        self.answers: dict[tuple[str, str], Answer] = {}
        self.listed: set[tuple[Address, str]] = set()
        self.faults: dict[str, deque[TamgaError]] = defaultdict(deque)
        self.calls: list[str] = []
        self.is_off = False

    # ----- script

    def fail(self, method: str, *errors: TamgaError) -> None:
        self.faults[method].extend(errors)

    def between(self, first: int, last: int) -> list[Head]:
        return self.blocks_[first : last + 1]

    def switch_off(self) -> None:
        self.is_off = True

    def mine(self, *events: tuple[str, str, Mapping[str, Any]], seconds: int = 1, fork: str = "") -> Head:
        parent = self.blocks_[-1]
        number, time = parent.number + 1, parent.time + seconds
        block = Head(number, block_hash(parent.hash, number, time, fork), parent.hash, time)
        self.blocks_.append(block)
        for index, (contract, name, args) in enumerate(events):
            tx = TxHash(hashlib.sha256(block.hash + bytes([index])).digest())
            self.events_[number].append(Event(contract_address(contract), name, args, block, tx, index, contract))
        return block

    def fork_at(self, number: int) -> None:
        """Forget every block above `number`."""
        del self.blocks_[number + 1 :]
        for height in [n for n in self.events_ if n > number]:
            del self.events_[height]

    def answer(self, contract: str, function: str, answer: Answer) -> None:
        self.answers[contract, function] = answer

    # ----- port

    def chain_id(self) -> int:
        self._enter("chain_id")
        return self._chain_id

    def genesis(self) -> BlockHash:
        self._enter("genesis")
        return self.blocks_[0].hash

    def head(self) -> Head:
        self._enter("head")
        return self.blocks_[-1]

    def final_head(self) -> Head:
        self._enter("final_head")
        return self.blocks_[max(0, len(self.blocks_) - 1 - self.final_depth)]

    def blocks(self, numbers: Sequence[int]) -> list[Head | None]:
        self._enter("blocks")
        return [self.blocks_[number] if number < len(self.blocks_) else None for number in numbers]

    def transactions(self, numbers: Sequence[int]) -> list[list[TxHash]]:
        self._enter("transactions")
        return [list(dict.fromkeys(event.tx_hash for event in self.events_.get(n, ()))) for n in numbers]

    def call(self, contract: str | Address, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        self._enter("call")
        return self._answer(contract, function, args, at)

    def call_many(self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        self._enter("call_many")
        answers: list[Any] = []
        for contract, function, args in calls:
            try:
                answers.append(self._answer(contract, function, args, at))
            except ActRefused as refusal:
                answers.append(refusal)
        return answers

    def code_hash(self, address: Address, *, at: Head) -> Digest32:
        self._enter("code_hash")
        return Digest32(hashlib.sha256(address.encode()).digest())

    def address_of(self, contract: str) -> Address:
        self._enter("address_of")
        return contract_address(contract)

    def is_listed(self, address: Address, contract: str, *, at: Head) -> bool:
        self._enter("is_listed")
        return address == contract_address(contract) or (address, contract) in self.listed

    def contracts_at(self, at: Head) -> dict[Address, str]:
        self._enter("contracts_at")
        names = {name for name, _ in self.answers}
        return {contract_address(name): name for name in names}

    def events(self, first: int, last: int, *, contracts: Sequence[Address] | None = None) -> list[Event]:
        self._enter("events")
        found = [e for n in range(first, last + 1) for e in self.events_.get(n, ())]
        return [e for e in found if contracts is None or e.contract in contracts]

    def find_events(self, contract: str, event: str, where: Mapping[str, Any], first: int, last: int) -> list[Event]:
        found = self.events(first, last)
        same = [e for e in found if e.contract_name == contract and e.name == event]
        return [e for e in same if all(e.args.get(name) == value for name, value in where.items())]

    def events_in(self, numbers: Sequence[int], contract: str, event: str, addresses: Sequence[Address]) -> list[Event]:
        self._enter("events_in")
        found = [each for number in sorted(set(numbers)) for each in self.events_.get(number, ())]
        return [e for e in found if (e.contract_name, e.name) == (contract, event) and e.contract in addresses]

    def receipts(self, tx_hashes: Sequence[TxHash]) -> list[Receipt | None]:
        self._enter("receipts")
        by_tx: dict[TxHash, list[Event]] = defaultdict(list)
        for events in self.events_.values():
            for event in events:
                by_tx[event.tx_hash].append(event)
        return [self._receipt(tx, by_tx[tx]) if tx in by_tx else None for tx in tx_hashes]

    def _receipt(self, tx: TxHash, events: Sequence[Event]) -> Receipt:
        return Receipt(tx, True, events[0].block, 21_000, contract_address("sender"), tuple(events))

    def _answer(self, contract: str | Address, function: str, args: Sequence[Any], at: Head) -> Any:
        name = next((n for n, f in self.answers if contract_address(n) == contract and f == function), contract)
        return self.answers[name, function](tuple(args), at)

    def _enter(self, method: str) -> None:
        self.calls.append(method)
        if self.is_off:
            raise Unavailable("no node answers")
        if self.faults[method]:
            raise self.faults[method].popleft()
