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

    def run(self, *args: str, exits: int = 0, piped: bytes = b"", timeout_s: float = 120) -> str:
        done = subprocess.run(
            self._program(*args), env=self._environment(), capture_output=True, input=piped, timeout=timeout_s
        )
        assert done.returncode == exits, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout.decode()

    def start(
        self, *args: str, stdin: int = subprocess.DEVNULL, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Begin a command in a process group of its own, to be interrupted as by Ctrl-C."""
        return subprocess.Popen(
            self._program(*args),
            env=self._environment(),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )

    def _program(self, *args: str) -> list[str]:
        return [sys.executable, "-c", "from ledger.cli import main; main()", *args]

    def _environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("TAMGA_")}
        return {**plain, **self.settings}

    def json(self, *args: str, exits: int = 0, piped: bytes = b"", timeout_s: float = 120) -> Any:
        return json.loads(self.run(*args, "--json", exits=exits, piped=piped, timeout_s=timeout_s))

    def lines(self, *args: str, exits: int = 0, piped: bytes = b"", timeout_s: float = 120) -> list[Any]:
        """What a command tells with `--json` on one line after the other."""
        told = self.run(*args, "--json", exits=exits, piped=piped, timeout_s=timeout_s)
        return [json.loads(line) for line in told.splitlines()]

    def but(self, **changed: str) -> "Terminal":
        """The same with other settings."""
        return Terminal(**{**self.settings, **changed})


def key_secret(name: str) -> bytes:
    """The secret that `ledgers.key` makes a signer of."""
    return hashlib.sha256(b"test key " + name.encode()).digest()
