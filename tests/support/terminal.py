"""`tamga` as its users meet it: a process, what it prints, its exit code."""

import hashlib
import json
import os
import subprocess
import sys
from typing import Any

PASSPHRASE = "only for this test"


class Terminal:
    """Runs `tamga` as a process of its own, with these settings."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings

    def run(self, *args: str, exits: int = 0, timeout_s: float = 120) -> str:
        program = [sys.executable, "-c", "from ledger.cli import main; main()", *args]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TAMGA_")}
        done = subprocess.run(
            program, env={**plain, **self.settings}, capture_output=True, text=True, timeout=timeout_s
        )
        assert done.returncode == exits, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def json(self, *args: str, exits: int = 0, timeout_s: float = 120) -> Any:
        return json.loads(self.run(*args, "--json", exits=exits, timeout_s=timeout_s))

    def but(self, **changed: str) -> "Terminal":
        """The same with other settings."""
        return Terminal(**{**self.settings, **changed})


def key_secret(name: str) -> bytes:
    """The secret that `ledgers.key` makes a signer of."""
    return hashlib.sha256(b"test key " + name.encode()).digest()
