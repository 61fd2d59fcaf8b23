"""JSON-RPC: what counts as an answer.

given a node
├── when more than 1,000 requests are asked it should get them in several batches, answers in order
├── when it answers the batch out of order they should be put in order
├── when one request fails its place should hold the failure, the others their results
├── when the whole batch is refused, another id comes back, or no JSON, it should be Unavailable
├── when a connection lay idle it should be opened anew, before the node closes it under a request
├── when it answers more than the bound it should be LimitExceeded
├── when a batch's answers are too large together, for the node or for us, they should be asked for in parts
├── when web3.py asks it should get its answers over the same connection, and our errors instead of its own
├── when an event loop asks it should be as for threads; what is too large is left to them, and nothing escapes
└── when it serves another chain, at first or after an outage, it should be Unavailable, and nothing else asked
"""

import asyncio
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from ledger.adapters.evm import rpc as rpc_module
from ledger.adapters.evm.rpc import EvmRpc, RpcFailure, quantity, receipts_of, unhex
from ledger.adapters.evm.web3_provider import asking, web3_on
from ledger.devnet.loopback import free_port
from ledger.domain.errors import LimitExceeded, Unavailable
from ledger.domain.ids import BlockHash, TxHash
from ledger.domain.limits import MAX_LOOP_ANSWER_BYTES

URL = "http://node"
GENESIS = {"number": "0x0", "hash": "0x" + "11" * 32}
Method = Callable[[str, list[Any]], Any]


def node(answer: Method, **options: Any) -> EvmRpc:
    """A node that answers each request by `answer`, which may raise an `RpcFailure`."""

    def one(call: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"jsonrpc": "2.0", "id": call["id"], "result": answer(call["method"], call["params"])}
        except RpcFailure as error:
            failure = {"code": error.rpc_code, "message": error.text, "data": error.data}
            return {"jsonrpc": "2.0", "id": call["id"], "error": failure}

    def handle(content: bytes, _max_bytes: int) -> tuple[int, bytes]:
        body = json.loads(content)
        answer = [one(c) for c in reversed(body)] if isinstance(body, list) else one(body)
        return 200, json.dumps(answer).encode()

    return EvmRpc(URL, exchange=handle, **options)


def raw_node(respond: Callable[[Any], httpx.Response], **options: Any) -> EvmRpc:
    """A node that answers whatever `respond` makes of a request."""

    def handle(content: bytes, _max_bytes: int) -> tuple[int, bytes]:
        response = respond(json.loads(content))
        return response.status_code, response.content

    return EvmRpc(URL, exchange=handle, **options)


def test_large_batches_are_split_and_answers_ordered() -> None:
    sizes = []

    def respond(body: Any) -> httpx.Response:
        sizes.append(len(body))
        return httpx.Response(200, json=[{"id": c["id"], "result": c["params"][0]} for c in reversed(body)])

    with raw_node(respond) as rpc:
        assert rpc.results([("echo", [i]) for i in range(2_500)]) == list(range(2_500))
    assert sizes == [1_000, 1_000, 500]


def test_a_failure_takes_its_own_place_only() -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if params[0] == 1:
            raise RpcFailure(-32000, "no such thing", {"a": 1})
        return params[0]

    with node(answer) as rpc:
        first, failed, last = rpc.batch([("echo", [i]) for i in range(3)])
        assert (first, last) == (0, 2)
        assert isinstance(failed, RpcFailure)
        assert (failed.rpc_code, failed.text, failed.data) == (-32000, "no such thing", {"a": 1})
        with pytest.raises(RpcFailure, match="no such thing"):
            rpc.results([("echo", [i]) for i in range(3)])


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, json={"id": None, "error": {"code": -32600, "message": "batch too large"}}),
        httpx.Response(200, json={"id": 1, "result": 5}),
        httpx.Response(200, json=[{"id": 77, "result": 5}, {"id": 2, "result": 5}]),
        httpx.Response(200, json=[{"id": 1, "result": 5}]),
        httpx.Response(200, json=5),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(200, content=b"\xff\xfe"),
    ],
    ids=["refused batch", "one for two", "other id", "one missing", "a number", "html", "no text"],
)
def test_what_is_no_answer_is_unavailable(response: httpx.Response) -> None:
    with raw_node(lambda _: response) as rpc, pytest.raises(Unavailable):
        rpc.batch([("a", []), ("b", [])])


def test_no_connection_is_unavailable() -> None:
    with EvmRpc(f"http://127.0.0.1:{free_port()}") as rpc, pytest.raises(Unavailable, match="no answer from"):
        rpc.request("eth_chainId")


