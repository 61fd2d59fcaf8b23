"""A passphrase that is not configured is asked for at the terminal, never read from a pipe.

given no terminal, and a document on standard input
  when a key is needed → refused, with what to set; nothing of the document is taken for a passphrase
given a terminal
  when a key is needed → it is asked there, and standard output stays JSON
"""

import json
import os
import subprocess
import sys
import termios
import time
from pathlib import Path

COMMAND = "from ledger.cli import main; main()"
OWN_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"


def settings(home: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TAMGA_")}
    return {**plain, "TAMGA_HOME": str(home)}


def test_nothing_is_read_from_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "key", "new", "officer", "--json"],
        input=b"secret\nsecret\n",
        env=settings(tmp_path),
        capture_output=True,
        timeout=60,
        start_new_session=True,  # without a terminal
    )
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["error"] == "not_found"
    assert "TAMGA_PASSPHRASE_FILE" in told["text"]
    assert done.stderr == b""


def test_it_is_asked_for_at_the_terminal(tmp_path: Path) -> None:
    terminal, of_command = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", f"{OWN_TERMINAL}; {COMMAND}", "key", "new", "officer", "--json"],
        env=settings(tmp_path),
        stdin=of_command,
        stdout=subprocess.PIPE,
        stderr=of_command,
        start_new_session=True,
    )
    os.close(of_command)
    for prompt in (b"New passphrase", b"Repeat"):
        seen = b""
        while prompt not in seen:
            seen += os.read(terminal, 1024)
        while termios.tcgetattr(terminal)[3] & termios.ECHO:  # what was typed before it is hidden is thrown away
            time.sleep(0.02)
        os.write(terminal, b"only for this test\n")
    told, _ = running.communicate(timeout=60)
    os.close(terminal)
    assert running.returncode == 0
    assert json.loads(told)["name"] == "officer"
