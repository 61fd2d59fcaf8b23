"""Deeply nested JSON from outside ends in an error of ours, never the process.

given an interpreter that has imported all that a facade or command imports, web3.py's dependencies among it
  when it parses 100,000 open brackets → RecursionError, which its caller can answer
"""

import subprocess
import sys

PROGRAM = """
import json
import ledger.bootstrap.facade
import ledger.adapters.evm.web3_provider
try:
    json.loads("[" * 100_000)
except RecursionError:
    print("refused")
"""


def test_deep_json_does_not_end_the_process() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
