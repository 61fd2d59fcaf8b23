"""Say what runs where. Exit code 0 if everything that `scripts/up` starts runs and answers, 3 if not."""

import argparse
import http.client
import json
from typing import Any, Final
from urllib.parse import urlsplit

from ledger.devnet.loopback import rpc
from scripts.lib.show import say
from scripts.lib.state import State

ANSWER_S: Final = 3
LIVE_PATH: Final = "/health/live"
READY_PATH: Final = "/health/ready"


def run(options: argparse.Namespace) -> int:
    """Ask each service."""
    seen = look(State.here())
    if options.json:
        say(json.dumps(seen, indent=2))
    else:
        _tell(seen)
    return 0 if seen["chain"]["answers"] and seen["api"]["answers"] else 3


def look(state: State) -> dict[str, Any]:
    """What runs where: `home`, `engine`, `network` (contents of network.json), `chain` and `api`."""
    network, running = state.network(), state.running()
    chain: dict[str, Any] = {"pid": None, "url": network.get("rpc_url"), "answers": False, "block": None}
    api: dict[str, Any] = {"pid": None, "url": network.get("api_url"), "answers": False, "ready": False}
    for service, shown in (("chain", chain), ("api", api)):
        if service in running:
            shown["pid"] = running[service].pid
            shown["url"] = state.pid_file(service).url()
    if chain["pid"] and chain["url"]:
        try:
            chain["block"] = int(rpc(chain["url"], "eth_blockNumber", timeout_s=ANSWER_S), 16)
            chain["answers"] = True
        except (OSError, ValueError):
            pass
    if api["pid"] and api["url"]:
        api["answers"] = http_status(api["url"] + LIVE_PATH) == 200
        api["ready"] = http_status(api["url"] + READY_PATH) == 200
    return {"home": str(state.home), "engine": state.engine(), "network": network, "chain": chain, "api": api}


def http_status(url: str) -> int | None:
    """Status of a GET; None if nobody answers."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=ANSWER_S)
    try:
        connection.request("GET", where.path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _tell(seen: dict[str, Any]) -> None:
    say(f"state      {seen['home']}")
    for service in ("chain", "api"):
        shown = seen[service]
        if shown["pid"] is None:
            said = "stopped"
        else:
            said = f"{shown['url']}  pid {shown['pid']}" + ("" if shown["answers"] else "  does not answer")
            if service == "api" and shown["answers"] and not shown["ready"]:
                said += "  not ready: see /health/ready"
        if service == "chain" and seen["engine"]:
            said += f"  {seen['engine']}" + ("" if shown["block"] is None else f", block {shown['block']}")
        say(f"{service:<10} {said}")
    if "directory" in seen["network"]:
        say(f"directory  {seen['network']['directory']}  (chain id {seen['network']['chain_id']})")
