"""Contracts of other systems, on the chains whose nodes are configured."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ledger.adapters.evm.reverts import REVERT_CODE, REVERTED, revert_data
from ledger.adapters.evm.rpc import EvmRpc, RpcFailure, quantity, unhex
from ledger.domain.errors import Unavailable
from ledger.domain.foreign.settings import ForeignSettings
from ledger.domain.foreign.stores import Call, ChainAnswers, Output
from ledger.domain.ids import BlockHash
from ledger.domain.timestamp import Certificates
from ledger.domain.verdict import BlockRead
from ledger.ports.foreign import ForeignWorld

TIMEOUT_S: Final = 5.0
"""For one exchange; a verification waits for it, and says UNDETERMINED then."""


class EvmForeignWorld(ForeignWorld):
    """Issuers and chains of a settings file; connects when it is first asked."""

    def __init__(self, settings: ForeignSettings) -> None:
        self._settings = settings
        self._nodes = {
            chain_id: EvmRpc(setting.rpc_url, chain_id=chain_id, timeout_s=TIMEOUT_S, is_cut_when_silent=True)
            for chain_id, setting in settings.chains.items()
        }

    def close(self) -> None:
        """Give the connections back."""
        for node in self._nodes.values():
            node.close()

    def issuers(self) -> Mapping[str, str]:
        """See the port."""
        return self._settings.issuers

    def authorities(self) -> Mapping[str, Certificates]:
        """See the port."""
        return self._settings.authorities

    def ask(self, chain_id: int, calls: Sequence[Call]) -> ChainAnswers | None:
        """See the port."""
        node = self._nodes.get(chain_id)
        if node is None:
            return None
        newest = quantity(node.request("eth_blockNumber"))
        height = hex(max(0, newest - self._settings.chains[chain_id].finality_depth))
        guard = ("eth_getBlockByNumber", (height, False))
        requests = [("eth_call", ({"to": call.contract, "data": f"0x{call.data.hex()}"}, height)) for call in calls]
        before, *found, after = node.batch([guard, *requests, guard])
        block = _block(before)
        if _block(after) != block:
            raise Unavailable(f"the node's block at height {height} changed while it was asked")
        outputs = [_output(answer) for answer in found]
        return ChainAnswers(chain_id, block, dict(zip(calls, outputs, strict=True)))


def _block(raw: Any) -> BlockRead:
    if isinstance(raw, RpcFailure):
        raise raw
    try:
        return BlockRead(quantity(raw["number"]), BlockHash(unhex(raw["hash"])), quantity(raw["timestamp"]))
    except (KeyError, TypeError) as error:
        raise Unavailable("the node answered something else than a block") from error


def _output(answer: Any) -> Output:
    if not isinstance(answer, RpcFailure):
        return Output(unhex(answer))
    data, text = revert_data(answer.data), answer.text.lower()
    if data or answer.rpc_code == REVERT_CODE or any(sign in text for sign in REVERTED):
        return Output(data, reverted=True)
    raise answer