class Closing(ThreadingHTTPServer):
    """Says that it keeps a connection, and closes it after each answer, or keeps it.

    Attributes:
        asked: What it was asked.
        closed: One more for each connection that it closed.
        opened: How many connections it was asked over.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.keeps, self.opened = keeps, 0
        self.asked: list[Any] = []
        self.closed = threading.Semaphore(0)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.opened += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.release()


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, Closing)
        self.server.asked.append((self.path, call["params"]))
        body = json.dumps({"id": call["id"], "result": call["params"]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = not self.server.keeps

    def log_message(self, *_: Any) -> None:
        pass


def test_a_connection_that_the_node_closed_is_opened_anew_and_nothing_is_asked_twice() -> None:
    with Closing() as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with EvmRpc(f"http://127.0.0.1:{server.server_port}/v3/key?a=b") as rpc:
                for number in range(5):
                    assert rpc.request("echo", number) == [number]
                    assert server.closed.acquire(timeout=10)
        finally:
            server.shutdown()
    assert server.asked == [("/v3/key?a=b", [number]) for number in range(5)]


@pytest.mark.parametrize(("idle_s", "opened"), [(60.0, 1), (0.0, 5)], ids=["at once", "after a pause"])
def test_a_connection_is_used_again_but_not_after_a_pause(
    monkeypatch: pytest.MonkeyPatch, idle_s: float, opened: int
) -> None:
    monkeypatch.setattr("ledger.adapters.evm.http.IDLE_S", idle_s)
    with Closing(keeps=True) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with EvmRpc(f"http://127.0.0.1:{server.server_port}/") as rpc:
                for number in range(5):
                    assert rpc.request("echo", number) == [number]
        finally:
            server.shutdown()
    assert server.opened == opened


def test_too_large_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "MAX_RPC_ANSWER_BYTES", 1_000)
    with raw_node(lambda _: httpx.Response(200, content=b" " * 1_001)) as rpc, pytest.raises(LimitExceeded):
        rpc.request("eth_chainId")


@pytest.mark.parametrize(
    ("chain_id", "genesis", "message"),
    [(8, b"\x11" * 32, "serves chain 7, not 8"), (7, b"\x12" * 32, "genesis differs")],
)
def test_another_chain_is_unavailable(chain_id: int, genesis: bytes, message: str) -> None:
    asked = []

    def answer(method: str, params: list[Any]) -> Any:
        asked.append(method)
        return "0x7" if method == "eth_chainId" else GENESIS

    with node(answer, chain_id=chain_id, genesis=BlockHash(genesis)) as rpc:
        for _ in range(2):
            with pytest.raises(Unavailable, match=message):
                rpc.request("eth_sendRawTransaction", "0x00")
    assert "eth_sendRawTransaction" not in asked


def test_a_first_block_without_a_hash_is_unavailable() -> None:
    answers = {"eth_chainId": "0x7", "eth_getBlockByNumber": {}}
    checked = node(lambda method, _: answers[method], chain_id=7, genesis=BlockHash(b"\x11" * 32))
    with checked as rpc, pytest.raises(Unavailable, match="where bytes were due"):
        rpc.request("eth_blockNumber")


def test_chain_is_checked_again_after_an_outage() -> None:
    served = {"chain": "0x7", "up": True}

    def respond(body: Any) -> httpx.Response:
        if not served["up"]:
            return httpx.Response(503, text="down")
        answers = {"eth_chainId": served["chain"], "eth_getBlockByNumber": GENESIS, "eth_blockNumber": "0x5"}
        if isinstance(body, list):
            return httpx.Response(200, json=[{"id": c["id"], "result": answers[c["method"]]} for c in body])
        return httpx.Response(200, json={"id": body["id"], "result": answers[body["method"]]})

    with raw_node(respond, chain_id=7) as rpc:
        assert rpc.request("eth_blockNumber") == "0x5"
        served.update(up=False)
        with pytest.raises(Unavailable):
            rpc.request("eth_blockNumber")
        served.update(up=True, chain="0x8")
        with pytest.raises(Unavailable, match="serves chain 8"):
            rpc.request("eth_blockNumber")


@pytest.mark.parametrize(("height", "answers"), [("0x0", True), ("0x1", False)])
def test_receipts_before_the_first_block(height: str, answers: bool) -> None:
    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_blockNumber":
            return height
        raise RpcFailure(-32000, "transaction indexing is in progress")

    with node(answer) as rpc:
        if answers:
            assert receipts_of(rpc, [TxHash(b"\1" * 32)]) == [None]
        else:
            with pytest.raises(Unavailable, match="in progress"):
                receipts_of(rpc, [TxHash(b"\1" * 32)])


def test_pending_receipts_do_not_count() -> None:
    with node(lambda *_: {"blockHash": None, "status": "0x1"}) as rpc:
        assert receipts_of(rpc, [TxHash(b"\1" * 32)]) == [None]


@pytest.mark.parametrize("junk", [None, 5, "0xzz", {}, "xyz"])
def test_junk_values_are_unavailable(junk: Any) -> None:
    with pytest.raises(Unavailable):
        quantity(junk)
    with pytest.raises(Unavailable):
        unhex(junk)


def test_web3_asks_over_the_same_connection() -> None:
    sealed = {"number": "0x7", "hash": "0x" + "22" * 32, "gasLimit": "0x1c9c380", "extraData": "0x" + "33" * 97}

    def answer(method: str, params: list[Any]) -> Any:
        if method == "eth_getBlockByNumber":
            return GENESIS if params[0] == "0x0" else sealed
        raise RpcFailure(-32000, "method is away", "0x12")

    with node(answer) as rpc:
        block = web3_on(rpc).eth.get_block("latest")
        assert (block["number"], block["gasLimit"]) == (7, 30_000_000), "a sealer's long extraData is no hindrance"
        with pytest.raises(RpcFailure, match="method is away") as failed, asking("a count"):
            web3_on(rpc).eth.get_transaction_count("0x" + "11" * 20)  # type: ignore[arg-type]  # web3.py has a type of its own for addresses
    assert (failed.value.rpc_code, failed.value.data) == (-32000, "0x12")


@pytest.mark.parametrize("nonsense", [None, "0xzz", [], {}])
def test_nonsense_to_web3_is_no_answer(nonsense: Any) -> None:
    with (
        node(lambda _method, _params: nonsense) as rpc,
        pytest.raises(Unavailable, match="something else"),
        asking("x"),
    ):
        web3_on(rpc).eth.get_block("latest")["number"] + web3_on(rpc).eth.get_block_number()


@pytest.mark.parametrize("fits", [1, 3, 7, 100])
def test_answers_that_are_too_large_together_come_in_parts(fits: int) -> None:
    """geth answers a batch up to 25 MB, and what is left with an error each."""
    sizes = []

    def respond(body: Any) -> httpx.Response:
        calls = body if isinstance(body, list) else [body]
        sizes.append(len(calls))
        error = {"code": -32003, "message": "response too large"}
        told = [
            {"id": call["id"], **({"result": call["params"][0]} if i < fits else {"error": error})}
            for i, call in enumerate(calls)
        ]
        return httpx.Response(200, json=told if isinstance(body, list) else told[0])

    with raw_node(respond) as rpc:
        assert rpc.results([("echo", [i]) for i in range(100)]) == list(range(100))
    assert sum(sizes) < 100 * 100


def test_an_answer_over_our_own_bound_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc_module, "MAX_RPC_ANSWER_BYTES", 300)
    with node(lambda _, params: params[0]) as rpc:
        assert rpc.results([("echo", [i]) for i in range(20)]) == list(range(20))
        with pytest.raises(LimitExceeded):
            rpc.results([("echo", [1]), ("echo", ["x" * 300])])


IDS: list[Any] = [[], {}, None, "0", 1.5]


def loop_answer(answer: Callable[[list[Any]], bytes]) -> tuple[list[int], list[Any] | None]:
    """How much an event loop may be given, and what it makes of an answer to two requests."""
    asked: list[int] = []

    async def exchange(body: bytes, max_bytes: int) -> tuple[int, bytes]:
        asked.append(max_bytes)
        return 200, answer([call["id"] for call in json.loads(body)])

    with EvmRpc(URL) as rpc:
        return asked, asyncio.run(rpc.batch_on(exchange, [("a", ()), ("b", ())]))


@pytest.mark.parametrize(
    "answer",
    [
        lambda ids: b"<html><body>Please sign in to the guest network</body></html>",
        lambda ids: b"",
        lambda ids: json.dumps({"id": ids[0], "result": 1}).encode(),
        lambda ids: json.dumps([{"id": ids[0], "result": 1}]).encode(),
        lambda ids: json.dumps([{"id": i - 2, "result": 1} for i in ids]).encode(),
        lambda ids: json.dumps([1, None]).encode(),
        lambda ids: json.dumps([{"id": i, "error": {"code": "no number"}} for i in ids]).encode(),
        lambda ids: json.dumps([{"id": i, "error": {"code": [1]}} for i in ids]).encode(),
        *(lambda ids, it=it: json.dumps([{"id": it}, *({"id": i} for i in ids)]).encode() for it in IDS),
    ],
)
def test_nothing_but_an_answer_is_one_on_a_loop(answer: Callable[[list[Any]], bytes]) -> None:
    with pytest.raises(Unavailable):
        loop_answer(answer)


def test_a_loop_reads_little_and_leaves_the_rest_to_a_thread() -> None:
    def large(ids: list[Any]) -> bytes:
        return json.dumps([{"id": i, "result": "0" * MAX_LOOP_ANSWER_BYTES} for i in ids]).encode()

    assert loop_answer(large) == ([MAX_LOOP_ANSWER_BYTES], None)
    asked, found = loop_answer(lambda ids: json.dumps([{"id": i, "result": 7} for i in reversed(ids)]).encode())
    assert (asked, found) == ([MAX_LOOP_ANSWER_BYTES], [7, 7])


def test_an_id_that_is_no_id_is_unavailable_to_threads() -> None:
    for it in IDS:
        with (
            raw_node(lambda body, it=it: httpx.Response(200, json={"id": it, "result": 1})) as rpc,  # type: ignore[misc]  # such a lambda has no inferred type
            pytest.raises(Unavailable),
        ):
            rpc.request("eth_chainId")
