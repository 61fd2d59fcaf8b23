"""Ctrl-C while the command line is still being loaded: one word and its exit code, no traceback."""

import subprocess
import sys

SCRIPT = """
import sys
import ledger.cli


class Interrupted:
    def find_spec(self, name, *_):
        if name == "ledger.cli.app":
            raise KeyboardInterrupt


sys.meta_path.insert(0, Interrupted())
ledger.cli.main()
"""


def test_ctrl_c_while_it_loads() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
