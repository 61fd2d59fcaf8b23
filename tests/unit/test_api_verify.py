"""`POST /v1/verify` over HTTP.

given a facade over a ledger with one certificate
  when it is posted as issued with its proof      → 200 VALID, with issuer, time and status
  when one byte of it is changed                  → 200 INVALID, and which claim failed
  when the changed file alone, or a stranger's    → 200 UNDETERMINED, not_known_here
  when the proof is made up                       → 200, anchor INVALID
  when it is revoked                              → INVALID now, VALID for the second before
  when the chain is switched off                  → 200, integrity VALID, the rest UNDETERMINED
  when the request itself is wrong                → a problem with code and path
"""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bodies import MAX_BODY_BYTES
from api.schemas.verification import VerificationOut
from ledger.domain.hashing import digest
from ledger.domain.judging import DocumentState
from ledger.domain.limits import MIB
from ledger.domain.plain import rfc3339
from ledger.domain.proof import Proof, dump_proof
from ledger.domain.record import record_id
from ledger.ports.index_store import KnownRecord
from tests.support.documents import CERTIFICATE, World, anchor, change, with_head, world
from tests.support.facades import facade_over, serving

REST = ("anchor", "issuer", "status", "time")


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def proof(made: World) -> Proof:
    (proof,) = anchor(made)
    return proof


