"""The commands of this clone, as a newcomer runs them, on a state folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from ledger.devnet.engines import Engine
from ledger.devnet.loopback import free_port

ROOT = Path(__file__).resolve().parents[2]


class Clone:
    """The commands of this clone on a state folder of their own."""

    def __init__(self, home: Path, engine: Engine) -> None:
        self.home, self.engine = home, engine
        ports = {"TAMGA_CHAIN_PORT": str(free_port()), "TAMGA_API_PORT": str(free_port())}
        self.environment = {**os.environ, **ports, "TAMGA_HOME": str(home)}

    def command(self, name: str, *arguments: str) -> str:
        argv = [sys.executable, str(ROOT / "scripts" / "lib" / "enter.py"), name, *arguments]
        done = subprocess.run(argv, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, f"scripts/{name}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def up(self) -> None:
        self.command("up", "--engine", self.engine.value)

    def play(self) -> dict[str, Any]:
        done = self.start_play("--json").communicate()
        found: dict[str, Any] = json.loads(done[0] or "{}")
        assert found, f"the play failed: {done[1][-3000:]}"
        return found

    def start_play(self, *arguments: str) -> subprocess.Popen[str]:
        passphrase = {"TAMGA_PASSPHRASE_FILE": str(self.home / "passphrase")}
        argv = [sys.executable, "-m", "scripts.demo", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, env=self.environment | passphrase, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)

    def pid(self, service: str) -> int:
        return int((self.home / "run" / f"{service}.pid").read_text())
