"""Kubo nodes on a private swarm, on loopback: they know each other by key and by address, and nobody else.

No bootstrap, no routing, no discovery, no address but 127.0.0.1: a block comes from a peer of this swarm or not at all.
"""

import http.client
import json
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ledger.devnet.loopback import HOST, free_port
from ledger.devnet.places import write_whole
from ledger.devnet.process import POLL_S, Process, last_line
from ledger.devnet.tools import KUBO
from ledger.devnet.trouble import Trouble

START_S: Final = 60
_OFF: Final = {"Enabled": False}


@dataclass(frozen=True)
class KuboNode:
    """One node that runs.

    Attributes:
        api_url: Its RPC API (`POST {api_url}/api/v0/…`); for its operator only.
        peer_id: Its libp2p name.
        process: The daemon.
        repo: Its folder.
    """

    api_url: str
    peer_id: str
    process: Process
    repo: Path

    def ask(self, command: str, *, timeout_s: float = 10) -> Any:
        """The JSON answer of one API command without a body (`swarm/peers`).

        Raises:
            OSError: No answer in time, or an error.
        """
        connection = http.client.HTTPConnection(HOST, int(self.api_url.rpartition(":")[2]), timeout=timeout_s)
        try:
            connection.request("POST", f"/api/v0/{command}")
            answer = connection.getresponse()
            body = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(f"{command}: {error!r}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise ConnectionError(f"{command}: HTTP {answer.status}: {body[:300].decode(errors='replace')}")
        return json.loads(body)


@contextmanager
def running_swarm(
    folder: Path, *, nodes: int = 2, say: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[KuboNode, ...]]:
    """Start connected Kubo nodes below `folder`, new or left by an earlier run, and stop them at the end of the block.

    Args:
        folder: Holds `swarm.key` and one repository a node.
        nodes: How many.
        say: Called with lines of progress; building Kubo for the first time takes a minute or two.

    Raises:
        Trouble: Kubo can't be built, or does not come up.
    """
    kubo = KUBO.ensure(say)
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "swarm.key"
    if not key.exists():
        write_whole(key, f"/key/swarm/psk/1.0.0/\n/base16/\n{secrets.token_hex(32)}\n")
        key.chmod(0o600)
    repos = [folder / f"node-{number}" for number in range(1, nodes + 1)]
    peers = [_prepare(kubo, repo, key.read_text(), swarm=free_port(), api=free_port()) for repo in repos]
    for repo, own in zip(repos, peers, strict=True):
        _edit(repo, {"Peering": {"Peers": [peer for peer in peers if peer is not own]}})
    with ExitStack() as running:
        started: list[KuboNode] = []
        for repo, own in zip(repos, peers, strict=True):
            node = _start(kubo, repo, str(own["ID"]))
            running.callback(node.process.stop)
            for met, peer in zip(started, peers, strict=False):  # the peering service alone takes seconds for this
                met_at = quote(f"{peer['Addrs'][0]}/p2p/{peer['ID']}")
                _wait(node, partial(_connected, node, met, met_at), "meet its peers")
            started.append(node)
        yield tuple(started)


def restarted(node: KuboNode) -> KuboNode:
    """The same node, started again after it was stopped: same repository, same address. Raises `Trouble`."""
    return _start(KUBO.ensure(lambda _: None), node.repo, node.peer_id)


def _prepare(kubo: Path, repo: Path, swarm_key: str, *, swarm: int, api: int) -> dict[str, Any]:
    """Make or readdress a repository; returns how peers reach it."""
    if not (repo / "config").exists():
        repo.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(
            [kubo, "init", "--profile=server", "--empty-repo"],
            env={"IPFS_PATH": str(repo), "HOME": str(repo)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise Trouble(f"kubo init failed: {made.stderr.strip()[-300:]}", f"remove {repo} and run again")
    write_whole(repo / "swarm.key", swarm_key)
    address = f"/ip4/{HOST}/tcp/{swarm}"
    datastore = json.loads((repo / "config").read_text())["Datastore"]
    config = _edit(
        repo,
        {
            "Addresses": {"Swarm": [address], "API": f"/ip4/{HOST}/tcp/{api}", "Gateway": [], "Announce": [address]},
            "AutoConf": _OFF,
            "AutoTLS": _OFF,
            "Bootstrap": [],
            "Datastore": {"Spec": _synced(datastore["Spec"])},
            "DNS": {"Resolvers": {}},
            "Discovery": {"MDNS": _OFF},
            "Ipns": {"DelegatedPublishers": []},
            "Provide": _OFF,
            "Routing": {"Type": "none", "DelegatedRouters": []},
            "Swarm": {
                "AddrFilters": None,  # the server profile filters private addresses, and ours is one
                "DisableNatPortMap": True,
                "RelayClient": _OFF,
                "Transports": {
                    "Network": {"QUIC": False, "WebTransport": False, "WebRTCDirect": False, "Websocket": False}
                },
            },
            "Version": {"SwarmCheckEnabled": False},
        },
    )
    return {"ID": config["Identity"]["PeerID"], "Addrs": [address]}


def _synced(spec: dict[str, Any]) -> dict[str, Any]:
    """The datastore with its block files synced, so that a batch outlives a power cut once it was acknowledged.

    `datastore_spec`, which Kubo holds the configuration to, names no `sync`: a repository made without it opens too.
    """
    mounts = [{**mount, "sync": True} if mount["type"] == "flatfs" else mount for mount in spec["mounts"]]
    return {**spec, "mounts": mounts}


def _edit(repo: Path, changes: dict[str, Any]) -> dict[str, Any]:
    path = repo / "config"
    config: dict[str, Any] = json.loads(path.read_text())
    for section, values in changes.items():
        old = config.get(section)
        config[section] = {**old, **values} if isinstance(old, dict) and isinstance(values, dict) else values
    write_whole(path, json.dumps(config, indent=2))
    path.chmod(0o600)  # it holds the node's key
    return config


def _start(kubo: Path, repo: Path, peer_id: str) -> KuboNode:
    api = json.loads((repo / "config").read_text())["Addresses"]["API"].rpartition("/")[2]
    (repo / "api").unlink(missing_ok=True)  # left by a killed daemon: it names a port that is no longer its own
    process = Process.start(
        [kubo, "daemon", "--migrate=false"],
        log=repo / "node.log",
        env={"IPFS_PATH": str(repo), "LIBP2P_FORCE_PNET": "1", "IPFS_TELEMETRY": "off"},
    )
    node = KuboNode(f"http://{HOST}:{api}", peer_id, process, repo)
    try:
        _wait(node, lambda: node.ask("id")["ID"] == peer_id, "answer")
    except BaseException:
        process.kill()
        raise
    return node


def _connected(node: KuboNode, peer: KuboNode, address: str) -> bool:
    node.ask(f"swarm/connect?arg={address}")
    return any(found["Peer"] == peer.peer_id for found in node.ask("swarm/peers")["Peers"] or ())


def _wait(node: KuboNode, ready: Callable[[], bool], what: str) -> None:
    log = node.repo / "node.log"
    deadline = time.monotonic() + START_S
    while True:
        try:
            if ready():
                return
        except OSError:
            pass
        if not node.process.alive():
            raise Trouble(f"Kubo ended: {last_line(log)}", f"read {log}")
        if time.monotonic() > deadline:
            raise Trouble(f"Kubo did not {what} in {START_S} s: {last_line(log)}", f"read {log}")
        time.sleep(POLL_S)
