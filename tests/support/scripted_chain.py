"""A chain in memory for the sender's tests: blocks, a pool, reorganisations, and the habits of each engine.

Its one contract is a forwarder reduced to what the sender can see. Calldata says what a transaction does: `act:NAME`
executes the act NAME once (a repeat reverts), `refuse:NAME` carries it and its target refuses, `revert:NAME` reverts.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ledger.domain.errors import ActRefused, Refused, TamgaError, Unavailable
from ledger.domain.ids import Address, BlockHash, Digest32, TxHash
from ledger.ports.chain import ChainReader, ChainWriter, Event, Head, Receipt
from ledger.ports.signer import Signer
from ledger.services.effects import ActEffect
from ledger.services.submission import Submission

FORWARDER = Address("0x00000000000000000000000000000000000000F0")
SIGNER = Address("0x00000000000000000000000000000000000000A1")
NOBODY = Address("0x0000000000000000000000000000000000000000")
ALREADY_DONE = bytes.fromhex("792f660f")


def act_id(name: str) -> Digest32:
    return Digest32(hashlib.sha256(name.encode()).digest())


def submission(name: str, verb: str = "act", *, judged_by_effect: bool = True) -> Submission:
    """A transaction that does `verb` to the act `name`."""
    effect = ActEffect(FORWARDER, act_id(name), NOBODY, int.from_bytes(act_id(name), "big"))
    return Submission(name, FORWARDER, f"{verb}:{name}".encode(), 100_000, effect if judged_by_effect else None)


class ScriptedSigner(Signer):
    """Signs by writing the transaction down, never twice the same: signing anew would show."""

    signatures = count()

    def __init__(self, address: Address = SIGNER) -> None:
        self._address = address

    @property
    def address(self) -> Address:
        return self._address

    def sign_transaction(self, transaction: Mapping[str, Any]) -> bytes:
        salt = next(self.signatures)
        fields = {**transaction, "data": transaction["data"].decode(), "from": self._address, "salt": salt}
        return json.dumps(fields).encode()

    def sign_message(self, text: str) -> bytes:
        raise NotImplementedError

    def sign_typed_data(self, typed_data: Mapping[str, Any]) -> bytes:
        raise NotImplementedError


@dataclass
class ScriptedBlock:
    head: Head
    raws: list[bytes] = field(default_factory=list)
    receipts: dict[TxHash, Receipt] = field(default_factory=dict)


class ScriptedChain(ChainReader, ChainWriter):
    """One node.

    Attributes:
        automine: A block for each transaction that can be mined.
        depth: Blocks on top of a final one.
        reruns_nonce_zero: As Ganache does.
        block_gas: Gas that a block holds; a pool drops what asks for more, as geth's does.
        keeps_large: As Besu does: what asks for more stays in the pool until another takes its nonce.
        never_taken: Words in the data of transactions that it refuses for ever.
        executions: How often each act took effect, over all time; a reorganisation takes its acts back.
    """

    def __init__(
        self, *, automine: bool = True, depth: int = 0, reruns_nonce_zero: bool = False, keeps_large: bool = False
    ) -> None:
        self.automine, self.depth, self.reruns_nonce_zero = automine, depth, reruns_nonce_zero
        self.block_gas, self.keeps_large = 30_000_000, keeps_large
        self.pool: dict[tuple[str, int], bytes] = {}
        self.chain = [ScriptedBlock(Head(0, BlockHash(b"\0" * 32), BlockHash(b"\0" * 32), 1_000))]
        self.hidden_receipts = False
        self.never_taken: set[str] = set()
        self._salt = 0

    # ----- what tests do to it

    @property
    def executions(self) -> Counter[str]:
        return Counter(
            event.args["name"]
            for block in self.chain
            for receipt in block.receipts.values()
            for event in receipt.events
            if event.name == "ActExecuted"
        )

    def mine(self) -> None:
        """A block of everything that can be mined."""
        parent = self.chain[-1].head
        self._salt += 1
        block_hash = hashlib.sha256(b"%d %d" % (parent.number, self._salt) + parent.hash).digest()
        self.chain.append(ScriptedBlock(Head(parent.number + 1, BlockHash(block_hash), parent.hash, parent.time + 1)))
        while True:
            large = {at for at, raw in self.pool.items() if json.loads(raw)["gas"] > self.block_gas}
            if not self.keeps_large:
                self.pool = {at: raw for at, raw in self.pool.items() if at not in large}
            ready = [at for at in self.pool if at[1] == self._nonce(at[0]) and at not in large]
            if not ready:
                return
            self._execute(self.pool.pop(ready[0]))

    def forget_pool(self) -> None:
        """As a killed node does."""
        self.pool.clear()

    def reorganise(self, blocks: int, *, keep: bool) -> None:
        """Drop the newest blocks; their transactions go back to the pool if `keep`."""
        dropped = self.chain[-blocks:]
        del self.chain[-blocks:]
        for block in dropped:
            for raw in block.raws if keep else ():
                transaction = json.loads(raw)
                self.pool[transaction["from"], transaction["nonce"]] = raw

    def spend_elsewhere(self, nonce: int, data: str = "") -> None:
        """Another program with the same key mines another transaction."""
        other = {"from": SIGNER, "nonce": nonce, "data": data, "gas": 50_000, "to": FORWARDER, "elsewhere": True}
        self.pool[SIGNER, nonce] = json.dumps(other).encode()
        self.mine()

    # ----- ChainReader

    def chain_id(self) -> int:
        return 1

    def genesis(self) -> BlockHash:
        return self.chain[0].head.hash

    def head(self) -> Head:
        return self.chain[-1].head

    def final_head(self) -> Head:
        return self.chain[max(0, len(self.chain) - 1 - self.depth)].head

    def blocks(self, numbers: Sequence[int]) -> list[Head | None]:
        return [self.chain[n].head if n < len(self.chain) else None for n in numbers]

    def transactions(self, numbers: Sequence[int]) -> list[list[TxHash]]:
        return [list(self.chain[number].receipts) for number in numbers]

    def call(self, contract: str, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        assert (contract, function) == (FORWARDER, "isSpent")
        spent = {event.args["nonce"] for event in self._events(0, at.number)}
        return args[1] in spent

    def call_many(self, calls: Sequence[tuple[str, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        return [self.call(contract, function, args, at=at) for contract, function, args in calls]

    def code_hash(self, address: Address, *, at: Head) -> Digest32:
        raise NotImplementedError

    def address_of(self, contract: str) -> Address:
        return FORWARDER

    def contracts_at(self, at: Head) -> Mapping[Address, str]:
        return {FORWARDER: "ActForwarder"}

    def is_listed(self, address: Address, contract: str, *, at: Head) -> bool:
        return address == FORWARDER

    def events(self, first: int, last: int, *, contracts: Sequence[Address] | None = None) -> list[Event]:
        return list(self._events(first, last))

    def find_events(self, contract: str, event: str, where: Mapping[str, Any], first: int, last: int) -> list[Event]:
        return [
            found
            for found in self._events(first, last)
            if found.name == event and all(found.args[name] == value for name, value in where.items())
        ]

    def events_in(self, numbers: Sequence[int], contract: str, event: str, addresses: Sequence[Address]) -> list[Event]:
        found = [each for number in sorted(set(numbers)) for each in self._events(number, number)]
        return [each for each in found if each.name == event and each.contract in addresses]

    def receipts(self, tx_hashes: Sequence[TxHash]) -> list[Receipt | None]:
        if self.hidden_receipts:
            return [None] * len(tx_hashes)
        found = {tx_hash: receipt for block in self.chain for tx_hash, receipt in block.receipts.items()}
        return [found.get(tx_hash) for tx_hash in tx_hashes]

    # ----- ChainWriter

    def send_many(self, raws: Sequence[bytes]) -> list[TamgaError | None]:
        return [self._send(raw) for raw in raws]

    def transaction_hash(self, raw: bytes) -> TxHash:
        return TxHash(hashlib.sha256(raw).digest())

    def nonce_at(self, sender: Address, *, at: Head) -> int:
        return self._nonce(sender, at.number)

    def has_base_fee(self) -> bool:
        return False

    def gas_limit(self) -> int:
        return self.block_gas

    def simulate(self, sender: Address, to: Address, calldata: bytes, *, gas: int | None = None) -> bytes:
        verb, _, name = calldata.decode().partition(":")
        if verb == "revert" or (verb == "act" and name in self.executions):
            raise ActRefused("AlreadyDone", {"key": act_id(name)})
        return b"\1"

    # ----- inside

    def _send(self, raw: bytes) -> TamgaError | None:
        transaction = json.loads(raw)
        sender, nonce = transaction["from"], transaction["nonce"]
        if nonce == 0 and self.reruns_nonce_zero and self._nonce(sender):
            self.chain.append(ScriptedBlock(Head(len(self.chain), BlockHash(self._next_hash()), self.head().hash, 0)))
            self._execute(raw)
            return None
        if nonce < self._nonce(sender):
            return None  # nonce too low
        if any(word in transaction["data"] for word in self.never_taken):
            return Refused("the node will never take this transaction: intrinsic gas too low")
        if transaction["gas"] > self.block_gas:
            return Refused("the node will never take this transaction: exceeds block gas limit")
        if self.pool.get((sender, nonce), raw) != raw and not self.keeps_large:
            return Unavailable("replacement transaction underpriced")
        self.pool[sender, nonce] = raw
        if self.automine:
            self.mine()
        return None

    def _next_hash(self) -> bytes:
        self._salt += 1
        return hashlib.sha256(b"again %d" % self._salt).digest()

    def _nonce(self, sender: str, until: int | None = None) -> int:
        blocks = self.chain if until is None else self.chain[: until + 1]
        return len({json.loads(r)["nonce"] for b in blocks for r in b.raws if json.loads(r)["from"] == sender})

    def _events(self, first: int, last: int) -> Iterable[Event]:
        for block in self.chain[first : last + 1]:
            for receipt in block.receipts.values():
                yield from receipt.events

    def _execute(self, raw: bytes) -> None:
        block = self.chain[-1]
        verb, _, name = json.loads(raw)["data"].partition(":")
        tx_hash = self.transaction_hash(raw)
        done = name and name in self.executions
        succeeded = verb != "revert" and not (verb == "act" and done)
        events: tuple[Event, ...] = ()
        if succeeded and name:
            kind = "ActRefused" if verb == "refuse" else "ActExecuted"
            number = int.from_bytes(act_id(name), "big")
            args = {"actId": act_id(name), "nonce": number, "name": name, "reason": ALREADY_DONE + act_id(name)}
            events = (Event(FORWARDER, kind, args, block.head, tx_hash, 0, "ActForwarder"),)
        block.raws.append(raw)
        sender = Address(json.loads(raw)["from"])
        block.receipts[tx_hash] = Receipt(tx_hash, succeeded, block.head, 21_000, sender, events)
