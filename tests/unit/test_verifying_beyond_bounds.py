"""A file over a bound of the reader: told so by itself, beside the verdicts of all others, and by every face alike.

given a JSON certificate with its proof, and a copy with more values than are read
  when it is judged among others, by hand or by the facade → UNDETERMINED, with the limit; the others as ever
given a copy spaced out beyond what is read
  when it is judged                                        → UNDETERMINED by hand, and through a facade: nobody read it
  when another digest is given as that of the RFC 8785 form → INVALID
given a file of such a size that is the RFC 8785 form itself, or no JSON by its claim
  when it is judged by its bytes                           → VALID, INVALID
given a file that is not read, and a claim that has its hash and another length
  when it is judged by hash and length                     → INVALID, as one that is read
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from ledger.cli import verifying
from ledger.domain.hashing import digest
from ledger.domain.integrity import check_integrity
from ledger.domain.limits import MAX_JSON_VALUES, MAX_UPLOAD_BYTES
from ledger.domain.proof import Proof, dump_proof
from ledger.domain.verdict import Question, Reason, Verdict, Verification
from ledger.services.verification import Submitted, Verifier
from tests.support.documents import CERTIFICATE, LEDGER, World, anchor, world
from tests.support.facades import facade_over, serving
from tests.unit.test_verification import FixedClock

PLAIN = b'{"a":1,"b":2}'
MANY = b"[" + b"0," * MAX_JSON_VALUES + b"0]"
TOO_MANY = f"number of values in a JSON text is over the limit of {MAX_JSON_VALUES}"
TOO_LONG = f"JSON text is over the limit of {MAX_UPLOAD_BYTES}"


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def proof(made: World) -> Proof:
    (proof,) = anchor(made, [PLAIN], media_type="application/json")
    return proof


@pytest.fixture
def client(made: World, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(made, tmp_path)) as client:
        yield client


@pytest.fixture
def verifier(made: World, monkeypatch: pytest.MonkeyPatch) -> Verifier:
    made_verifier = Verifier(LEDGER, made.chain, FixedClock(made.chain.head().time + 60))
    monkeypatch.setattr(verifying, "open_verifier", lambda _: made_verifier)
    return made_verifier


def by_hand(capsys: pytest.CaptureFixture[str], files: list[Path], *, exits: int, api: str | None = None) -> Any:
    with pytest.raises(typer.Exit) as ended:
        verifying.verify(files, api=api, as_json=True)
    assert ended.value.exit_code == exits
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def content_of(answer: Any) -> tuple[str, str, str | None]:
    (told,) = (each for each in answer["fragments"] if each["name"] == "content")
    return told["verdict"], told["reason"], told["evidence"].get("limit")


def written(folder: Path, name: str, content: bytes, proof: Proof) -> Path:
    file = folder / name
    file.write_bytes(content)
    (folder / f"{name}.tamga.json").write_bytes(dump_proof(proof))
    return file


def test_too_many_values_spoil_no_other_files_verdict(
    proof: Proof, verifier: Verifier, client: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        written(tmp_path, name, content, proof)
        for name, content in (("many.json", MANY), ("plain.json", b' {"b": 2, "a": 1}'), ("other.json", b"{}"))
    ]
    for api in (None, str(client.base_url)):
        answers = by_hand(capsys, files, exits=1, api=api)
        assert [each["document"] for each in answers] == [str(file) for file in files]
        assert [each["overall"] for each in answers] == ["UNDETERMINED", "VALID", "INVALID"]
        assert content_of(answers[0]) == ("UNDETERMINED", "content_not_judged", TOO_MANY)
        assert next(f for f in answers[0]["fragments"] if f["name"] == "integrity")["verdict"] == "VALID"
        by_hand(capsys, files[:1], exits=3, api=api)


def test_a_copy_spaced_out_beyond_what_is_read_is_not_called_another(
    proof: Proof, verifier: Verifier, client: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = written(tmp_path, "spaced.json", PLAIN + b" " * MAX_UPLOAD_BYTES, proof)
    plain = written(tmp_path, "plain.json", PLAIN, proof)
    first, second = by_hand(capsys, [spaced, plain], exits=3)
    assert content_of(first) == ("UNDETERMINED", "content_not_judged", TOO_LONG)
    assert (first["overall"], second["overall"]) == ("UNDETERMINED", "VALID")
    first, second = by_hand(capsys, [spaced, plain], exits=3, api=str(client.base_url))
    assert (first["document"], first["overall"], second["overall"]) == (str(spaced), "UNDETERMINED", "VALID")
    assert str(MAX_UPLOAD_BYTES) in first["fragments"][0]["evidence"]["limit"]


def test_large_files_are_held_few_at_a_time(
    proof: Proof,
    verifier: Verifier,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spaces = (100, 100, 900, 30, 10)
    files = [written(tmp_path, f"{n}.json", PLAIN + b" " * some, proof) for n, some in enumerate(spaces)]
    together: list[int] = []
    judge = verifier.verify_many

    def counted(submitted: Sequence[Submitted]) -> list[Verification]:
        together.append(len(submitted))
        return judge(submitted)

    monkeypatch.setattr(verifier, "verify_many", counted)
    monkeypatch.setattr(verifying, "AT_ONCE_BYTES", 500)
    assert [each["overall"] for each in by_hand(capsys, files, exits=0)] == ["VALID"] * 5
    assert together == [2, 1, 2]


def test_a_digest_is_of_what_its_giver_says(made: World, proof: Proof, verifier: Verifier) -> None:
    (page,) = anchor(made, [CERTIFICATE], seq=2)
    data, other = dump_proof(proof), digest(b"other")
    found = verifier.verify_many(
        [
            Submitted(None, data, digest=other),
            Submitted(None, data, digest=other, unread_bytes=len(PLAIN)),
            Submitted(None, data, digest=digest(PLAIN), unread_bytes=len(PLAIN)),
            Submitted(None, dump_proof(page), digest=other, unread_bytes=len(CERTIFICATE)),
        ]
    )
    assert [each.overall for each in found] == [Verdict.INVALID, Verdict.UNDETERMINED, Verdict.VALID, Verdict.INVALID]
    assert found[1][Question.CONTENT].reason is Reason.CONTENT_NOT_JUDGED


def test_a_claim_of_another_length_is_not_of_this_file(
    proof: Proof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "MAX_UPLOAD_BYTES", 4)
    file, content = tmp_path / "large.txt", b"larger than is read"
    file.write_bytes(content)
    given = verifying._submitted(file, None, None)
    assert given == Submitted(digest=digest(content), unread_bytes=len(content))
    (opening,) = (each for each in proof.openings if each.name == "content")
    for claimed_bytes, holds in ((len(content), True), (7, False)):
        value = {"sha256": digest(content).hex(), "bytes": claimed_bytes, "media_type": "text/plain"}
        claimed = proof._replace(openings=(opening._replace(value=value),))
        compared = check_integrity(claimed, digest=given.digest, unread_bytes=given.unread_bytes)[1]
        assert compared.holds is holds


def test_many_values_in_the_form_that_was_hashed_need_no_reading(proof: Proof) -> None:
    (opening,) = (each for each in proof.openings if each.name == "content")
    of_many = opening._replace(value={**opening.value, "sha256": digest(MANY).hex(), "bytes": len(MANY)})
    claimed = proof._replace(openings=(of_many,))
    assert check_integrity(claimed, MANY)[1].holds is True
    assert check_integrity(claimed, b" " + MANY)[1].limit == TOO_MANY
