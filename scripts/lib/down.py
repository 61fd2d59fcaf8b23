"""Stop what `scripts/up` started, and nothing else. The state stays; `scripts/up` goes on from it."""

import argparse
from typing import Final

from scripts.lib.show import say
from scripts.lib.state import SERVICES, State

GRACE_S: Final = 30
"""To leave in good order: fifteen seconds for the facade's requests, ten for its deliveries to webhooks."""


def run(_: argparse.Namespace) -> int:
    """Stop the services, the last started first, so that the facade never sees the chain go."""
    state = State.here()
    if not state.home.exists():
        say("nothing runs")
        return 0
    with state.alone("scripts/down"):
        running = state.running()
        for service in reversed(SERVICES):
            process = running.get(service)
            if process is not None:
                by_itself = process.stop(grace_s=GRACE_S)
                say(f"stopped {service} (pid {process.pid}){'' if by_itself else ', by SIGKILL'}")
            state.pid_file(service).clear()
        if not running:
            say("nothing runs")
    return 0
