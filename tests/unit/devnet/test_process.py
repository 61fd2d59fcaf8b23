"""Only the process that was remembered is ever signalled."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.devnet.process import PidFile, Process, last_line, started_at
from ledger.devnet.trouble import Trouble

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    process = Process.start(SLEEP, log=tmp_path / "log")
    yield process
    process.kill()


def test_stop_ends_a_process_by_sigterm(sleeper: Process) -> None:
    assert sleeper.alive()
    assert sleeper.stop() is True
    assert not sleeper.alive()
    assert sleeper.child is not None
    assert sleeper.child.returncode == -signal.SIGTERM


def test_stop_kills_a_process_that_ignores_sigterm(tmp_path: Path) -> None:
    process = Process.start(STUBBORN, log=tmp_path / "log")
    while last_line(tmp_path / "log") != "deaf":
        assert process.alive()
    assert process.stop(grace_s=0.2) is False
    assert not process.alive()


def test_a_recycled_pid_is_nobodys(sleeper: Process, tmp_path: Path) -> None:
    """The pid runs, but it started at another time than the file says: somebody else's process."""
    files = PidFile(tmp_path, "chain")
    files.write(Process(sleeper.pid, "another time"), url="http://127.0.0.1:1")
    assert files.read() is None
    Process(sleeper.pid, "another time").stop()
    assert sleeper.alive()


def test_a_zombie_is_gone() -> None:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has collected it
    assert started_at(pid) is None
    os.waitpid(pid, 0)


def test_pid_file_holds_the_bare_pid(sleeper: Process, tmp_path: Path) -> None:
    files = PidFile(tmp_path, "chain")
    files.write(sleeper, url="http://127.0.0.1:1")
    assert (tmp_path / "chain.pid").read_text() == f"{sleeper.pid}\n"
    assert files.read() == Process(sleeper.pid, sleeper.started)
    assert files.url() == "http://127.0.0.1:1"
    files.clear()
    assert list(tmp_path.glob("chain.*")) == []
    assert files.read() is None


@pytest.mark.parametrize("proof", ["", "{", "[]", json.dumps({"pid": "x", "started": "y"}), json.dumps({"pid": 1})])
def test_a_damaged_proof_is_nobodys(proof: str, tmp_path: Path) -> None:
    (tmp_path / "chain.pid").write_text("1\n")
    (tmp_path / "chain.json").write_text(proof)
    assert PidFile(tmp_path, "chain").read() is None


def test_a_program_that_is_not_there_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="does not start"):
        Process.start([tmp_path / "none"], log=tmp_path / "log")


def test_last_line_prefers_what_speaks_of_an_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("starting\nFatal: no space\nsee the manual\n\n")
    assert last_line(log) == "Fatal: no space"
    log.write_text("starting\nready\n")
    assert last_line(log) == "ready"
    log.write_text("")
    assert last_line(log) == "it said nothing"
    assert last_line(tmp_path / "none") == "no log"
