"""Reverts in every engine's shape, decoded into `ActRefused`.

| engine | code | where the revert data is |
|---|---|---|
| Besu, GoQuorum, geth, Anvil, Hardhat | 3 | `data`: hex, or an object with `data` |
| Ganache, `eth_call` | -32000 | `data`: hex |
| Ganache, `eth_estimateGas` | -32000 | `data`: an object with `result` |
"""

from typing import Any

from ledger.adapters.evm.rpc import RpcFailure
from ledger.domain.errors import ActRefused
from ledger.ports.contracts import ContractCodec

REVERT_CODE = 3
OUT_OF_GAS = ("out of gas", "outofgas", "gas required exceeds", "intrinsic gas too low")
REVERTED = ("revert", "invalid opcode", "stack underflow", "stack overflow", "bad jump destination")


def refusal_of(failure: RpcFailure, codec: ContractCodec) -> ActRefused | None:
    """The contract's refusal inside a node's error; None if the error is the node's own."""
    data = revert_data(failure.data)
    text = failure.text.lower()
    if data:
        return ActRefused(*codec.refusal(data))
    if any(sign in text for sign in OUT_OF_GAS):
        return ActRefused("OutOfGas", {})
    if failure.rpc_code == REVERT_CODE or any(sign in text for sign in REVERTED):
        return ActRefused("unknown", {"text": failure.text})
    return None


def revert_data(data: Any) -> bytes:
    """Revert data from an error's `data` member; empty if there is none."""
    if isinstance(data, dict):
        return next((found for key in ("result", "data", "return") if (found := revert_data(data.get(key)))), b"")
    if not isinstance(data, str) or not data.startswith("0x"):
        return b""
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return b""
