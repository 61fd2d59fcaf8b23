"""`tamga verify --json`: one line for each document, whatever their number, as each is judged.

given one document, or several
  when they are judged                      → as many lines, each the same as for that document alone
  when the facade goes away between two     → what was judged before should have been told
given names that are no files               → all of them should be named, and nothing judged
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from ledger.cli import context, verifying
from ledger.domain.errors import Malformed, NotFound, Unavailable
from ledger.domain.proof import dump_proof
from ledger.services.verification import Verifier
from tests.support.documents import LEDGER, anchor, world
from tests.unit.test_verification import FixedClock


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    made = world()
    contents = [b'{"serial":%d}' % number for number in range(3)]
    proofs = anchor(made, contents, media_type="application/json")
    for number, (content, proof) in enumerate(zip(contents, proofs, strict=True)):
        (tmp_path / f"{number}.json").write_bytes(content)
        (tmp_path / f"{number}.json.tamga.json").write_bytes(dump_proof(proof))
    verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time + 60))
    monkeypatch.setattr(verifying, "open_verifier", lambda _: verifier)
    return [tmp_path / f"{number}.json" for number in range(3)]


def told(capsys: pytest.CaptureFixture[str], *files: Path, **options: Any) -> list[Any]:
    with pytest.raises((typer.Exit, Unavailable)):
        verifying.verify(list(files), as_json=True, **options)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_and_several_are_told_alike(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    together = told(capsys, *files)
    assert [each["document"] for each in together] == [str(file) for file in files]
    assert [told(capsys, file) for file in files] == [[each] for each in together]
    assert {each["overall"] for each in together} == {"VALID"}


def test_what_was_judged_is_told_though_the_rest_cannot_be(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class GoesAway:
        asked: Iterator[int] = iter(range(9))

        def __enter__(self) -> "GoesAway":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def verify(self, **_: Any) -> dict[str, Any]:
            if next(self.asked) == 2:
                raise Unavailable("the facade is away")
            return {"overall": "VALID", "fragments": []}

    monkeypatch.setattr(context, "facade", lambda *_, **__: GoesAway())
    assert [each["document"] for each in told(capsys, *files, api="http://127.0.0.1:9")] == [
        str(file) for file in files[:2]
    ]


def test_what_is_no_file_is_named_before_any_is_judged(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match=r"gone\.xml, .*lost\.xml"):
        verifying.verify([*files, tmp_path / "gone.xml", tmp_path / "lost.xml"], as_json=True)
    with pytest.raises(Malformed, match="name the documents in it"):
        verifying.verify([*files, tmp_path], as_json=True)
    assert capsys.readouterr().out == ""
