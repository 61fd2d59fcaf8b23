"""Ports and JSON-RPC on 127.0.0.1."""

import http.client
import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ledger.devnet.process import POLL_S, Process, last_line
from ledger.devnet.trouble import Trouble

HOST: Final = "127.0.0.1"
MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
"""One JSON-RPC answer; geth's own batches stop at 25 MB."""


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that is free now. Somebody can take it before it is used: the server's start says so then."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def rpc(url: str, method: str, params: Sequence[Any] = (), *, timeout_s: float = 5) -> Any:
    """One JSON-RPC call's result.

    Raises:
        OSError: Nobody answered in time, or not as HTTP.
        ValueError: Not a JSON-RPC answer, or the node's error.
    """
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or HOST, where.port, timeout=timeout_s)
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
    try:
        connection.request("POST", where.path or "/", body, {"content-type": "application/json"})
        answer = json.loads(connection.getresponse().read(MAX_ANSWER_BYTES))
    except http.client.HTTPException as error:
        raise ConnectionError(f"{url}: {error!r}") from error
    finally:
        connection.close()
    if not isinstance(answer, dict) or "result" not in answer:
        raise ValueError(f"{method}: {answer.get('error') if isinstance(answer, dict) else answer}")
    return answer["result"]


def wait_for_rpc(url: str, process: Process, log: Path, *, chain_id: int, limit_s: float = 60) -> None:
    """Return once the node answers for our chain.

    Raises:
        Trouble: It died, stays silent or serves another chain.
    """
    deadline = time.monotonic() + limit_s
    while True:
        try:
            answered = int(rpc(url, "eth_chainId"), 16)
        except (OSError, ValueError):
            pass
        else:
            if answered != chain_id:
                raise Trouble(f"{url} serves chain {answered}, not {chain_id}", "choose another port")
            return
        if not process.alive():
            raise Trouble(f"the chain's node ended: {last_line(log)}", f"read {log}")
        if time.monotonic() > deadline:
            raise Trouble(f"the chain's node did not answer at {url} in {limit_s:.0f} s", f"read {log}")
        time.sleep(POLL_S)
