"""TradeTrust, run from its own packages by the real `node`, in this process group.

`scripts/benches/peers/` pins the packages; they are installed on first use into the cache of built tools, outside the
clone, and never into the product's own `node_modules`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ledger.devnet import places, tools
from ledger.devnet.trouble import Trouble
from scripts.measure.figures import tell

PEERS: Final = places.ROOT / "scripts/benches/peers"
NPMRC: Final = places.ROOT / ".npmrc"
PINNED: Final = ("package.json", "package-lock.json")
ISSUER: Final = {
    "name": "Tamga bench",
    "documentStore": "0x" + "00" * 19 + "01",
    "identityProof": {"type": "DNS-TXT", "location": "example.org"},
}
"""What TradeTrust needs in a document besides the paper itself, where nothing is asked of a chain."""


class TradeTrust:
    """A running peer.

    Attributes:
        version: Of `@tradetrust-tt/tradetrust`.
    """

    def __init__(self, process: "subprocess.Popen[str]", version: str) -> None:
        self._process, self.version = process, version

    def ask(self, request: str, **arguments: Any) -> dict[str, Any]:
        """One request of `peers/tradetrust.mjs`. Raises `Trouble` if the peer is gone."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the peer was started without pipes")
        try:
            self._process.stdin.write(json.dumps({"do": request, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Trouble(f"the peer ended over {request!r}", "see what it printed above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def deploy_store(self, rpc_url: str) -> str:
        """Deploy its document store on a node; returns the store's address."""
        return str(self.ask("deploy", url=rpc_url)["address"])

    def load(self, papers: Sequence[bytes], issuer: dict[str, Any] = ISSUER) -> None:
        """Give it papers; not part of what is timed."""
        self.ask("load", papers=[paper.decode() for paper in papers], issuer=issuer)


@contextmanager
def tradetrust() -> Iterator[TradeTrust]:
    """Install if need be, start, and stop at the end."""
    folder = installed()
    package = json.loads((folder / "node_modules/@tradetrust-tt/tradetrust/package.json").read_text())
    with subprocess.Popen(
        [tools.node(), PEERS / "tradetrust.mjs", folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield TradeTrust(process, package["version"])
        finally:
            process.kill()


def installed() -> Path:
    """The folder that holds the peers' `node_modules`, installed there if need be; a second caller waits.

    Raises:
        Trouble: The npm registry does not answer.
    """
    seen = hashlib.sha256(b"".join((PEERS / name).read_bytes() for name in PINNED))
    folder = places.cache() / f"peers-{seen.hexdigest()[:12]}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "peers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            tell("installing the peers' packages (once per machine)")
            with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                _install(Path(scratch) / "peers")
                (Path(scratch) / "peers").rename(folder)
    return folder


def _install(folder: Path) -> None:
    folder.mkdir()
    for file in (*(PEERS / name for name in PINNED), NPMRC):
        shutil.copy(file, folder)
    done = subprocess.run(
        [*tools.npm(), "ci", "--no-progress", "--loglevel=error"],
        cwd=folder,
        env={**os.environ, "PATH": f"{tools.node().parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Trouble(f"the peers' packages were not installed: {said[:300]}", "check that npm can be reached")
