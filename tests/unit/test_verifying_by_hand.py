"""`tamga verify --json`: one line for each document, whatever their number, as each is judged.

given one document, or several
  when they are judged                      → as many lines, each the same as for that document alone
  when the facade goes away between two     → what was judged before should be told, and an INVALID among it by the
                                              exit code
given names that are no files               → all of them should be named, and nothing judged
given proof files among the documents, as a shell lists a folder
  when all are judged                       → each document once, with its proof
  when a proof file is named alone          → it should be judged by itself, as with --proof
given a proof file under another name
  when it is named as a document            → it should be said how it is named; not of any other unknown file
given a folder in place of a proof file     → refused as that
given a facade's database that cannot be opened, on a full or read-only disk
  when documents with proofs are judged     → they should be, and it should be said what is left out
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


@pytest.mark.parametrize(("overall", "code"), [("VALID", 3), ("INVALID", 1)])
def test_what_was_judged_is_told_though_the_rest_cannot_be(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, overall: str, code: int
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
            return {"overall": overall, "fragments": [], "block": None, "at": "2026-11-23T09:00:00Z"}

    monkeypatch.setattr(context, "facade", lambda *_, **__: GoesAway())
    *judged, error = told(capsys, *files, api="http://127.0.0.1:9")
    assert [each["document"] for each in judged] == [str(file) for file in files[:2]]
    assert (error["error"], error["retryable"]) == ("unavailable", True)
    GoesAway.asked = iter(range(9))
    with pytest.raises(typer.Exit) as left:
        verifying.verify(files, api="http://127.0.0.1:9")
    assert left.value.exit_code == code
    said = capsys.readouterr()
    assert [line for line in said.out.splitlines() if line.startswith(overall)] == [
        f"{overall}  {file} with {file}.tamga.json" for file in files[:2]
    ]
    assert "the facade is away" in said.err


def test_proof_files_among_documents_are_their_proofs(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    folder = sorted(files[0].parent.iterdir())
    assert len(folder) == 6
    assert told(capsys, *folder) == told(capsys, *files)
    proof = Path(f"{files[1]}.tamga.json")
    alone = told(capsys, files[0], proof)
    assert [each["document"] for each in alone] == [str(files[0]), str(proof)]
    assert told(capsys, proof) == told(capsys, proof=proof) == alone[1:]


def test_a_proof_file_named_as_a_document_is_recognised(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof, other = tmp_path / "redacted.json", tmp_path / "other.json"
    proof.write_bytes(Path(f"{files[1]}.tamga.json").read_bytes())
    other.write_text('{"tamga": "proof/1"}')
    with pytest.raises(typer.Exit) as left:
        verifying.verify([files[0], proof, other])
    assert left.value.exit_code == 3
    assert capsys.readouterr().err == f"{proof} is a proof file: name it by --proof\n"


def test_a_folder_is_no_proof_file(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="a folder; a file is needed here"):
        verifying.verify(files[:1], proof=tmp_path)


def test_what_cannot_be_known_of_a_facade_here_stops_nothing(
    files: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = verifying.open_verifier(context.config())

    def opened(_: object, *, with_records: bool = True) -> Verifier:
        if with_records:
            raise Unavailable("the database is away: disk I/O error")
        return verifier

    monkeypatch.setattr(verifying, "open_verifier", opened)
    with pytest.raises(typer.Exit):
        verifying.verify(files, as_json=True)
    said = capsys.readouterr()
    assert [json.loads(line)["overall"] for line in said.out.splitlines()] == ["VALID"] * 3
    assert "without the records of this machine's facade: the database is away: disk I/O error" in said.err


def test_what_is_no_file_is_named_before_any_is_judged(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotFound, match=r"gone\.xml, .*lost\.xml"):
        verifying.verify([*files, tmp_path / "gone.xml", tmp_path / "lost.xml"], as_json=True)
    with pytest.raises(Malformed, match="name the documents in it"):
        verifying.verify([*files, tmp_path], as_json=True)
    assert capsys.readouterr().out == ""
