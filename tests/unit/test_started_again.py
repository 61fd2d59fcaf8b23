"""Processes of one facade that cannot start, because its database is away.

given a facade of two processes whose database is away
  when they start → each says what is away and is started again until it is there; the facade goes on, and ends if told
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ledger.adapters.evm.deploy import Network
from ledger.devnet.loopback import HOST
from ledger.devnet.places import ROOT
from ledger.domain.ids import Address, BlockHash, LedgerId
from tests.support.facades import free_url

NETWORK = Network(826042, BlockHash(bytes(32)), f"http://{HOST}:1", Address("0x" + "11" * 20), LedgerId(bytes(32)))
SAID = "not started yet: the database is away"


def test_processes_are_started_again_until_the_database_is_there(tmp_path: Path) -> None:
    NETWORK.write(tmp_path / "network.json")
    log = tmp_path / "log"
    settings = {
        "TAMGA_HOME": str(tmp_path),
        "TAMGA_PASSPHRASE": "only for this test",
        "TAMGA_PUBLIC_URL": f"http://{HOST}",
        "TAMGA_DATABASE_URL": f"postgresql+psycopg://nobody@/none?host={tmp_path}",
    }
    port = free_url().rpartition(":")[2]
    argv = [sys.executable, "-m", "api", "--host", HOST, "--port", port, "--workers", "2"]
    with log.open("wb") as output:
        facade = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **settings}, stdout=output, stderr=output)
    try:
        until = time.monotonic() + 120
        while log.read_text().count(SAID) < 3:
            assert facade.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        facade.send_signal(signal.SIGTERM)
        assert facade.wait(60) == 0
    finally:
        if facade.poll() is None:
            facade.kill()
            facade.wait()
