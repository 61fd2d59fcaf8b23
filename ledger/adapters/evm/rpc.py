"""JSON-RPC over HTTP: batches, timeouts, errors told apart.

Whatever goes wrong here is `Unavailable`: the outcome of a request without a proper answer is unknown. A node's own
error is `RpcFailure`, a kind of `Unavailable` too, so that whoever does not recognise it treats it as unknown.
`web3_provider` is web3.py over the same connections and with the same checks.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from types import TracebackType
from typing import Any, Self

import orjson

from ledger.adapters.addresses import shown
from ledger.adapters.evm.http import Exchange, KeptConnections
from ledger.adapters.evm.loop_http import LoopConnection, LoopExchange
from ledger.domain.errors import LimitExceeded, Malformed, Unavailable
from ledger.domain.ids import BlockHash, TxHash
from ledger.domain.limits import MAX_LOOP_ANSWER_BYTES, MAX_RPC_ANSWER_BYTES, RPC_BATCH

INDEXING = "indexing is in progress"
LIMIT_EXCEEDED = -32005
"""EIP-1474; Besu says it of a range of blocks."""
TOO_LARGE = ("response too large", "exceeds max")
"""geth of what comes after its 25 MB of a batch (-32003); Besu of a range."""
Request = tuple[str, Sequence[Any]]
"""Method and parameters."""


class RpcFailure(Unavailable):
    """The node answered with an error object.

    Attributes:
        rpc_code: Its `code`.
        text: Its `message`.
        data: Its `data`, of any shape.
    """

    def __init__(self, rpc_code: int, text: str, data: Any = None) -> None:
        self.rpc_code, self.text, self.data = rpc_code, text, data
        super().__init__(f"the node answered with an error: {text} ({rpc_code})")


class EvmRpc:
    """One node of one chain; may be used by several threads."""

    def __init__(
        self,
        url: str,
        *,
        chain_id: int | None = None,
        genesis: BlockHash | None = None,
        timeout_s: float = 10.0,
        exchange: Exchange | None = None,
    ) -> None:
        """Connect lazily.

        Args:
            url: http(s) address of the node.
            chain_id: What the node must answer, asked before the first request and after each outage.
            genesis: The same for the hash of block 0.
            timeout_s: For one HTTP exchange [s].
            exchange: In place of HTTP connections; for tests.
        """
        self.url, self._timeout_s = url, timeout_s
        self._ids = count()
        self._expected = (chain_id, genesis)
        self._checked = chain_id is None and genesis is None
        self._connections = KeptConnections(url, timeout_s)
        self._post_bytes = exchange or self._connections

    def close(self) -> None:
        """Give the connections back."""
        self._connections.close()

    def on_loop(self) -> LoopConnection:
        """A connection for an event loop, beside those of threads."""
        return LoopConnection(self._connections.node, self._timeout_s, self._connections.hanging)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def request(self, method: str, *params: Any) -> Any:
        """The result of one request. Raises `RpcFailure` or `Unavailable`."""
        answer = self.batch([(method, params)])[0]
        if isinstance(answer, RpcFailure):
            raise answer
        return answer

    def batch(self, requests: Sequence[Request]) -> list[Any]:
        """Results in order, an `RpcFailure` in the place of each that failed, in as few exchanges as allowed."""
        if not self._checked:
            self._check_chain()
        try:
            return [
                answer
                for first in range(0, len(requests), RPC_BATCH)
                for answer in self._in_parts(requests[first : first + RPC_BATCH])
            ]
        except RpcFailure:
            raise
        except Unavailable:
            self._checked = self._expected == (None, None)
            raise

    async def batch_on(self, loop: LoopExchange, requests: Sequence[Request]) -> list[Any] | None:
        """Like `batch`, in one exchange of an event loop's; None if one does not do, or the chain was not checked."""
        if not self._checked or not 0 < len(requests) <= RPC_BATCH:
            return None
        ids, body = self._written(requests)
        try:
            answers = self._read(ids, MAX_LOOP_ANSWER_BYTES, *await loop(body, MAX_LOOP_ANSWER_BYTES))
        except LimitExceeded:
            return None
        except RpcFailure:
            raise
        except Unavailable:
            self._checked = self._expected == (None, None)
            raise
        return None if any(is_too_large(answer) for answer in answers) else answers

    def results(self, requests: Sequence[Request]) -> list[Any]:
        """Like `batch`, but the first failure is raised."""
        answers = self.batch(requests)
        for answer in answers:
            if isinstance(answer, RpcFailure):
                raise answer
        return answers

    def chain_id(self) -> int:
        """The node's answer now: nothing is ever signed for another chain. Raises `Unavailable` if it is one."""
        found = quantity(self.request("eth_chainId"))
        if self._expected[0] not in (None, found):
            self._checked = False
            raise Unavailable(_other_chain(shown(self.url), f"serves chain {found}, not {self._expected[0]}"))
        return found

    def _check_chain(self) -> None:
        chain_id, genesis = self._expected
        found_id, block = self._exchange([("eth_chainId", ()), ("eth_getBlockByNumber", ("0x0", False))])
        for answer in (found_id, block):
            if isinstance(answer, RpcFailure):
                raise answer
        if chain_id is not None and quantity(found_id) != chain_id:
            raise Unavailable(_other_chain(shown(self.url), f"serves chain {quantity(found_id)}, not {chain_id}"))
        if genesis is not None and (not isinstance(block, dict) or unhex(block.get("hash")) != genesis):
            raise Unavailable(_other_chain(shown(self.url), "has the same id, its genesis differs"))
        self._checked = True

    def _in_parts(self, requests: Sequence[Request]) -> list[Any]:
        """Answers to one batch; what is too large to be answered together is asked again in two halves."""
        try:
            answers = self._exchange(requests)
        except LimitExceeded:
            if len(requests) == 1:
                raise
            answers = [None] * len(requests)
            again = list(range(len(requests)))
        else:
            again = [i for i, answer in enumerate(answers) if is_too_large(answer)] if len(requests) > 1 else []
        half = (len(again) + 1) // 2
        for part in filter(None, (again[:half], again[half:])):
            for i, answer in zip(part, self._in_parts([requests[i] for i in part]), strict=True):
                answers[i] = answer
        return answers

    def _exchange(self, requests: Sequence[Request]) -> list[Any]:
        if not requests:
            return []
        ids, body = self._written(requests)
        return self._read(ids, MAX_RPC_ANSWER_BYTES, *self._post_bytes(body, MAX_RPC_ANSWER_BYTES))

    def _written(self, requests: Sequence[Request]) -> tuple[list[int], bytes]:
        """Ids, and the body that asks."""
        ids = [next(self._ids) for _ in requests]
        calls = [
            {"jsonrpc": "2.0", "id": i, "method": method, "params": list(params)}
            for i, (method, params) in zip(ids, requests, strict=True)
        ]
        return ids, orjson.dumps(calls if len(calls) > 1 else calls[0])

    def _read(self, ids: Sequence[int], most_bytes: int, status: int, content: bytes) -> list[Any]:
        """Answers to requests of these ids, in their order."""
        if len(content) > most_bytes:
            raise LimitExceeded("answer of the node", most_bytes)
        try:
            answer = orjson.loads(content)
        except ValueError as error:
            raise Unavailable(f"the node answered without JSON: {shown(self.url)} HTTP {status}") from error
        answers = answer if isinstance(answer, list) else [answer]
        with proper("JSON-RPC"):  # an id that is a list, a code that is no number
            if len(ids) > 1 and not isinstance(answer, list):  # the batch as a whole was refused
                raise _failure(answer) or Unavailable(f"the node answered a batch otherwise: {shown(self.url)}")
            by_id = {a.get("id"): a for a in answers if isinstance(a, dict)}
            if by_id.keys() != set(ids):
                raise Unavailable(f"the node answered other requests than were asked: {shown(self.url)}")
            return [_result(by_id[i]) for i in ids]


