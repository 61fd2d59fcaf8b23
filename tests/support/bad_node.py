"""A real node behind a connection whose n-th exchange goes wrong."""

import json
import socket
from collections.abc import Callable
from enum import StrEnum

from ledger.adapters.evm.http import KeptConnections
from ledger.devnet.loopback import free_port
from ledger.domain.limits import MAX_RPC_ANSWER_BYTES

TIMEOUT_S = 10.0


class Trouble(StrEnum):
    """What goes wrong with one HTTP exchange."""

    AWAY = "nobody answers"
    LATE = "the answer comes too late"
    TRUNCATED = "the answer is cut"
    TWICE = "the request arrives twice"
    OTHERS = "the answer is another request's"
    ELSEWHERE = "another chain answers"
    NOISE = "a proxy answers"


class BadNode:
    """An exchange of `EvmRpc`: passes requests on to the node over real connections, and spoils one.

    `exchanges` counts those so far; `spoiled` says whether the fault has happened.
    """

    def __init__(self, at: int, trouble: Trouble, url: str, elsewhere: str) -> None:
        """`at`: number of the exchange that goes wrong, from 1. `url`: the node. `elsewhere`: one of another chain."""
        self._at, self._trouble = at, trouble
        self._node, self._elsewhere = KeptConnections(url, TIMEOUT_S), KeptConnections(elsewhere, TIMEOUT_S)
        self.exchanges = 0
        self._spoil: dict[Trouble, Callable[[bytes], tuple[int, bytes]]] = {
            Trouble.AWAY: self._away,
            Trouble.LATE: self._late,
            Trouble.TRUNCATED: lambda body: (200, self._send(body)[:-7]),
            Trouble.TWICE: lambda body: (200, self._send(body) and self._send(body)),
            Trouble.OTHERS: lambda body: (200, _with_other_ids(self._send(body))),
            Trouble.ELSEWHERE: lambda body: self._elsewhere(body, MAX_RPC_ANSWER_BYTES),
            Trouble.NOISE: lambda _body: (502, b"<html>Bad gateway</html>"),
        }

    @property
    def spoiled(self) -> bool:
        """Whether it has happened."""
        return self.exchanges >= self._at

    def __call__(self, body: bytes, max_bytes: int) -> tuple[int, bytes]:
        self.exchanges += 1
        if self.exchanges == self._at:
            return self._spoil[self._trouble](body)
        return self._node(body, max_bytes)

    def close(self) -> None:
        self._node.close()
        self._elsewhere.close()

    def _send(self, body: bytes) -> bytes:
        return self._node(body, MAX_RPC_ANSWER_BYTES)[1]

    def _away(self, body: bytes) -> tuple[int, bytes]:
        return KeptConnections(f"http://127.0.0.1:{free_port()}", TIMEOUT_S)(body, MAX_RPC_ANSWER_BYTES)

    def _late(self, body: bytes) -> tuple[int, bytes]:
        """It arrives and takes effect; the answer does not come."""
        self._send(body)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"http://127.0.0.1:{silent.getsockname()[1]}"
            return KeptConnections(url, 0.05)(body, MAX_RPC_ANSWER_BYTES)


def _with_other_ids(content: bytes) -> bytes:
    answer = json.loads(content)
    for one in answer if isinstance(answer, list) else [answer]:
        one["id"] = 10**9 + one["id"]
    return json.dumps(answer).encode()
