"""web3.py over our own connection to a node: the same bounds and checks, one attempt only, our errors.

For what acts one step at a time: deployment, governance, keys that send for themselves. Importing web3.py takes longer
than most commands do, so nothing else imports this.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from web3 import Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from ledger.adapters.evm.rpc import EvmRpc, proper
from ledger.domain.errors import Unavailable

# web3 brings in py_ecc, which raises the limit to 100,000 when it is imported: deep JSON from outside would then
# overflow the C stack and end the process instead of raising RecursionError.
sys.setrecursionlimit(1_000)


class _Provider(JSONBaseProvider):
    """Asks by `EvmRpc`."""

    def __init__(self, rpc: EvmRpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Raises `RpcFailure` or `Unavailable`."""
        return {"jsonrpc": "2.0", "id": 0, "result": self._rpc.request(method, *params)}


def web3_on(rpc: EvmRpc) -> Web3:
    """web3.py on this node, for use within `asking`. It fills in nothing, and takes clique's and QBFT's seals."""
    return Web3(_Provider(rpc), middleware=[ExtraDataToPOAMiddleware])


@contextmanager
def asking(what: str) -> Iterator[None]:
    """As `proper`, which does not know web3.py's own exceptions. Raises `Unavailable`."""
    try:
        with proper(what):
            yield
    except Web3Exception as error:
        raise Unavailable(f"the node answered something else than {what}: {error}") from error
