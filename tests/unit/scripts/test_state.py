"""One state folder, one command at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from ledger.devnet.places import ROOT, home
from ledger.devnet.trouble import Trouble
from scripts.lib.state import State

HOLD = (
    "from scripts.lib.state import State\nwith State.here().alone('scripts/up'):\n print('held', flush=True)\n input()"
)


def test_tamga_home_moves_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMGA_HOME", str(tmp_path / "elsewhere"))
    assert State.here().home == tmp_path / "elsewhere"
    monkeypatch.delenv("TAMGA_HOME")
    assert home() == ROOT / ".tamga"


def test_a_second_command_says_who_is_at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAMGA_HOME", str(tmp_path))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Trouble, match=r"scripts/up is at work on .*; nothing was changed"), State.here().alone("x"):
            pytest.fail("both hold it")
        holder.kill()
    with State.here().alone("scripts/down"):  # the system drops a killed holder's lock
        assert (tmp_path / "run" / "lock").read_text() == "scripts/down"


@pytest.mark.parametrize("content", ["{", "[]", '"text"'])
def test_a_damaged_network_file_is_trouble(content: str, tmp_path: Path) -> None:
    (tmp_path / "network.json").write_text(content)
    with pytest.raises(Trouble, match=r"network\.json is damaged"):
        State(tmp_path).network()


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.network() == {}
    assert state.engine() is None
    assert state.running() == {}
