"""Processes that outlive the command that started them, known by pid and start time.

A pid alone is not a name: the system gives it to somebody else once its process is gone. Whoever signals a
process here has first compared when it started, so that a recycled pid is never killed.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.devnet.places import write_whole
from ledger.devnet.trouble import Trouble

POLL_S: Final = 0.05
_PROC: Final = Path("/proc")


def started_at(pid: int) -> str | None:
    """When a process started, as an opaque text that no later process of that pid repeats; None if it is gone.

    A zombie counts as gone: it runs nothing and listens nowhere.
    """
    if (_PROC / "self" / "stat").exists():
        try:
            stat = (_PROC / str(pid) / "stat").read_text()
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()  # the command, in parentheses, may hold spaces: proc(5)
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"
    shown = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, start = shown.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()


@dataclass(frozen=True)
class Process:
    """One process.

    Attributes:
        pid: Its number.
        started: Its start, as `started_at` tells it.
        child: Set in the process that started it, which has to collect its exit status.
    """

    pid: int
    started: str
    child: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def start(
        cls, argv: Sequence[str | Path], *, log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> "Process":
        """Start `argv` in a session of its own, its output appended to `log`; `env` is added to ours.

        Raises:
            Trouble: The program can't be run, or ended at once.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("ab") as output:
                child = subprocess.Popen(
                    [str(arg) for arg in argv],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    start_new_session=True,
                )
        except OSError as error:
            raise Trouble(f"{argv[0]} does not start: {error.strerror}", "remove .venv and run scripts/up") from error
        started = started_at(child.pid)
        if started is None:
            child.wait()
            raise Trouble(f"{Path(argv[0]).name} ended at once: {last_line(log)}", f"read {log}")
        return cls(child.pid, started, child)

    def alive(self) -> bool:
        """Whether it still runs."""
        if self.child is not None and self.child.poll() is not None:
            return False
        if started_at(self.pid) == self.started:
            return True
        if self.child is not None:
            self.child.wait()  # it ended after the poll; nobody else collects it
        return False

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._signal(signal.SIGKILL)
        self._gone_within(10)

    def stop(self, *, grace_s: float = 20) -> bool:
        """SIGTERM, then SIGKILL after `grace_s`; returns whether it went by itself."""
        self._signal(signal.SIGTERM)
        if self._gone_within(grace_s):
            return True
        self.kill()
        return False

    def pause(self) -> None:
        """SIGSTOP: it stays, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _gone_within(self, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True


@dataclass(frozen=True)
class PidFile:
    """`NAME.pid` holds the bare pid, for people and `kill`; `NAME.json` beside it what proves whose it is.

    Attributes:
        folder: Where both lie (`.tamga/run`).
        name: `chain`, `api`.
    """

    folder: Path
    name: str

    def write(self, process: Process, *, url: str) -> None:
        """Remember a process and its address. The proof goes first: a pid without its proof is nobody's."""
        self.folder.mkdir(parents=True, exist_ok=True)
        proof = {"pid": process.pid, "started": process.started, "url": url}
        write_whole(self._proof, json.dumps(proof) + "\n")
        write_whole(self._pid, f"{process.pid}\n")

    def read(self) -> Process | None:
        """The remembered process if it still runs."""
        try:
            proof = json.loads(self._proof.read_text())
            process = Process(int(proof["pid"]), str(proof["started"]))
        except (OSError, ValueError, KeyError, TypeError):  # half-written, or never
            return None
        return process if process.alive() else None

    def url(self) -> str:
        """Address of the remembered process. Raises `OSError`, `ValueError` or `KeyError` if there is none."""
        return str(json.loads(self._proof.read_text())["url"])

    def clear(self) -> None:
        """Forget it."""
        self._pid.unlink(missing_ok=True)
        self._proof.unlink(missing_ok=True)

    @property
    def _pid(self) -> Path:
        return self.folder / f"{self.name}.pid"

    @property
    def _proof(self) -> Path:
        return self.folder / f"{self.name}.json"


def last_line(log: Path) -> str:
    """The last line of a log that speaks of an error, or its last line, for an error's one line."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return "no log"
    telling = [line for line in lines if re.search(r"error|fatal", line, re.IGNORECASE)] or lines
    return telling[-1].strip()[:300] if telling else "it said nothing"