def _other_chain(url: str, how: str) -> str:
    return f"the node serves another chain: {url} {how}"


def receipts_of(rpc: EvmRpc, tx_hashes: Sequence[TxHash]) -> list[dict[str, Any] | None]:
    """Raw receipts of mined transactions, None for each that is not mined.

    geth says "indexing is in progress" instead of null until its index is built, which begins with block 1; and it
    shows a receipt some milliseconds before its own latest block follows, so one above the head is not there yet.
    """
    asked = [("eth_getTransactionReceipt", ("0x" + tx_hash.hex(),)) for tx_hash in tx_hashes]
    *answers, head = rpc.batch([*asked, ("eth_blockNumber", ())])
    if isinstance(head, RpcFailure):
        raise head
    indexing = any(isinstance(answer, RpcFailure) and INDEXING in answer.text for answer in answers)
    if indexing and quantity(head) == 0:
        return [None] * len(answers)
    for answer in answers:
        if isinstance(answer, RpcFailure):
            raise answer
    return [
        a
        if isinstance(a, dict) and a.get("blockHash") is not None and quantity(a.get("blockNumber")) <= quantity(head)
        else None
        for a in answers
    ]


def _failure(answer: Any) -> RpcFailure | None:
    error = answer.get("error") if isinstance(answer, dict) else None
    if error is None:
        return None
    if not isinstance(error, dict):
        return RpcFailure(0, str(error))
    return RpcFailure(int(error.get("code") or 0), str(error.get("message", "")), error.get("data"))


def _result(answer: dict[str, Any]) -> Any:
    failure = _failure(answer)
    return answer.get("result") if failure is None else failure


def is_too_large(answer: Any) -> bool:
    """Whether this is the refusal of an answer for its size: by us, by geth for a batch, by others for a range."""
    if isinstance(answer, RpcFailure):
        text = answer.text.lower()
        return answer.rpc_code == LIMIT_EXCEEDED or any(sign in text for sign in TOO_LARGE)
    return isinstance(answer, LimitExceeded)


@contextmanager
def proper(what: str) -> Iterator[None]:
    """A node that answers nonsense did not answer. Raises `Unavailable`."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError, Malformed) as error:
        raise Unavailable(f"the node answered something else than {what}: {error}") from error


def quantity(text: Any) -> int:
    """A JSON-RPC quantity. Raises `Unavailable` for anything else."""
    try:
        return int(text, 16)
    except (TypeError, ValueError) as error:
        raise Unavailable(f"the node answered {text!r} where a quantity was due") from error


def unhex(text: Any) -> bytes:
    """JSON-RPC bytes. Raises `Unavailable` for anything else."""
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except (AttributeError, ValueError) as error:
        raise Unavailable(f"the node answered {text!r} where bytes were due") from error
