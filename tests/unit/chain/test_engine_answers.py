"""How each engine words what it refuses: pools' answers and reverts (tests/integration/chain asks real nodes)."""

from typing import Any

import pytest

from ledger.adapters.evm.contracts import Contracts
from ledger.adapters.evm.reverts import refusal_of, revert_data
from ledger.adapters.evm.rpc import RpcFailure
from ledger.adapters.evm.writer import EvmWriter
from ledger.domain.errors import Refused, TamgaError, Unavailable
from tests.unit.chain.test_rpc import node

CODEC = Contracts.packaged()
DATA = "0x" + (bytes.fromhex("8a1bf357") + (7).to_bytes(32, "big") + (2).to_bytes(32, "big")).hex()

LOOK_FOR_RECEIPT = [
    ("Besu, pending", -32000, "Known transaction"),
    ("Besu, mined", -32001, "Nonce too low"),
    ("GoQuorum and geth, pending", -32000, "already known"),
    ("GoQuorum and geth, mined", -32000, "nonce too low: next nonce 5, tx nonce 3"),
    ("Ganache, mined", -32000, "the tx doesn't have the correct nonce. account has nonce of: 2 tx has nonce of: 1"),
    ("Anvil, mined", -32003, "nonce too low"),
    ("Anvil, pending", -32003, "transaction already imported"),
    ("Hardhat, mined", -32000, "Nonce too low. Expected nonce to be 1 but got 0."),
]
UNKNOWN = [
    ("geth, another at this nonce", -32000, "replacement transaction underpriced"),
    ("Besu, gap over 200", -32000, "Transaction nonce is too distant from current sender nonce"),
    ("geth, full", -32000, "txpool is full"),
    ("Hardhat, gap", -32000, "Nonce too high. Expected nonce to be 1 but got 5."),
    ("any", -32603, "internal error"),
]
NEVER = [
    ("geth, small gas", -32000, "intrinsic gas too low: have 1, want 21000"),
    ("geth, large gas", -32000, "exceeds block gas limit"),
    ("geth, no type 2", -32000, "transaction type not supported: type 2 rejected, pool not yet in London"),
    ("geth, other chain", -32000, "invalid chain id for signer: have 5 want 7"),
    ("geth, price", -32000, "insufficient funds for gas * price + value: balance 0"),
    ("Anvil, price", -32003, "max fee per gas less than block base fee"),
    ("Hardhat, small gas", -32000, "Transaction requires at least 21000 gas but got 20000"),
    ("Hardhat, large gas", -32000, "Transaction gas limit is 31000000 and exceeds block gas limit of 30000000"),
    ("Hardhat, other chain", -32602, "Trying to send a raw transaction with an invalid chainId."),
    ("geth, size", -32000, "oversized data: transaction size 131200, limit 131072"),
]


def outcome(code: int, text: str) -> TamgaError | None:
    def answer(method: str, params: list[Any]) -> Any:
        raise RpcFailure(code, text)

    with node(answer) as rpc:
        return EvmWriter(rpc, CODEC).send_many([b"\1"])[0]


@pytest.mark.parametrize(("engine", "code", "text"), LOOK_FOR_RECEIPT, ids=str)
def test_known_and_too_low_mean_look_for_the_receipt(engine: str, code: int, text: str) -> None:
    assert outcome(code, text) is None


@pytest.mark.parametrize(("engine", "code", "text"), UNKNOWN, ids=str)
def test_an_unknown_error_is_an_unknown_outcome(engine: str, code: int, text: str) -> None:
    assert isinstance(outcome(code, text), Unavailable)


@pytest.mark.parametrize(("engine", "code", "text"), NEVER, ids=str)
def test_what_can_never_be_taken_is_refused(engine: str, code: int, text: str) -> None:
    found = outcome(code, text)
    assert isinstance(found, Refused)
    assert text in str(found)


REVERTS = [
    ("geth, call", 3, "execution reverted", DATA),
    ("Besu, call", 3, "Execution reverted", DATA),
    ("Anvil, call", 3, "execution reverted: custom error", DATA),
    ("Ganache, call", -32000, "VM Exception while processing transaction: revert", DATA),
    ("Ganache, estimate", -32000, "VM Exception while processing transaction: revert", {"result": DATA, "hash": None}),
    ("Hardhat, call", -32603, "Error: VM Exception", {"message": "reverted", "data": DATA}),
    ("nested", -32603, "Error", {"data": {"data": DATA}}),
]


@pytest.mark.parametrize(("engine", "code", "text", "data"), REVERTS, ids=[row[0] for row in REVERTS])
def test_reverts_of_every_shape(engine: str, code: int, text: str, data: Any) -> None:
    refusal = refusal_of(RpcFailure(code, text, data), CODEC)
    assert refusal is not None
    assert (refusal.error, refusal.arguments) == ("WrongVersion", {"expected": 7, "actual": 2})


@pytest.mark.parametrize(
    ("data", "error", "arguments"),
    [
        ("0x08c379a0" + f"{32:064x}{5:064x}" + b"sorry".hex().ljust(64, "0"), "Error", {"message": "sorry"}),
        ("0x4e487b71" + f"{17:064x}", "Panic", {"code": 17, "meaning": "arithmetic overflow"}),
        ("0xdeadbeef", "unknown", {"data": "0xdeadbeef"}),
        (DATA[:20], "unknown", {"data": DATA[:20]}),
    ],
    ids=["Error", "Panic", "of no contract of ours", "cut short"],
)
def test_other_reverts(data: str, error: str, arguments: dict[str, Any]) -> None:
    refusal = refusal_of(RpcFailure(3, "execution reverted", data), CODEC)
    assert refusal is not None
    assert (refusal.error, refusal.arguments) == (error, arguments)


def test_the_nodes_own_troubles_are_no_refusals() -> None:
    for code, text in ((-32000, "missing trie node"), (-32000, "header not found"), (-32005, "limit exceeded")):
        assert refusal_of(RpcFailure(code, text), CODEC) is None


def test_out_of_gas_and_bare_reverts() -> None:
    gas = refusal_of(RpcFailure(-32000, "out of gas"), CODEC)
    bare = refusal_of(RpcFailure(-32000, "execution reverted"), CODEC)
    assert gas is not None
    assert bare is not None
    assert (gas.error, bare.error) == ("OutOfGas", "unknown")


@pytest.mark.parametrize("data", [None, 5, "0xzz", "revert", {}, {"data": None}, []])
def test_junk_holds_no_revert(data: Any) -> None:
    assert revert_data(data) == b""


def test_a_failed_call_of_governance_shows_what_it_called() -> None:
    reason = bytes.fromhex(DATA[2:])
    padded = reason + b"\0" * (-len(reason) % 32)
    selector = next(e for e in CODEC._errors.values() if e.name == "CallFailed").selector
    data = selector + (2).to_bytes(32, "big") + (64).to_bytes(32, "big") + len(reason).to_bytes(32, "big") + padded
    name, arguments = CODEC.refusal(data)
    inner = {"error": "WrongVersion", "arguments": {"expected": 7, "actual": 2}}
    assert (name, arguments) == ("CallFailed", {"index": 2, "reason": inner})
