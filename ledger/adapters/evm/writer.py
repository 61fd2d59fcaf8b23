"""Raw access to a node's pool, and simulation."""

from collections.abc import Sequence

from ledger.adapters.evm.reverts import refusal_of
from ledger.adapters.evm.rpc import EvmRpc, RpcFailure, quantity, unhex
from ledger.adapters.evm.transactions import hash_of
from ledger.domain.errors import Refused, TamgaError, Unavailable
from ledger.domain.ids import Address, TxHash
from ledger.ports.chain import ChainWriter, Head
from ledger.ports.contracts import ContractCodec

LOOK_FOR_THE_RECEIPT = ("already known", "known transaction", "already imported", "nonce too low", "correct nonce")
"""The pool has it, or its nonce is spent, perhaps by this very transaction."""
NEVER = (
    "intrinsic gas",
    "requires at least",
    "exceeds block gas limit",
    "oversized data",
    "exceeds the configured cap",
    "chain id",
    "chainid",
    "replay-protected",
    "invalid sender",
    "insufficient funds",
    "doesn't have enough funds",
    "transaction type not supported",
    "gas price below",
    "gas price less than",
    "less than block base fee",
    "transaction underpriced",
    "max initcode size",
)
"""A property of the transaction or of the network's settings, not of the moment."""


class EvmWriter(ChainWriter):
    """One node's pool."""

    def __init__(self, rpc: EvmRpc, codec: ContractCodec) -> None:
        self._rpc, self._codec = rpc, codec

    def send_many(self, raws: Sequence[bytes]) -> list[TamgaError | None]:
        """See the port."""
        answers = self._rpc.batch([("eth_sendRawTransaction", ("0x" + raw.hex(),)) for raw in raws])
        return [_outcome(answer) for answer in answers]

    def transaction_hash(self, raw: bytes) -> TxHash:
        """See the port."""
        return hash_of(raw)

    def nonce_at(self, sender: Address, *, at: Head) -> int:
        """See the port."""
        block, answer = self._rpc.results(
            [
                ("eth_getBlockByNumber", (hex(at.number), False)),
                ("eth_getTransactionCount", (sender, hex(at.number))),
            ]
        )
        if block is None or unhex(block["hash"]) != at.hash:
            raise Unavailable(f"the node has another block at height {at.number}")
        return quantity(answer)

    def has_base_fee(self) -> bool:
        """See the port."""
        return "baseFeePerGas" in self._newest()

    def gas_limit(self) -> int:
        """See the port."""
        return quantity(self._newest()["gasLimit"])

    def simulate(self, sender: Address, to: Address, calldata: bytes, *, gas: int | None = None) -> bytes:
        """See the port."""
        call = {"from": sender, "to": to, "data": "0x" + calldata.hex()}
        if gas is not None:
            call["gas"] = hex(gas)
        try:
            return unhex(self._rpc.request("eth_call", call, "latest"))
        except RpcFailure as failure:
            refusal = refusal_of(failure, self._codec)
            if refusal is None:
                raise
            raise refusal from failure

    def _newest(self) -> dict[str, str]:
        block = self._rpc.request("eth_getBlockByNumber", "latest", False)
        if not isinstance(block, dict):
            raise Unavailable("the node has no block")
        return block


def _outcome(answer: object) -> TamgaError | None:
    if not isinstance(answer, RpcFailure):
        return None
    text = answer.text.lower()
    if any(sign in text for sign in LOOK_FOR_THE_RECEIPT):
        return None
    if "replacement" not in text and any(sign in text for sign in NEVER):
        return Refused(f"the node will never take this transaction: {answer.text}")
    return answer
