"""`scripts/up`, `status` and `down` on a real chain, through a crash and every refusal that they promise.

up → status → up again → the chain is killed → status → up → another engine, another chain's state, a taken port →
down → down again.

the command is killed while its play goes on → a second play is refused until that one has ended
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ledger.devnet.loopback import free_port, is_free, rpc
from ledger.devnet.places import ROOT
from ledger.devnet.process import started_at
from tests.support.sockets import listening

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Clone:
    """The commands of this clone on a state folder of the test's own."""

    home: Path
    chain_port: int
    api_port: int

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        ports = {"TAMGA_CHAIN_PORT": str(self.chain_port), "TAMGA_API_PORT": str(self.api_port)}
        return subprocess.run(
            [ROOT / "scripts" / command, *arguments],
            env={**os.environ, **ports, "TAMGA_HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def start(self, command: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [ROOT / "scripts" / command, *arguments],
            env={**os.environ, "TAMGA_HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def up(self, *arguments: str) -> str:
        done = self.run("up", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """The one line with which `up` refuses."""
        done = self.run("up", *arguments)
        assert done.returncode == 1, done.stdout + done.stderr
        assert done.stderr.startswith("tamga: ")
        assert done.stderr.count("\n") == 1
        return done.stderr

    def status(self) -> tuple[int, dict[str, Any]]:
        done = self.run("status", "--json")
        return done.returncode, json.loads(done.stdout)


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Clone]:
    made = Clone(tmp_path / "home", free_port(), free_port())
    yield made
    made.run("down")


def test_a_ledger_survives_its_day(clone: Clone, tmp_path: Path) -> None:
    shown = clone.up("--engine", "ganache")
    code, status = clone.status()
    network = json.loads((clone.home / "network.json").read_text())
    assert code == 0
    assert status["engine"] == "ganache"
    assert status["network"] == network
    assert network["rpc_url"] == f"http://127.0.0.1:{clone.chain_port}"
    assert network["api_url"] == f"http://127.0.0.1:{clone.api_port}"
    assert network["directory"] in shown
    assert (clone.home / "run" / "chain.pid").read_text() == f"{status['chain']['pid']}\n"

    if sys.platform == "linux":
        assert [listening(status[name]["pid"]) for name in ("chain", "api")] == [{"127.0.0.1"}] * 2

    again = clone.up()
    assert "everything runs already; nothing was changed" in again
    assert clone.status()[1]["chain"] == status["chain"]
    assert clone.status()[1]["api"]["pid"] == status["api"]["pid"]
    assert "the ledger runs on ganache" in clone.refused("--engine", "anvil")

    os.kill(status["chain"]["pid"], signal.SIGKILL)
    code, killed = clone.status()
    assert code == 3
    assert (killed["chain"]["pid"], killed["chain"]["answers"]) == (None, False)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the killed node's connections linger
        listener.bind(("127.0.0.1", clone.chain_port))
        listener.listen()
        assert f"port {clone.chain_port} on 127.0.0.1 is taken" in clone.refused()
    clone.up()
    code, mended = clone.status()
    assert code == 0
    assert mended["network"] == network
    assert mended["chain"]["block"] >= status["chain"]["block"]
    assert mended["chain"]["pid"] != status["chain"]["pid"]
    assert mended["api"]["pid"] == status["api"]["pid"]
    assert rpc(network["rpc_url"], "eth_getCode", [network["directory"], "latest"]) != "0x"

    stopped = clone.run("down").stdout
    assert stopped.splitlines() == [f"stopped {name} (pid {mended[name]['pid']})" for name in ("api", "chain")]
    assert started_at(mended["chain"]["pid"]) is None
    assert started_at(mended["api"]["pid"]) is None
    assert is_free(clone.chain_port)
    assert clone.run("down").stdout == "nothing runs\n"
    assert "holds a ledger on ganache, not on anvil" in clone.refused("--engine", "anvil")

    shutil.move(clone.home / "chain", tmp_path / "aside")
    assert "the chain's state is gone" in clone.refused()


def test_a_chain_of_another_ledger_is_refused(clone: Clone, tmp_path: Path) -> None:
    clone.up("--engine", "anvil")
    clone.run("down")
    shutil.rmtree(clone.home / "chain")
    other = Clone(tmp_path / "other", clone.chain_port, clone.api_port)
    other.up("--engine", "anvil")
    other.run("down")
    shutil.move(other.home / "chain", clone.home / "chain")
    before = (clone.home / "network.json").read_bytes()
    assert "is not the one of network.json" in clone.refused()
    assert (clone.home / "network.json").read_bytes() == before


def child(pid: int, called: bytes) -> int | None:
    """The child of a process that has this among its arguments."""
    for found in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):
            if called in Path(f"/proc/{found}/cmdline").read_bytes().split(b"\0"):
                return int(found)
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="finds the play's process in /proc")
def test_a_play_keeps_the_folder_to_itself_though_its_command_was_killed(clone: Clone) -> None:
    clone.up("--engine", "anvil")
    command = clone.start("up", "--demo")
    while (play := child(command.pid, b"scripts.demo")) is None:
        assert command.poll() is None, "the play ended before it was seen"
        time.sleep(0.02)
    began = started_at(play)
    command.kill()
    command.wait()
    try:
        assert "scripts/up --demo is at work" in clone.refused("--demo")
        assert started_at(play) == began, "it must not have ended by itself meanwhile"
        assert clone.run("down").returncode == 1
    finally:
        os.kill(play, signal.SIGKILL)
    while started_at(play) == began:
        time.sleep(0.02)
    assert "everything runs already" in clone.up()