@pytest.fixture
def client(made: World, proof: Proof, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(facade_over(made, tmp_path)) as client:
        yield client


def post(client: httpx.Client, *, file: bytes | None = None, proof: Proof | bytes | None = None, **form: str) -> Any:
    files = {}
    if file is not None:
        files["file"] = ("certificate.xml", file, "application/xml")
    if proof is not None:
        data = dump_proof(proof) if isinstance(proof, Proof) else proof
        files["proof"] = ("certificate.tamga.json", data, "application/json")
    answer = client.post("/v1/verify", files=files, data=form)
    assert answer.status_code == 200, answer.text
    VerificationOut.model_validate(answer.json())  # the route writes its answer without the model
    return answer.json()


def told(answer: Any) -> dict[str, tuple[str, str]]:
    return {f["name"]: (f["verdict"], f["reason"]) for f in answer["fragments"]}


def fragment(answer: Any, name: str) -> Any:
    return next(f for f in answer["fragments"] if f["name"] == name)


def test_as_issued(client: httpx.Client, proof: Proof) -> None:
    answer = post(client, file=CERTIFICATE, proof=proof)
    assert answer["overall"] == "VALID"
    assert fragment(answer, "issuer")["evidence"]["participant"] == {"id": 17, "name": "Plant quarantine"}
    assert fragment(answer, "time")["evidence"]["time"] == rfc3339(proof.anchor.time)
    assert told(answer)["status"] == ("VALID", "in_force")
    assert answer["block"]["number"] == proof.anchor.block_number
    assert fragment(answer, "integrity")["evidence"]["record_id"] == "0x" + record_id(proof.record).hex()


def test_one_byte_changed(client: httpx.Client, proof: Proof) -> None:
    answer = post(client, file=CERTIFICATE.replace(b"1200", b"1201"), proof=proof)
    assert answer["overall"] == "INVALID"
    assert told(answer)["integrity"] == ("INVALID", "content_differs")
    assert fragment(answer, "integrity")["evidence"]["claim"] == "content"


@pytest.mark.parametrize("file", [CERTIFICATE.replace(b"1200", b"1201"), b"never anchored", b""])
def test_a_file_that_is_not_known_here(client: httpx.Client, file: bytes) -> None:
    answer = post(client, file=file)
    assert answer["overall"] == "UNDETERMINED"
    assert told(answer)["integrity"] == ("UNDETERMINED", "not_known_here")
    assert "proof file" in fragment(answer, "integrity")["text"]
    assert answer["block"] is None


def test_a_file_that_is_known_here(made: World, proof: Proof, tmp_path: Path) -> None:
    facade = facade_over(made, tmp_path)
    facade.records.remember([KnownRecord(record_id(proof.record), digest(CERTIFICATE), (1, 0), dump_proof(proof))])
    with serving(facade) as client:
        assert post(client, file=CERTIFICATE)["overall"] == "VALID"
        assert post(client, file=CERTIFICATE + b"\n")["overall"] == "UNDETERMINED"


def test_a_made_up_proof(client: httpx.Client, proof: Proof) -> None:
    answer = post(client, file=CERTIFICATE, proof=with_head(proof, seq=9))
    assert answer["overall"] == "INVALID"
    assert told(answer)["anchor"] == ("INVALID", "not_anchored")


def test_revoked_now_and_in_force_the_second_before(client: httpx.Client, made: World, proof: Proof) -> None:
    revoked = change(made, proof, DocumentState.REVOKED)
    assert told(post(client, file=CERTIFICATE, proof=proof))["status"] == ("INVALID", "revoked")
    for at in (str(revoked - 1), rfc3339(revoked - 1)):
        before = post(client, file=CERTIFICATE, proof=proof, at=at)
        assert before["overall"] == "VALID"
        assert before["at"] == rfc3339(revoked - 1)
    assert post(client, file=CERTIFICATE, proof=proof, at=str(revoked))["overall"] == "INVALID"


def test_at_may_stand_in_the_url(client: httpx.Client, proof: Proof) -> None:
    files = {"proof": dump_proof(proof)}
    early = client.post(f"/v1/verify?at={proof.anchor.time - 1}", files=files)
    assert told(early.json())["status"] == ("UNDETERMINED", "before_anchor")
    twice = client.post("/v1/verify?at=1", files=files, data={"at": "2"})
    assert twice.status_code == 422
    assert twice.json()["faults"][0]["code"] == "given_twice"


def test_with_the_chain_switched_off(client: httpx.Client, made: World, proof: Proof) -> None:
    made.chain.switch_off()
    answer = post(client, file=CERTIFICATE, proof=proof)
    assert answer["overall"] == "UNDETERMINED"
    assert told(answer)["integrity"] == ("VALID", "intact")
    assert {told(answer)[name] for name in REST} == {("UNDETERMINED", "chain_unavailable")}
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").json() == {"live": True}


@pytest.mark.parametrize(
    ("files", "form", "code", "path"),
    [
        ({}, {}, "nothing_given", "/body"),
        ({"proof": b"{}"}, {"at": "yesterday"}, "not_a_time", "/body/at"),
        ({"proof": b"{}"}, {"at": "2026-11-23T09:00:00"}, "no_time_zone", "/body/at"),
        ({"proof": b"{}"}, {"at": "9" * 5000}, "not_a_time", "/body/at"),
        ({"proof": b"{}"}, {"at": str(2**40)}, "time_out_of_range", "/body/at"),
        ({"proof": b"{}"}, {"at": "0001-01-01T00:00:00Z"}, "time_out_of_range", "/body/at"),
    ],
)
def test_a_wrong_request_is_a_problem(
    client: httpx.Client, files: dict[str, bytes], form: dict[str, str], code: str, path: str
) -> None:
    answer = client.post("/v1/verify", files=files, data=form)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["retryable"]) == ("malformed", False)
    assert [(f["code"], f["path"]) for f in problem["faults"]] == [(code, path)]


def test_a_body_over_the_bound_is_refused(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as connection:
        connection.sendall(b"POST /v1/verify HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")

    def unannounced() -> Iterator[bytes]:
        yield b"--x\r\ncontent-disposition: form-data; name=file; filename=f\r\n\r\n"
        for _ in range(MAX_BODY_BYTES // MIB + 1):
            yield bytes(MIB)

    streamed = client.post(
        "/v1/verify", headers={"content-type": "multipart/form-data; boundary=x"}, content=unannounced()
    )
    assert streamed.status_code == 413
    assert streamed.json()["code"] == "limit_exceeded"
