"""Names of files that are not UTF-8, as an old archive leaves them on a disk: they are documents like all others.

given such a file
  when it is noted with its batch     → it should be found again under that name
  when it is judged by the command    → it should be told, in JSON that anybody reads, and in words
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.cli import context, notes
from ledger.domain.ids import Digest32, DocumentType, ParticipantId
from ledger.services.storing import StoredBatch

NAME = os.fsdecode(b"facture-\xe9.txt")


def test_it_is_noted_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "config", lambda: SimpleNamespace(home=tmp_path))
    batch = StoredBatch(Digest32(b"\1" * 32), Digest32(b"\2" * 32), ParticipantId(17), DocumentType(851001), 1)
    with notes.Writer() as note:
        note.add(NAME, tmp_path / NAME, b"\3" * 32)
        note.keep(batch)
    (found,) = notes.documents(batch.manifest)
    assert (found["name"], found["file"]) == (NAME, str(tmp_path / NAME))


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_it_is_told_by_the_command(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / NAME
    file.write_bytes(b"200 boxes")
    strict = {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8", "PYTHONCOERCECLOCALE": "0"}  # the usual locale, whatever is here
    done = subprocess.run(
        [sys.executable, "-c", "from ledger.cli import main; main()", "verify", file, *options],
        env={**os.environ, "TAMGA_HOME": str(tmp_path), **strict},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 3, done.stderr
    told = done.stdout.decode()
    if options:
        assert json.loads(told)["document"] == str(file)
    else:
        assert "facture-\\udce9.txt" in told
