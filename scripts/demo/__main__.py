"""`python -m scripts.demo`: play the main job on the ledger of TAMGA_HOME."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from ledger.adapters.evm.network import Network
from ledger.config import read_config
from ledger.devnet.engines import Engine, start_chain
from ledger.domain.errors import TamgaError
from scripts.demo.play import Setting, Switch, play
from scripts.demo.telling import Telling
from scripts.lib.state import State


def main() -> int:
    """Play; exit code 0 done, 1 refused or wrong, 3 try again later."""
    options = argparse.ArgumentParser(prog="python -m scripts.demo", description=__doc__)
    options.add_argument("--json", action="store_true", help="print the outcome as JSON and nothing else")
    options.add_argument("--keep-chain", action="store_true", help="leave out the case that switches the chain off")
    chosen = options.parse_args()
    telling = Telling(Console(quiet=chosen.json))
    try:
        config = read_config()
        setting = Setting(
            home=config.home,
            network=Network.read(config.network_file),
            passphrase=config.unlock(),
            content=config.content,
            customs_ring=config.read_keys,
            participants_file=config.participants_file,
        )
        play(setting, telling, None if chosen.keep_chain else _switch(State(config.home)))
    except TamgaError as error:
        print(f"tamga: {error}", file=sys.stderr)
        return 3 if error.retryable else 1
    if chosen.json:
        json.dump(telling.as_json(), sys.stdout, indent=1)
        print()
    return 0


def _switch(state: State) -> Switch | None:
    """Switches the embedded chain off and on again; None if it is not one that `scripts/up` started."""
    pid_file = state.pid_file("chain")
    held = state.engine()
    if held is None or pid_file.read() is None:
        return None
    engine = Engine(held)

    @contextmanager
    def off() -> Iterator[None]:
        process = pid_file.read()
        port = int(pid_file.url().rpartition(":")[2])
        if process is not None:
            process.stop()
        try:
            yield
        finally:
            start_chain(engine, state.chain, port=port, pid_file=pid_file)

    @contextmanager
    def paused() -> Iterator[None]:
        """For a chain that would end with its node."""
        process = pid_file.read()
        if process is not None:
            process.pause()
        try:
            yield
        finally:
            if process is not None:
                process.resume()

    return off if engine.starts_again else paused


if __name__ == "__main__":
    sys.exit(main())
