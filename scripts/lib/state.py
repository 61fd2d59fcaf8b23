"""The state folder of one embedded ledger (`TAMGA_HOME`), as the commands see it.

run/NAME.pid        pid of what `up` started (`chain`, `api`), and NAME.json with what proves whose pid it is
run/lock            held while `up` or `down` works
chain/              the chain's own state
log/                what the servers print
network.json        what a client needs: chain_id, rpc_url, directory, api_url
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ledger.devnet.places import home
from ledger.devnet.process import PidFile, Process
from ledger.devnet.trouble import Trouble

SERVICES: Final = ("chain", "api")
"""What `up` starts, in that order."""


@dataclass(frozen=True)
class State:
    """Paths of one state folder.

    Attributes:
        home: The folder.
    """

    home: Path

    @classmethod
    def here(cls) -> "State":
        """The one of this environment."""
        return cls(home())

    @property
    def network_file(self) -> Path:
        """What a client needs."""
        return self.home / "network.json"

    @property
    def chain(self) -> Path:
        """The chain's own state."""
        return self.home / "chain"

    @property
    def logs(self) -> Path:
        """What the servers print."""
        return self.home / "log"

    def pid_file(self, service: str) -> PidFile:
        """Who runs a service."""
        return PidFile(self.home / "run", service)

    def running(self) -> dict[str, Process]:
        """Those services that run."""
        found = ((service, self.pid_file(service).read()) for service in SERVICES)
        return {service: process for service, process in found if process is not None}

    def network(self) -> dict[str, Any]:
        """`network.json`; empty if there is none yet.

        Raises:
            Trouble: It is damaged.
        """
        return _read_object(self.network_file)

    def engine(self) -> str | None:
        """The engine whose state lies here; None before the first start."""
        return _read_object(self.chain / "chain.json").get("engine")

    @contextmanager
    def alone(self, doing: str) -> Iterator[int]:
        """Hold the folder's lock, which the system drops should we die; yields its file descriptor.

        A program that is started meanwhile and goes on without us has to be given the descriptor: it then holds the
        lock as well, until it ends.

        Raises:
            Trouble: Another command holds it.
        """
        path = self.home / "run" / "lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                holder = lock.read().strip() or "another command"
                raise Trouble(
                    f"{holder} is at work on {self.home}", "nothing was changed; wait until it is done"
                ) from error
            lock.truncate(0)
            lock.write(doing)
            lock.flush()
            yield lock.fileno()
            lock.truncate(0)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Trouble(f"{path} is damaged", "restore it, or set TAMGA_HOME to another folder") from error
    if not isinstance(found, dict):
        raise Trouble(f"{path} is damaged", "restore it, or set TAMGA_HOME to another folder")
    return found
