"""Standard streams that are closed, or on a full disk: a line and an exit code, no traceback, and no file of ours gets
what was to be printed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "import ledger.cli; ledger.cli.main()"]
WRITTEN = """
import os, sys
import ledger.cli
ledger.cli._open_streams()
with open(sys.argv[1], "w"):
    os.write(1, b"out")
    os.write(2, b"err")
"""


def closed(numbers: tuple[int, ...], *argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    closing = " ".join(f"{number}>&-" for number in numbers)
    shell = ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *argv]
    env = {**os.environ, "TAMGA_HOME": str(home)}
    return subprocess.run(shell, capture_output=True, text=True, timeout=60, env=env, check=False)


@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_file_does_not_get_what_is_printed(numbers: tuple[int, ...], tmp_path: Path) -> None:
    file = tmp_path / "file"
    done = closed(numbers, sys.executable, "-c", WRITTEN, str(file), home=tmp_path)
    assert (done.returncode, file.read_text()) == (0, "")


@pytest.mark.parametrize("numbers", [(0,), (1,), (0, 1)])
def test_a_command_says_what_is_wrong(numbers: tuple[int, ...], tmp_path: Path) -> None:
    done = closed(numbers, *COMMAND, "verify", "nothing", home=tmp_path)
    assert (done.returncode, done.stderr) == (1, "not_found: no file nothing\n")


def test_closed_standard_input_is_empty(tmp_path: Path) -> None:
    script = "import sys, ledger.cli\nledger.cli._open_streams()\nprint(sys.stdin.buffer.read())"
    assert closed((0,), sys.executable, "-c", script, home=tmp_path).stdout == "b''\n"


def test_an_output_on_a_full_disk_is_told(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        env = {**os.environ, "TAMGA_HOME": str(tmp_path)}
        told = subprocess.run(
            [*COMMAND, "key", "list", "--json"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=env
        )
    assert (told.returncode, told.stderr.splitlines()[1:]) == (3, ["Try again later."])
    assert "No space left on device" in told.stderr.splitlines()[0]
