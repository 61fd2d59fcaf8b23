"""Facades as processes of their own, as they are run: one server each, over one database."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ledger.devnet.loopback import HOST

ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """A process that serves the API at `url`."""

    def __init__(self, url: str, settings: Mapping[str, str], log: Path) -> None:
        self.url, self.log = url, log
        argv = [sys.executable, "-m", "api", "--host", HOST, "--port", str(urlsplit(url).port)]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                argv, cwd=ROOT, env={**os.environ, **settings}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def wait_until_it_serves(self, *, within_s: float = 60.0) -> None:
        until = time.monotonic() + within_s
        while True:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx.get(f"{self.url}/health/live", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)

    def at_work(self) -> set[str]:
        return set(httpx.get(f"{self.url}/health/ready", timeout=10).json()["at_work"])


@contextmanager
def workers(urls: list[str], settings: Mapping[str, str], folder: Path) -> Iterator[list[Worker]]:
    """One process at each URL, all serving; whatever is left of them is ended afterwards."""
    started = [Worker(url, settings, folder / f"worker-{i}.log") for i, url in enumerate(urls)]
    try:
        for worker in started:
            worker.wait_until_it_serves()
        yield started
    finally:
        for worker in started:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()
