"""One document a request over HTTP, two workers; beside an empty FastAPI route on the same workers.

Both take the same multipart body, a paper and its proof file of one anchored batch, over eight kept connections, each
sending its next request when it has its answer; the empty route does nothing with it. The tail is measured at half of
our own rate, sent steadily.

    scripts/bench verify-http [--json] [--runs 5]
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Final

from ledger.devnet.loopback import free_port
from ledger.devnet.places import ROOT
from ledger.devnet.trouble import Trouble
from scripts.measure import beside_empty
from scripts.measure.figures import Figure, less, medians, more, show, tell
from scripts.measure.issuing import proven
from scripts.measure.ledger import Measured, measured_ledger
from scripts.measure.load import Body, Target, closed_loop, open_loop
from scripts.measure.papers import papers

NAME: Final = "verify-http"
UNIT: Final = "requests/s"
BATCH: Final = 500
WORKERS: Final = 2
CLIENTS: Final = 8
RUN_S: Final = 5.0
GOAL: Final = 0.6
TAIL: Final = 10
STARTING_S: Final = 60.0
BOUNDARY: Final = "tamga-bench-boundary"


def measure(runs: int) -> Iterator[Figure]:
    """The two figures."""
    with measured_ledger() as ledger:
        batch = papers(BATCH)
        bodies = [_body(paper, proof) for paper, proof in proven(ledger, batch)]
        with _facade(ledger) as port:
            ours = Target(port, "/v1/verify", lambda content: b'"overall":"VALID"' in content)
            empty = Target(port, beside_empty.EMPTY, lambda content: content == b"{}")

            def at_full(target: Target) -> float:
                return closed_loop(target, bodies, clients=CLIENTS, seconds=RUN_S)

            found = medians(runs, UNIT, ours=lambda: at_full(ours), empty=lambda: at_full(empty))
            yield more(NAME, found["ours"], UNIT, f"empty route, {WORKERS} workers", found["empty"], goal=GOAL)
            tails = []
            for run in range(1, runs + 1):
                latencies = open_loop(ours, bodies, clients=2 * CLIENTS, seconds=RUN_S, per_second=found["ours"] / 2)
                middle, tail = median(latencies) * 1e3, quantiles(latencies, n=100)[98] * 1e3
                tails.append((tail, middle))
                tell(f"run {run} of {runs}: p99 {tail:.1f} ms, median {middle:.1f} ms at half load")
            tail, middle = (median(values) for values in zip(*tails, strict=True))
            yield less(NAME, tail, "ms p99", "median at half load", middle, goal=1 / TAIL)


@contextmanager
def _facade(ledger: Measured) -> Iterator[int]:
    """The facade of no participant in particular, with the empty route beside it; gives its port."""
    home, port = ledger.folder / "facade", free_port()
    home.mkdir()
    ledger.network.write(home / "network.json")
    argv = [sys.executable, "-m", beside_empty.__name__, str(port), str(WORKERS)]
    settings = {name: value for name, value in os.environ.items() if not name.startswith("TAMGA_")}
    settings |= {"TAMGA_HOME": str(home), "TAMGA_RATE_LIMIT": "0", "TAMGA_RPC_URL": ledger.chain.rpc_url}
    log = home / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(argv, cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT) as server,
    ):
        try:
            if not _answers(port, server):
                raise Trouble("the facade did not come up", log.read_text(errors="replace")[-500:])
            yield port
        finally:
            server.terminate()


def _answers(port: int, server: "subprocess.Popen[bytes]") -> bool:
    """Wait until it answers; False if it ended or takes too long."""
    until = time.monotonic() + STARTING_S
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _body(paper: bytes, proof: bytes) -> Body:
    parts = [("file", "paper.json", paper), ("proof", "paper.json.tamga.json", proof)]
    shown = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, file, content in parts
    )
    return f"multipart/form-data; boundary={BOUNDARY}", shown + f"--{BOUNDARY}--\r\n".encode()


if __name__ == "__main__":
    sys.exit(show(NAME, __doc__, measure, sys.argv[1:]))
