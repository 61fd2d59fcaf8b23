"""Starts the embedded ledger: chain, contracts, API. Every step looks first whether it was done before."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from ledger.adapters.evm.network import Network
from ledger.devnet.engines import CHAIN_ID, Chain, Engine, start_chain
from ledger.devnet.loopback import HOST, is_free, wait_for_rpc
from ledger.devnet.places import ROOT
from ledger.devnet.process import POLL_S, Process, last_line
from ledger.devnet.tools import GETH
from ledger.devnet.trouble import Trouble
from scripts.lib import artifacts, deployment
from scripts.lib.show import say, step
from scripts.lib.state import SERVICES, State
from scripts.lib.status import LIVE_PATH, http_status

API_START_S: Final = 60
"""Importing the API takes a second or two; a loaded machine gets more."""


def run(options: argparse.Namespace) -> int:
    """Bring everything up; with `--demo`, play the main job on it."""
    state = State.here()
    with state.alone("scripts/up --demo" if options.demo else "scripts/up") as lock:
        network = _running(state, options)
        if network is None:
            _build()
            chain = _chain(state, options)
            with step("ledger"):
                network = deployment.install(state, chain, f"http://{HOST}:{options.port_api}")
            _api(state, options.port_api)
        else:
            say("everything runs already; nothing was changed")
        _tell(state, network)
        if options.demo:
            played = subprocess.run(
                [sys.executable, "-m", "scripts.demo"],
                cwd=ROOT,
                env={**os.environ, **_env(state)},
                pass_fds=[lock],  # should we be killed, no second play may begin beside it
                check=False,
            )
            if played.returncode != 0:
                raise Trouble("the main job was cut short", "run scripts/up --demo again; it goes on where it ended")
    return 0


def _running(state: State, options: argparse.Namespace) -> Network | None:
    """The ledger, if all of it runs and answers as it was asked for."""
    if set(state.running()) != set(SERVICES) or not state.network_file.exists():
        return None
    if options.engine not in (None, state.engine()):
        raise Trouble(
            f"the ledger runs on {state.engine()}", f"leave out --engine {options.engine}, or see scripts/down"
        )
    network = Network.read(state.network_file)
    return network if network.api_url and http_status(network.api_url + LIVE_PATH) == 200 else None


def _build() -> None:
    """Compare the artifacts with a fresh build, once per state of the sources."""
    if artifacts.known_fresh():
        return
    with step("contracts"):
        differing = artifacts.compare()
    if differing:
        raise Trouble(
            f"the contracts do not build to what is checked in: {differing[0]}", "run scripts/export_artifacts"
        )


def _chain(state: State, options: argparse.Namespace) -> Chain:
    """The chain, started if it does not run."""
    held = state.engine()
    engine = Engine(options.engine or held or Engine.GETH)
    if held is not None and held != engine:
        raise Trouble(
            f"{state.home} holds a ledger on {held}, not on {engine}",
            f"leave out --engine, or set TAMGA_HOME to another folder for a ledger on {engine}",
        )
    if held is None and state.network_file.exists():
        raise Trouble(
            f"the chain's state is gone from {state.chain}, but {state.network_file.name} is there",
            f"put it back, or move {state.home} away",
        )
    pid_file = state.pid_file("chain")
    process = pid_file.read()
    if process is not None:
        url = pid_file.url()
        wait_for_rpc(url, process, state.chain / "node.log", chain_id=CHAIN_ID)
        say(f"✓ chain runs already ({engine}, pid {process.pid})")
        return Chain(engine, url, CHAIN_ID, process, state.chain)
    _claim_port(options.port_chain, "--port-chain")
    if engine is Engine.GETH:
        with step(f"geth {GETH.version()}"):
            GETH.ensure()
    with step(f"chain ({engine})"):
        return start_chain(engine, state.chain, port=options.port_chain, pid_file=pid_file)


def _api(state: State, port: int) -> None:
    """The API, started if it does not run; one that does not answer is started anew."""
    pid_file, url, log = state.pid_file("api"), f"http://{HOST}:{port}", state.logs / "api.log"
    process = pid_file.read()
    if process is not None:
        if pid_file.url() == url and http_status(url + LIVE_PATH) == 200:
            say(f"✓ API runs already (pid {process.pid})")
            return
        process.stop()
    _claim_port(port, "--port-api")
    with step("API"):
        argv = [sys.executable, "-m", "api", "--host", HOST, "--port", str(port)]
        process = Process.start(argv, log=log, cwd=ROOT, env=_env(state))
        pid_file.write(process, url=url)
        _wait_for_api(url, process, log)


def _wait_for_api(url: str, process: Process, log: Path) -> None:
    deadline = time.monotonic() + API_START_S
    while http_status(url + LIVE_PATH) != 200:
        if not process.alive():
            raise Trouble(f"the API ended: {last_line(log)}", f"read {log}")
        if time.monotonic() > deadline:
            process.stop()
            raise Trouble(f"the API did not answer at {url} in {API_START_S} s: {last_line(log)}", f"read {log}")
        time.sleep(POLL_S)


def _claim_port(port: int, flag: str) -> None:
    if not is_free(port):
        raise Trouble(f"port {port} on {HOST} is taken", f"stop what listens there, or choose another with {flag}")


def _env(state: State) -> dict[str, str]:
    return {"TAMGA_HOME": str(state.home), "TAMGA_PASSPHRASE_FILE": str(deployment.passphrase_file(state))}


def _tell(state: State, network: Network) -> None:
    rows = {
        "API": f"{network.api_url}  (described by {network.api_url}/openapi.json)",
        "JSON-RPC": f"{network.rpc_url}  (chain id {network.chain_id}, {state.engine()})",
        **deployment.places(network),
        "state": str(state.home),
        "command": ".venv/bin/tamga --help",
    }
    say("")
    for name, value in rows.items():
        say(f"{name:<22} {value}")
