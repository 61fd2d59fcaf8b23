"""A node that answers nonsense did not answer; one without EIP-1898 is read by number, and its block compared."""

from typing import Any

import httpx
import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.reader import EvmReader
from ledger.adapters.evm.rpc import RpcFailure
from ledger.domain.errors import LimitExceeded, TamgaError, Unavailable
from ledger.domain.ids import Address, BlockHash, TxHash
from ledger.ports.chain import Head
from tests.unit.chain.test_rpc import Method, node, raw_node

CODEC = Contracts.packaged()
DIRECTORY = Address("0x5B38Da6a701c568545dCfcB03FcB875f56beddC4")
HASH, OTHER = "0x" + "22" * 32, "0x" + "33" * 32
BLOCK = {"number": "0x5", "hash": HASH, "parentHash": OTHER, "timestamp": "0x10"}
HEAD = Head(5, BlockHash(b"\x22" * 32), BlockHash(b"\x33" * 32), 16)
LOG = {
    "address": DIRECTORY,
    "topics": ["0x" + "44" * 32],
    "data": "0x",
    "blockHash": HASH,
    "transactionHash": OTHER,
    "logIndex": "0x0",
}
RECEIPT = {
    "transactionHash": OTHER,
    "blockHash": HASH,
    "blockNumber": "0x5",
    "status": "0x1",
    "gasUsed": "0x1",
    "from": DIRECTORY,
    "logs": [],
}


def answers(**changed: Any) -> Method:
    """A node with one block and no contract but the Directory."""
    names = CODEC.function("Directory", "names").selector.hex()
    plain = {
        "eth_blockNumber": "0x5",
        "eth_getBlockByNumber": BLOCK,
        "eth_getBlockByHash": BLOCK,
        "eth_getBalance": "0x0",
        "eth_getLogs": [LOG],
        "eth_getTransactionReceipt": RECEIPT,
        "eth_call": "0x" + f"{32:064x}{0:064x}",
    }

    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_call" and params[0]["data"][2:10] == names:
            return plain["eth_call"]
        found = changed.get(method, plain[method])
        if isinstance(found, RpcFailure):
            raise found
        return found(params) if callable(found) else found

    return answer


def test_proper_answers_are_read() -> None:
    with node(answers()) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        assert reader.head() == HEAD
        assert reader.events(0, 5) == []  # an event that no contract of ours has
        receipt = reader.receipt(TxHash(b"\x33" * 32))
        assert receipt is not None
        assert (receipt.block, receipt.succeeded, receipt.sender) == (HEAD, True, DIRECTORY)


@pytest.mark.parametrize(
    "receipt",
    [
        5,
        {"blockHash": 7, "blockNumber": "0x5"},
        {"blockHash": HASH, "blockNumber": None},
        {k: v for k, v in RECEIPT.items() if k != "status"},
        {**RECEIPT, "status": "yes"},
        {**RECEIPT, "from": "0x12"},
        {**RECEIPT, "logs": None},
        {**RECEIPT, "logs": [{}]},
        {**RECEIPT, "logs": [{**LOG, "topics": None}]},
        {**RECEIPT, "logs": [{**LOG, "topics": ["0x" + CODEC.event("Directory", "Retired").selector.hex()]}]},
    ],
    ids=range(10),
)
def test_nonsense_for_a_receipt_is_unavailable(receipt: Any) -> None:
    with node(answers(eth_getTransactionReceipt=receipt)) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        if receipt == 5:
            assert reader.receipt(TxHash(b"\x33" * 32)) is None  # what is no receipt is none
        elif receipt.get("logs") and "topics" in receipt["logs"][0] and receipt["logs"][0]["topics"]:
            found = reader.receipt(TxHash(b"\x33" * 32))
            assert found is not None
            assert found.events == ()  # the event of the Directory without its indexed fields is none of ours
        else:
            with pytest.raises(Unavailable):
                reader.receipt(TxHash(b"\x33" * 32))


@pytest.mark.parametrize("logs", [None, 5, [5], [{}], [{**LOG, "blockHash": None}], [{**LOG, "data": "junk"}]])
def test_nonsense_for_logs_is_unavailable(logs: Any) -> None:
    with node(answers(eth_getLogs=logs)) as rpc, pytest.raises(Unavailable):
        EvmReader(rpc, CODEC, DIRECTORY).events(0, 5)


@pytest.mark.parametrize(
    "too_much",
    [LimitExceeded("answer of the node", 1), RpcFailure(-32005, "Requested range exceeds maximum RPC range limit")],
    ids=["for us", "for the node"],
)
def test_logs_that_are_too_many_for_one_answer_are_asked_for_in_parts(
    too_much: TamgaError, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int]] = []

    def batch(requests: Any) -> list[Any]:
        ranges = [(int(each["fromBlock"], 16), int(each["toBlock"], 16)) for _, (each,) in requests]
        if sum(high - low for low, high in ranges) > 3_000:
            if isinstance(too_much, LimitExceeded):
                raise too_much
            return [too_much for _ in requests]
        asked.extend(ranges)
        return [[] for _ in requests]

    with node(answers()) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        reader.contracts_at(HEAD)
        monkeypatch.setattr(rpc, "batch", batch)
        assert reader._logs(0, 12_000, {}) == []
    assert [first for first, _ in asked] == [0, *(last + 1 for _, last in asked[:-1])]
    assert asked[-1][1] == 12_000


