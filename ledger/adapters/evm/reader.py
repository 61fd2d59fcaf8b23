"""Pinned reads of one chain through one node.

A call is pinned by block hash (EIP-1898) where the node has that, and else by number with the hash compared in the same
batch (Ganache). Contracts are found through the Directory, whose listing only ever grows: it is read anew when a block
later than the last reading is asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils.crypto import keccak

from ledger.adapters.evm.abi import checksummed
from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.loop_http import LoopExchange
from ledger.adapters.evm.reverts import refusal_of
from ledger.adapters.evm.rpc import (
    EvmRpc,
    Request,
    RpcFailure,
    is_too_large,
    proper,
    quantity,
    receipts_of,
    unhex,
)
from ledger.domain.errors import ActRefused, LimitExceeded, Malformed, NotFound, Unavailable
from ledger.domain.ids import Address, BlockHash, Digest32, TxHash
from ledger.domain.limits import LOG_RANGE_BLOCKS
from ledger.ports.chain import ChainReader, Event, Head, Receipt

Listing = Mapping[str, Sequence[tuple[Address, int]]]
"""Directory name → (address, since [unix s]), oldest first."""
_AskedCall = tuple[str, str, tuple[str, list[Any]]]
MAX_VERSIONS = 256
"""Versions read per Directory name."""
HEADERS_KEPT = 4_096


class EvmReader(ChainReader):
    """One node's view of one ledger."""

    def __init__(self, rpc: EvmRpc, contracts: Contracts, directory: Address, *, finality_depth: int = 0) -> None:
        """Connect lazily.

        Args:
            rpc: A node; give it the chain id and genesis to insist on.
            contracts: ABI.
            directory: The one address a client is configured with.
            finality_depth: Blocks on top of a final block; 0 for a single sealer and for QBFT.
        """
        self._rpc, self._contracts, self._directory, self._depth = rpc, contracts, directory, finality_depth
        self._listing: tuple[int, Listing] = (-1, {})
        self._announced: dict[Address, int] = {}
        self._by_hash: bool | None = None
        self._headers: dict[BlockHash, Head] = {}

    def chain_id(self) -> int:
        """See the port."""
        return self._rpc.chain_id()

    def genesis(self) -> BlockHash:
        """See the port."""
        return self._known_block(0).hash

    def head(self) -> Head:
        """See the port."""
        block = _head(self._rpc.request("eth_getBlockByNumber", "latest", False))
        if block is None:
            raise Unavailable("the node has no block")
        return block

    def final_head(self) -> Head:
        """See the port."""
        newest = self.head()
        return newest if self._depth == 0 else self._known_block(max(0, newest.number - self._depth))

    def blocks(self, numbers: Sequence[int]) -> list[Head | None]:
        """See the port."""
        answers = self._rpc.results([("eth_getBlockByNumber", (hex(number), False)) for number in numbers])
        return [_head(answer) for answer in answers]

    def transactions(self, numbers: Sequence[int]) -> list[list[TxHash]]:
        """See the port."""
        answers = self._rpc.results([("eth_getBlockByNumber", (hex(number), False)) for number in numbers])
        with proper("blocks"):
            for number, found in zip(numbers, answers, strict=True):
                if found is None:
                    raise Unavailable(f"the node has no block at height {number} yet")
            return [[TxHash(unhex(tx_hash)) for tx_hash in found["transactions"]] for found in answers]

    def call(self, contract: str | Address, function: str, args: Sequence[Any] = (), *, at: Head) -> Any:
        """See the port."""
        answer = self.call_many([(contract, function, args)], at=at)[0]
        if isinstance(answer, ActRefused):
            raise answer
        return answer

    def call_many(self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head) -> list[Any]:
        """See the port."""
        asked = self._asked(calls, at)
        return self._answers(asked, self._pinned([request for _, _, request in asked], at))

    def call_many_if_final(
        self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        """See the port: in one round trip where the head is final and state is read by block hash."""
        if self._depth or not self._has_calls_by_hash():
            return super().call_many_if_final(calls, at=at)
        asked = self._asked(calls, at)
        return self._if_final(asked, self._rpc.batch(_with_newest(asked, at)), at)

    async def call_many_if_final_on(
        self, loop: LoopExchange, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], *, at: Head
    ) -> list[Any] | None:
        """The same by one exchange of an event loop's; None also where that does not do. Raises `Unavailable`."""
        if self._depth or not self._by_hash or self._listing[0] < at.number:
            return None
        asked = self._asked(calls, at)  # its contracts are listed, so the node is not asked for them
        answers = await self._rpc.batch_on(loop, _with_newest(asked, at))
        return None if answers is None else self._if_final(asked, answers, at)

    def _if_final(self, asked: Sequence[_AskedCall], answers: Sequence[Any], at: Head) -> list[Any] | None:
        newest, *found = answers
        if isinstance(newest, RpcFailure):
            raise newest
        return self._answers(asked, found) if _head(newest) == at else None

    def _asked(self, calls: Sequence[tuple[str | Address, str, Sequence[Any]]], at: Head) -> list[_AskedCall]:
        """For each call its contract's name, function and request."""
        found = []
        for contract, function, args in calls:
            address, name = self._place(contract, at)
            calldata = "0x" + self._contracts.encode_call(name, function, args).hex()
            request: tuple[str, list[Any]] = ("eth_call", [{"to": address, "data": calldata}])
            found.append((name, function, request))
        return found

    def _answers(self, asked: Sequence[tuple[str, str, Any]], answers: Sequence[Any]) -> list[Any]:
        return [
            self._decoded(name, function, answer) for (name, function, _), answer in zip(asked, answers, strict=True)
        ]

    def code_hash(self, address: Address, *, at: Head) -> Digest32:
        """See the port."""
        return Digest32(keccak(self.code(address, at=at)))

    def code(self, address: Address, *, at: Head) -> bytes:
        """The deployed code; empty where there is none. Raises `Unavailable`."""
        answer = self._pinned([("eth_getCode", [address])], at)[0]
        if isinstance(answer, RpcFailure):
            raise answer
        return unhex(answer)

    def address_of(self, contract: str) -> Address:
        """See the port."""
        return self._place(contract, self.head())[0]

    def is_listed(self, address: Address, contract: str, *, at: Head) -> bool:
        """See the port."""
        listed, _ = self.call(self._directory, "wasListed", (contract.encode().ljust(32, b"\0"), address), at=at)
        return bool(listed)

    def contracts_at(self, at: Head) -> dict[Address, str]:
        """See the port."""
        self._listing_until(at)
        return self._names_listed(at.time)

    def events(self, first: int, last: int, *, contracts: Sequence[Address] | None = None) -> list[Event]:
        """See the port."""
        names = self.contracts_at(self._known_block(last))
        wanted = list(names) if contracts is None else list(contracts)
        return self._events(names, first, last, {"address": wanted})

    def find_events(self, contract: str, event: str, where: Mapping[str, Any], first: int, last: int) -> list[Event]:
        """See the port."""
        names = self.contracts_at(self._known_block(last))
        topics = [topic and "0x" + topic.hex() for topic in self._contracts.topics(contract, event, where)]
        wanted = [address for address, name in names.items() if name == contract]
        return self._events(names, first, last, {"address": wanted, "topics": topics}) if wanted else []

    def events_in(self, numbers: Sequence[int], contract: str, event: str, addresses: Sequence[Address]) -> list[Event]:
        """See the port."""
        topics = [topic and "0x" + topic.hex() for topic in self._contracts.topics(contract, event, {})]
        criteria = {"address": list(addresses), "topics": topics}
        heights = [hex(number) for number in sorted(set(numbers))]
        answers = self._rpc.results(
            [("eth_getLogs", ({**criteria, "fromBlock": height, "toBlock": height},)) for height in heights]
        )
        with proper("logs"):
            logs = [log for answer in answers for log in answer]
            return self._decoded_logs(logs, dict.fromkeys(addresses, contract), self._headers_of(logs))

    def receipts(self, tx_hashes: Sequence[TxHash]) -> list[Receipt | None]:
        """See the port."""
        answers = receipts_of(self._rpc, tx_hashes)
        mined = [answer for answer in answers if answer is not None]
        with proper("receipts"):
            headers = self._headers_of(mined)
            names = self._names_in(mined, headers)
            return [None if answer is None else self._receipt(answer, names, headers) for answer in answers]

    def _receipt(
        self, raw: Mapping[str, Any], names: Mapping[Address, str], headers: Mapping[BlockHash, Head]
    ) -> Receipt:
        return Receipt(
            tx_hash=TxHash(unhex(raw["transactionHash"])),
            succeeded=quantity(raw["status"]) == 1,
            block=headers[BlockHash(unhex(raw["blockHash"]))],
            gas_used=quantity(raw["gasUsed"]),
            sender=checksummed(raw["from"]),
            events=tuple(self._decoded_logs(raw["logs"], names, headers)),
        )

    def _names_in(
        self, receipts: Sequence[Mapping[str, Any]], headers: Mapping[BlockHash, Head]
    ) -> Mapping[Address, str]:
        """Names of the contracts whose logs these are: the Directory is asked again only if one is a stranger."""
        wanted = {checksummed(log["address"]) for receipt in receipts for log in receipt["logs"]}
        if not wanted:
            return {}
        names = self._names_listed()
        if wanted <= names.keys():
            return names
        return self.contracts_at(max(headers.values(), key=lambda block: block.number))

    def _events(self, names: Mapping[Address, str], first: int, last: int, criteria: Mapping[str, Any]) -> list[Event]:
        logs = self._logs(first, last, criteria)
        with proper("logs"):
            return self._decoded_logs(logs, names, self._headers_of(logs))

    def _logs(self, first: int, last: int, criteria: Mapping[str, Any]) -> list[Any]:
        """Raw logs of blocks first..last, both inclusive, which are halved until each answer fits."""
        ranges = [(low, min(low + LOG_RANGE_BLOCKS - 1, last)) for low in range(first, last + 1, LOG_RANGE_BLOCKS)]
        try:
            answers = self._rpc.results(
                [("eth_getLogs", ({**criteria, "fromBlock": hex(low), "toBlock": hex(high)},)) for low, high in ranges]
            )
        except (LimitExceeded, RpcFailure) as error:
            if first == last or not is_too_large(error):
                raise
            middle = (first + last) // 2
            return self._logs(first, middle, criteria) + self._logs(middle + 1, last, criteria)
        with proper("logs"):
            return [log for answer in answers for log in answer]

    def _decoded_logs(
        self, logs: Sequence[Mapping[str, Any]], names: Mapping[Address, str], headers: Mapping[BlockHash, Head]
    ) -> list[Event]:
        events = []
        for log in logs:
            address = checksummed(log["address"])
            name = names.get(address)
            if name is None:
                continue
            decoded = self._contracts.decode_log(name, [unhex(t) for t in log["topics"]], unhex(log["data"]))
            block = headers[BlockHash(unhex(log["blockHash"]))]
            # Its events count since it was announced, so that what is told of a block does not depend on how far the
            # chain had got when it was asked.
            if decoded is not None and block.time >= self._announced.get(address, 0):
                tx_hash = TxHash(unhex(log["transactionHash"]))
                events.append(Event(address, *decoded, block, tx_hash, quantity(log["logIndex"]), name))
        return sorted(events, key=lambda event: (event.block.number, event.log_index))

    def _names_listed(self, until: int | None = None) -> dict[Address, str]:
        """Names in the listing at hand, of contracts announced up to `until` [unix s]."""
        found = ((address, name, since) for name, entries in self._listing[1].items() for address, since in entries)
        names = {address: name for address, name, since in found if until is None or since <= until}
        return {self._directory: "Directory", **names}

    def _headers_of(self, things: Sequence[Mapping[str, Any]]) -> dict[BlockHash, Head]:
        """Headers of the blocks that these logs or receipts are in; a header never changes, so it is kept."""
        wanted = {BlockHash(unhex(thing["blockHash"])) for thing in things}
        found = {block_hash: self._headers[block_hash] for block_hash in wanted if block_hash in self._headers}
        missing = sorted(wanted - found.keys())
        answers = self._rpc.results([("eth_getBlockByHash", ("0x" + h.hex(), False)) for h in missing])
        for block_hash, answer in zip(missing, answers, strict=True):
            header = _head(answer)
            if header is None or header.hash != block_hash:
                raise Unavailable(f"the node forgot block 0x{block_hash.hex()} while it was being read")
            found[block_hash] = header
        if len(self._headers) + len(missing) > HEADERS_KEPT:
            self._headers = {}
        self._headers |= found
        return found

    def _known_block(self, number: int) -> Head:
        found = self.block(number)
        if found is None:
            raise Unavailable(f"the node has no block at height {number} yet")
        return found

    def _place(self, contract: str | Address, at: Head) -> tuple[Address, str]:
        """Address and ABI name of a contract given by either."""
        if contract in (self._directory, "Directory"):
            return self._directory, "Directory"
        if contract.startswith("0x"):
            name = self.contracts_at(at).get(Address(contract))
            if name is None:
                raise NotFound("contract in the Directory", contract)
            return Address(contract), name
        listed = [address for address, since in self._listing_until(at).get(contract, ()) if since <= at.time]
        if not listed:
            raise NotFound("contract in the Directory", contract)
        return listed[-1], contract

    def _listing_until(self, at: Head) -> Listing:
        known, listing = self._listing
        if known >= at.number:
            return listing
        if known >= 0 and not self._directory_changed(known + 1, at.number):
            self._listing = (at.number, listing)
            return listing
        newest = self.head()
        names = self._directory_call([("names", ())], newest)[0]
        found = self._directory_call([("versions", (name, 0, MAX_VERSIONS)) for name in names], newest)
        listing = {
            name.rstrip(b"\0").decode("ascii", "replace"): [(entry["contract_"], entry["since"]) for entry in entries]
            for name, entries in zip(names, found, strict=True)
        }
        entries = sorted((entry for found in listing.values() for entry in found), key=lambda entry: -entry[1])
        self._announced = dict(entries)  # the earliest stays
        self._listing = (newest.number, listing)
        return listing

    def _directory_changed(self, first: int, last: int) -> bool:
        """Whether the Directory said anything in these blocks; True if they are too many to ask."""
        if last - first >= LOG_RANGE_BLOCKS:
            return True
        criteria = {"address": self._directory, "fromBlock": hex(first), "toBlock": hex(last)}
        return bool(self._rpc.request("eth_getLogs", criteria))

    def _directory_call(self, calls: Sequence[tuple[str, Sequence[Any]]], at: Head) -> list[Any]:
        requests = [
            (
                "eth_call",
                [{"to": self._directory, "data": "0x" + self._contracts.encode_call("Directory", name, args).hex()}],
            )
            for name, args in calls
        ]
        answers = [
            self._decoded("Directory", name, answer)
            for (name, _), answer in zip(calls, self._pinned(requests, at), strict=True)
        ]
        for answer in answers:
            if isinstance(answer, ActRefused):
                raise answer
        return answers

    def _pinned(self, requests: Sequence[tuple[str, list[Any]]], at: Head) -> list[Any]:
        """Answers of state requests at exactly `at`; an `RpcFailure` in the place of each that failed."""
        if self._has_calls_by_hash():
            pin = {"blockHash": "0x" + at.hash.hex()}
            return self._rpc.batch([(method, [*params, pin]) for method, params in requests])
        guard: Request = ("eth_getBlockByNumber", (hex(at.number), False))
        by_number = [(method, [*params, hex(at.number)]) for method, params in requests]
        before, *answers, after = self._rpc.batch([guard, *by_number, guard])
        for block in (before, after):
            if isinstance(block, RpcFailure):
                raise block
            if block is None or unhex(block["hash"]) != at.hash:
                raise Unavailable(f"the node has another block at height {at.number}")
        return answers

    def _has_calls_by_hash(self) -> bool:
        if self._by_hash is None:
            genesis = {"blockHash": "0x" + self.genesis().hex()}
            zero = "0x" + "00" * 20
            self._by_hash = not isinstance(self._rpc.batch([("eth_getBalance", (zero, genesis))])[0], RpcFailure)
        return self._by_hash

    def _decoded(self, contract: str, function: str, answer: Any) -> Any:
        if isinstance(answer, RpcFailure):
            refusal = refusal_of(answer, self._contracts)
            if refusal is None:
                raise answer
            return refusal
        if answer is None:
            raise Unavailable("the node has no state for this block")
        try:
            return self._contracts.decode_result(contract, function, unhex(answer))
        except Malformed as error:
            raise Unavailable(f"what the node answered to {contract}.{function} is not its result: {error}") from error


def _with_newest(asked: Sequence[_AskedCall], at: Head) -> list[Request]:
    """The newest block, and calls at one that may be it."""
    pin = {"blockHash": "0x" + at.hash.hex()}
    pinned = [(method, [*params, pin]) for _, _, (method, params) in asked]
    return [("eth_getBlockByNumber", ("latest", False)), *pinned]


def _head(raw: Any) -> Head | None:
    if raw is None:
        return None
    try:
        block_hash, parent = BlockHash(unhex(raw["hash"])), BlockHash(unhex(raw["parentHash"]))
        return Head(quantity(raw["number"]), block_hash, parent, quantity(raw["timestamp"]))
    except (KeyError, TypeError) as error:
        raise Unavailable("the node answered something else than a block") from error
