"""Runs IPFS nodes of a private swarm in the foreground."""

import argparse
import signal

from ledger.devnet.kubo import running_swarm
from scripts.lib.show import say
from scripts.lib.state import State


def run(options: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with running_swarm(State.here().home / "kubo", nodes=options.nodes, say=say) as nodes:
        for node in nodes:
            say(f"{node.peer_id}  {node.api_url}  pid {node.process.pid}")
        say("TAMGA_IPFS_URLS takes these addresses, with commas between; Ctrl-C stops them all")
        try:
            signal.pause()
        except KeyboardInterrupt:
            say("stopping")
    return 0