def test_a_single_block_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def logs(_: Any) -> Any:
        raise RpcFailure(-32005, "limit exceeded")

    with node(answers(eth_getLogs=logs)) as rpc, pytest.raises(RpcFailure, match="limit exceeded"):
        EvmReader(rpc, CODEC, DIRECTORY)._logs(0, 5, {})


@pytest.mark.parametrize("block", [5, {}, {**BLOCK, "hash": None}, {**BLOCK, "number": "five"}])
def test_nonsense_for_a_block_is_unavailable(block: Any) -> None:
    with node(answers(eth_getBlockByNumber=block)) as rpc, pytest.raises(Unavailable):
        EvmReader(rpc, CODEC, DIRECTORY).head()


@pytest.mark.parametrize("output", [None, "0x", "0x1234", 5])
def test_nonsense_for_a_view_is_unavailable(output: Any) -> None:
    with node(answers(eth_call=output)) as rpc, pytest.raises(Unavailable):
        EvmReader(rpc, CODEC, DIRECTORY).call("Directory", "ledgerId", at=HEAD)


def test_node_without_calls_by_hash_is_read_by_number() -> None:
    asked: list[Any] = []

    def call(params: list[Any]) -> Any:
        asked.append(params[1])
        return HASH

    old = RpcFailure(-32700, "Cannot wrap a object as a json-rpc type")
    with node(answers(eth_getBalance=old, eth_call=call)) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        assert reader.call("Directory", "ledgerId", at=HEAD) == b"\x22" * 32
        assert asked == ["0x5"]


def test_block_that_changes_while_it_is_read_is_noticed() -> None:
    seen = iter([BLOCK, BLOCK, {**BLOCK, "hash": OTHER}])
    old = RpcFailure(-32700, "Cannot wrap a object as a json-rpc type")
    with node(answers(eth_getBalance=old, eth_getBlockByNumber=lambda _: next(seen), eth_call=HASH)) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        with pytest.raises(Unavailable, match="another block at height 5"):
            reader.call("Directory", "ledgerId", at=HEAD)


NEWER = {"number": "0x6", "hash": OTHER, "parentHash": HASH, "timestamp": "0x11"}
FORGOTTEN = RpcFailure(-32000, "header for hash not found")
CALLS = [("Directory", "ledgerId", ())]


def test_calls_at_the_newest_block_come_in_one_exchange() -> None:
    answer, sizes = answers(eth_call=HASH), []

    def respond(body: Any) -> httpx.Response:
        calls = body if isinstance(body, list) else [body]
        sizes.append(len(calls))
        found = [{"id": call["id"], "result": answer(call["method"], call["params"])} for call in calls]
        return httpx.Response(200, json=found if isinstance(body, list) else found[0])

    with raw_node(respond) as rpc:
        reader = EvmReader(rpc, CODEC, DIRECTORY)
        assert reader.call_many_if_final(CALLS, at=HEAD) == [b"\x22" * 32]
        sizes.clear()
        assert reader.call_many_if_final(CALLS, at=HEAD) == [b"\x22" * 32]
        assert sizes == [2], "the newest block and the call"


@pytest.mark.parametrize("newest", [NEWER, {**BLOCK, "hash": OTHER}])
@pytest.mark.parametrize("answer", [HASH, FORGOTTEN])
def test_calls_at_a_block_that_is_the_newest_no_more_have_no_answer(newest: Any, answer: Any) -> None:
    def block(params: list[Any]) -> Any:
        return newest if params[0] == "latest" else BLOCK

    with node(answers(eth_getBlockByNumber=block, eth_call=answer)) as rpc:
        assert EvmReader(rpc, CODEC, DIRECTORY).call_many_if_final(CALLS, at=HEAD) is None


@pytest.mark.parametrize("finality_depth", [0, 1])
def test_calls_at_the_newest_final_block_however_it_is_read(finality_depth: int) -> None:
    def block(params: list[Any]) -> Any:
        return NEWER if params[0] == "latest" and finality_depth else BLOCK

    old = RpcFailure(-32700, "Cannot wrap a object as a json-rpc type")
    for by_hash in ("0x0", old):
        with node(answers(eth_getBlockByNumber=block, eth_call=HASH, eth_getBalance=by_hash)) as rpc:
            reader = EvmReader(rpc, CODEC, DIRECTORY, finality_depth=finality_depth)
            assert reader.call_many_if_final(CALLS, at=HEAD) == [b"\x22" * 32]


def test_pruned_state_is_unavailable() -> None:
    pruned = RpcFailure(-32000, "missing trie node 44ab (path ) state is not available")
    with node(answers(eth_call=pruned)) as rpc, pytest.raises(Unavailable, match="missing trie node"):
        EvmReader(rpc, CODEC, DIRECTORY).call("Directory", "ledgerId", at=HEAD)
